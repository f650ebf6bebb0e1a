/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/renewal.h"

#include "base/vec.h"

static const struct db_stmt PUT = {
    "renewal_put",
    "INSERT INTO renewal (user_name, digest, mail_ms, renewed_ms)"
    " VALUES (:user, :digest, :mail, :renewed) ON CONFLICT (user_name) DO UPDATE SET"
    " digest = excluded.digest, mail_ms = excluded.mail_ms, renewed_ms = excluded.renewed_ms"};
static const struct db_stmt SET_MAIL = {
    "renewal_set_mail",
    "INSERT INTO renewal (user_name, digest, mail_ms, renewed_ms) VALUES (:user, :none, :mail, 0)"
    " ON CONFLICT (user_name) DO UPDATE SET mail_ms = excluded.mail_ms"};
static const struct db_stmt USE = {
    "renewal_use", "UPDATE renewal SET renewed_ms = :now, mail_ms = :mail WHERE user_name = :user"
                   " AND digest = :digest AND renewed_ms = 0"};
static const struct db_stmt DELETE = {"renewal_delete",
                                      "DELETE FROM renewal WHERE user_name = :user"};
static const struct db_stmt FIND = {
    "renewal_find", "SELECT user_name, mail_ms, renewed_ms FROM renewal WHERE digest = :digest"};
static const struct db_stmt LIST_DUE = {
    "renewal_list_due", "SELECT user_name FROM renewal WHERE mail_ms > 0 AND mail_ms <= :now"
                        " ORDER BY mail_ms LIMIT :limit"};

int renewal_put(struct write *w, const struct renewal *renewal, struct err *err)
{
    return db_exec(write_conn(w), &PUT,
                   DB_PARAMS(DB_INT("user", renewal->user), DB_BYTES("digest", renewal->digest),
                             DB_INT("mail", renewal->mail_ms),
                             DB_INT("renewed", renewal->renewed_ms)),
                   err);
}

int renewal_set_mail(struct write *w, int64_t user, int64_t mail_ms, struct err *err)
{
    return db_exec(
        write_conn(w), &SET_MAIL,
        DB_PARAMS(DB_INT("user", user), DB_BYTES("none", STR("")), DB_INT("mail", mail_ms)), err);
}

int renewal_use(struct write *w, int64_t user, struct str digest, int64_t mail_ms, struct err *err)
{
    return db_exec_expect(write_conn(w), &USE,
                          DB_PARAMS(DB_INT("user", user), DB_BYTES("digest", digest),
                                    DB_INT("mail", mail_ms), DB_INT("now", write_time_ms(w))),
                          1, err);
}

int renewal_delete_user(struct write *w, int64_t user, struct err *err)
{
    return db_exec(write_conn(w), &DELETE, DB_PARAMS(DB_INT("user", user)), err);
}

int renewal_find(struct read *r, struct str digest, struct renewal *ret_renewal, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &FIND, DB_PARAMS(DB_BYTES("digest", digest)), &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found == 1)
        *ret_renewal = (struct renewal){
            .user = db_column_int(query, 0),
            .digest = digest,
            .mail_ms = db_column_int(query, 1),
            .renewed_ms = db_column_int(query, 2),
        };
    return found;
}

int renewal_list_due(struct read *r, int64_t now_ms, size_t limit, struct arena *arena,
                     int64_t **ret_users, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(int64_t) users = {0};
    struct db_conn *conn;
    int more;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LIST_DUE, DB_PARAMS(DB_INT("now", now_ms), DB_INT("limit", (int64_t)limit)),
                 &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1)
        ARENA_VEC_ADD(arena, &users, db_column_int(query, 0));
    *ret_users = users.p;
    *ret_n = users.n;
    return more;
}
