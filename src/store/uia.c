/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/uia.h"

#include <string.h>

static const struct db_stmt INSERT = {
    "uia_insert", "INSERT INTO uia (id, user_name, action, created_ms, completed, body, token,"
                  " validation) VALUES (:id, :user, :action, :created, :completed, :body, :token,"
                  " :validation)"};
static const struct db_stmt LOAD = {
    "uia_load", "SELECT user_name, action, created_ms, completed, body, token, validation FROM uia"
                " WHERE id = :id"};
static const struct db_stmt COMPLETE = {
    "uia_complete", "UPDATE uia SET completed = completed | :completed,"
                    " body = COALESCE(body, :body), token = COALESCE(:token, token),"
                    " validation = COALESCE(:validation, validation) WHERE id = :id"};
static const struct db_stmt EXISTS = {"uia_exists", "SELECT 1 FROM uia WHERE id = :id"};
static const struct db_stmt DELETE = {"uia_delete", "DELETE FROM uia WHERE id = :id"};
static const struct db_stmt EXPIRE = {"uia_expire", "DELETE FROM uia WHERE created_ms < :before"};

static struct str body_of(const struct uia_session *session)
{
    return session->bound ? str_make(session->body, SHA256_BYTES) : STR_NONE;
}

int uia_insert(struct write *w, const struct uia_session *session, struct err *err)
{
    return db_exec(write_conn(w), &INSERT,
                   DB_PARAMS(DB_BYTES("id", session->id), DB_INT("user", session->user),
                             DB_BYTES("action", session->action),
                             DB_INT("created", session->created_ms),
                             DB_INT("completed", session->completed),
                             DB_BYTES_OR_NULL("body", body_of(session)),
                             DB_BYTES_OR_NULL("token", session->token),
                             DB_BYTES_OR_NULL("validation", session->validation)),
                   err);
}

int uia_load(struct read *r, struct str id, struct arena *arena, struct uia_session *ret_session,
             struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LOAD, DB_PARAMS(DB_BYTES("id", id)), &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found != 1)
        return found;
    struct str body = db_column_bytes(query, 4);
    *ret_session = (struct uia_session){
        .id = id,
        .user = db_column_int(query, 0),
        .action = db_column_copy(query, 1, arena),
        .created_ms = db_column_int(query, 2),
        .completed = db_column_int(query, 3),
        .token = db_column_copy(query, 5, arena),
        .validation = db_column_copy(query, 6, arena),
        .bound = body.n == SHA256_BYTES,
    };
    if (ret_session->bound)
        memcpy(ret_session->body, body.p, SHA256_BYTES);
    return 1;
}

int uia_complete(struct write *w, const struct uia_session *session, struct err *err)
{
    return db_exec(write_conn(w), &COMPLETE,
                   DB_PARAMS(DB_BYTES("id", session->id), DB_INT("completed", session->completed),
                             DB_BYTES_OR_NULL("body", body_of(session)),
                             DB_BYTES_OR_NULL("token", session->token),
                             DB_BYTES_OR_NULL("validation", session->validation)),
                   err);
}

int uia_consume(struct write *w, struct str id, struct err *err)
{
    int64_t one;
    int found = db_query_int(write_conn(w), &EXISTS, DB_PARAMS(DB_BYTES("id", id)), &one, err);
    if (found < 0)
        return -1;
    if (!found)
        return err_client(err, 403, "M_FORBIDDEN", "This authentication session has been used");
    return db_exec(write_conn(w), &DELETE, DB_PARAMS(DB_BYTES("id", id)), err);
}

int uia_expire(struct write *w, int64_t before_ms, struct err *err)
{
    return db_exec(write_conn(w), &EXPIRE, DB_PARAMS(DB_INT("before", before_ms)), err);
}
