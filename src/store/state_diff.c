/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/limits.h"
#include "store/state_codec.h"
#include "store/state_rows.h"

/* Both states are followed up to where they meet, by jumps where these do not pass that point. What
 * changed on either way is all that can differ. */

#define DIFF_ARENA MIB(4)

/* One of the two ways: where it is, and what changed since. */
struct way {
    int64_t at;
    struct state_node *node; /* NULL: the empty state */
    struct state_entry *entries;
    size_t n;
};

static int64_t height(const struct way *way)
{
    return way->node ? way->node->row.height : 0;
}

static int64_t jump_of(const struct way *way)
{
    return way->node ? way->node->row.jump : 0;
}

static int go_to(struct read *r, struct way *way, int64_t state, struct err *err)
{
    state_node_unref(way->node);
    way->node = NULL;
    way->at = state;
    return state ? state_node_load(r, state, &way->node, err) : 0;
}

static int step(struct read *r, struct way *way, bool jump, struct arena *arena, struct err *err)
{
    const struct state_node *node = way->node;
    const struct state_entry *since = jump ? node->jump : node->delta;
    state_entries_merge(way->entries, way->n, since, jump ? node->n_jump : node->n_delta, arena,
                        &way->entries, &way->n);
    return go_to(r, way, jump ? node->row.jump : node->row.parent, err);
}

/* The higher one goes down to the height of the other. */
static int level(struct read *r, struct way *way, int64_t to, struct arena *arena, struct err *err)
{
    while (height(way) > to)
        if (step(r, way, state_jump_height(height(way)) >= to, arena, err) < 0)
            return -1;
    return 0;
}

static int meet(struct read *r, struct way *a, struct way *b, struct arena *arena, struct err *err)
{
    if (level(r, a, height(b), arena, err) < 0 || level(r, b, height(a), arena, err) < 0)
        return -1;
    while (a->at != b->at) {
        bool jump = jump_of(a) != jump_of(b);
        if (step(r, a, jump, arena, err) < 0 || step(r, b, jump, arena, err) < 0)
            return -1;
    }
    return 0;
}

/* The event of a key in the state that the way started from. */
static int value_at(struct read *r, const struct way *way, const struct state_entry *key,
                    int64_t *ret_event, struct err *err)
{
    const struct state_entry *entry =
        state_entries_find(way->entries, way->n, key->type, key->state_key);
    *ret_event = entry ? entry->event : 0;
    if (entry)
        return 0;
    return state_find(r, way->at, key->type, key->state_key, ret_event, err) < 0 ? -1 : 0;
}

static int compare(struct read *r, const struct way *from, const struct way *to,
                   struct arena *scratch, struct arena *arena, struct state_entry **ret_changes,
                   size_t *ret_n, struct err *err)
{
    struct state_entry *keys;
    size_t n_keys;
    VEC(struct state_entry) changes = {0};
    state_entries_merge(to->entries, to->n, from->entries, from->n, scratch, &keys, &n_keys);
    for (size_t i = 0; i < n_keys; i++) {
        int64_t before, after;
        if (value_at(r, from, &keys[i], &before, err) < 0 ||
            value_at(r, to, &keys[i], &after, err) < 0)
            return -1;
        if (before != after)
            ARENA_VEC_ADD(arena, &changes,
                          ((struct state_entry){keys[i].type, keys[i].state_key, after}));
    }
    *ret_changes = changes.p;
    *ret_n = changes.n;
    return 0;
}

int state_diff(struct read *r, int64_t from, int64_t to, struct arena *arena,
               struct state_entry **ret_changes, size_t *ret_n, struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new(DIFF_ARENA);
    struct way a = {0}, b = {0};
    int result = -1;
    if (go_to(r, &a, from, err) == 0 && go_to(r, &b, to, err) == 0 &&
        meet(r, &a, &b, scratch, err) == 0)
        result = compare(r, &a, &b, scratch, arena, ret_changes, ret_n, err);
    state_node_unref(a.node);
    state_node_unref(b.node);
    return result;
}
