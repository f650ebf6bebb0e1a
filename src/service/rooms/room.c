/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/room.h"

#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "service/rooms/room_private.h"

/* ---- plain values ---- */

int64_t room_row_id(const struct room *room)
{
    return room->id;
}

struct str room_id_of(const struct room *room)
{
    return room->room_id;
}

const struct room_version *room_version_of(const struct room *room)
{
    return room->version;
}

const struct room_head *room_head(const struct room *room)
{
    return &room->head;
}

int64_t room_state_id(const struct room *room, int64_t type, int64_t state_key)
{
    const struct room_state_entry *entry = room_state_find(&room->state, type, state_key);
    return entry ? entry->event : 0;
}

enum membership room_membership(const struct room *room, int64_t user)
{
    const struct room_state_entry *entry =
        room_state_find(&room->state, room->rooms->names.member, user);
    return entry ? entry->membership : MEMBERSHIP_NONE;
}

void room_members(struct use *use, const struct room *room, enum membership membership,
                  int64_t **ret_users, size_t *ret_n)
{
    const struct room_state_entry *entry;
    VEC(int64_t) users = {0};
    for (size_t at = 0; (entry = room_state_next(&room->state, &at));)
        if (entry->type == room->rooms->names.member && entry->membership == membership)
            ARENA_VEC_ADD(use->arena, &users, entry->state_key);
    *ret_users = users.p;
    *ret_n = users.n;
}

void room_head_set(struct room *room, const struct room_head *head)
{
    struct room_head old = room->head, new = *head;
    if (head->n_extremities) {
        new.extremity_ids =
            mem_copy(head->extremity_ids, head->n_extremities * sizeof *head->extremity_ids);
        new.extremities = MEM_NEW_N(head->n_extremities, struct str);
        for (size_t i = 0; i < head->n_extremities; i++)
            new.extremities[i] = str_make(mem_copy(head->extremities[i].p, head->extremities[i].n),
                                          head->extremities[i].n);
    } else {
        new.extremities = NULL;
        new.extremity_ids = NULL;
    }
    for (size_t i = 0; i < old.n_extremities; i++)
        mem_free((void *)(uintptr_t)old.extremities[i].p);
    mem_free(old.extremities);
    mem_free(old.extremity_ids);
    room->head = new;
}

/* ---- events ---- */

void room_pending_add(struct room *room, struct event *event)
{
    event_ref(event);
    pthread_mutex_lock(&room->pending_lock);
    struct event *old = int_map_put(&room->pending, event->id, event);
    pthread_mutex_unlock(&room->pending_lock);
    event_unref(old);
}

void room_pending_remove(struct room *room, int64_t id)
{
    pthread_mutex_lock(&room->pending_lock);
    struct event *event = int_map_remove(&room->pending, id);
    pthread_mutex_unlock(&room->pending_lock);
    event_unref(event);
}

static struct event *find_pending(struct room *room, int64_t id)
{
    pthread_mutex_lock(&room->pending_lock);
    struct event *event = int_map_find(&room->pending, id);
    if (event)
        event_ref(event);
    pthread_mutex_unlock(&room->pending_lock);
    return event;
}

int room_event(struct use *use, struct room *room, int64_t id, struct event **ret_event)
{
    struct event *event = find_pending(room, id);
    if (event) {
        *ret_event = event;
        return 1;
    }
    int found = event_load(&use->read, id, ret_event, &use->err);
    if (found != 0)
        return found;
    /* Committed after this request's snapshot began, and out of the cache already. */
    read_renew(&use->read);
    return event_load(&use->read, id, ret_event, &use->err);
}

/* 1 and a reference, 0 no event at that key, -1. */
static int state_event(struct use *use, struct room *room, int64_t type, int64_t state_key,
                       struct event **ret_event)
{
    int64_t id = room_state_id(room, type, state_key);
    if (!id)
        return 0;
    int found = room_event(use, room, id, ret_event);
    if (found == 0)
        return err_internal(&use->err, "room %lld: event %lld of its state is not in the store",
                            (long long)room->id, (long long)id);
    return found;
}

int room_state_opened(struct use *use, struct room *room, int64_t type, int64_t state_key,
                      struct opened **ret_opened)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    int found = state_event(use, room, type, state_key, &event);
    if (found != 1)
        return found;
    return opened_take(room->rooms->opened, room->version, event, ret_opened, &use->err) < 0 ? -1
                                                                                             : 1;
}

int room_state_pdu(struct use *use, struct room *room, int64_t type, int64_t state_key,
                   const struct pdu **ret_pdu)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    int found = state_event(use, room, type, state_key, &event);
    if (found != 1)
        return found;
    struct pdu *pdu = ARENA_NEW(use->arena, struct pdu);
    if (pdu_open(use->arena, room->version, arena_str(use->arena, event->json), event->hash, pdu,
                 &use->err) < 0)
        return -1;
    *ret_pdu = pdu;
    return 1;
}

int room_power(struct use *use, struct room *room, struct power *ret_power)
{
    const struct room_names *names = &room->rooms->names;
    const struct pdu *create = NULL, *levels = NULL;
    if (room_state_pdu(use, room, names->create, names->empty, &create) < 0 ||
        room_state_pdu(use, room, names->power_levels, names->empty, &levels) < 0)
        return -1;
    power_init(ret_power, room->version, create, levels);
    return 0;
}
