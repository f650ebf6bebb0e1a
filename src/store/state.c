/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/state.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "store/state_codec.h"
#include "store/state_rows.h"

/* The jumps are those of a skew-binary list (Myers, "An applicative random-access stack"): from any
 * height, following jumps alone reaches the empty state in O(log n) steps, and the ancestor at any
 * height is found in O(log n) steps of jumps and parents. Two states of the same height have jumps
 * of the same height. */

#define STATE_ARENA MIB(4)

/* ---- one key ---- */

int state_find(struct read *r, int64_t state, int64_t type, int64_t state_key, int64_t *ret_event,
               struct err *err)
{
    while (state) {
        CLEANUP(state_node_cleanup) struct state_node *node = NULL;
        if (state_node_load(r, state, &node, err) < 0)
            return -1;
        const struct state_entry *entry =
            state_entries_find(node->jump, node->n_jump, type, state_key);
        if (entry && entry->event)
            *ret_event = entry->event;
        if (entry)
            return entry->event ? 1 : 0;
        state = node->row.jump;
    }
    return 0;
}

/* ---- making ---- */

/* Leaves out what changes nothing, and brings the hash up to date. */
static int take_changes(struct read *r, int64_t parent, struct state_entry *changes, size_t *n,
                        struct set_hash *hash, struct err *err)
{
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++) {
        struct state_entry change = changes[i];
        int64_t old = 0;
        if (state_find(r, parent, change.type, change.state_key, &old, err) < 0)
            return -1;
        if (old == change.event)
            continue;
        if (old)
            state_hash_remove(hash, change.type, change.state_key, old);
        if (change.event)
            state_hash_add(hash, change.type, change.state_key, change.event);
        changes[kept++] = change;
    }
    *n = kept;
    return 0;
}

static struct state_entry *heap_copy(const struct state_entry *entries, size_t n)
{
    return n ? mem_copy(entries, n * sizeof *entries) : MEM_NEW(struct state_entry);
}

/* The height is a sum of numbers 2^k-1, the largest ones first; a jump goes over the last. */
int64_t state_jump_height(int64_t height)
{
    int64_t left = height, last = 0;
    for (int64_t step = INT64_MAX; step > 0; step >>= 1)
        while (left >= step) {
            left -= step;
            last = step;
        }
    return height - last;
}

/* Where the new state jumps to: its parent, or over its parent's last two jumps. In the second
 * case, also what changed since there. */
static int choose_jump(struct read *r, struct state_node *parent, struct state_row *row,
                       const struct state_entry *changes, size_t n, struct arena *arena,
                       struct state_entry **ret_jump, size_t *ret_n, struct err *err)
{
    CLEANUP(state_node_cleanup) struct state_node *far = NULL;
    struct state_entry *entries;
    size_t n_entries;
    row->jump = row->parent;
    if (!parent || state_jump_height(row->height) == parent->row.height)
        return 0;
    if (state_node_load(r, parent->row.jump, &far, err) < 0)
        return -1;
    row->jump = far->row.jump;
    state_entries_merge(parent->jump, parent->n_jump, far->jump, far->n_jump, arena, &entries,
                        &n_entries);
    state_entries_merge(changes, n, entries, n_entries, arena, &entries, &n_entries);
    *ret_jump = heap_copy(entries, n_entries);
    *ret_n = n_entries;
    return 0;
}

static int make_node(struct read *r, struct state_node *parent, struct state_row *row,
                     const struct state_entry *changes, size_t n, struct arena *arena,
                     int64_t *ret_state, struct err *err)
{
    struct state_entry *jump = NULL;
    size_t n_jump = 0;
    if (choose_jump(r, parent, row, changes, n, arena, &jump, &n_jump, err) < 0)
        return -1;
    row->id = store_new_id(r->store);
    struct state_node *node = state_node_new(row, heap_copy(changes, n), n, jump, n_jump);
    node = state_cache_put(r->store->states, node);
    *ret_state = node->row.id;
    state_node_unref(node);
    return 0;
}

int state_make(struct read *r, int64_t room, int64_t parent, const struct state_entry *changes,
               size_t n, int64_t *ret_state, struct err *err)
{
    static const struct set_hash empty = {{0}};
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(STATE_ARENA);
    CLEANUP(state_node_cleanup) struct state_node *base = NULL, *same = NULL;
    struct state_row row = {.room = room, .parent = parent, .height = 1};
    struct state_entry *kept = ARENA_NEW_N(arena, n + 1, struct state_entry);
    if (n)
        memcpy(kept, changes, n * sizeof *kept);
    state_entries_sort(kept, n);
    if (parent && state_node_load(r, parent, &base, err) < 0)
        return -1;
    if (base) {
        row.hash = base->row.hash;
        row.height = base->row.height + 1;
    }
    if (take_changes(r, parent, kept, &n, &row.hash, err) < 0)
        return -1;
    if (n == 0 || memcmp(&row.hash, &empty, sizeof empty) == 0) {
        *ret_state = n == 0 ? parent : 0;
        return 0;
    }
    int found = state_node_find_hash(r, room, &row.hash, &same, err);
    if (found < 0)
        return -1;
    if (found == 0)
        return make_node(r, base, &row, kept, n, arena, ret_state, err);
    *ret_state = same->row.id;
    return 0;
}

/* ---- the whole ---- */

int state_load(struct read *r, int64_t state, struct arena *arena, struct state_entry **ret_entries,
               size_t *ret_n, struct err *err)
{
    struct state_entry *entries = NULL;
    size_t n = 0, kept = 0;
    while (state) {
        CLEANUP(state_node_cleanup) struct state_node *node = NULL;
        if (state_node_load(r, state, &node, err) < 0)
            return -1;
        state_entries_merge(entries, n, node->jump, node->n_jump, arena, &entries, &n);
        state = node->row.jump;
    }
    for (size_t i = 0; i < n; i++)
        if (entries[i].event)
            entries[kept++] = entries[i];
    *ret_entries = entries;
    *ret_n = kept;
    return 0;
}
