/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/history.h"

#include "base/limits.h"
#include "base/vec.h"
#include "store/relation.h"

/* Events looked at for one page. A reader with nothing to see in a long stretch goes through it in
 * pages of this size. */
#define LOOKED_AT_MAX 2000
/* At once, when nothing has been found so far. */
#define STRIDE 200
/* Relations of one event looked at by a filter on them. */
#define RELATIONS_MAX 1000
/* So many relations are as much work as one event. */
#define RELATIONS_AN_EVENT 20

/* A list of a filter, looked up once a page. */
struct names {
    bool wanted; /* false: there is no list, and all pass */
    int64_t *ids;
    size_t n;
};

struct reading {
    struct view *view;
    const struct history_query *query;
    struct ignored ignored;
    struct names rel_types, rel_senders;
    struct arena *scratch; /* for one event */
    VEC(struct event *) events;
    size_t looked_at;
    int64_t next;
    bool more, ended;
};

/* ---- which events ---- */

/* The names of a list of a filter: those that nothing here has are left out. */
static int find_names(struct use *use, const struct filter_list *list, struct names *ret_names)
{
    struct names names = {.wanted = list != NULL};
    names.ids = ARENA_NEW_N(use->arena, list ? list->n_plain : 0, int64_t);
    for (size_t i = 0; list && i < list->n_plain; i++) {
        int found =
            store_find_name(use->server->store, list->plain[i], &names.ids[names.n], &use->err);
        if (found < 0)
            return -1;
        names.n += found == 1;
    }
    *ret_names = names;
    return 0;
}

static bool names_hold(const struct names *names, int64_t name)
{
    for (size_t i = 0; i < names->n; i++)
        if (names->ids[i] == name)
            return true;
    return !names->wanted;
}

/* related_by_rel_types and related_by_senders: is there a child of both? 1, 0, -1. The children
 * looked at count as work done for the page. */
static int is_related(struct reading *reading, const struct event *event)
{
    struct use *use = reading->view->use;
    struct relation_query query = {
        .parent = event->hash,
        .room = event->room,
        .direction = EVENT_FORWARD,
        .limit = RELATIONS_MAX,
    };
    struct relation_row *rows;
    size_t n;
    if (relation_list(&use->read, &query, reading->scratch, &rows, &n, &use->err) < 0)
        return -1;
    reading->looked_at += n / RELATIONS_AN_EVENT;
    for (size_t i = 0; i < n; i++)
        if (names_hold(&reading->rel_types, rows[i].rel_type) &&
            names_hold(&reading->rel_senders, rows[i].sender))
            return 1;
    return 0;
}

static int passes_filter(struct reading *reading, const struct event *event)
{
    const struct event_filter *filter = reading->query->filter;
    struct view *view = reading->view;
    struct pdu pdu;
    if (!filter)
        return 1;
    if (pdu_open(reading->scratch, view->version, event->json, event->hash, &pdu, &view->use->err) <
        0)
        return -1;
    struct filter_subject subject = {pdu.type, pdu.sender, view->room_id, pdu.content};
    if (!filter_allows(filter, &subject))
        return 0;
    return filter->rel_types || filter->rel_senders ? is_related(reading, event) : 1;
}

/* 1 it is shown, 0, -1. */
static int is_shown(struct reading *reading, const struct event *event)
{
    if (!event->state_key && ignored_has(&reading->ignored, event->sender))
        return 0;
    int visible = view_can_see(reading->view, event);
    if (visible != 1)
        return visible;
    arena_reset(reading->scratch);
    return passes_filter(reading, event);
}

/* ---- pages ---- */

static bool is_past(const struct history_query *query, const struct event *event)
{
    if (!query->has_to)
        return false;
    return query->direction == EVENT_FORWARD ? event->place >= query->to : event->place < query->to;
}

/* 1 it was taken or stepped over, 0 the page ends before it, -1. */
static int take_event(struct reading *reading, struct event *event)
{
    const struct history_query *query = reading->query;
    if (is_past(query, event)) {
        reading->ended = true;
        return 0;
    }
    int shown = is_shown(reading, event);
    if (shown < 0)
        return -1;
    if (shown && reading->events.n == query->limit) {
        reading->more = true;
        return 0;
    }
    if (shown) {
        event_ref(event);
        ARENA_VEC_ADD(reading->view->use->arena, &reading->events, event);
    }
    reading->next = event->place + (query->direction == EVENT_FORWARD);
    reading->looked_at++;
    return 1;
}

/* Looks at some more events: 1 go on, 0 the page is done, -1. */
static int take_stride(struct reading *reading)
{
    struct use *use = reading->view->use;
    bool forward = reading->query->direction == EVENT_FORWARD;
    size_t n, wanted = reading->query->limit - reading->events.n + 1;
    int64_t *ids;
    int status = 1;
    if (wanted < STRIDE && reading->looked_at)
        wanted = STRIDE;
    arena_reset(reading->scratch);
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA);
    if (event_list_room(&use->read, reading->view->row.id, reading->next - forward,
                        reading->query->direction, wanted, arena, &ids, &n, &use->err) < 0)
        return -1;
    struct event **events = ARENA_NEW_N(arena, n, struct event *);
    if (event_load_many(&use->read, ids, n, events, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (status == 1 && events[i])
            status = take_event(reading, events[i]);
        event_unref(events[i]);
    }
    if (status == 1 && n < wanted) {
        reading->ended = true;
        return 0;
    }
    if (status == 1 && reading->looked_at >= LOOKED_AT_MAX) {
        reading->more = true;
        return 0;
    }
    return status;
}

int history_read(struct view *view, const struct history_query *query,
                 struct history_page *ret_page)
{
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA);
    struct reading reading = {
        .view = view, .query = query, .scratch = scratch, .next = query->from};
    int status = 1;
    if (ignored_load(view->use, &reading.ignored) < 0)
        return -1;
    if (query->filter &&
        (find_names(view->use, query->filter->rel_types, &reading.rel_types) < 0 ||
         find_names(view->use, query->filter->rel_senders, &reading.rel_senders) < 0))
        return -1;
    while (status == 1)
        status = take_stride(&reading);
    *ret_page = (struct history_page){
        .events = reading.events.p,
        .n = reading.events.n,
        .next = reading.next,
        .more = reading.more,
        .looked_at = reading.looked_at,
    };
    if (status < 0)
        history_done(ret_page);
    return status;
}

void history_done(struct history_page *page)
{
    for (size_t i = 0; i < page->n; i++)
        event_unref(page->events[i]);
    page->n = 0;
}

int history_around(struct view *view, const struct event *event, enum event_direction direction,
                   size_t limit, const struct event_filter *filter, struct history_page *ret_page)
{
    struct history_query query = {
        .from = event->place + (direction == EVENT_FORWARD),
        .direction = direction,
        .limit = limit,
        .filter = filter,
    };
    *ret_page = (struct history_page){.next = query.from};
    if (limit == 0)
        return 0;
    if (view->was_joined) {
        int64_t first;
        query.has_to = direction == EVENT_FORWARD;
        if (history_bounds(view, &first, &query.to) < 0)
            return -1;
    }
    return history_read(view, &query, ret_page);
}

/* ---- places ---- */

int history_bounds(struct view *view, int64_t *ret_first, int64_t *ret_end)
{
    struct use *use = view->use;
    bool open = false;
    *ret_first = view->row.first_place;
    if (view->was_joined && view_is_world_readable(view, &open) < 0)
        return -1;
    if (view->was_joined && !open) {
        *ret_end = view->departed_place + 1;
        return 0;
    }
    /* The snapshot may hold more than the head, which tokens of a sync stand for. */
    if (event_place_at(&use->read, view->row.id, use->read.head.pos, ret_end, &use->err) < 0)
        return -1;
    ++*ret_end;
    return 0;
}

int history_state_at(struct view *view, int64_t place, int64_t *ret_state)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    struct use *use = view->use;
    int64_t *ids;
    size_t n;
    *ret_state = 0;
    if (event_list_room(&use->read, view->row.id, place, EVENT_BACKWARD, 1, use->arena, &ids, &n,
                        &use->err) < 0)
        return -1;
    int found = n ? event_load(&use->read, ids[0], &event, &use->err) : 0;
    if (found == 1)
        *ret_state = event->state;
    return found < 0 ? -1 : 0;
}

/* ---- times ---- */

/* 1 found, 0 none of these, -1. */
static int find_visible(struct view *view, const int64_t *ids, size_t n, struct event **ret_event)
{
    for (size_t i = 0; i < n; i++) {
        struct event *event;
        int found = event_load(&view->use->read, ids[i], &event, &view->use->err);
        if (found < 0)
            return -1;
        if (!found)
            continue;
        int visible = view_can_see(view, event);
        if (visible == 1)
            *ret_event = event;
        else
            event_unref(event);
        if (visible != 0)
            return visible;
    }
    return 0;
}

int history_find_time(struct view *view, int64_t ts, enum event_direction direction,
                      struct event **ret_event)
{
    struct use *use = view->use;
    size_t n = 1, looked_at = 0;
    int found = 0;
    while (found == 0 && n > 0 && looked_at < LOOKED_AT_MAX) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA);
        int64_t *ids;
        if (event_list_time(&use->read, view->row.id, ts, direction, looked_at,
                            looked_at ? STRIDE : 1, arena, &ids, &n, &use->err) < 0)
            return -1;
        found = find_visible(view, ids, n, ret_event);
        looked_at += n;
    }
    return found;
}

/* ---- lazy members ---- */

static bool came_before(struct event *const *events, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (events[k]->sender == events[i]->sender)
            return true;
    return false;
}

int history_write_senders(struct json_writer *out, const struct format *format,
                          struct event *const *events, size_t n)
{
    struct use *use = format->view->use;
    int64_t member = rooms_names(use->server)->member, id;
    for (size_t i = 0; i < n; i++) {
        CLEANUP(event_cleanup) struct event *event = NULL;
        if (came_before(events, i))
            continue;
        int found =
            state_find(&use->read, events[i]->state, member, events[i]->sender, &id, &use->err);
        if (found == 1)
            found = event_load(&use->read, id, &event, &use->err);
        if (found < 0 || (found && format_event(out, format, event) < 0))
            return -1;
    }
    return 0;
}
