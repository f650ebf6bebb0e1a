/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/registration_token.h"

#include "base/vec.h"

static const struct db_stmt INSERT = {
    "registration_token_insert", "INSERT INTO registration_token (token, uses_left, expires_ms)"
                                 " VALUES (:token, :uses, :expires)"};
static const struct db_stmt DELETE = {"registration_token_delete",
                                      "DELETE FROM registration_token WHERE token = :token"};
static const struct db_stmt GOOD = {
    "registration_token_good", "SELECT 1 FROM registration_token WHERE token = :token"
                               " AND uses_left <> 0 AND (expires_ms = 0 OR expires_ms > :now)"};
static const struct db_stmt USE = {"registration_token_use",
                                   "UPDATE registration_token SET uses_left = uses_left - 1"
                                   " WHERE token = :token AND uses_left > 0"};
static const struct db_stmt LIST = {
    "registration_token_list",
    "SELECT token, uses_left, expires_ms FROM registration_token ORDER BY token"};

int registration_token_insert(struct write *w, const struct registration_token *token,
                              struct err *err)
{
    return db_exec(write_conn(w), &INSERT,
                   DB_PARAMS(DB_BYTES("token", token->token), DB_INT("uses", token->uses_left),
                             DB_INT("expires", token->expires_ms)),
                   err);
}

int registration_token_delete(struct write *w, struct str token, struct err *err)
{
    return db_exec(write_conn(w), &DELETE, DB_PARAMS(DB_BYTES("token", token)), err);
}

static int check(struct db_conn *conn, struct str token, int64_t now_ms, struct err *err)
{
    int64_t one;
    return db_query_int(conn, &GOOD, DB_PARAMS(DB_BYTES("token", token), DB_INT("now", now_ms)),
                        &one, err);
}

int registration_token_check(struct read *r, struct str token, int64_t now_ms, struct err *err)
{
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0)
        return -1;
    return check(conn, token, now_ms, err);
}

int registration_token_use(struct write *w, struct str token, struct err *err)
{
    int good = check(write_conn(w), token, write_time_ms(w), err);
    if (good < 0)
        return -1;
    if (!good)
        return err_client(err, 403, "M_FORBIDDEN", "This registration token is used up");
    return db_exec(write_conn(w), &USE, DB_PARAMS(DB_BYTES("token", token)), err);
}

int registration_token_list(struct read *r, struct arena *arena,
                            struct registration_token **ret_tokens, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct registration_token) tokens = {0};
    struct db_conn *conn;
    int more;
    if (read_conn(r, &conn, err) < 0 || db_query(conn, &LIST, DB_NO_PARAMS, &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1)
        ARENA_VEC_ADD(
            arena, &tokens,
            ((struct registration_token){db_column_copy(query, 0, arena), db_column_int(query, 1),
                                         db_column_int(query, 2)}));
    *ret_tokens = tokens.p;
    *ret_n = tokens.n;
    return more;
}
