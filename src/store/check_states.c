/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "base/limits.h"
#include "base/vec.h"
#include "store/check.h"
#include "store/state_codec.h"
#include "store/state_rows.h"

#define PIECE 1000

static const struct db_stmt CHECK_STATE_IDS = {
    "check_state_ids",
    "SELECT id FROM state WHERE id > :after ORDER BY id LIMIT :limit",
};

/* The parent of a state, and the one its parent jumps to; NULL: the empty state. */
struct ground {
    struct state_node *parent, *far;
};

static void ground_done(struct ground *ground)
{
    state_node_unref(ground->parent);
    state_node_unref(ground->far);
}

/* The hash of the parent with the delta laid on it. */
static int expected_hash(struct check *check, const struct state_node *node,
                         const struct ground *ground, struct set_hash *ret_hash, struct err *err)
{
    struct set_hash hash = {{0}};
    if (ground->parent)
        hash = ground->parent->row.hash;
    for (size_t i = 0; i < node->n_delta; i++) {
        const struct state_entry *entry = &node->delta[i];
        int64_t old = 0;
        if (state_find(check->r, node->row.parent, entry->type, entry->state_key, &old, err) < 0)
            return -1;
        if (old)
            state_hash_remove(&hash, entry->type, entry->state_key, old);
        if (entry->event)
            state_hash_add(&hash, entry->type, entry->state_key, entry->event);
    }
    *ret_hash = hash;
    return 0;
}

static bool same_entries(const struct state_entry *a, size_t n_a, const struct state_entry *b,
                         size_t n_b)
{
    return n_a == n_b && (n_a == 0 || memcmp(a, b, n_a * sizeof *a) == 0);
}

static void check_jump(struct check *check, const struct state_node *node,
                       const struct ground *ground)
{
    int64_t parent_height = ground->parent ? ground->parent->row.height : 0;
    struct state_entry *entries;
    size_t n;
    bool sound = node->row.height == parent_height + 1;
    if (sound && state_jump_height(node->row.height) == parent_height) {
        sound = node->row.jump == node->row.parent && node->jump == node->delta;
    } else if (sound) {
        sound = ground->far && node->row.jump == ground->far->row.jump;
        if (sound) {
            state_entries_merge(ground->parent->jump, ground->parent->n_jump, ground->far->jump,
                                ground->far->n_jump, check->arena, &entries, &n);
            state_entries_merge(node->delta, node->n_delta, entries, n, check->arena, &entries, &n);
            sound = same_entries(entries, n, node->jump, node->n_jump);
        }
    }
    if (!sound)
        check_fault(check, "state %lld: its jump is not what its parents say",
                    (long long)node->row.id);
}

static int check_node(struct check *check, int64_t id, struct err *err)
{
    CLEANUP(state_node_cleanup) struct state_node *node = NULL;
    CLEANUP(ground_done) struct ground ground = {0};
    struct set_hash hash;
    if (state_node_load_stored(check->r, id, &node, err) < 0)
        return -1;
    if (node->row.parent && state_node_load(check->r, node->row.parent, &ground.parent, err) < 0)
        return -1;
    if (ground.parent && ground.parent->row.jump &&
        state_node_load(check->r, ground.parent->row.jump, &ground.far, err) < 0)
        return -1;
    if (ground.parent && ground.parent->row.room != node->row.room)
        check_fault(check, "state %lld: its parent is of another room", (long long)id);
    check_jump(check, node, &ground);
    if (expected_hash(check, node, &ground, &hash, err) < 0)
        return -1;
    if (memcmp(&hash, &node->row.hash, sizeof hash) != 0)
        check_fault(check, "state %lld: its hash is not that of its entries", (long long)id);
    return 0;
}

static int list_ids(struct check *check, int64_t after, int64_t *ids, size_t *ret_n,
                    struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    size_t n = 0;
    int more;
    if (db_query(check->conn, &CHECK_STATE_IDS,
                 DB_PARAMS(DB_INT("after", after), DB_INT("limit", PIECE)), &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) > 0 && n < PIECE)
        ids[n++] = db_column_int(query, 0);
    *ret_n = n;
    return more < 0 ? -1 : 0;
}

/* A state that cannot be read at all is one fault more, and not the end. */
int check_states(struct check *check, struct err *err)
{
    int64_t ids[PIECE], after = 0;
    size_t n = 1;
    while (n) {
        if (list_ids(check, after, ids, &n, err) < 0)
            return -1;
        for (size_t i = 0; i < n; i++) {
            struct err fault = ERR_INIT;
            arena_reset(check->arena);
            if (check_node(check, ids[i], &fault) < 0)
                check_fault(check, "state %lld: %s", (long long)ids[i], fault.detail);
            after = ids[i];
        }
    }
    return 0;
}
