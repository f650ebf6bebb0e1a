/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/delayed.h"

#include "base/limits.h"
#include "base/vec.h"

#define COLUMNS                                                                                    \
    "id, user_name, room, device, txn, delay_id, type, state_key, delay_ms, since_ms, due_ms,"     \
    " tries, state, by_action, final_ms, event, error"

static const struct db_stmt SCHEDULED = {
    "delayed_scheduled", "SELECT count(*) FROM delayed WHERE user_name = :user AND final_ms = 0"};
static const struct db_stmt NEXT_OF = {
    "delayed_next_of", "SELECT min(due_ms) FROM delayed WHERE user_name = :user AND final_ms = 0"};
static const struct db_stmt HAS_TXN = {
    "delayed_has_txn",
    "SELECT 1 FROM delayed WHERE device = :device AND room = :room AND txn = :txn"};
static const struct db_stmt INSERT = {
    "delayed_insert",
    "INSERT INTO delayed (id, user_name, room, device, txn, delay_id, type, state_key, content,"
    " delay_ms, since_ms, due_ms, tries, state, by_action, final_ms, event, error)"
    " VALUES (:id, :user, :room, :device, :txn, :delay_id, :type, :state_key, :content, :delay,"
    " :since, :due, 0, 0, 0, 0, 0, NULL)"};
static const struct db_stmt RESTART = {
    "delayed_restart", "UPDATE delayed SET since_ms = :since, due_ms = :due, tries = 0"
                       " WHERE id = :id AND final_ms = 0"};
static const struct db_stmt END = {
    "delayed_end", "UPDATE delayed SET state = :state, by_action = :by_action, final_ms = :final,"
                   " event = :event, error = :error"
                   " WHERE id = :id AND state = 0 AND due_ms = :due"};
static const struct db_stmt OLDEST_KEPT = {
    "delayed_oldest_kept", "SELECT final_ms FROM delayed WHERE user_name = :user AND final_ms > 0"
                           " ORDER BY final_ms DESC LIMIT 1 OFFSET :kept"};
static const struct db_stmt FORGET_OF = {
    "delayed_forget_of", "DELETE FROM delayed WHERE user_name = :user AND final_ms > 0"
                         " AND final_ms <= :until AND id <> :id"};
static const struct db_stmt BEGIN = {"delayed_begin",
                                     "UPDATE delayed SET tries = tries + 1 WHERE id {in:ids}"};
static const struct db_stmt LEAVE = {
    "delayed_leave", "UPDATE delayed SET tries = tries - 1 WHERE id {in:ids} AND tries > 0"};
static const struct db_stmt POSTPONE = {"delayed_postpone",
                                        "UPDATE delayed SET due_ms = :due, tries = 0"
                                        " WHERE id = :id AND state = 0 AND due_ms = :old"};
static const struct db_stmt CANCEL_DEVICE = {
    "delayed_cancel_device", "UPDATE delayed SET state = 2, by_action = 1, final_ms = :final"
                             " WHERE user_name = :user AND final_ms = 0 AND device = :device"};
static const struct db_stmt CANCEL_USER = {
    "delayed_cancel_user", "UPDATE delayed SET state = 2, by_action = 1, final_ms = :final"
                           " WHERE user_name = :user AND final_ms = 0 AND device <> :except"};
static const struct db_stmt DELETE_USER = {"delayed_delete_user",
                                           "DELETE FROM delayed WHERE user_name = :user"};
static const struct db_stmt FORGET = {
    "delayed_forget", "DELETE FROM delayed WHERE final_ms > 0 AND final_ms < :before"};
static const struct db_stmt FIND = {
    "delayed_find", "SELECT " COLUMNS ", content FROM delayed WHERE delay_id = :delay_id"};
static const struct db_stmt FIND_TXN = {
    "delayed_find_txn", "SELECT " COLUMNS ", content FROM delayed WHERE device = :device"
                        " AND room = :room AND txn = :txn"};
static const struct db_stmt FIND_EVENT = {
    "delayed_find_event", "SELECT delay_id FROM delayed WHERE event = :event AND event <> 0"};
static const struct db_stmt LIST_USER = {
    "delayed_list_user", "SELECT " COLUMNS ", NULL FROM delayed WHERE user_name = :user"};
static const struct db_stmt LIST_DUE = {"delayed_list_due",
                                        "SELECT " COLUMNS ", content FROM delayed WHERE state = 0"
                                        " AND due_ms <= :now ORDER BY due_ms, id LIMIT :limit"};
static const struct db_stmt NEXT_DUE = {"delayed_next_due",
                                        "SELECT min(due_ms) FROM delayed WHERE state = 0"
                                        " AND due_ms > 0"};

/* ---- writing ---- */

static int refuse_more(struct write *w, int64_t user, struct err *err)
{
    int64_t due = 0;
    if (db_query_int(write_conn(w), &NEXT_OF, DB_PARAMS(DB_INT("user", user)), &due, err) < 0)
        return -1;
    (void)err_client(err, 429, "M_LIMIT_EXCEEDED",
                     "The maximum number of delayed events has been reached");
    err->retry_after_ms = due > write_time_ms(w) ? due - write_time_ms(w) : 1000;
    return -1;
}

static int check_room_for(struct write *w, const struct delayed *delayed, int64_t most,
                          struct err *err)
{
    int64_t n = 0;
    if (delayed->txn.p) {
        int known =
            db_query_int(write_conn(w), &HAS_TXN,
                         DB_PARAMS(DB_INT("device", delayed->device), DB_INT("room", delayed->room),
                                   DB_BYTES("txn", delayed->txn)),
                         &n, err);
        if (known != 0)
            return known < 0 ? -1 : err_moved(err, "the delayed event is there already");
    }
    if (db_query_int(write_conn(w), &SCHEDULED, DB_PARAMS(DB_INT("user", delayed->user)), &n, err) <
        0)
        return -1;
    return n >= most ? refuse_more(w, delayed->user, err) : 0;
}

int delayed_insert(struct write *w, const struct delayed *delayed, int64_t most, struct err *err)
{
    if (check_room_for(w, delayed, most, err) < 0)
        return -1;
    return db_exec(
        write_conn(w), &INSERT,
        DB_PARAMS(DB_INT("id", delayed->id), DB_INT("user", delayed->user),
                  DB_INT("room", delayed->room), DB_INT("device", delayed->device),
                  DB_BYTES_OR_NULL("txn", delayed->txn), DB_BYTES("delay_id", delayed->delay_id),
                  DB_BYTES("type", delayed->type),
                  DB_BYTES_OR_NULL("state_key", delayed->state_key),
                  DB_BYTES("content", delayed->content), DB_INT("delay", delayed->delay_ms),
                  DB_INT("since", delayed->since_ms), DB_INT("due", delayed->due_ms)),
        err);
}

int delayed_restart(struct write *w, const struct delayed *delayed, int64_t since_ms,
                    struct err *err)
{
    return db_exec_expect(write_conn(w), &RESTART,
                          DB_PARAMS(DB_INT("id", delayed->id), DB_INT("since", since_ms),
                                    DB_INT("due", since_ms + delayed->delay_ms)),
                          1, err);
}

/* A moment that many share may cost more of them than is needed. */
static int forget_oldest(struct write *w, int64_t user, int64_t kept_id, struct err *err)
{
    int64_t until;
    int found = db_query_int(write_conn(w), &OLDEST_KEPT,
                             DB_PARAMS(DB_INT("user", user), DB_INT("kept", LIMIT_DELAYED_FINAL)),
                             &until, err);
    if (found != 1)
        return found;
    return db_exec(write_conn(w), &FORGET_OF,
                   DB_PARAMS(DB_INT("user", user), DB_INT("until", until), DB_INT("id", kept_id)),
                   err);
}

int delayed_end(struct write *w, const struct delayed *delayed, struct err *err)
{
    if (db_exec_expect(write_conn(w), &END,
                       DB_PARAMS(DB_INT("id", delayed->id), DB_INT("due", delayed->due_ms),
                                 DB_INT("state", delayed->state),
                                 DB_INT("by_action", delayed->by_action),
                                 DB_INT("final", write_time_ms(w)), DB_INT("event", delayed->event),
                                 DB_BYTES_OR_NULL("error", delayed->error)),
                       1, err) < 0)
        return -1;
    return forget_oldest(w, delayed->user, delayed->id, err);
}

int delayed_begin(struct write *w, const int64_t *ids, size_t n, struct err *err)
{
    return db_exec(write_conn(w), &BEGIN, DB_PARAMS(DB_INT_LIST("ids", ids, n)), err);
}

int delayed_leave(struct write *w, const int64_t *ids, size_t n, struct err *err)
{
    return db_exec(write_conn(w), &LEAVE, DB_PARAMS(DB_INT_LIST("ids", ids, n)), err);
}

int delayed_postpone(struct write *w, const struct delayed *delayed, int64_t due_ms,
                     struct err *err)
{
    return db_exec(
        write_conn(w), &POSTPONE,
        DB_PARAMS(DB_INT("id", delayed->id), DB_INT("old", delayed->due_ms), DB_INT("due", due_ms)),
        err);
}

int delayed_cancel_device(struct write *w, int64_t user, int64_t device, struct err *err)
{
    if (db_exec(write_conn(w), &CANCEL_DEVICE,
                DB_PARAMS(DB_INT("user", user), DB_INT("device", device),
                          DB_INT("final", write_time_ms(w))),
                err) < 0)
        return -1;
    return forget_oldest(w, user, 0, err);
}

int delayed_cancel_user(struct write *w, int64_t user, int64_t except, struct err *err)
{
    if (db_exec(write_conn(w), &CANCEL_USER,
                DB_PARAMS(DB_INT("user", user), DB_INT("except", except),
                          DB_INT("final", write_time_ms(w))),
                err) < 0)
        return -1;
    return forget_oldest(w, user, 0, err);
}

int delayed_delete_user(struct write *w, int64_t user, struct err *err)
{
    return db_exec(write_conn(w), &DELETE_USER, DB_PARAMS(DB_INT("user", user)), err);
}

int delayed_forget(struct write *w, int64_t before_ms, struct err *err)
{
    return db_exec(write_conn(w), &FORGET, DB_PARAMS(DB_INT("before", before_ms)), err);
}

/* ---- reading ---- */

static struct delayed read_row(struct db_query *query, struct arena *arena)
{
    return (struct delayed){
        .id = db_column_int(query, 0),
        .user = db_column_int(query, 1),
        .room = db_column_int(query, 2),
        .device = db_column_int(query, 3),
        .txn = db_column_copy(query, 4, arena),
        .delay_id = db_column_copy(query, 5, arena),
        .type = db_column_copy(query, 6, arena),
        .state_key = db_column_copy(query, 7, arena),
        .delay_ms = db_column_int(query, 8),
        .since_ms = db_column_int(query, 9),
        .due_ms = db_column_int(query, 10),
        .tries = db_column_int(query, 11),
        .state = (enum delayed_state)db_column_int(query, 12),
        .by_action = db_column_int(query, 13) != 0,
        .final_ms = db_column_int(query, 14),
        .event = db_column_int(query, 15),
        .error = db_column_copy(query, 16, arena),
        .content = db_column_copy(query, 17, arena),
    };
}

static int find_row(struct read *r, const struct db_stmt *stmt, const struct db_param *params,
                    size_t n_params, struct arena *arena, struct delayed *ret_delayed,
                    struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    if (read_query(r, stmt, params, n_params, &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found == 1)
        *ret_delayed = read_row(query, arena);
    return found;
}

int delayed_find(struct read *r, struct str delay_id, struct arena *arena,
                 struct delayed *ret_delayed, struct err *err)
{
    return find_row(r, &FIND, DB_PARAMS(DB_BYTES("delay_id", delay_id)), arena, ret_delayed, err);
}

int delayed_find_txn(struct read *r, int64_t device, int64_t room, struct str txn,
                     struct arena *arena, struct delayed *ret_delayed, struct err *err)
{
    return find_row(r, &FIND_TXN,
                    DB_PARAMS(DB_INT("device", device), DB_INT("room", room), DB_BYTES("txn", txn)),
                    arena, ret_delayed, err);
}

int delayed_find_event(struct read *r, int64_t event, struct arena *arena, struct str *ret_delay_id,
                       struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    if (read_query(r, &FIND_EVENT, DB_PARAMS(DB_INT("event", event)), &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found == 1)
        *ret_delay_id = db_column_copy(query, 0, arena);
    return found;
}

static int list_rows(struct read *r, const struct db_stmt *stmt, const struct db_param *params,
                     size_t n_params, struct arena *arena, struct delayed **ret_delayed,
                     size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct delayed) rows = {0};
    int more;
    if (read_query(r, stmt, params, n_params, &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1)
        ARENA_VEC_ADD(arena, &rows, read_row(query, arena));
    *ret_delayed = rows.p;
    *ret_n = rows.n;
    return more;
}

int delayed_list_user(struct read *r, int64_t user, struct arena *arena,
                      struct delayed **ret_delayed, size_t *ret_n, struct err *err)
{
    return list_rows(r, &LIST_USER, DB_PARAMS(DB_INT("user", user)), arena, ret_delayed, ret_n,
                     err);
}

int delayed_list_due(struct read *r, int64_t now_ms, size_t limit, struct arena *arena,
                     struct delayed **ret_delayed, size_t *ret_n, struct err *err)
{
    return list_rows(r, &LIST_DUE,
                     DB_PARAMS(DB_INT("now", now_ms), DB_INT("limit", (int64_t)limit)), arena,
                     ret_delayed, ret_n, err);
}

int delayed_next_due(struct read *r, int64_t *ret_due_ms, struct err *err)
{
    return read_next_due(r, &NEXT_DUE, DB_NO_PARAMS, ret_due_ms, err);
}
