/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/hold.h"

#include "base/vec.h"

static const struct db_stmt INSERT = {
    "hold_insert",
    "INSERT INTO hold (target, since_ms, reason) VALUES (:target, :since, :reason)",
};
static const struct db_stmt DELETE = {
    "hold_delete",
    "DELETE FROM hold WHERE target = :target",
};
static const struct db_stmt FIND = {
    "hold_find",
    "SELECT target FROM hold WHERE target = :target",
};
static const struct db_stmt LIST = {
    "hold_list",
    "SELECT target, since_ms, reason FROM hold ORDER BY since_ms, target",
};
static const struct db_stmt COVERS = {
    "hold_covers",
    "SELECT target FROM hold WHERE target = :room OR EXISTS (SELECT 1 FROM membership"
    " WHERE membership.user_id = hold.target AND membership.room = :room) LIMIT 1",
};

static int is_held(struct write *w, int64_t target, struct err *err)
{
    int64_t found;
    return db_query_int(write_conn(w), &FIND, DB_PARAMS(DB_INT("target", target)), &found, err);
}

int hold_insert(struct write *w, const struct hold *hold, struct err *err)
{
    int held = is_held(w, hold->target, err);
    if (held < 0)
        return -1;
    if (held)
        return err_client(err, 409, "M_UNKNOWN", "This is held already");
    return db_exec(write_conn(w), &INSERT,
                   DB_PARAMS(DB_INT("target", hold->target), DB_INT("since", hold->since_ms),
                             DB_BYTES("reason", hold->reason)),
                   err);
}

int hold_delete(struct write *w, int64_t target, struct err *err)
{
    int held = is_held(w, target, err);
    if (held < 0)
        return -1;
    if (!held)
        return err_client(err, 404, "M_NOT_FOUND", "This is not held");
    return db_exec(write_conn(w), &DELETE, DB_PARAMS(DB_INT("target", target)), err);
}

int hold_list(struct read *r, struct arena *arena, struct hold **ret_holds, size_t *ret_n,
              struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct hold) holds = {0};
    struct db_conn *conn;
    int more;
    if (read_conn(r, &conn, err) < 0 || db_query(conn, &LIST, DB_NO_PARAMS, &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1)
        ARENA_VEC_ADD(arena, &holds,
                      ((struct hold){
                          .target = db_column_int(query, 0),
                          .since_ms = db_column_int(query, 1),
                          .reason = db_column_copy(query, 2, arena),
                      }));
    *ret_holds = holds.p;
    *ret_n = holds.n;
    return more;
}

static int covers(struct db_conn *conn, int64_t room, struct err *err)
{
    int64_t found;
    return db_query_int(conn, &COVERS, DB_PARAMS(DB_INT("room", room)), &found, err);
}

int hold_covers(struct read *r, int64_t room, struct err *err)
{
    struct db_conn *conn;
    return read_conn(r, &conn, err) < 0 ? -1 : covers(conn, room, err);
}

int hold_covers_now(struct write *w, int64_t room, struct err *err)
{
    return covers(write_conn(w), room, err);
}
