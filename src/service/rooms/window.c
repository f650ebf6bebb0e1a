/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/window.h"

#include "base/mem.h"

/* ---- making ---- */

static struct window *window_new(const struct room_row *row)
{
    struct window *window = MEM_NEW(struct window);
    window->refs = 1;
    window->row = *row;
    return window;
}

static void add_event(struct window *window, struct event *event)
{
    event_ref(event);
    window->events[window->n++] = (struct window_event){event, -1};
}

static bool is_linear(const struct window *window, int64_t history_visibility)
{
    int64_t state = window->floor_state;
    for (size_t i = 0; i < window->n; i++) {
        const struct event *event = window->events[i].event;
        if (event->state_before != state || (event->state_key && event->type == history_visibility))
            return false;
        state = event->state;
    }
    return true;
}

static int find_plain(struct use *use, struct window *window)
{
    struct view view = {.use = use, .row = window->row, .arena = use->arena};
    const struct room_names *names = rooms_names(use->server);
    struct str version;
    if (!is_linear(window, names->history_visibility) || !window->floor_state)
        return 0;
    if (store_name(use->server->store, window->row.version, use->arena, &version, &use->err) < 0)
        return -1;
    view.version = room_version_find(version);
    if (!view.version)
        return 0;
    window->is_plain = true;
    return view_visibility(&view, window->floor_state, &window->visibility);
}

/* events: newest first; one more than fits when there are so many. */
static void fill(struct window *window, struct event **events, size_t n)
{
    size_t kept = n > WINDOW_EVENTS ? WINDOW_EVENTS : n;
    if (n > kept) {
        window->floor_pos = events[kept]->pos;
        window->floor_place = events[kept]->place;
        window->floor_state = events[kept]->state;
    }
    for (size_t i = kept; i-- > 0;)
        add_event(window, events[i]);
}

/* Live events alone: those that were filled in from before have places below 1. */
static size_t count_usable(struct event **events, size_t n)
{
    size_t usable = 0;
    while (usable < n && events[usable] && events[usable]->place > 0)
        usable++;
    return usable;
}

static int load_events(struct use *use, struct window *window)
{
    struct event *events[WINDOW_EVENTS + 1];
    int64_t *ids;
    size_t n;
    if (event_list_room(&use->read, window->row.id, INT64_MAX, EVENT_BACKWARD, WINDOW_EVENTS + 1,
                        use->arena, &ids, &n, &use->err) < 0 ||
        event_load_many(&use->read, ids, n, events, &use->err) < 0)
        return -1;
    bool whole = count_usable(events, n) == n;
    if (whole)
        fill(window, events, n);
    for (size_t i = 0; i < n; i++)
        event_unref(events[i]);
    return whole ? 1 : 0;
}

int window_load(struct use *use, int64_t room, struct window **ret_window)
{
    struct room_row row;
    int found = room_load(&use->read, room, &row, &use->err);
    if (found != 1)
        return found;
    if (row.pos > use->read.head.pos)
        return 0;
    struct window *window = window_new(&row);
    found = load_events(use, window);
    if (found == 1 && find_plain(use, window) < 0)
        found = -1;
    if (found == 1)
        *ret_window = window;
    else
        window_unref(window);
    return found;
}

/* ---- following ---- */

/* Takes the older events over; those that no longer fit become the floor. */
static struct window *copy_last(const struct window *window, size_t kept)
{
    struct window *copy = window_new(&window->row);
    size_t gone = window->n - kept;
    copy->floor_pos = window->floor_pos;
    copy->floor_place = window->floor_place;
    copy->floor_state = window->floor_state;
    copy->is_plain = window->is_plain;
    copy->visibility = window->visibility;
    if (gone) {
        const struct event *floor = window->events[gone - 1].event;
        copy->floor_pos = floor->pos;
        copy->floor_place = floor->place;
        copy->floor_state = floor->state;
    }
    for (size_t i = gone; i < window->n; i++)
        add_event(copy, window->events[i].event);
    return copy;
}

static bool follows(const struct window *window, const struct event *event)
{
    unsigned out = EVENT_OUTLIER | EVENT_REJECTED | EVENT_SOFT_FAILED;
    return event->room == window->row.id && !event->state_key && !(event->flags & out) &&
           event->place == window->row.last_place + 1 && event->state_before == window->row.state &&
           event->state == window->row.state;
}

static int append(struct use *use, struct window *window, const int64_t *events, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        CLEANUP(event_cleanup) struct event *event = NULL;
        int found = event_load(&use->read, events[i], &event, &use->err);
        if (found != 1 || !follows(window, event))
            return found < 0 ? -1 : 0;
        window->row.head = event->id;
        window->row.pos = event->pos;
        window->row.last_place = event->place;
        window->row.events++;
        if (window->row.depth < event->depth)
            window->row.depth = event->depth;
        add_event(window, event);
    }
    return 1;
}

int window_extend(struct use *use, const struct window *window, const int64_t *events, size_t n,
                  struct window **ret_window)
{
    if (n >= WINDOW_EVENTS)
        return 0;
    size_t kept = window->n + n > WINDOW_EVENTS ? WINDOW_EVENTS - n : window->n;
    struct window *longer = copy_last(window, kept);
    int extended = append(use, longer, events, n);
    if (extended == 1)
        *ret_window = longer;
    else
        window_unref(longer);
    return extended;
}

/* ---- using ---- */

struct window *window_ref(struct window *window)
{
    __atomic_add_fetch(&window->refs, 1, __ATOMIC_RELAXED);
    return window;
}

void window_unref(struct window *window)
{
    if (!window || __atomic_sub_fetch(&window->refs, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    for (size_t i = 0; i < window->n; i++)
        event_unref(window->events[i].event);
    mem_free(window);
}

const struct event *window_event_at(const struct window *window, int64_t pos)
{
    const struct event *last = NULL;
    for (size_t i = 0; i < window->n && window->events[i].event->pos <= pos; i++)
        last = window->events[i].event;
    return last;
}

void window_seed(struct window *window, struct view *view, const struct membership_row *member)
{
    struct visibility_facts facts = {
        .visibility_before = window->visibility,
        .visibility_after = window->visibility,
        .membership_before = MEMBERSHIP_JOIN,
        .membership_after = MEMBERSHIP_JOIN,
    };
    view->window = window;
    if (!window->is_plain || member->kind != MEMBERSHIP_JOIN)
        return;
    for (size_t i = 0; i < window->n; i++)
        if (window->events[i].event->pos > member->pos)
            view_expect(view, window->events[i].event, &facts);
}
