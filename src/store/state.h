/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_STATE_H
#define CHAPPE_STORE_STATE_H

/* The states of rooms: maps from (type, state key) to an event, all of them integers. A state is
 * immutable and has an id; 0 is the empty state. It is stored as its parent and what changed since
 * (delta), and, so that a lookup costs O(log n) rows, as a jump to an ancestor chosen as in a
 * skew-binary list, with all that changed since that one. Equal states are found by their set hash.
 * What an unchanged state costs is nothing; a change costs its delta and, amortised, O(log n)
 * entries in the jumps. */

#include "crypto/hash.h"
#include "matrix/state_map.h"
#include "store/store.h"

struct state_row {
    int64_t id, room, parent, jump;
    int64_t height; /* the empty state's is 0 */
    struct set_hash hash;
};

/* A state made of `parent` and changes (no key twice), known to the store's cache at once under a
 * new id, so that others can be made on it before it is committed; or the id of an equal state that
 * exists. r may read what parent needs. */
int state_make(struct read *r, int64_t room, int64_t parent, const struct state_entry *changes,
               size_t n, int64_t *ret_state, struct err *err) MUST_USE;
/* Writes the rows of that state (and of those it stands on) that are not in the store yet. */
int state_save(struct write *w, int64_t state, struct err *err) MUST_USE;

/* The event of a key in a state: 1, 0 absent, -1. */
int state_find(struct read *r, int64_t state, int64_t type, int64_t state_key, int64_t *ret_event,
               struct err *err) MUST_USE;
/* The whole map, sorted by (type, state_key). */
int state_load(struct read *r, int64_t state, struct arena *arena, struct state_entry **ret_entries,
               size_t *ret_n, struct err *err) MUST_USE;
/* The keys whose event differs between two states of a room, with their event in `to` (0: absent).
 * Costs what changed when one is an ancestor of the other. */
int state_diff(struct read *r, int64_t from, int64_t to, struct arena *arena,
               struct state_entry **ret_changes, size_t *ret_n, struct err *err) MUST_USE;

#endif
