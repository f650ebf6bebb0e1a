/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_STATE_ROWS_H
#define CHAPPE_STORE_STATE_ROWS_H

/* States as rows, for the state*.c files. */

#include "store/private.h"
#include "store/state_cache.h"

/* The state, from memory or from the store; an unknown one is an error. The caller unrefs. */
int state_node_load(struct read *r, int64_t id, struct state_node **ret_node,
                    struct err *err) MUST_USE;
/* As it is in the store, whatever memory holds. */
int state_node_load_stored(struct read *r, int64_t id, struct state_node **ret_node,
                           struct err *err) MUST_USE;
/* An equal state that is known: 1 (the caller unrefs), 0, -1. */
int state_node_find_hash(struct read *r, int64_t room, const struct set_hash *hash,
                         struct state_node **ret_node, struct err *err) MUST_USE;

/* The height of the state that one of this height jumps to. */
int64_t state_jump_height(int64_t height);

/* What a key and its event add to a state's hash. */
void state_hash_add(struct set_hash *hash, int64_t type, int64_t state_key, int64_t event);
void state_hash_remove(struct set_hash *hash, int64_t type, int64_t state_key, int64_t event);

#endif
