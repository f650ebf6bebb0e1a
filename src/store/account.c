/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/account.h"

#include "base/vec.h"

static const struct db_stmt INSERT = {
    "account_insert",
    "INSERT INTO account (user_name, password_hash, created_ms, flags, display_name, avatar_url,"
    " organisation, end_ms) VALUES (:user, :hash, :created, :flags, :display_name, :avatar_url,"
    " :organisation, :expires)"};
static const struct db_stmt LOAD = {
    "account_load", "SELECT user_name, password_hash, created_ms, flags, display_name, avatar_url,"
                    " organisation, end_ms FROM account WHERE user_name = :user"};
static const struct db_stmt LOAD_MANY = {
    "account_load_many",
    "SELECT user_name, password_hash, created_ms, flags, display_name, avatar_url, organisation,"
    " end_ms FROM account WHERE user_name {in:users}"};
static const struct db_stmt FLAGS = {"account_flags",
                                     "SELECT flags FROM account WHERE user_name = :user"};
static const struct db_stmt SET_ORGANISATION = {
    "account_set_organisation", "UPDATE account SET organisation = :value,"
                                " flags = (flags | :set) & :keep WHERE user_name = :user"};
static const struct db_stmt EXISTS = {"account_exists",
                                      "SELECT 1 FROM account WHERE user_name = :user"};
static const struct db_stmt SET_PASSWORD = {
    "account_set_password", "UPDATE account SET password_hash = :hash WHERE user_name = :user"};
static const struct db_stmt REHASH = {
    "account_rehash", "UPDATE account SET password_hash = :hash WHERE user_name = :user"
                      " AND password_hash = :old"};
static const struct db_stmt EXPECT = {
    "account_expect", "SELECT flags, password_hash FROM account WHERE user_name = :user"};
static const struct db_stmt SET_FLAGS = {
    "account_set_flags",
    "UPDATE account SET flags = (flags | :set) & :keep WHERE user_name = :user"};
static const struct db_stmt SET_EXPIRY = {
    "account_set_expiry", "UPDATE account SET end_ms = :expires WHERE user_name = :user"};
static const struct db_stmt SET_DISPLAY_NAME = {
    "account_set_display_name", "UPDATE account SET display_name = :value WHERE user_name = :user"};
static const struct db_stmt SET_AVATAR_URL = {
    "account_set_avatar_url", "UPDATE account SET avatar_url = :value WHERE user_name = :user"};
static const struct db_stmt LIST = {
    "account_list", "SELECT user_name, password_hash, created_ms, flags, display_name, avatar_url,"
                    " organisation, end_ms FROM account WHERE user_name > :after ORDER BY user_name"
                    " LIMIT :limit"};

/* Whoever shows people hears of the change. */
static int tell(struct write *w, int64_t user, struct err *err)
{
    int64_t pos;
    return write_position(w, LOG_KIND_PROFILE, 0, user, 0, &pos, err);
}

int account_insert(struct write *w, const struct account *account, struct err *err)
{
    int64_t one;
    int found =
        db_query_int(write_conn(w), &EXISTS, DB_PARAMS(DB_INT("user", account->user)), &one, err);
    if (found < 0)
        return -1;
    if (found)
        return err_client(err, 400, "M_USER_IN_USE", "This user name is taken");
    int status = db_exec(
        write_conn(w), &INSERT,
        DB_PARAMS(DB_INT("user", account->user), DB_BYTES_OR_NULL("hash", account->password_hash),
                  DB_INT("created", account->created_ms), DB_INT("flags", account->flags),
                  DB_BYTES_OR_NULL("display_name", account->display_name),
                  DB_BYTES_OR_NULL("avatar_url", account->avatar_url),
                  DB_BYTES_OR_NULL("organisation", account->organisation),
                  DB_INT("expires", account->expires_ms)),
        err);
    return status < 0 ? -1 : tell(w, account->user, err);
}

int account_expect_none(struct write *w, int64_t user, struct err *err)
{
    int64_t one;
    int found = db_query_int(write_conn(w), &EXISTS, DB_PARAMS(DB_INT("user", user)), &one, err);
    if (found < 0)
        return -1;
    return found ? err_moved(err, "account %lld was made meanwhile", (long long)user) : 0;
}

static struct account account_row(struct db_query *query, struct arena *arena)
{
    return (struct account){
        .user = db_column_int(query, 0),
        .password_hash = db_column_copy(query, 1, arena),
        .created_ms = db_column_int(query, 2),
        .flags = db_column_int(query, 3),
        .display_name = db_column_copy(query, 4, arena),
        .avatar_url = db_column_copy(query, 5, arena),
        .organisation = db_column_copy(query, 6, arena),
        .expires_ms = db_column_int(query, 7),
    };
}

int account_load(struct read *r, int64_t user, struct arena *arena, struct account *ret_account,
                 struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LOAD, DB_PARAMS(DB_INT("user", user)), &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found == 1)
        *ret_account = account_row(query, arena);
    return found;
}

int account_exists(struct read *r, int64_t user, struct err *err)
{
    struct db_conn *conn;
    int64_t one;
    if (read_conn(r, &conn, err) < 0)
        return -1;
    return db_query_int(conn, &EXISTS, DB_PARAMS(DB_INT("user", user)), &one, err);
}

int account_is_external(struct read *r, int64_t user, bool *ret_external, struct err *err)
{
    struct db_conn *conn;
    int64_t flags = 0;
    if (read_conn(r, &conn, err) < 0 ||
        db_query_int(conn, &FLAGS, DB_PARAMS(DB_INT("user", user)), &flags, err) < 0)
        return -1;
    *ret_external = flags & ACCOUNT_EXTERNAL;
    return 0;
}

int account_set_password(struct write *w, int64_t user, struct str hash, struct err *err)
{
    return db_exec_expect(write_conn(w), &SET_PASSWORD,
                          DB_PARAMS(DB_INT("user", user), DB_BYTES_OR_NULL("hash", hash)), 1, err);
}

int account_rehash(struct write *w, int64_t user, struct str old_hash, struct str hash,
                   struct err *err)
{
    return db_exec(
        write_conn(w), &REHASH,
        DB_PARAMS(DB_INT("user", user), DB_BYTES("hash", hash), DB_BYTES("old", old_hash)), err);
}

int account_expect(struct write *w, const struct account *account, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    if (db_query(write_conn(w), &EXPECT, DB_PARAMS(DB_INT("user", account->user)), &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found < 0)
        return -1;
    if (found && db_column_int(query, 0) == account->flags &&
        str_eq(db_column_bytes(query, 1), account->password_hash))
        return 0;
    return err_moved(err, "account %lld has changed", (long long)account->user);
}

int account_set_flags(struct write *w, int64_t user, int64_t set, int64_t clear, struct err *err)
{
    if (db_exec_expect(write_conn(w), &SET_FLAGS,
                       DB_PARAMS(DB_INT("user", user), DB_INT("set", set), DB_INT("keep", ~clear)),
                       1, err) < 0)
        return -1;
    return tell(w, user, err);
}

int account_set_expiry(struct write *w, int64_t user, int64_t expires_ms, struct err *err)
{
    if (db_exec_expect(write_conn(w), &SET_EXPIRY,
                       DB_PARAMS(DB_INT("user", user), DB_INT("expires", expires_ms)), 1, err) < 0)
        return -1;
    return tell(w, user, err);
}

static int set_profile(struct write *w, const struct db_stmt *stmt, int64_t user, struct str value,
                       struct err *err)
{
    if (db_exec_expect(write_conn(w), stmt,
                       DB_PARAMS(DB_INT("user", user), DB_BYTES_OR_NULL("value", value)), 1,
                       err) < 0)
        return -1;
    return tell(w, user, err);
}

int account_set_organisation(struct write *w, int64_t user, struct str organisation, bool external,
                             struct err *err)
{
    if (db_exec_expect(write_conn(w), &SET_ORGANISATION,
                       DB_PARAMS(DB_INT("user", user), DB_BYTES_OR_NULL("value", organisation),
                                 DB_INT("set", external ? ACCOUNT_EXTERNAL : 0),
                                 DB_INT("keep", external ? -1 : ~(int64_t)ACCOUNT_EXTERNAL)),
                       1, err) < 0)
        return -1;
    return tell(w, user, err);
}

int account_set_display_name(struct write *w, int64_t user, struct str name, struct err *err)
{
    return set_profile(w, &SET_DISPLAY_NAME, user, name, err);
}

int account_set_avatar_url(struct write *w, int64_t user, struct str url, struct err *err)
{
    return set_profile(w, &SET_AVATAR_URL, user, url, err);
}

/* All rows of a query that has begun. */
static int take_rows(struct db_query *query, struct arena *arena, struct account **ret_accounts,
                     size_t *ret_n, struct err *err)
{
    VEC(struct account) accounts = {0};
    int more;
    while ((more = db_step(query, err)) == 1)
        ARENA_VEC_ADD(arena, &accounts, account_row(query, arena));
    *ret_accounts = accounts.p;
    *ret_n = accounts.n;
    return more;
}

int account_load_many(struct read *r, const int64_t *users, size_t n_users, struct arena *arena,
                      struct account **ret_accounts, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LOAD_MANY, DB_PARAMS(DB_INT_LIST("users", users, n_users)), &query, err) <
            0)
        return -1;
    return take_rows(query, arena, ret_accounts, ret_n, err);
}

int account_list(struct read *r, int64_t after, size_t limit, struct arena *arena,
                 struct account **ret_accounts, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &LIST, DB_PARAMS(DB_INT("after", after), DB_INT("limit", (int64_t)limit)),
                 &query, err) < 0)
        return -1;
    return take_rows(query, arena, ret_accounts, ret_n, err);
}
