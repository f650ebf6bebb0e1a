/* SPDX-License-Identifier: EUPL-1.2 */

/* A room whose state and timeline are written a page a step (docs/design/pieces.md). */

#include "service/sync/sync_private.h"

/* Events of a timeline in one step: a MiB at most. */
#define EVENTS_PAGE 16

void sync_pages_keep(struct sync_pages *pages)
{
    struct sync_room *room = &pages->room;
    pages->arena = arena_new_small(LIMIT_REQUEST_ARENA, 512);
    room->view.room_id = arena_str(pages->arena, room->view.room_id);
    for (size_t i = 0; i < room->n_state; i++)
        if (room->state[i].event)
            VEC_ADD(&pages->state.ids, room->state[i].event);
    room->state = NULL;
    pages->next_event = 0;
    pages->n_timeline = room->n_timeline;
    for (size_t i = 0; i < room->n_timeline; i++)
        pages->timeline[i] = room->timeline[i]->id;
    sync_room_done(room);
    room->timeline = NULL;
}

int sync_pages_state(struct sync_pages *pages, const struct state_choice *choice)
{
    struct format format = {.view = &pages->room.view};
    int more = state_list_next(&pages->state, pages->room.sync->out, &format, choice);
    if (more == 0)
        state_list_done(&pages->state);
    return more;
}

int sync_pages_timeline(struct sync_pages *pages)
{
    struct use *use = pages->room.view.use;
    struct format format = {.view = &pages->room.view};
    struct event *events[EVENTS_PAGE] = {0};
    size_t left = pages->n_timeline - pages->next_event;
    size_t n = left < EVENTS_PAGE ? left : EVENTS_PAGE;
    int status = 0;
    if (event_load_many(&use->read, pages->timeline + pages->next_event, n, events, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (status == 0 && events[i])
            status = format_event(pages->room.sync->out, &format, events[i]);
        event_unref(events[i]);
    }
    pages->next_event += n;
    if (status < 0)
        return -1;
    return pages->next_event < pages->n_timeline;
}

void sync_pages_done(struct sync_pages *pages)
{
    state_list_done(&pages->state);
    arena_free(pages->arena);
    pages->arena = NULL;
}
