/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_STATE_CACHE_H
#define CHAPPE_STORE_STATE_CACHE_H

/* States in memory: those that are not committed yet, and those used last up to a number of bytes.
 * A node is immutable but for its marks. Shared: the cache locks itself. */

#include <stdatomic.h>

#include "store/state.h"

struct state_node {
    struct state_row row;
    struct state_entry *delta; /* since the parent; owned */
    struct state_entry *jump;  /* since row.jump; owned, or delta itself when it is the parent */
    size_t n_delta, n_jump;
    atomic_bool saved;     /* committed to the store */
    int64_t saved_attempt; /* the appender's: written in that transaction */
    int64_t made_ms;
    int refs;                         /* atomic */
    struct state_node *newer, *older; /* the cache's */
};

/* Takes the arrays over. jump NULL: the delta serves. */
struct state_node *state_node_new(const struct state_row *row, struct state_entry *delta,
                                  size_t n_delta, struct state_entry *jump, size_t n_jump) MUST_USE;
void state_node_unref(struct state_node *node); /* NULL is allowed */
void state_node_cleanup(struct state_node **node);

struct state_cache;

struct state_cache *state_cache_new(void) MUST_USE;
void state_cache_free(struct state_cache *cache);

/* With a reference for the caller, or NULL. */
struct state_node *state_cache_find(struct state_cache *cache, int64_t id) MUST_USE;
struct state_node *state_cache_find_hash(struct state_cache *cache,
                                         const struct set_hash *hash) MUST_USE;
/* Takes the caller's reference over, and returns one to what is there now: the node, or, when an
 * equal state or one with that id is there already, that one. */
struct state_node *state_cache_put(struct state_cache *cache, struct state_node *node) MUST_USE;
size_t state_cache_count(struct state_cache *cache);

#endif
