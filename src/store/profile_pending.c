/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/profile_pending.h"

#include "base/vec.h"

static const struct db_stmt PUT = {
    "profile_pending_put",
    "INSERT INTO profile_pending (user_name, version) VALUES (:user, :version)"
    " ON CONFLICT (user_name) DO UPDATE SET version = excluded.version"};
static const struct db_stmt DONE = {
    "profile_pending_done",
    "DELETE FROM profile_pending WHERE user_name = :user AND version = :version"};
static const struct db_stmt LIST = {
    "profile_pending_list",
    "SELECT user_name, version FROM profile_pending ORDER BY version LIMIT 100"};

int profile_pending_put(struct write *w, int64_t user, int64_t version, struct err *err)
{
    return db_exec(write_conn(w), &PUT, DB_PARAMS(DB_INT("user", user), DB_INT("version", version)),
                   err);
}

int profile_pending_done(struct write *w, const struct profile_pending *pending, struct err *err)
{
    return db_exec(write_conn(w), &DONE,
                   DB_PARAMS(DB_INT("user", pending->user), DB_INT("version", pending->version)),
                   err);
}

int profile_pending_list(struct read *r, struct arena *arena, struct profile_pending **ret_rows,
                         size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct profile_pending) rows = {0};
    struct db_conn *conn;
    int more;
    if (read_conn(r, &conn, err) < 0 || db_query(conn, &LIST, DB_NO_PARAMS, &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1)
        ARENA_VEC_ADD(arena, &rows,
                      ((struct profile_pending){db_column_int(query, 0), db_column_int(query, 1)}));
    *ret_rows = rows.p;
    *ret_n = rows.n;
    return more;
}
