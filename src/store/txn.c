/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/txn.h"

#include <string.h>

#include "base/vec.h"
#include "store/private.h"

static const struct db_stmt TXN_INSERT = {
    "txn_insert",
    "INSERT INTO txn (device, scope, txn, event, ts) VALUES (:device, :scope, :txn, :event, :ts)"
    " ON CONFLICT (device, scope, txn) DO NOTHING",
};
static const struct db_stmt TXN_FIND = {
    "txn_find",
    "SELECT event FROM txn WHERE device = :device AND scope = :scope AND txn = :txn",
};
static const struct db_stmt TXN_WALK = {
    "txn_walk",
    "SELECT device, scope, txn, ts FROM txn WHERE (device, scope, txn) > (:device, :scope, :txn)"
    " ORDER BY device, scope, txn LIMIT :limit",
};
static const struct db_stmt TXN_DELETE = {
    "txn_delete",
    "DELETE FROM txn WHERE device = :device AND scope = :scope AND txn = :txn",
};
static const struct db_stmt TXN_DELETE_DEVICE = {
    "txn_delete_device",
    "DELETE FROM txn WHERE device = :device",
};

int txn_insert(struct write *w, int64_t device, int64_t scope, struct str txn, int64_t event,
               struct err *err)
{
    w->touched = true;
    return db_exec_expect(w->conn, &TXN_INSERT,
                          DB_PARAMS(DB_INT("device", device), DB_INT("scope", scope),
                                    DB_BYTES("txn", txn), DB_INT("event", event),
                                    DB_INT("ts", w->time_ms)),
                          1, err);
}

int txn_find(struct read *r, int64_t device, int64_t scope, struct str txn, int64_t *ret_event,
             struct err *err)
{
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0)
        return -1;
    return db_query_int(
        conn, &TXN_FIND,
        DB_PARAMS(DB_INT("device", device), DB_INT("scope", scope), DB_BYTES("txn", txn)),
        ret_event, err);
}

static void walk_to(struct txn_walk *walk, struct db_query *query)
{
    struct str txn = str_first(db_column_bytes(query, 2), sizeof walk->txn);
    walk->device = db_column_int(query, 0);
    walk->scope = db_column_int(query, 1);
    walk->n_txn = txn.n;
    memcpy(walk->txn, txn.p, txn.n);
}

int txn_list_old(struct read *r, struct txn_walk *walk, int64_t before_ms, size_t limit,
                 struct arena *arena, struct txn_old **ret_old, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct txn_old) old = {0};
    struct db_conn *conn;
    size_t seen = 0;
    int more;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &TXN_WALK,
                 DB_PARAMS(DB_INT("device", walk->device), DB_INT("scope", walk->scope),
                           DB_BYTES("txn", str_make(walk->txn, walk->n_txn)),
                           DB_INT("limit", (int64_t)limit)),
                 &query, err) < 0)
        return -1;
    for (; (more = db_step(query, err)) == 1; seen++) {
        walk_to(walk, query);
        if (db_column_int(query, 3) < before_ms)
            ARENA_VEC_ADD(arena, &old,
                          ((struct txn_old){walk->device, walk->scope,
                                            arena_str(arena, str_make(walk->txn, walk->n_txn))}));
    }
    *ret_old = old.p;
    *ret_n = old.n;
    if (seen < limit)
        *walk = (struct txn_walk){0};
    return more < 0 ? -1 : seen == limit;
}

int txn_delete(struct write *w, const struct txn_old *old, struct err *err)
{
    w->touched = true;
    return db_exec(w->conn, &TXN_DELETE,
                   DB_PARAMS(DB_INT("device", old->device), DB_INT("scope", old->scope),
                             DB_BYTES("txn", old->txn)),
                   err);
}

int txn_delete_device(struct write *w, int64_t device, struct err *err)
{
    w->touched = true;
    return db_exec(w->conn, &TXN_DELETE_DEVICE, DB_PARAMS(DB_INT("device", device)), err);
}

/* ---- migration ---- */

#define COPIED_AT_ONCE 500

static const struct db_stmt COPY_NEXT = {
    "txn_copy_next",
    "SELECT event FROM txn WHERE event > :after ORDER BY event LIMIT :limit",
};
static const struct db_stmt COPY = {
    "txn_copy",
    "UPDATE event SET device = txn.device, txn = txn.txn FROM txn"
    " WHERE txn.event = event.id AND txn.event > :after AND txn.event <= :last",
};
/* What was purged before it was copied left its transaction behind. */
static const struct db_stmt COPY_LEFT = {
    "txn_copy_left",
    "DELETE FROM txn WHERE event > :after AND event <= :last"
    " AND NOT EXISTS (SELECT 1 FROM event WHERE event.id = txn.event)",
};

static int find_last(struct db_conn *conn, int64_t after, int64_t *ret_last, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    int more;
    if (db_query(conn, &COPY_NEXT,
                 DB_PARAMS(DB_INT("after", after), DB_INT("limit", COPIED_AT_ONCE)), &query,
                 err) < 0)
        return -1;
    *ret_last = after;
    while ((more = db_step(query, err)) == 1)
        *ret_last = db_column_int(query, 0);
    return more;
}

int txn_copy_to_events(struct db_conn *conn, int64_t *cursor, struct err *err)
{
    int64_t last;
    if (find_last(conn, *cursor, &last, err) < 0)
        return -1;
    if (last == *cursor)
        return db_run_script(conn, "DROP INDEX txn_event;", err);
    const struct db_param range[] = {DB_INT("after", *cursor), DB_INT("last", last)};
    if (db_exec(conn, &COPY, range, ARRAY_LEN(range), err) < 0 ||
        db_exec(conn, &COPY_LEFT, range, ARRAY_LEN(range), err) < 0)
        return -1;
    *cursor = last;
    return 1;
}
