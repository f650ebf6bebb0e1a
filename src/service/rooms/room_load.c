/* SPDX-License-Identifier: EUPL-1.2 */

/* A room, from what is committed. */

#include "base/check.h"
#include "base/limits.h"
#include "service/rooms/room_private.h"
#include "store/membership.h"

static int load_extremities(struct use *use, struct read *fresh, struct room *room,
                            struct room_head *head)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    if (extremity_list(fresh, room->id, use->arena, &head->extremity_ids, &head->n_extremities,
                       &head->extremities_kept, &use->err) < 0)
        return -1;
    head->extremities = ARENA_NEW_N(use->arena, head->n_extremities, struct str);
    for (size_t i = 0; i < head->n_extremities; i++) {
        int found = event_load(fresh, head->extremity_ids[i], &event, &use->err);
        if (found < 0)
            return -1;
        if (!found)
            return err_internal(&use->err, "room %lld: extremity %lld is not in the store",
                                (long long)room->id, (long long)head->extremity_ids[i]);
        head->extremities[i] = pdu_event_id(use->arena, room->version, event->hash);
        event_unref(event);
        event = NULL;
    }
    return 0;
}

/* Memberships come from their table: one range, instead of every member's event. */
static int load_memberships(struct use *use, struct read *fresh, struct room *room)
{
    struct membership_row *rows;
    size_t n;
    static const enum membership kinds[] = {MEMBERSHIP_JOIN, MEMBERSHIP_INVITE, MEMBERSHIP_KNOCK,
                                            MEMBERSHIP_LEAVE, MEMBERSHIP_BAN};
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        if (membership_list_users(fresh, room->id, kinds[k], 0, SIZE_MAX / 2, use->arena, &rows, &n,
                                  &use->err) < 0)
            return -1;
        for (size_t i = 0; i < n; i++) {
            struct room_state_entry *entry =
                room_state_find(&room->state, room->rooms->names.member, rows[i].user);
            if (entry && entry->event == rows[i].event)
                entry->membership = kinds[k];
        }
    }
    return 0;
}

static int load_state(struct use *use, struct read *fresh, struct room *room)
{
    struct state_entry *entries;
    size_t n;
    if (state_load(fresh, room->row.state, use->arena, &entries, &n, &use->err) < 0)
        return -1;
    room_state_done(&room->state);
    for (size_t i = 0; i < n; i++)
        room_state_put(&room->state, entries[i].type, entries[i].state_key, entries[i].event,
                       MEMBERSHIP_NONE);
    return load_memberships(use, fresh, room);
}

static int load(struct use *use, struct read *fresh, struct room *room)
{
    struct room_head head = {0};
    struct str version;
    int found = room_load(fresh, room->id, &room->row, &use->err);
    if (found != 1)
        return found;
    if (!room->room_id.p) {
        struct str id;
        if (store_name(use->server->store, room->id, use->arena, &id, &use->err) < 0)
            return -1;
        room_set_id(room, id);
    }
    if (store_name(use->server->store, room->row.version, use->arena, &version, &use->err) < 0)
        return -1;
    room->version = room_version_find(version);
    if (!room->version)
        return err_internal(&use->err, "room %lld has an unknown version", (long long)room->id);
    head.head = room->row.head;
    head.state = room->row.state;
    head.last_place = room->row.last_place;
    head.depth = room->row.depth;
    if (load_state(use, fresh, room) < 0 || load_extremities(use, fresh, room, &head) < 0)
        return -1;
    room_head_set(room, &head);
    return 1;
}

/* What is read on the way is not the request's: whoever happens to come first to a room of a
 * hundred thousand members is not refused for it. */
int room_fill(struct use *use, struct room *room)
{
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA);
    struct arena *arena = use->arena;
    read_renew(&use->read);
    use->arena = scratch;
    int status = load(use, &use->read, room);
    use->arena = arena;
    room->loaded = status == 1;
    return status;
}
