/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_ROOM_STATE_H
#define CHAPPE_SERVICE_ROOMS_ROOM_STATE_H

/* The state of a room in memory: one flat table, 32 bytes an entry and at most as many that are
 * free, so that a room of a hundred thousand members is some megabytes and a room of two some
 * hundred bytes. It does no locking: its room does. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "matrix/membership.h"

struct room_state_entry {
    int64_t type, state_key;
    int64_t event;              /* 0: free */
    enum membership membership; /* of m.room.member */
};

/* A zeroed struct is an empty table. */
struct room_state {
    struct room_state_entry *slots;
    size_t n, capacity;
};

void room_state_done(struct room_state *state);
/* NULL when absent; good until the next put. */
struct room_state_entry *room_state_find(const struct room_state *state, int64_t type,
                                         int64_t state_key);
void room_state_put(struct room_state *state, int64_t type, int64_t state_key, int64_t event,
                    enum membership membership);
/* for (size_t at = 0; (entry = room_state_next(state, &at));) */
const struct room_state_entry *room_state_next(const struct room_state *state, size_t *at);
size_t room_state_bytes(const struct room_state *state);

#endif
