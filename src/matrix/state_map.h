/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_MATRIX_STATE_MAP_H
#define CHAPPE_MATRIX_STATE_MAP_H

/* The state of a room as integers: which event stands at (type, state key). The integers are names
 * and events of whoever keeps them; this code only compares them. A map is sorted by (type,
 * state_key) and has no key twice. */

#include <stddef.h>
#include <stdint.h>

struct state_entry {
    int64_t type, state_key, event; /* event 0, in a list of changes: taken away */
};

struct state_map {
    const struct state_entry *p;
    size_t n;
};

/* <0, 0, >0 by (type, state_key). */
int state_entry_cmp(const struct state_entry *a, const struct state_entry *b);

/* The event at a key, 0 when there is none. */
int64_t state_map_find(struct state_map map, int64_t type, int64_t state_key);

/* Sorts entries in place; n log n. */
void state_entries_sort(struct state_entry *entries, size_t n);

#endif
