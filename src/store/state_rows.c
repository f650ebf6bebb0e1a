/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/state_rows.h"

#include <string.h>

#include "base/mem.h"
#include "store/state_codec.h"

static const struct db_stmt STATE_INSERT = {
    "state_insert",
    "INSERT INTO state (id, room, parent, jump, height, hash, delta, jump_delta)"
    " VALUES (:id, :room, :parent, :jump, :height, :hash, :delta, :jump_delta)",
};
static const struct db_stmt STATE_LOAD = {
    "state_load",
    "SELECT id, room, parent, jump, height, hash, delta, jump_delta FROM state WHERE id = :id",
};
static const struct db_stmt STATE_FIND_HASH = {
    "state_find_hash",
    "SELECT id, room, parent, jump, height, hash, delta, jump_delta FROM state"
    " WHERE hash = :hash AND room = :room ORDER BY id LIMIT 1",
};
static const struct db_stmt STATE_EXISTS = {
    "state_exists",
    "SELECT 1 FROM state WHERE id = :id",
};

/* ---- hashes ---- */

static struct str element(const int64_t numbers[3])
{
    return str_make(numbers, 3 * sizeof numbers[0]);
}

void state_hash_add(struct set_hash *hash, int64_t type, int64_t state_key, int64_t event)
{
    set_hash_add(hash, element((const int64_t[]){type, state_key, event}));
}

void state_hash_remove(struct set_hash *hash, int64_t type, int64_t state_key, int64_t event)
{
    set_hash_remove(hash, element((const int64_t[]){type, state_key, event}));
}

/* ---- reading ---- */

static int read_node(struct db_query *query, struct state_node **ret_node, struct err *err)
{
    struct state_row row = {
        .id = db_column_int(query, 0),
        .room = db_column_int(query, 1),
        .parent = db_column_int(query, 2),
        .jump = db_column_int(query, 3),
        .height = db_column_int(query, 4),
    };
    struct str hash = db_column_bytes(query, 5);
    struct state_entry *delta = NULL, *jump = NULL;
    size_t n_delta = 0, n_jump = 0;
    bool whole = hash.n == sizeof row.hash.bytes &&
                 state_entries_decode(db_column_bytes(query, 6), &delta, &n_delta) == 0;
    if (whole && !db_column_is_null(query, 7))
        whole = state_entries_decode(db_column_bytes(query, 7), &jump, &n_jump) == 0;
    if (!whole) {
        mem_free(delta);
        return err_internal(err, "state %lld: its row is damaged", (long long)row.id);
    }
    memcpy(row.hash.bytes, hash.p, hash.n);
    *ret_node = state_node_new(&row, delta, n_delta, jump, n_jump);
    atomic_store(&(*ret_node)->saved, true);
    return 0;
}

/* 1, 0, -1. */
static int query_stored(struct read *r, const struct db_stmt *stmt, const struct db_param *params,
                        size_t n_params, struct state_node **ret_node, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct db_conn *conn;
    if (read_conn(r, &conn, err) < 0 || db_query(conn, stmt, params, n_params, &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found <= 0)
        return found;
    return read_node(query, ret_node, err) < 0 ? -1 : 1;
}

/* The same, into the cache. */
static int query_node(struct read *r, const struct db_stmt *stmt, const struct db_param *params,
                      size_t n_params, struct state_node **ret_node, struct err *err)
{
    struct state_node *node;
    int found = query_stored(r, stmt, params, n_params, &node, err);
    if (found > 0)
        *ret_node = state_cache_put(r->store->states, node);
    return found;
}

int state_node_load_stored(struct read *r, int64_t id, struct state_node **ret_node,
                           struct err *err)
{
    int found = query_stored(r, &STATE_LOAD, DB_PARAMS(DB_INT("id", id)), ret_node, err);
    if (found == 0)
        return err_internal(err, "there is no state %lld", (long long)id);
    return found < 0 ? -1 : 0;
}

int state_node_load(struct read *r, int64_t id, struct state_node **ret_node, struct err *err)
{
    *ret_node = state_cache_find(r->store->states, id);
    if (*ret_node)
        return 0;
    int found = query_node(r, &STATE_LOAD, DB_PARAMS(DB_INT("id", id)), ret_node, err);
    if (found == 0)
        return err_internal(err, "there is no state %lld", (long long)id);
    return found < 0 ? -1 : 0;
}

int state_node_find_hash(struct read *r, int64_t room, const struct set_hash *hash,
                         struct state_node **ret_node, struct err *err)
{
    *ret_node = state_cache_find_hash(r->store->states, hash);
    if (*ret_node)
        return 1;
    return query_node(r, &STATE_FIND_HASH,
                      DB_PARAMS(DB_INT("room", room),
                                DB_BYTES("hash", str_make(hash->bytes, sizeof hash->bytes))),
                      ret_node, err);
}

/* ---- writing ---- */

/* What is not in memory was committed, and dropped; or it was made long ago and never saved. */
static int check_exists(struct write *w, int64_t id, struct err *err)
{
    int64_t one;
    int found = db_query_int(w->conn, &STATE_EXISTS, DB_PARAMS(DB_INT("id", id)), &one, err);
    return found == 0 ? err_moved(err, "state %lld was dropped", (long long)id)
                      : (found < 0 ? -1 : 0);
}

int state_save(struct write *w, int64_t state, struct err *err)
{
    while (state) {
        struct state_node *node = state_cache_find(w->store->states, state);
        if (!node)
            return check_exists(w, state, err);
        if (atomic_load(&node->saved) || node->saved_attempt == w->attempt) {
            state_node_unref(node);
            return 0;
        }
        w->touched = true;
        node->saved_attempt = w->attempt;
        VEC_ADD(&w->states, node);
        state = node->row.parent;
    }
    return 0;
}

struct columns {
    int64_t *id, *room, *parent, *jump, *height;
    struct str *hash, *delta, *jump_delta;
};

static void columns_init(struct columns *columns, struct arena *arena, size_t n)
{
    int64_t *integers = ARENA_NEW_N(arena, n * 5, int64_t);
    struct str *bytes = ARENA_NEW_N(arena, n * 3, struct str);
    *columns = (struct columns){integers,         integers + n, integers + 2 * n, integers + 3 * n,
                                integers + 4 * n, bytes,        bytes + n,        bytes + 2 * n};
}

static void columns_set(struct columns *columns, size_t i, const struct state_node *node,
                        struct arena *arena)
{
    const struct state_row *row = &node->row;
    columns->id[i] = row->id;
    columns->room[i] = row->room;
    columns->parent[i] = row->parent;
    columns->jump[i] = row->jump;
    columns->height[i] = row->height;
    columns->hash[i] = str_make(row->hash.bytes, sizeof row->hash.bytes);
    columns->delta[i] = state_entries_encode(node->delta, node->n_delta, arena);
    columns->jump_delta[i] = node->jump == node->delta
                                 ? STR_NONE
                                 : state_entries_encode(node->jump, node->n_jump, arena);
}

int state_flush(struct write *w, struct err *err)
{
    size_t from = w->states_flushed, n = w->states.n - from;
    struct columns c;
    if (n == 0)
        return 0;
    columns_init(&c, w->arena, n);
    for (size_t i = 0; i < n; i++)
        columns_set(&c, i, w->states.p[from + i], w->arena);
    struct db_column columns[] = {
        {"id", c.id, NULL},         {"room", c.room, NULL},
        {"parent", c.parent, NULL}, {"jump", c.jump, NULL},
        {"height", c.height, NULL}, {"hash", NULL, c.hash},
        {"delta", NULL, c.delta},   {"jump_delta", NULL, c.jump_delta},
    };
    w->states_flushed = w->states.n;
    return db_insert_many(w->conn, &STATE_INSERT, columns, ARRAY_LEN(columns), n, err);
}

void state_published(struct write *w)
{
    for (size_t i = 0; i < w->states.n; i++)
        atomic_store(&w->states.p[i]->saved, true);
}
