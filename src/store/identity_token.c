/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/identity_token.h"

static const struct db_stmt INSERT = {
    "identity_token_insert", "INSERT INTO identity_token (digest, user_name, kind, expires_ms)"
                             " VALUES (:digest, :user, :kind, :expires)"};
static const struct db_stmt DELETE = {"identity_token_delete",
                                      "DELETE FROM identity_token WHERE digest = :digest"};
static const struct db_stmt DELETE_USER = {"identity_token_delete_user",
                                           "DELETE FROM identity_token WHERE user_name = :user"};
static const struct db_stmt EXPIRE = {"identity_token_expire",
                                      "DELETE FROM identity_token WHERE expires_ms < :now"};
/* 138: ACCOUNT_BARRED and ACCOUNT_DEACTIVATED. */
static const struct db_stmt FIND = {
    "identity_token_find",
    "SELECT identity_token.user_name FROM identity_token"
    " JOIN account ON account.user_name = identity_token.user_name"
    " WHERE digest = :digest AND kind = :kind AND expires_ms > :now AND (flags & 138) = 0"};

static struct str bytes(const unsigned char digest[SHA256_BYTES])
{
    return str_make(digest, SHA256_BYTES);
}

int identity_token_insert(struct write *w, const struct identity_token *token, struct err *err)
{
    return db_exec(write_conn(w), &INSERT,
                   DB_PARAMS(DB_BYTES("digest", bytes(token->digest)), DB_INT("user", token->user),
                             DB_INT("kind", token->kind), DB_INT("expires", token->expires_ms)),
                   err);
}

int identity_token_delete(struct write *w, const unsigned char digest[SHA256_BYTES],
                          struct err *err)
{
    return db_exec(write_conn(w), &DELETE, DB_PARAMS(DB_BYTES("digest", bytes(digest))), err);
}

int identity_token_use_up(struct write *w, const unsigned char digest[SHA256_BYTES],
                          struct err *err)
{
    return db_exec_expect(write_conn(w), &DELETE, DB_PARAMS(DB_BYTES("digest", bytes(digest))), 1,
                          err);
}

int identity_token_delete_user(struct write *w, int64_t user, struct err *err)
{
    return db_exec(write_conn(w), &DELETE_USER, DB_PARAMS(DB_INT("user", user)), err);
}

int identity_token_expire(struct write *w, int64_t now_ms, struct err *err)
{
    return db_exec(write_conn(w), &EXPIRE, DB_PARAMS(DB_INT("now", now_ms)), err);
}

int identity_token_find(struct read *r, const unsigned char digest[SHA256_BYTES],
                        enum identity_token_kind kind, int64_t now_ms, int64_t *ret_user,
                        struct err *err)
{
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0)
        return -1;
    return db_query_int(
        conn, &FIND,
        DB_PARAMS(DB_BYTES("digest", bytes(digest)), DB_INT("kind", kind), DB_INT("now", now_ms)),
        ret_user, err);
}
