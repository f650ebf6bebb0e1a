/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/email.h"

#include "base/vec.h"

static const struct db_stmt INSERT = {
    "email_insert",
    "INSERT INTO email (address, user_name, added_ms, hash) VALUES (:address, :user, :now, :hash)"};
static const struct db_stmt FIND = {"email_find",
                                    "SELECT user_name FROM email WHERE address = :address"};
static const struct db_stmt FIND_HASH = {"email_find_hash",
                                         "SELECT user_name FROM email WHERE hash = :hash"};
static const struct db_stmt LOAD = {
    "email_load", "SELECT user_name, address, added_ms FROM email WHERE user_name = :user"};
static const struct db_stmt DELETE = {"email_delete", "DELETE FROM email WHERE user_name = :user"};
static const struct db_stmt LIST = {
    "email_list", "SELECT user_name, address, added_ms FROM email WHERE user_name > :after"
                  " ORDER BY user_name LIMIT :limit"};

static int insert(struct write *w, int64_t user, const struct email *email,
                  const unsigned char hash[SHA256_BYTES], struct err *err)
{
    return db_exec(write_conn(w), &INSERT,
                   DB_PARAMS(DB_BYTES("address", email->full), DB_INT("user", user),
                             DB_INT("now", write_time_ms(w)),
                             DB_BYTES("hash", str_make(hash, SHA256_BYTES))),
                   err);
}

static int owner(struct write *w, const struct email *email, int64_t *ret_user, struct err *err)
{
    *ret_user = 0;
    return db_query_int(write_conn(w), &FIND, DB_PARAMS(DB_BYTES("address", email->full)), ret_user,
                        err);
}

static int refuse(struct err *err)
{
    return err_client(err, 400, "M_THREEPID_IN_USE", "This address has an account");
}

int email_expect_free(struct write *w, int64_t user, const struct email *email, struct err *err)
{
    int64_t other;
    int found = owner(w, email, &other, err);
    if (found < 0)
        return -1;
    return found && other != user ? refuse(err) : 0;
}

int email_expect_owner(struct write *w, int64_t user, const struct email *email, struct err *err)
{
    int64_t other;
    if (owner(w, email, &other, err) < 0)
        return -1;
    return other == user ? 0 : err_moved(err, "the address has become another's");
}

int email_insert(struct write *w, int64_t user, const struct email *email,
                 const unsigned char hash[SHA256_BYTES], struct err *err)
{
    int64_t other;
    int found = owner(w, email, &other, err);
    if (found)
        return found < 0 ? -1 : refuse(err);
    return insert(w, user, email, hash, err);
}

int email_replace(struct write *w, int64_t user, const struct email *email,
                  const unsigned char hash[SHA256_BYTES], struct err *err)
{
    int64_t other;
    int found = owner(w, email, &other, err);
    if (found < 0)
        return -1;
    if (found)
        return other == user ? 0 : refuse(err);
    if (email_delete_user(w, user, err) < 0)
        return -1;
    return insert(w, user, email, hash, err);
}

int email_delete_user(struct write *w, int64_t user, struct err *err)
{
    return db_exec(write_conn(w), &DELETE, DB_PARAMS(DB_INT("user", user)), err);
}

int email_find_user(struct read *r, const struct email *email, int64_t *ret_user, struct err *err)
{
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0)
        return -1;
    return db_query_int(conn, &FIND, DB_PARAMS(DB_BYTES("address", email->full)), ret_user, err);
}

int email_find_hash(struct read *r, struct str hash, int64_t *ret_user, struct err *err)
{
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0)
        return -1;
    return db_query_int(conn, &FIND_HASH, DB_PARAMS(DB_BYTES("hash", hash)), ret_user, err);
}

/* What was stored is an address: read back by the same parser. */
static int read_back(struct arena *arena, struct str text, struct email *ret_email, struct err *err)
{
    struct err why = ERR_INIT;
    if (email_parse(arena, text, ret_email, &why) < 0)
        return err_internal(err, "a stored address is none");
    return 0;
}

static int row_of(struct db_query *query, struct arena *arena, struct email_row *ret_row,
                  struct err *err)
{
    ret_row->user = db_column_int(query, 0);
    ret_row->added_ms = db_column_int(query, 2);
    return read_back(arena, db_column_bytes(query, 1), &ret_row->email, err);
}

int email_load_row(struct read *r, int64_t user, struct arena *arena, struct email_row *ret_row,
                   struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LOAD, DB_PARAMS(DB_INT("user", user)), &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found != 1)
        return found;
    return row_of(query, arena, ret_row, err) < 0 ? -1 : 1;
}

int email_load(struct read *r, int64_t user, struct arena *arena, struct email *ret_email,
               struct err *err)
{
    struct email_row row;
    int found = email_load_row(r, user, arena, &row, err);
    if (found == 1)
        *ret_email = row.email;
    return found;
}

int email_list(struct read *r, int64_t after, size_t limit, struct arena *arena,
               struct email_row **ret_rows, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct email_row) rows = {0};
    struct email_row row;
    struct db_conn *conn;
    int more;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LIST, DB_PARAMS(DB_INT("after", after), DB_INT("limit", (int64_t)limit)),
                 &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1) {
        if (row_of(query, arena, &row, err) < 0)
            return -1;
        ARENA_VEC_ADD(arena, &rows, row);
    }
    *ret_rows = rows.p;
    *ret_n = rows.n;
    return more;
}
