/* SPDX-License-Identifier: EUPL-1.2 */

/* Which events of a room a sync shows. */

#include "base/limits.h"
#include "service/sync/sync_private.h"

/* Events looked at in one room before the timeline is cut: most are shown, but for filters and
 * visibility. */
#define LOOKED_AT_MAX 1000

/* ---- where the room stood ---- */

static int event_before(struct sync_room *room, int64_t place, struct event **ret_event)
{
    struct use *use = room->sync->use;
    int64_t *ids;
    size_t n;
    if (event_list_room(&use->read, room->view.row.id, place, EVENT_BACKWARD, 1, use->arena, &ids,
                        &n, &use->err) < 0)
        return -1;
    return n ? event_load(&use->read, ids[0], ret_event, &use->err) : 0;
}

/* The state after the last event at or before a place, and whether the user was joined in it. */
static int stand_at(struct sync_room *room, int64_t place, int64_t *ret_state)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    int found = event_before(room, place + 1, &event);
    if (found < 0)
        return -1;
    *ret_state = found ? event->state : 0;
    return 0;
}

/* The user's membership in a state of the room: *ret_event is its event, referenced; NULL: none. */
static int member_in(struct sync_room *room, int64_t state, struct event **ret_event,
                     enum membership *ret)
{
    struct use *use = room->sync->use;
    struct event *event;
    struct pdu pdu;
    int64_t id;
    *ret_event = NULL;
    *ret = MEMBERSHIP_NONE;
    if (!state)
        return 0;
    int found = state_find(&use->read, state, rooms_names(use->server)->member, use->caller.user,
                           &id, &use->err);
    if (found == 1)
        found = event_load(&use->read, id, &event, &use->err);
    if (found != 1)
        return found;
    *ret_event = event;
    if (view_pdu(&room->view, event, &pdu) < 0)
        return -1;
    *ret = membership_of(&pdu);
    return 0;
}

static int was_joined(struct sync_room *room, bool *ret)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    enum membership membership;
    int status = member_in(room, room->since_state, &event, &membership);
    *ret = membership == MEMBERSHIP_JOIN;
    return status;
}

int sync_member_at_head(struct sync *sync, struct membership_row *row)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    struct sync_room room = {.sync = sync, .member = *row};
    struct use *use = sync->use;
    int64_t place, state;
    row->kind = MEMBERSHIP_NONE;
    int found = view_open(use, row->room, &room.view);
    if (found <= 0)
        return found;
    if (event_place_at(&use->read, row->room, use->read.head.pos, &place, &use->err) < 0 ||
        stand_at(&room, place, &state) < 0 || member_in(&room, state, &event, &row->kind) < 0)
        return -1;
    if (!event)
        return 0;
    row->event = event->id;
    row->sender = event->sender;
    row->pos = event->pos;
    row->flags &= ~(int64_t)MEMBERSHIP_FORGOTTEN;
    return 0;
}

/* Where the room stood at `since`. */
static int find_stand(struct sync_room *room)
{
    struct sync *sync = room->sync;
    const struct window *window = room->window;
    int64_t pos = room->since;
    if (window && pos >= window->floor_pos) {
        const struct event *last = window_event_at(window, pos);
        room->since_place = last ? last->place : window->floor_place;
        room->since_state = last ? last->state : window->floor_state;
        return 0;
    }
    if (event_place_at(&sync->use->read, room->view.row.id, pos, &room->since_place,
                       &sync->use->err) < 0)
        return -1;
    return stand_at(room, room->since_place, &room->since_state);
}

static int find_since(struct sync_room *room)
{
    bool joined = true;
    if (!room->since) {
        room->is_new = true;
        return 0;
    }
    if (find_stand(room) < 0)
        return -1;
    if (room->member.pos > room->since && was_joined(room, &joined) < 0)
        return -1;
    room->is_new = !joined;
    return 0;
}

/* The snapshot may hold more than the head: what is shown ends there. */
static int find_end(struct sync_room *room)
{
    struct use *use = room->sync->use;
    if (room->view.left_place) {
        room->end_place = room->view.left_place;
        room->end_state = room->view.left_state;
        return 0;
    }
    room->end_place = room->view.row.last_place;
    room->end_state = room->view.row.state;
    if (room->view.row.pos <= use->read.head.pos)
        return 0;
    if (event_place_at(&use->read, room->view.row.id, use->read.head.pos, &room->end_place,
                       &use->err) < 0)
        return -1;
    return stand_at(room, room->end_place, &room->end_state);
}

/* The window that all who are woken by the same message share: the first of them makes it. */
static int find_window(struct sync_room *room)
{
    struct use *use = room->sync->use;
    struct notifier *notifier = use->server->notifier;
    int64_t id = room->member.room, head = room->sync->next.at.pos;
    struct kept_window kept;
    int found = 0;
    if (room->member.kind != MEMBERSHIP_JOIN || !sync_knows_moves(room->sync))
        return 0;
    notifier_find_window(notifier, id, head, &kept);
    room->window = kept.window;
    if (kept.window && kept.n == 0)
        return 0;
    if (kept.window)
        found = window_extend(use, kept.window, kept.events, kept.n, &room->window);
    if (found != 1)
        room->window = NULL;
    window_unref(kept.window);
    if (found == 0)
        found = window_load(use, id, &room->window);
    if (found == 1)
        notifier_keep_window(notifier, id, head, room->window);
    return found < 0 ? -1 : 0;
}

static int open_view(struct sync_room *room)
{
    struct use *use = room->sync->use;
    struct room_row row;
    if (find_window(room) < 0)
        return -1;
    int found = room->window ? 1 : room_load(&use->read, room->member.room, &row, &use->err);
    if (found != 1)
        return found;
    if (view_open_as(use, room->window ? &room->window->row : &row, &room->member, &room->view) < 0)
        return -1;
    if (room->window)
        window_seed(room->window, &room->view, &room->member);
    return 1;
}

static size_t timeline_limit(const struct sync *sync)
{
    int64_t limit = sync->filter.timeline.limit;
    if (limit == 0)
        return LIMIT_TIMELINE_DEFAULT;
    return limit < LIMIT_TIMELINE_MAX ? (size_t)limit : LIMIT_TIMELINE_MAX;
}

int sync_load_row(struct sync *sync, const struct membership_row *member, struct room_row *ret_row)
{
    struct sync_room room = {.sync = sync, .member = *member};
    if (find_window(&room) < 0)
        return -1;
    if (!room.window)
        return room_load(&sync->use->read, member->room, ret_row, &sync->use->err);
    *ret_row = room.window->row;
    window_unref(room.window);
    return 1;
}

int sync_room_open(struct sync *sync, const struct membership_row *member, int64_t since,
                   struct sync_room *ret_room)
{
    struct sync_room room = {.sync = sync, .member = *member, .since = since};
    int found = open_view(&room);
    if (found == 1 && (find_since(&room) < 0 || find_end(&room) < 0))
        found = -1;
    room.limit = timeline_limit(sync);
    room.stop_place = room.is_new ? INT64_MIN : room.since_place;
    if (found == 1)
        *ret_room = room;
    else
        sync_room_done(&room);
    return found;
}

/* ---- the timeline ---- */

static int passes_filter(struct sync_room *room, const struct event *event)
{
    const struct event_filter *filter = &room->sync->filter.timeline;
    struct pdu pdu;
    if (event_filter_is_open(filter))
        return 1;
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA);
    if (pdu_open(scratch, room->view.version, event->json, event->hash, &pdu,
                 &room->sync->use->err) < 0)
        return -1;
    struct filter_subject subject = {pdu.type, pdu.sender, room->view.room_id, pdu.content};
    return filter_allows(filter, &subject);
}

/* 1 it is shown, 0, -1. */
static int is_shown(struct sync_room *room, const struct event *event)
{
    struct sync *sync = room->sync;
    if (!event->state_key && ignored_has(&sync->reader->ignored, event->sender))
        return 0;
    int visible = view_can_see(&room->view, event);
    return visible == 1 ? passes_filter(room, event) : visible;
}

struct taking {
    struct sync_room *room;
    size_t limit, looked_at;
    int64_t stop_place;         /* nothing at or before it */
    VEC(struct event *) events; /* newest first */
    bool more;
};

/* Events before a place, newest first, referenced; absent ones are NULL. */
static int load_page(struct taking *taking, int64_t place, size_t wanted, struct event ***ret_page,
                     size_t *ret_n)
{
    struct use *use = taking->room->sync->use;
    const struct window *window = taking->room->window;
    int64_t *ids;
    if (window && taking->stop_place >= window->floor_place) {
        *ret_page = ARENA_NEW_N(use->arena, window->n, struct event *);
        for (size_t i = window->n; i-- > 0 && *ret_n < wanted;) {
            if (window->events[i].event->place >= place)
                continue;
            event_ref(window->events[i].event);
            (*ret_page)[(*ret_n)++] = window->events[i].event;
        }
        return 0;
    }
    if (event_list_room(&use->read, taking->room->view.row.id, place, EVENT_BACKWARD, wanted,
                        use->arena, &ids, ret_n, &use->err) < 0)
        return -1;
    *ret_page = ARENA_NEW_N(use->arena, *ret_n, struct event *);
    return event_load_many(&use->read, ids, *ret_n, *ret_page, &use->err);
}

/* Takes a page of events, newest first. 1 go on, 0 done, -1. */
static int take_page(struct taking *taking, int64_t *place)
{
    struct use *use = taking->room->sync->use;
    struct event **page;
    size_t n = 0, wanted = taking->limit - taking->events.n + 1;
    int status = 1;
    if (load_page(taking, *place, wanted, &page, &n) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        int shown = 0;
        if (status == 1 && page[i] && page[i]->place <= taking->stop_place) {
            status = 0;
        } else if (status == 1 && page[i]) {
            shown = is_shown(taking->room, page[i]);
            taking->more |= taking->events.n == taking->limit && shown != 0;
            status = shown < 0 ? -1 : taking->events.n == taking->limit ? (shown ? 0 : 1) : 1;
            *place = page[i]->place;
        }
        if (status >= 0 && shown == 1 && !taking->more)
            ARENA_VEC_ADD(use->arena, &taking->events, page[i]);
        else
            event_unref(page[i]);
    }
    taking->looked_at += n;
    if (taking->looked_at > LOOKED_AT_MAX && status == 1) {
        taking->more = true;
        return 0;
    }
    return n < wanted && status == 1 ? 0 : status;
}

int sync_room_timeline(struct sync_room *room)
{
    struct arena *arena = room->sync->use->arena;
    struct taking taking = {
        .room = room,
        .limit = room->limit,
        .stop_place = room->stop_place,
    };
    int64_t place = room->end_place + 1;
    int status = 1;
    while (status == 1)
        status = take_page(&taking, &place);
    room->n_timeline = taking.events.n;
    room->timeline = ARENA_NEW_N(arena, room->n_timeline, struct event *);
    for (size_t i = 0; i < room->n_timeline; i++)
        room->timeline[i] = taking.events.p[room->n_timeline - 1 - i];
    room->limited = taking.more;
    room->first_place = room->n_timeline ? room->timeline[0]->place : room->end_place + 1;
    return status;
}

void sync_room_done(struct sync_room *room)
{
    for (size_t i = 0; i < room->n_timeline; i++)
        event_unref(room->timeline[i]);
    room->n_timeline = 0;
    window_unref(room->window);
    room->window = room->view.window = NULL;
}
