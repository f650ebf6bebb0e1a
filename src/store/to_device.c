/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/to_device.h"

#include "base/limits.h"
#include "base/vec.h"

static const struct db_stmt PUT = {
    "to_device_put",
    "INSERT INTO to_device (device, pos, sender, json) VALUES (:device, :pos, :sender, :json)",
};
/* The row of sender 0 counts them all. */
static const struct db_stmt COUNT_ONE = {
    "to_device_count_one",
    "INSERT INTO inbox (device, sender, waiting) VALUES (:device, :sender, 1)"
    " ON CONFLICT (device, sender) DO UPDATE SET waiting = inbox.waiting + 1",
};
static const struct db_stmt LIST = {
    "to_device_list",
    "SELECT pos, json FROM to_device WHERE device = :device AND pos > :after AND pos <= :head"
    " ORDER BY pos LIMIT :limit",
};
static const struct db_stmt LOAD = {
    "to_device_load",
    "SELECT sender, json FROM to_device WHERE device = :device AND pos = :pos",
};
static const struct db_stmt TAKE = {
    "to_device_take",
    "DELETE FROM to_device WHERE device = :device AND pos = :pos",
};
static const struct db_stmt DISCOUNT_ONE = {
    "to_device_discount_one",
    "UPDATE inbox SET waiting = waiting - 1 WHERE device = :device"
    " AND (sender = 0 OR sender = :sender)",
};
static const struct db_stmt HAS_OLD = {
    "to_device_has_old",
    "SELECT 1 FROM to_device WHERE device = :device AND pos <= :upto LIMIT 1",
};
static const struct db_stmt DISCOUNT = {
    "to_device_discount",
    "UPDATE inbox SET waiting = waiting - (SELECT COUNT(*) FROM to_device t"
    " WHERE t.device = inbox.device AND t.pos <= :upto"
    " AND (inbox.sender = 0 OR t.sender = inbox.sender)) WHERE device = :device",
};
static const struct db_stmt DISCOUNT_EMPTY = {
    "to_device_discount_empty",
    "DELETE FROM inbox WHERE device = :device AND waiting <= 0",
};
static const struct db_stmt DELETE_OLD = {
    "to_device_delete_old",
    "DELETE FROM to_device WHERE device = :device AND pos <= :upto",
};
static const struct db_stmt LIST_FULL = {
    "to_device_list_full",
    "SELECT DISTINCT device FROM inbox WHERE device {in:devices}"
    " AND ((sender = 0 AND waiting >= :all) OR (sender = :sender AND waiting >= :each))"
    " ORDER BY device",
};
static const struct db_stmt PAGE_END = {
    "to_device_page_end",
    "SELECT MAX(id) FROM (SELECT id FROM device WHERE id > :after ORDER BY id LIMIT :limit) AS p",
};
static const struct db_stmt LIST_STALE = {
    "to_device_list_stale",
    "SELECT d.id FROM device d CROSS JOIN inbox i WHERE d.id > :after AND d.id <= :upto"
    " AND d.last_seen_ms < :before AND i.device = d.id AND i.sender = 0 AND i.waiting > :keep"
    " AND NOT EXISTS (SELECT 1 FROM dehydrated_device h WHERE h.user_name = d.user_name"
    " AND h.device = d.id) ORDER BY d.id",
};
static const struct db_stmt WAITING = {
    "to_device_waiting",
    "SELECT waiting FROM inbox WHERE device = :device AND sender = 0",
};
static const struct db_stmt NTH = {
    "to_device_nth",
    "SELECT pos FROM to_device WHERE device = :device ORDER BY pos LIMIT 1 OFFSET :skip",
};
static const struct db_stmt DELETE = {
    "to_device_delete",
    "DELETE FROM to_device WHERE device = :device",
};
static const struct db_stmt DELETE_COUNTS = {
    "to_device_delete_counts",
    "DELETE FROM inbox WHERE device = :device",
};

int to_device_put(struct write *w, int64_t user, int64_t device, int64_t sender, struct str json,
                  struct err *err)
{
    struct db_conn *conn = write_conn(w);
    struct db_param device_param = DB_INT("device", device);
    int64_t pos;
    if (write_position(w, LOG_KIND_TO_DEVICE, 0, user, device, &pos, err) < 0 ||
        db_exec(conn, &PUT,
                DB_PARAMS(device_param, DB_INT("pos", pos), DB_INT("sender", sender),
                          DB_BYTES("json", json)),
                err) < 0 ||
        db_exec(conn, &COUNT_ONE, DB_PARAMS(device_param, DB_INT("sender", 0)), err) < 0)
        return -1;
    return db_exec(conn, &COUNT_ONE, DB_PARAMS(device_param, DB_INT("sender", sender)), err);
}

int to_device_list(struct read *r, int64_t device, int64_t after, size_t limit, struct arena *arena,
                   struct to_device **ret_messages, size_t *ret_n, int64_t *ret_upto,
                   struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct to_device) messages = {0};
    struct db_conn *conn;
    size_t bytes = 0;
    int more;
    if (limit > LIMIT_TO_DEVICE_PER_SYNC)
        limit = LIMIT_TO_DEVICE_PER_SYNC;
    if (limit == 0)
        limit = 1;
    /* One more than fits tells whether any is left out. */
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LIST,
                 DB_PARAMS(DB_INT("device", device), DB_INT("after", after),
                           DB_INT("head", r->head.pos), DB_INT("limit", (int64_t)limit + 1)),
                 &query, err) < 0)
        return -1;
    *ret_upto = r->head.pos;
    while ((more = db_step(query, err)) == 1) {
        if (messages.n == limit || bytes >= LIMIT_TO_DEVICE_SYNC_BYTES) {
            *ret_upto = messages.p[messages.n - 1].pos;
            more = 0;
            break;
        }
        struct to_device message = {db_column_int(query, 0), db_column_copy(query, 1, arena)};
        ARENA_VEC_ADD(arena, &messages, message);
        bytes += message.json.n;
    }
    *ret_messages = messages.p;
    *ret_n = messages.n;
    return more;
}

int to_device_load(struct read *r, struct to_device_taken *taken, struct arena *arena,
                   struct str *ret_json, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LOAD, DB_PARAMS(DB_INT("device", taken->device), DB_INT("pos", taken->pos)),
                 &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found == 1) {
        taken->sender = db_column_int(query, 0);
        *ret_json = db_column_copy(query, 1, arena);
    }
    return found;
}

int to_device_take(struct write *w, const struct to_device_taken *taken, struct err *err)
{
    struct db_conn *conn = write_conn(w);
    struct db_param device = DB_INT("device", taken->device);
    if (db_exec_expect(conn, &TAKE, DB_PARAMS(device, DB_INT("pos", taken->pos)), 1, err) < 0 ||
        db_exec(conn, &DISCOUNT_ONE, DB_PARAMS(device, DB_INT("sender", taken->sender)), err) < 0)
        return -1;
    return db_exec(conn, &DISCOUNT_EMPTY, DB_PARAMS(device), err);
}

int to_device_acknowledge(struct write *w, int64_t device, int64_t upto, struct err *err)
{
    struct db_conn *conn = write_conn(w);
    struct db_param device_param = DB_INT("device", device), upto_param = DB_INT("upto", upto);
    if (db_exec(conn, &DISCOUNT, DB_PARAMS(device_param, upto_param), err) < 0 ||
        db_exec(conn, &DISCOUNT_EMPTY, DB_PARAMS(device_param), err) < 0)
        return -1;
    return db_exec(conn, &DELETE_OLD, DB_PARAMS(device_param, upto_param), err);
}

int to_device_has_old(struct read *r, int64_t device, int64_t upto, struct err *err)
{
    struct db_conn *conn;
    int64_t one;
    if (read_conn(r, &conn, err) < 0)
        return -1;
    return db_query_int(conn, &HAS_OLD, DB_PARAMS(DB_INT("device", device), DB_INT("upto", upto)),
                        &one, err);
}

int to_device_list_full(struct read *r, const int64_t *devices, size_t n, int64_t sender,
                        struct arena *arena, int64_t **ret_full, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(int64_t) full = {0};
    struct db_conn *conn;
    int more;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LIST_FULL,
                 DB_PARAMS(DB_INT_LIST("devices", devices, n), DB_INT("sender", sender),
                           DB_INT("all", LIMIT_TO_DEVICE_INBOX),
                           DB_INT("each", LIMIT_TO_DEVICE_SENDER)),
                 &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1)
        ARENA_VEC_ADD(arena, &full, db_column_int(query, 0));
    *ret_full = full.p;
    *ret_n = full.n;
    return more;
}

int to_device_delete(struct write *w, int64_t device, struct err *err)
{
    if (db_exec(write_conn(w), &DELETE, DB_PARAMS(DB_INT("device", device)), err) < 0)
        return -1;
    return db_exec(write_conn(w), &DELETE_COUNTS, DB_PARAMS(DB_INT("device", device)), err);
}

/* ---- of devices that do not come ---- */

int to_device_list_stale(struct read *r, int64_t *after, int64_t before_ms, int64_t keep,
                         size_t limit, struct arena *arena, int64_t **ret_devices, size_t *ret_n,
                         struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(int64_t) devices = {0};
    struct db_param from = DB_INT("after", *after);
    struct db_conn *conn;
    int64_t upto = 0;
    int more;
    if (read_conn(r, &conn, err) < 0)
        return -1;
    int found =
        db_query_int(conn, &PAGE_END, DB_PARAMS(from, DB_INT("limit", (int64_t)limit)), &upto, err);
    if (found < 0 || db_query(conn, &LIST_STALE,
                              DB_PARAMS(from, DB_INT("upto", upto), DB_INT("before", before_ms),
                                        DB_INT("keep", keep)),
                              &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1)
        ARENA_VEC_ADD(arena, &devices, db_column_int(query, 0));
    *ret_devices = devices.p;
    *ret_n = devices.n;
    *after = upto;
    return more < 0 ? -1 : found;
}

int to_device_trim(struct write *w, int64_t device, int64_t keep, int64_t most, struct err *err)
{
    struct db_conn *conn = write_conn(w);
    struct db_param device_param = DB_INT("device", device);
    int64_t waiting = 0, upto;
    if (db_query_int(conn, &WAITING, DB_PARAMS(device_param), &waiting, err) < 0)
        return -1;
    int64_t excess = waiting - keep, n = excess < most ? excess : most;
    if (n <= 0)
        return 0;
    int found =
        db_query_int(conn, &NTH, DB_PARAMS(device_param, DB_INT("skip", n - 1)), &upto, err);
    if (found <= 0)
        return found;
    return to_device_acknowledge(w, device, upto, err) < 0 ? -1 : excess > n;
}
