/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/receipt.h"

#include "base/limits.h"
#include "base/vec.h"

/* The unthreaded receipt has the empty thread: a key column is not NULL. */
static const struct db_stmt PUT = {
    "receipt_put",
    "INSERT INTO receipt (room, user_name, type, thread, event, place, ts, pos)"
    " VALUES (:room, :user, :type, :thread, :event, :place, :ts, :pos)"
    " ON CONFLICT (room, user_name, type, thread) DO UPDATE SET event = excluded.event,"
    " place = excluded.place, ts = excluded.ts, pos = excluded.pos"};
static const struct db_stmt PLACE = {
    "receipt_place", "SELECT place FROM receipt WHERE room = :room AND user_name = :user"
                     " AND type = :type AND thread = :thread"};
#define COLUMNS "room, user_name, type, thread, event, place, ts, pos"
static const struct db_stmt LIST_OWN = {
    "receipt_list_own", "SELECT " COLUMNS " FROM receipt WHERE room = :room AND user_name = :user"};
static const struct db_stmt LIST_ROOM = {
    "receipt_list_room",
    "SELECT " COLUMNS " FROM receipt WHERE room = :room AND pos > :after AND pos <= :head"
    " AND (type = 1 OR user_name = :user) ORDER BY pos DESC LIMIT :limit"};
static const struct db_stmt FIND = {
    "receipt_find", "SELECT " COLUMNS " FROM receipt WHERE room = :room AND pos = :pos"};

int receipt_advance(struct write *w, struct receipt *receipt, struct err *err)
{
    struct db_param room = DB_INT("room", receipt->room), user = DB_INT("user", receipt->user);
    struct db_param type = DB_INT("type", receipt->type);
    struct db_param thread = DB_BYTES("thread", receipt->thread.p ? receipt->thread : STR(""));
    int64_t place;
    int found =
        db_query_int(write_conn(w), &PLACE, DB_PARAMS(room, user, type, thread), &place, err);
    if (found < 0)
        return -1;
    receipt->pos = 0;
    if (found && place >= receipt->place)
        return 0;
    if (write_position(w, LOG_KIND_RECEIPT, receipt->room, receipt->user, 0, &receipt->pos, err) <
        0)
        return -1;
    return db_exec(write_conn(w), &PUT,
                   DB_PARAMS(room, user, type, thread, DB_INT("event", receipt->event),
                             DB_INT("place", receipt->place), DB_INT("ts", receipt->ts),
                             DB_INT("pos", receipt->pos)),
                   err);
}

static int list(struct read *r, const struct db_stmt *stmt, const struct db_param *params, size_t n,
                struct arena *arena, struct receipt **ret_rows, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct receipt) rows = {0};
    struct db_conn *conn;
    int more;
    if (read_conn(r, &conn, err) < 0 || db_query(conn, stmt, params, n, &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1) {
        struct receipt row = {
            .room = db_column_int(query, 0),
            .user = db_column_int(query, 1),
            .type = (enum receipt_type)db_column_int(query, 2),
            .thread = db_column_copy(query, 3, arena),
            .event = db_column_int(query, 4),
            .place = db_column_int(query, 5),
            .ts = db_column_int(query, 6),
            .pos = db_column_int(query, 7),
        };
        if (row.thread.n == 0)
            row.thread = STR_NONE;
        ARENA_VEC_ADD(arena, &rows, row);
    }
    *ret_rows = rows.p;
    *ret_n = rows.n;
    return more;
}

int receipt_list_own(struct read *r, int64_t room, int64_t user, struct arena *arena,
                     struct receipt **ret_rows, size_t *ret_n, struct err *err)
{
    return list(r, &LIST_OWN, DB_PARAMS(DB_INT("room", room), DB_INT("user", user)), arena,
                ret_rows, ret_n, err);
}

int receipt_list_room(struct read *r, int64_t room, int64_t user, int64_t after,
                      struct arena *arena, struct receipt **ret_rows, size_t *ret_n,
                      struct err *err)
{
    return list(r, &LIST_ROOM,
                DB_PARAMS(DB_INT("room", room), DB_INT("user", user), DB_INT("after", after),
                          DB_INT("head", r->head.pos), DB_INT("limit", LIMIT_RECEIPTS)),
                arena, ret_rows, ret_n, err);
}

int receipt_find(struct read *r, const struct log_entry *entry, struct arena *arena,
                 struct receipt *ret_receipt, struct err *err)
{
    struct receipt *rows;
    size_t n;
    if (list(r, &FIND, DB_PARAMS(DB_INT("room", entry->room), DB_INT("pos", entry->pos)), arena,
             &rows, &n, err) < 0)
        return -1;
    if (n)
        *ret_receipt = rows[0];
    return n > 0;
}
