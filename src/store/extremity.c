/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/private.h"
#include "store/room.h"

static const struct db_stmt EXTREMITY_DELETE = {
    "extremity_delete",
    "DELETE FROM extremity WHERE room = :room AND event {in:events}",
};
static const struct db_stmt EXTREMITY_INSERT = {
    "extremity_insert",
    "INSERT INTO extremity (room, event) VALUES (:room, :event)"
    " ON CONFLICT (room, event) DO NOTHING",
};
static const struct db_stmt EXTREMITY_LIST = {
    "extremity_list",
    "SELECT event FROM extremity WHERE room = :room ORDER BY event",
};
static const struct db_stmt EXTREMITY_LAST = {
    "extremity_last",
    "SELECT id FROM event WHERE room = :room AND place IS NOT NULL ORDER BY place DESC LIMIT 1",
};

int extremity_change(struct write *w, int64_t room, const int64_t *gone, size_t n_gone,
                     const int64_t *added, size_t n_added, struct err *err)
{
    w->touched = true;
    if (n_gone &&
        db_exec(w->conn, &EXTREMITY_DELETE,
                DB_PARAMS(DB_INT("room", room), DB_INT_LIST("events", gone, n_gone)), err) < 0)
        return -1;
    for (size_t i = 0; i < n_added; i++)
        if (db_exec(w->conn, &EXTREMITY_INSERT,
                    DB_PARAMS(DB_INT("room", room), DB_INT("event", added[i])), err) < 0)
            return -1;
    return 0;
}

static int list(struct db_conn *conn, const struct db_stmt *stmt, int64_t room, struct arena *arena,
                int64_t **ret_events, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(int64_t) events = {0};
    int more;
    if (db_query(conn, stmt, DB_PARAMS(DB_INT("room", room)), &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) > 0)
        ARENA_VEC_ADD(arena, &events, db_column_int(query, 0));
    *ret_events = events.p;
    *ret_n = events.n;
    return more;
}

int extremity_list(struct read *r, int64_t room, struct arena *arena, int64_t **ret_events,
                   size_t *ret_n, bool *ret_kept, struct err *err)
{
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        list(conn, &EXTREMITY_LIST, room, arena, ret_events, ret_n, err) < 0)
        return -1;
    *ret_kept = *ret_n > 0;
    return *ret_kept ? 0 : list(conn, &EXTREMITY_LAST, room, arena, ret_events, ret_n, err);
}
