/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/key_backup.h"

#include "base/vec.h"

#define VERSION_COLUMNS "version, algorithm, auth_data, etag, n_keys"
static const struct db_stmt VERSION_LOAD = {
    "backup_version_load",
    "SELECT " VERSION_COLUMNS " FROM backup_version"
    " WHERE user_name = :user AND version = :version AND deleted = 0",
};
static const struct db_stmt VERSION_NEWEST = {
    "backup_version_newest",
    "SELECT " VERSION_COLUMNS " FROM backup_version WHERE user_name = :user AND deleted = 0"
    " ORDER BY version DESC LIMIT 1",
};
static const struct db_stmt VERSION_LAST = {
    "backup_version_last",
    "SELECT MAX(version) FROM backup_version WHERE user_name = :user",
};
static const struct db_stmt VERSION_INSERT = {
    "backup_version_insert",
    "INSERT INTO backup_version (user_name, version, algorithm, auth_data, etag, n_keys, deleted)"
    " VALUES (:user, :version, :algorithm, :auth_data, :etag, 0, 0)"
    " ON CONFLICT (user_name, version) DO NOTHING",
};
static const struct db_stmt VERSION_SET_AUTH = {
    "backup_version_set_auth",
    "UPDATE backup_version SET auth_data = :auth_data"
    " WHERE user_name = :user AND version = :version AND deleted = 0",
};
/* The row stays, so that its number is not given again; what it held goes. */
static const struct db_stmt VERSION_DELETE = {
    "backup_version_delete",
    "UPDATE backup_version SET deleted = 1, auth_data = :nothing, n_keys = 0"
    " WHERE user_name = :user AND version = :version",
};
static const struct db_stmt VERSION_ADVANCE = {
    "backup_version_advance",
    "UPDATE backup_version SET etag = etag + 1, n_keys = :count WHERE user_name = :user"
    " AND version = :version AND etag = :old AND deleted = 0",
};

static const struct db_stmt KEY_PUT = {
    "backup_key_put",
    "INSERT INTO backup_key (user_name, version, room, session, first_index, forwarded, verified,"
    " json) VALUES (:user, :version, :room, :session, :first, :forwarded, :verified, :json)"
    " ON CONFLICT (user_name, version, room, session) DO UPDATE SET"
    " first_index = excluded.first_index, forwarded = excluded.forwarded,"
    " verified = excluded.verified, json = excluded.json",
};
#define KEY_COLUMNS "room, session, first_index, forwarded, verified, json"
#define KEY_OF      " WHERE user_name = :user AND version = :version"
#define KEY_ROOM    " AND room = :room"
#define KEY_SESSION " AND session = :session"
static const struct db_stmt KEY_FIND = {
    "backup_key_find",
    "SELECT " KEY_COLUMNS " FROM backup_key" KEY_OF KEY_ROOM KEY_SESSION,
};
static const struct db_stmt KEY_LIST = {
    "backup_key_list",
    "SELECT " KEY_COLUMNS " FROM backup_key" KEY_OF
    " AND (room, session) > (:after_room, :after_session) ORDER BY room, session LIMIT :limit",
};
static const struct db_stmt KEY_LIST_ROOM = {
    "backup_key_list_room",
    "SELECT " KEY_COLUMNS " FROM backup_key" KEY_OF KEY_ROOM
    " AND session > :after_session ORDER BY session LIMIT :limit",
};
static const struct db_stmt KEY_COUNT = {
    "backup_key_count",
    "SELECT COUNT(*) FROM backup_key" KEY_OF,
};
static const struct db_stmt KEY_COUNT_ROOM = {
    "backup_key_count_room",
    "SELECT COUNT(*) FROM backup_key" KEY_OF KEY_ROOM,
};
static const struct db_stmt KEY_COUNT_ONE = {
    "backup_key_count_one",
    "SELECT COUNT(*) FROM backup_key" KEY_OF KEY_ROOM KEY_SESSION,
};
static const struct db_stmt KEY_DELETE = {
    "backup_key_delete",
    "DELETE FROM backup_key" KEY_OF,
};
static const struct db_stmt KEY_DELETE_ROOM = {
    "backup_key_delete_room",
    "DELETE FROM backup_key" KEY_OF KEY_ROOM,
};
static const struct db_stmt KEY_DELETE_ONE = {
    "backup_key_delete_one",
    "DELETE FROM backup_key" KEY_OF KEY_ROOM KEY_SESSION,
};

/* ---- versions ---- */

int backup_version_load(struct read *r, int64_t user, int64_t version, struct arena *arena,
                        struct backup_version *ret_version, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_param params[] = {DB_INT("user", user), DB_INT("version", version)};
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 || db_query(conn, version ? &VERSION_LOAD : &VERSION_NEWEST,
                                                 params, version ? 2 : 1, &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found == 1)
        *ret_version = (struct backup_version){
            .version = db_column_int(query, 0),
            .algorithm = db_column_copy(query, 1, arena),
            .auth_data = db_column_copy(query, 2, arena),
            .etag = db_column_int(query, 3),
            .count = db_column_int(query, 4),
        };
    return found;
}

int backup_version_last(struct read *r, int64_t user, int64_t *ret_version, struct err *err)
{
    struct db_conn *conn;
    int64_t last = 0;
    if (read_conn(r, &conn, err) < 0 ||
        db_query_int(conn, &VERSION_LAST, DB_PARAMS(DB_INT("user", user)), &last, err) < 0)
        return -1;
    *ret_version = last;
    return 0;
}

int backup_version_next(struct read *r, int64_t user, int64_t *ret_version, struct err *err)
{
    int64_t last;
    if (backup_version_last(r, user, &last, err) < 0)
        return -1;
    *ret_version = last + 1 > r->head.epoch ? last + 1 : r->head.epoch;
    return 0;
}

int backup_version_insert(struct write *w, int64_t user, const struct backup_version *version,
                          struct err *err)
{
    return db_exec_expect(write_conn(w), &VERSION_INSERT,
                          DB_PARAMS(DB_INT("user", user), DB_INT("version", version->version),
                                    DB_BYTES("algorithm", version->algorithm),
                                    DB_BYTES("auth_data", version->auth_data),
                                    DB_INT("etag", version->etag)),
                          1, err);
}

int backup_version_set_auth(struct write *w, int64_t user, int64_t version, struct str auth_data,
                            struct err *err)
{
    return db_exec_expect(write_conn(w), &VERSION_SET_AUTH,
                          DB_PARAMS(DB_INT("user", user), DB_INT("version", version),
                                    DB_BYTES("auth_data", auth_data)),
                          1, err);
}

int backup_version_delete(struct write *w, int64_t user, int64_t version, struct err *err)
{
    if (db_exec(write_conn(w), &VERSION_DELETE,
                DB_PARAMS(DB_INT("user", user), DB_INT("version", version),
                          DB_BYTES("nothing", STR("{}"))),
                err) < 0)
        return -1;
    return backup_key_delete(w, user, version, STR_NONE, STR_NONE, err);
}

int backup_version_advance(struct write *w, int64_t user, int64_t version, int64_t old_etag,
                           int64_t count, struct err *err)
{
    return db_exec_expect(write_conn(w), &VERSION_ADVANCE,
                          DB_PARAMS(DB_INT("user", user), DB_INT("version", version),
                                    DB_INT("old", old_etag), DB_INT("count", count)),
                          1, err);
}

/* ---- keys ---- */

/* What of a backup is meant: all, a room, or one session of it. */
struct scope {
    struct db_param params[6];
    size_t n_params;
};

static struct scope scope_of(int64_t user, int64_t version, struct str room, struct str session)
{
    return (struct scope){
        .params = {DB_INT("user", user), DB_INT("version", version), DB_BYTES("room", room),
                   DB_BYTES("session", session)},
        .n_params = !room.p      ? 2
                    : !session.p ? 3
                                 : 4,
    };
}

static const struct db_stmt *pick(const struct scope *scope, const struct db_stmt *all,
                                  const struct db_stmt *room, const struct db_stmt *one)
{
    return scope->n_params == 2 ? all : scope->n_params == 3 ? room : one;
}

int backup_key_put(struct write *w, int64_t user, int64_t version, const struct backup_key *key,
                   struct err *err)
{
    return db_exec(write_conn(w), &KEY_PUT,
                   DB_PARAMS(DB_INT("user", user), DB_INT("version", version),
                             DB_BYTES("room", key->room), DB_BYTES("session", key->session),
                             DB_INT("first", key->first_message_index),
                             DB_INT("forwarded", key->forwarded_count),
                             DB_INT("verified", key->is_verified), DB_BYTES("json", key->data)),
                   err);
}

static struct backup_key key_row(struct db_query *query)
{
    return (struct backup_key){
        .room = db_column_bytes(query, 0),
        .session = db_column_bytes(query, 1),
        .first_message_index = db_column_int(query, 2),
        .forwarded_count = db_column_int(query, 3),
        .is_verified = db_column_int(query, 4) != 0,
        .data = db_column_bytes(query, 5),
    };
}

int backup_key_find(struct read *r, int64_t user, int64_t version, struct str room,
                    struct str session, struct arena *arena, struct backup_key *ret_key,
                    struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct scope scope = scope_of(user, version, room, session);
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &KEY_FIND, scope.params, scope.n_params, &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found != 1)
        return found;
    *ret_key = key_row(query);
    ret_key->room = room;
    ret_key->session = session;
    ret_key->data = arena_str(arena, ret_key->data);
    return 1;
}

/* What a list goes on after; at the start, what comes before every key. */
static void add_after(struct scope *scope, const struct backup_key *after, size_t limit)
{
    struct str room = after ? after->room : STR(""), session = after ? after->session : STR("");
    if (scope->n_params == 2)
        scope->params[scope->n_params++] = DB_BYTES("after_room", room);
    scope->params[scope->n_params++] = DB_BYTES("after_session", session);
    scope->params[scope->n_params++] = DB_INT("limit", (int64_t)limit);
}

int backup_key_list(struct read *r, int64_t user, int64_t version, struct str room,
                    const struct backup_key *after, size_t limit, struct arena *arena,
                    struct backup_key **ret_keys, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct backup_key) keys = {0};
    struct scope scope = scope_of(user, version, room, STR_NONE);
    struct db_conn *conn;
    int more;
    add_after(&scope, after, limit);
    if (read_conn(r, &conn, err) < 0 || db_query(conn, room.p ? &KEY_LIST_ROOM : &KEY_LIST,
                                                 scope.params, scope.n_params, &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1) {
        struct backup_key key = key_row(query);
        key.room = arena_str(arena, key.room);
        key.session = arena_str(arena, key.session);
        key.data = arena_str(arena, key.data);
        ARENA_VEC_ADD(arena, &keys, key);
    }
    *ret_keys = keys.p;
    *ret_n = keys.n;
    return more;
}

int backup_key_count(struct read *r, int64_t user, int64_t version, struct str room,
                     struct str session, int64_t *ret_n, struct err *err)
{
    struct scope scope = scope_of(user, version, room, session);
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0)
        return -1;
    return db_query_int(conn, pick(&scope, &KEY_COUNT, &KEY_COUNT_ROOM, &KEY_COUNT_ONE),
                        scope.params, scope.n_params, ret_n, err) < 0
               ? -1
               : 0;
}

int backup_key_delete(struct write *w, int64_t user, int64_t version, struct str room,
                      struct str session, struct err *err)
{
    struct scope scope = scope_of(user, version, room, session);
    return db_exec(write_conn(w), pick(&scope, &KEY_DELETE, &KEY_DELETE_ROOM, &KEY_DELETE_ONE),
                   scope.params, scope.n_params, err);
}
