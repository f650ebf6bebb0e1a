/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_STATE_CODEC_H
#define CHAPPE_STORE_STATE_CODEC_H

/* Changes of a state as bytes, and operations on sorted arrays of them. An array is sorted by
 * (type, state_key) and holds no key twice. In bytes: for each entry the step from the type before,
 * the step from the state key before (or the key itself under a new type), and the step from the
 * event before, as varints. */

#include "base/arena.h"
#include "store/state.h"

int state_entry_cmp(const struct state_entry *a, const struct state_entry *b); /* keys only */
void state_entries_sort(struct state_entry *entries, size_t n);

/* NULL when there is none. */
const struct state_entry *state_entries_find(const struct state_entry *entries, size_t n,
                                             int64_t type, int64_t state_key);

/* Both; where they meet, the newer one. */
void state_entries_merge(const struct state_entry *newer, size_t n_newer,
                         const struct state_entry *older, size_t n_older, struct arena *arena,
                         struct state_entry **ret_entries, size_t *ret_n);

struct str state_entries_encode(const struct state_entry *entries, size_t n, struct arena *arena);
/* Onto the heap (mem_free). -1: these are not the bytes of sorted entries. */
int state_entries_decode(struct str bytes, struct state_entry **ret_entries,
                         size_t *ret_n) MUST_USE;

#endif
