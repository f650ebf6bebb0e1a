/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/account_data.h"

#include "base/vec.h"

static const struct db_stmt PUT = {
    "account_data_put",
    "INSERT INTO account_data (user_name, room, type, content, pos)"
    " VALUES (:user, :room, :type, :content, :pos)"
    " ON CONFLICT (user_name, room, type) DO UPDATE SET content = excluded.content,"
    " pos = excluded.pos"};
static const struct db_stmt LOAD = {"account_data_load",
                                    "SELECT content FROM account_data WHERE user_name = :user"
                                    " AND room = :room AND type = :type"};
static const struct db_stmt LIST = {
    "account_data_list", "SELECT room, type, content, pos FROM account_data"
                         " WHERE user_name = :user AND pos > :after AND pos <= :head ORDER BY pos"};
static const struct db_stmt LIST_ROOM = {
    "account_data_list_room",
    "SELECT room, type, content, pos FROM account_data WHERE user_name = :user AND room = :room"
    " AND type > :after ORDER BY type LIMIT :limit"};
static const struct db_stmt LIST_TYPE = {
    "account_data_list_type",
    "SELECT room, type, content, pos FROM account_data WHERE user_name = :user AND type = :type"
    " AND room <> 0 ORDER BY room"};
static const struct db_stmt DELETE_USER = {"account_data_delete_user",
                                           "DELETE FROM account_data WHERE user_name = :user"};
static const struct db_stmt FILTER_PUT = {
    "filter_put", "INSERT INTO filter (user_name, id, json) VALUES (:user, :id, :json)"};
static const struct db_stmt FILTER_FIND = {
    "filter_find", "SELECT id FROM filter WHERE user_name = :user AND json = :json"};
static const struct db_stmt FILTER_LOAD = {
    "filter_load", "SELECT json FROM filter WHERE user_name = :user AND id = :id"};

int account_data_put(struct write *w, int64_t user, int64_t room, struct str type,
                     struct str content, struct err *err)
{
    bool push_rules = room == 0 && str_eq(type, STR("m.push_rules"));
    int64_t pos;
    if (write_position(w, push_rules ? LOG_KIND_PUSH_RULES : LOG_KIND_ACCOUNT_DATA, room, user, 0,
                       &pos, err) < 0)
        return -1;
    return db_exec(write_conn(w), &PUT,
                   DB_PARAMS(DB_INT("user", user), DB_INT("room", room), DB_BYTES("type", type),
                             DB_BYTES("content", content), DB_INT("pos", pos)),
                   err);
}

int account_data_expect(struct write *w, int64_t user, int64_t room, struct str type,
                        struct str content, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    if (db_query(write_conn(w), &LOAD,
                 DB_PARAMS(DB_INT("user", user), DB_INT("room", room), DB_BYTES("type", type)),
                 &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found < 0)
        return -1;
    if (found ? content.p && str_eq(db_column_bytes(query, 0), content) : !content.p)
        return 0;
    return err_moved(err, "account data of user %lld has changed", (long long)user);
}

/* One column of bytes of one row. */
static int load_bytes(struct read *r, const struct db_stmt *stmt, const struct db_param *params,
                      size_t n, struct arena *arena, struct str *ret, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 || db_query(conn, stmt, params, n, &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found == 1)
        *ret = db_column_copy(query, 0, arena);
    return found;
}

int account_data_load(struct read *r, int64_t user, int64_t room, struct str type,
                      struct arena *arena, struct str *ret_content, struct err *err)
{
    return load_bytes(r, &LOAD,
                      DB_PARAMS(DB_INT("user", user), DB_INT("room", room), DB_BYTES("type", type)),
                      arena, ret_content, err);
}

static int read_rows(struct db_query *query, struct arena *arena, struct account_data **ret_rows,
                     size_t *ret_n, struct err *err)
{
    VEC(struct account_data) rows = {0};
    int more;
    while ((more = db_step(query, err)) == 1)
        ARENA_VEC_ADD(
            arena, &rows,
            ((struct account_data){db_column_int(query, 0), db_column_copy(query, 1, arena),
                                   db_column_copy(query, 2, arena), db_column_int(query, 3)}));
    *ret_rows = rows.p;
    *ret_n = rows.n;
    return more;
}

int account_data_list(struct read *r, int64_t user, int64_t after, struct arena *arena,
                      struct account_data **ret_rows, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(
            conn, &LIST,
            DB_PARAMS(DB_INT("user", user), DB_INT("after", after), DB_INT("head", r->head.pos)),
            &query, err) < 0)
        return -1;
    return read_rows(query, arena, ret_rows, ret_n, err);
}

int account_data_list_room(struct read *r, int64_t user, int64_t room, struct str after,
                           size_t limit, struct arena *arena, struct account_data **ret_rows,
                           size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LIST_ROOM,
                 DB_PARAMS(DB_INT("user", user), DB_INT("room", room), DB_BYTES("after", after),
                           DB_INT("limit", (int64_t)limit)),
                 &query, err) < 0)
        return -1;
    return read_rows(query, arena, ret_rows, ret_n, err);
}

int account_data_list_type(struct read *r, int64_t user, struct str type, struct arena *arena,
                           struct account_data **ret_rows, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LIST_TYPE, DB_PARAMS(DB_INT("user", user), DB_BYTES("type", type)), &query,
                 err) < 0)
        return -1;
    return read_rows(query, arena, ret_rows, ret_n, err);
}

int account_data_delete_user(struct write *w, int64_t user, struct err *err)
{
    return db_exec(write_conn(w), &DELETE_USER, DB_PARAMS(DB_INT("user", user)), err);
}

int filter_put(struct write *w, int64_t user, int64_t id, struct str json, struct err *err)
{
    return db_exec(write_conn(w), &FILTER_PUT,
                   DB_PARAMS(DB_INT("user", user), DB_INT("id", id), DB_BYTES("json", json)), err);
}

int filter_find(struct read *r, int64_t user, struct str json, int64_t *ret_id, struct err *err)
{
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0)
        return -1;
    return db_query_int(conn, &FILTER_FIND, DB_PARAMS(DB_INT("user", user), DB_BYTES("json", json)),
                        ret_id, err);
}

int filter_load(struct read *r, int64_t user, int64_t id, struct arena *arena, struct str *ret_json,
                struct err *err)
{
    return load_bytes(r, &FILTER_LOAD, DB_PARAMS(DB_INT("user", user), DB_INT("id", id)), arena,
                      ret_json, err);
}
