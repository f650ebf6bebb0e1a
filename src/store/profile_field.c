/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/profile_field.h"

#include "base/vec.h"

static const struct db_stmt PUT = {
    "profile_field_put",
    "INSERT INTO profile_field (user_name, field, value) VALUES (:user, :field, :value)"
    " ON CONFLICT (user_name, field) DO UPDATE SET value = excluded.value"};
static const struct db_stmt DELETE = {
    "profile_field_delete", "DELETE FROM profile_field WHERE user_name = :user AND field = :field"};
static const struct db_stmt DELETE_USER = {"profile_field_delete_user",
                                           "DELETE FROM profile_field WHERE user_name = :user"};
static const struct db_stmt LIST = {
    "profile_field_list",
    "SELECT field, value FROM profile_field WHERE user_name = :user ORDER BY field"};

int profile_field_measure(struct write *w, int64_t user, struct str but, size_t *ret_bytes,
                          struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *rows = NULL;
    size_t bytes = 0;
    int more;
    if (db_query(write_conn(w), &LIST, DB_PARAMS(DB_INT("user", user)), &rows, err) < 0)
        return -1;
    while ((more = db_step(rows, err)) == 1)
        if (!str_eq(db_column_bytes(rows, 0), but))
            bytes += db_column_bytes(rows, 0).n + db_column_bytes(rows, 1).n;
    *ret_bytes = bytes;
    return more;
}

int profile_field_put(struct write *w, int64_t user, struct str key, struct str value,
                      struct err *err)
{
    return db_exec(
        write_conn(w), &PUT,
        DB_PARAMS(DB_INT("user", user), DB_BYTES("field", key), DB_BYTES("value", value)), err);
}

int profile_field_delete(struct write *w, int64_t user, struct str key, struct err *err)
{
    return db_exec(write_conn(w), &DELETE, DB_PARAMS(DB_INT("user", user), DB_BYTES("field", key)),
                   err);
}

int profile_field_delete_user(struct write *w, int64_t user, struct err *err)
{
    return db_exec(write_conn(w), &DELETE_USER, DB_PARAMS(DB_INT("user", user)), err);
}

int profile_field_list(struct read *r, int64_t user, struct arena *arena,
                       struct profile_field_row **ret_rows, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *rows = NULL;
    VEC(struct profile_field_row) found = {0};
    struct db_conn *conn;
    int more;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LIST, DB_PARAMS(DB_INT("user", user)), &rows, err) < 0)
        return -1;
    while ((more = db_step(rows, err)) == 1)
        ARENA_VEC_ADD(arena, &found,
                      (struct profile_field_row){db_column_copy(rows, 0, arena),
                                                 db_column_copy(rows, 1, arena)});
    *ret_rows = found.p;
    *ret_n = found.n;
    return more;
}
