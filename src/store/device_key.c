/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/device_key.h"

#include "base/limits.h"
#include "base/vec.h"

static const struct db_stmt KEY_PUT = {
    "device_key_put",
    "INSERT INTO device_key (device, user_name, json) VALUES (:device, :user, :json)"
    " ON CONFLICT (device) DO UPDATE SET json = excluded.json",
};
static const struct db_stmt KEY_LIST = {
    "device_key_list",
    "SELECT k.device, d.device_id, d.display_name, k.json FROM device_key k, device d"
    " WHERE k.user_name = :user AND d.id = k.device ORDER BY d.device_id",
};
static const struct db_stmt KEY_FIND = {
    "device_key_find",
    "SELECT json FROM device_key WHERE device = :device",
};

static const struct db_stmt OTK_DROP = {
    "one_time_key_drop",
    "DELETE FROM one_time_key WHERE device = :device AND algorithm = :algorithm"
    " AND key_id = :key_id AND given = 1",
};
static const struct db_stmt OTK_INSERT = {
    "one_time_key_insert",
    "INSERT INTO one_time_key (id, device, given, algorithm, pos, key_id, json)"
    " VALUES (:id, :device, 0, :algorithm, :pos, :key_id, :json)"
    " ON CONFLICT (device, algorithm, key_id) DO NOTHING",
};
/* The oldest of those given are forgotten. */
static const struct db_stmt OTK_FORGET = {
    "one_time_key_forget",
    "DELETE FROM one_time_key WHERE id IN (SELECT id FROM one_time_key WHERE device = :device"
    " AND given = 1 ORDER BY pos DESC, id DESC LIMIT 100000 OFFSET :kept)",
};
#define OTK_COLUMNS "id, algorithm, key_id, json, given"
static const struct db_stmt OTK_FIND = {
    "one_time_key_find",
    "SELECT " OTK_COLUMNS " FROM one_time_key"
    " WHERE device = :device AND algorithm = :algorithm AND key_id = :key_id",
};
static const struct db_stmt OTK_LOAD = {
    "one_time_key_load",
    "SELECT " OTK_COLUMNS " FROM one_time_key WHERE id = :id",
};
static const struct db_stmt OTK_COUNTS = {
    "one_time_key_counts",
    "SELECT algorithm, COUNT(*) FROM one_time_key WHERE device = :device AND given = 0"
    " GROUP BY algorithm ORDER BY algorithm",
};
static const struct db_stmt OTK_NEXT = {
    "one_time_key_next",
    "SELECT id FROM one_time_key WHERE device = :device AND given = 0 AND algorithm = :algorithm"
    " ORDER BY pos, id LIMIT 1",
};
static const struct db_stmt OTK_GIVE = {
    "one_time_key_give",
    "UPDATE one_time_key SET given = 1 WHERE id = :id AND given = 0",
};

static const struct db_stmt FALLBACK_DROP = {
    "fallback_key_drop",
    "DELETE FROM fallback_key WHERE device = :device AND algorithm = :algorithm",
};
static const struct db_stmt FALLBACK_INSERT = {
    "fallback_key_insert",
    "INSERT INTO fallback_key (id, device, algorithm, used, key_id, json)"
    " VALUES (:id, :device, :algorithm, 0, :key_id, :json)",
};
#define FALLBACK_COLUMNS "id, algorithm, key_id, json, used"
static const struct db_stmt FALLBACK_LOAD = {
    "fallback_key_load",
    "SELECT " FALLBACK_COLUMNS " FROM fallback_key WHERE id = :id",
};
static const struct db_stmt FALLBACK_FIND = {
    "fallback_key_find",
    "SELECT " FALLBACK_COLUMNS " FROM fallback_key"
    " WHERE device = :device AND algorithm = :algorithm",
};
static const struct db_stmt FALLBACK_STATE = {
    "fallback_key_state",
    "SELECT id, used FROM fallback_key WHERE device = :device AND algorithm = :algorithm",
};
static const struct db_stmt FALLBACK_USE = {
    "fallback_key_use",
    "UPDATE fallback_key SET used = 1 WHERE id = :id",
};
static const struct db_stmt FALLBACK_UNUSED = {
    "fallback_key_unused",
    "SELECT algorithm FROM fallback_key WHERE device = :device AND used = 0 ORDER BY algorithm",
};

/* ---- identity keys ---- */

int device_key_put(struct write *w, int64_t user, int64_t device, struct str json, struct err *err)
{
    return db_exec(
        write_conn(w), &KEY_PUT,
        DB_PARAMS(DB_INT("device", device), DB_INT("user", user), DB_BYTES("json", json)), err);
}

int device_key_list(struct read *r, int64_t user, struct arena *arena, struct device_key **ret_keys,
                    size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct device_key) keys = {0};
    struct db_conn *conn;
    int more;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &KEY_LIST, DB_PARAMS(DB_INT("user", user)), &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1) {
        struct device_key key = {
            .device = db_column_int(query, 0),
            .user = user,
            .device_id = db_column_copy(query, 1, arena),
            .display_name = db_column_copy(query, 2, arena),
            .json = db_column_copy(query, 3, arena),
        };
        ARENA_VEC_ADD(arena, &keys, key);
    }
    *ret_keys = keys.p;
    *ret_n = keys.n;
    return more;
}

int device_key_find(struct read *r, int64_t device, struct arena *arena, struct str *ret_json,
                    struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &KEY_FIND, DB_PARAMS(DB_INT("device", device)), &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found == 1)
        *ret_json = db_column_copy(query, 0, arena);
    return found;
}

/* ---- one-time keys ---- */

static int insert_one(struct write *w, int64_t device, int64_t pos, const struct one_time_key *key,
                      struct err *err)
{
    struct db_param device_param = DB_INT("device", device);
    struct db_param algorithm = DB_BYTES("algorithm", key->algorithm);
    struct db_param key_id = DB_BYTES("key_id", key->key_id);
    if (db_exec(write_conn(w), &OTK_DROP, DB_PARAMS(device_param, algorithm, key_id), err) < 0)
        return -1;
    /* One of that id may have been put there since the caller looked: decided again. */
    return db_exec_expect(write_conn(w), &OTK_INSERT,
                          DB_PARAMS(DB_INT("id", key->id), device_param, algorithm, key_id,
                                    DB_INT("pos", pos), DB_BYTES("json", key->json)),
                          1, err);
}

int one_time_key_insert(struct write *w, int64_t user, int64_t device,
                        const struct one_time_key *keys, size_t n, struct err *err)
{
    int64_t pos;
    if (write_position(w, LOG_KIND_KEYS, 0, user, device, &pos, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (insert_one(w, device, pos, &keys[i], err) < 0)
            return -1;
    return db_exec(write_conn(w), &OTK_FORGET,
                   DB_PARAMS(DB_INT("device", device), DB_INT("kept", LIMIT_ONE_TIME_KEYS_GIVEN)),
                   err);
}

static int find_one(struct read *r, const struct db_stmt *stmt, const struct db_param *params,
                    size_t n_params, struct arena *arena, struct one_time_key *ret_key,
                    struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 || db_query(conn, stmt, params, n_params, &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found == 1)
        *ret_key = (struct one_time_key){
            .id = db_column_int(query, 0),
            .algorithm = db_column_copy(query, 1, arena),
            .key_id = db_column_copy(query, 2, arena),
            .json = db_column_copy(query, 3, arena),
            .given = db_column_int(query, 4) != 0,
        };
    return found;
}

int one_time_key_find(struct read *r, int64_t device, struct str algorithm, struct str key_id,
                      struct arena *arena, struct one_time_key *ret_key, struct err *err)
{
    return find_one(r, &OTK_FIND,
                    DB_PARAMS(DB_INT("device", device), DB_BYTES("algorithm", algorithm),
                              DB_BYTES("key_id", key_id)),
                    arena, ret_key, err);
}

int one_time_key_load(struct read *r, int64_t id, struct arena *arena, struct one_time_key *ret_key,
                      struct err *err)
{
    return find_one(r, &OTK_LOAD, DB_PARAMS(DB_INT("id", id)), arena, ret_key, err);
}

int one_time_key_counts(struct read *r, int64_t device, struct arena *arena,
                        struct one_time_key_count **ret_counts, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct one_time_key_count) counts = {0};
    struct db_conn *conn;
    int more;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &OTK_COUNTS, DB_PARAMS(DB_INT("device", device)), &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1) {
        struct one_time_key_count count = {db_column_copy(query, 0, arena),
                                           db_column_int(query, 1)};
        ARENA_VEC_ADD(arena, &counts, count);
    }
    *ret_counts = counts.p;
    *ret_n = counts.n;
    return more;
}

/* ---- claims ---- */

/* Its id and whether it was used: 1, 0, -1. */
static int fallback_state(struct write *w, int64_t device, struct str algorithm, int64_t *ret_id,
                          bool *ret_used, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    if (db_query(write_conn(w), &FALLBACK_STATE,
                 DB_PARAMS(DB_INT("device", device), DB_BYTES("algorithm", algorithm)), &query,
                 err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found == 1) {
        *ret_id = db_column_int(query, 0);
        *ret_used = db_column_int(query, 1) != 0;
    }
    return found;
}

static int claim_fallback(struct write *w, int64_t user, int64_t device, struct str algorithm,
                          int64_t *ret_id, struct err *err)
{
    int64_t id = 0, pos;
    bool used = false;
    int found = fallback_state(w, device, algorithm, &id, &used, err);
    if (found <= 0)
        return found;
    if (!used && (write_position(w, LOG_KIND_KEYS, 0, user, device, &pos, err) < 0 ||
                  db_exec(write_conn(w), &FALLBACK_USE, DB_PARAMS(DB_INT("id", id)), err) < 0))
        return -1;
    *ret_id = id;
    return 2;
}

int one_time_key_claim(struct write *w, int64_t user, int64_t device, struct str algorithm,
                       int64_t *ret_id, struct err *err)
{
    int64_t id, pos;
    int found = db_query_int(write_conn(w), &OTK_NEXT,
                             DB_PARAMS(DB_INT("device", device), DB_BYTES("algorithm", algorithm)),
                             &id, err);
    if (found < 0)
        return -1;
    if (!found)
        return claim_fallback(w, user, device, algorithm, ret_id, err);
    if (write_position(w, LOG_KIND_KEYS, 0, user, device, &pos, err) < 0 ||
        db_exec_expect(write_conn(w), &OTK_GIVE, DB_PARAMS(DB_INT("id", id)), 1, err) < 0)
        return -1;
    *ret_id = id;
    return 1;
}

/* ---- fallback keys ---- */

int fallback_key_put(struct write *w, int64_t user, int64_t device, const struct one_time_key *key,
                     struct err *err)
{
    struct db_param device_param = DB_INT("device", device);
    struct db_param algorithm = DB_BYTES("algorithm", key->algorithm);
    int64_t pos;
    if (write_position(w, LOG_KIND_KEYS, 0, user, device, &pos, err) < 0 ||
        db_exec(write_conn(w), &FALLBACK_DROP, DB_PARAMS(device_param, algorithm), err) < 0)
        return -1;
    return db_exec(write_conn(w), &FALLBACK_INSERT,
                   DB_PARAMS(DB_INT("id", key->id), device_param, algorithm,
                             DB_BYTES("key_id", key->key_id), DB_BYTES("json", key->json)),
                   err);
}

int fallback_key_load(struct read *r, int64_t id, struct arena *arena, struct one_time_key *ret_key,
                      struct err *err)
{
    return find_one(r, &FALLBACK_LOAD, DB_PARAMS(DB_INT("id", id)), arena, ret_key, err);
}

int fallback_key_find(struct read *r, int64_t device, struct str algorithm, struct arena *arena,
                      struct one_time_key *ret_key, struct err *err)
{
    return find_one(r, &FALLBACK_FIND,
                    DB_PARAMS(DB_INT("device", device), DB_BYTES("algorithm", algorithm)), arena,
                    ret_key, err);
}

int unused_fallback_types(struct read *r, int64_t device, struct arena *arena,
                          struct str **ret_types, size_t *ret_n, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    VEC(struct str) types = {0};
    struct db_conn *conn;
    int more;
    if (read_conn(r, &conn, err) < 0 ||
        db_query(conn, &FALLBACK_UNUSED, DB_PARAMS(DB_INT("device", device)), &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) == 1)
        ARENA_VEC_ADD(arena, &types, db_column_copy(query, 0, arena));
    *ret_types = types.p;
    *ret_n = types.n;
    return more;
}
