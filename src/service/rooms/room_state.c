/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/room_state.h"

#include "base/mem.h"

/* Open addressing with linear probing, at most 3/4 full; nothing is ever taken out. Ids are given
 * out by the server: nobody chooses them. */

static struct room_state_entry *slot_of(const struct room_state *state, int64_t type,
                                        int64_t state_key)
{
    size_t mask = state->capacity - 1;
    uint64_t hash = ((uint64_t)type * 0x9e3779b97f4a7c15u) ^ (uint64_t)state_key;
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9u;
    hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebu;
    size_t i = (hash ^ (hash >> 31)) & mask;
    while (state->slots[i].event &&
           (state->slots[i].type != type || state->slots[i].state_key != state_key))
        i = (i + 1) & mask;
    return &state->slots[i];
}

static void grow(struct room_state *state)
{
    struct room_state old = *state;
    state->capacity = old.capacity ? old.capacity * 2 : 16;
    state->slots = MEM_NEW_N(state->capacity, struct room_state_entry);
    for (size_t i = 0; i < old.capacity; i++)
        if (old.slots[i].event)
            *slot_of(state, old.slots[i].type, old.slots[i].state_key) = old.slots[i];
    mem_free(old.slots);
}

void room_state_done(struct room_state *state)
{
    mem_free(state->slots);
    *state = (struct room_state){0};
}

struct room_state_entry *room_state_find(const struct room_state *state, int64_t type,
                                         int64_t state_key)
{
    struct room_state_entry *slot = state->n ? slot_of(state, type, state_key) : NULL;
    return slot && slot->event ? slot : NULL;
}

void room_state_put(struct room_state *state, int64_t type, int64_t state_key, int64_t event,
                    enum membership membership)
{
    if ((state->n + 1) * 4 > state->capacity * 3)
        grow(state);
    struct room_state_entry *slot = slot_of(state, type, state_key);
    state->n += !slot->event;
    slot->type = type;
    slot->state_key = state_key;
    slot->event = event;
    slot->membership = membership;
}

const struct room_state_entry *room_state_next(const struct room_state *state, size_t *at)
{
    while (*at < state->capacity) {
        const struct room_state_entry *slot = &state->slots[(*at)++];
        if (slot->event)
            return slot;
    }
    return NULL;
}

size_t room_state_bytes(const struct room_state *state)
{
    return state->capacity * sizeof *state->slots;
}
