/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/children.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/vec.h"

/* Looked at for one page; past it the page ends early and says that there is more. */
#define LOOKED_AT_MAX 2000
#define BATCH         200

typedef VEC(struct relation_row) row_vec;

struct reading {
    struct view *view;
    const struct children_query *query;
    struct ignored ignored;
    struct arena *arena; /* of this page's rows */
    int64_t rel_type, type;
    VEC(struct event *) events;
    size_t looked_at;
    int64_t next;
    bool more, ended;
};

/* ---- one page ---- */

static bool is_past(const struct children_query *query, int64_t place)
{
    if (!query->has_to)
        return false;
    return query->direction == EVENT_FORWARD ? place >= query->to : place < query->to;
}

/* An event that the reader may see and has not ignored: 1 (the caller unrefs), 0, -1. */
static int load_visible(struct view *view, const struct ignored *ignored, int64_t id,
                        struct event **ret_event)
{
    struct event *event;
    int found = event_load(&view->use->read, id, &event, &view->use->err);
    if (found != 1)
        return found;
    int visible = ignored_has(ignored, event->sender) ? 0 : view_can_see(view, event);
    if (visible == 1)
        *ret_event = event;
    else
        event_unref(event);
    return visible;
}

/* 1 it was taken or stepped over, 0 the page ends before it, -1. */
static int take_row(struct reading *reading, const struct relation_row *row)
{
    const struct children_query *query = reading->query;
    struct event *event = NULL;
    if (is_past(query, row->place)) {
        reading->ended = true;
        return 0;
    }
    int visible = load_visible(reading->view, &reading->ignored, row->child, &event);
    if (visible < 0)
        return -1;
    if (visible && reading->events.n == query->limit) {
        event_unref(event);
        reading->more = true;
        return 0;
    }
    if (visible)
        ARENA_VEC_ADD(reading->view->use->arena, &reading->events, event);
    reading->next = row->place + (query->direction == EVENT_FORWARD);
    reading->looked_at++;
    return 1;
}

/* ---- children ---- */

/* 1 go on, 0 the page is done, -1. */
static int take_batch(struct reading *reading)
{
    struct use *use = reading->view->use;
    bool forward = reading->query->direction == EVENT_FORWARD;
    struct relation_query query = {
        .parent = reading->query->parent->hash,
        .rel_type = reading->rel_type,
        .type = reading->type,
        .room = reading->view->row.id,
        .after_place = reading->next - forward,
        .has_place = true,
        .direction = reading->query->direction,
        .limit = BATCH,
    };
    struct relation_row *rows;
    int status = 1;
    size_t n;
    if (relation_list(&use->read, &query, reading->arena, &rows, &n, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n && status == 1; i++)
        status = take_row(reading, &rows[i]);
    if (status == 1 && reading->looked_at >= LOOKED_AT_MAX) {
        reading->more = true;
        return 0;
    }
    return status == 1 && n < BATCH ? 0 : status;
}

/* ---- children of children ---- */

static int hash_of(struct view *view, int64_t id, unsigned char ret_hash[EVENT_HASH_BYTES])
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    int found = event_load(&view->use->read, id, &event, &view->use->err);
    if (found == 1)
        memcpy(ret_hash, event->hash, EVENT_HASH_BYTES);
    return found;
}

static int add_children(struct reading *reading, const unsigned char *parent, row_vec *rows)
{
    struct use *use = reading->view->use;
    struct relation_query query = {
        .parent = parent, .room = reading->view->row.id, .direction = EVENT_FORWARD};
    struct relation_row *found;
    size_t n;
    if (rows->n >= CHILDREN_RECURSED_MAX)
        return 0;
    query.limit = CHILDREN_RECURSED_MAX - rows->n;
    if (relation_list(&use->read, &query, reading->arena, &found, &n, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        ARENA_VEC_ADD(reading->arena, rows, found[i]);
    return 0;
}

/* Level after level; an event relates to one other at most, so that none comes twice. */
static int gather(struct reading *reading, row_vec *rows)
{
    unsigned char hash[EVENT_HASH_BYTES];
    size_t done = 0;
    if (add_children(reading, reading->query->parent->hash, rows) < 0)
        return -1;
    for (size_t depth = 1; depth < CHILDREN_DEPTH; depth++) {
        size_t level_end = rows->n;
        for (; done < level_end; done++) {
            int found = hash_of(reading->view, rows->p[done].child, hash);
            if (found < 0 || (found && add_children(reading, hash, rows) < 0))
                return -1;
        }
    }
    return 0;
}

static int by_place(const void *a, const void *b)
{
    const struct relation_row *left = a, *right = b;
    return (left->place > right->place) - (left->place < right->place);
}

static bool is_wanted(const struct reading *reading, const struct relation_row *row)
{
    const struct children_query *query = reading->query;
    if ((reading->rel_type && row->rel_type != reading->rel_type) ||
        (reading->type && row->type != reading->type))
        return false;
    return query->direction == EVENT_FORWARD ? row->place >= reading->next
                                             : row->place < reading->next;
}

static int take_recursively(struct reading *reading)
{
    row_vec rows = {0};
    int status = 1;
    if (gather(reading, &rows) < 0)
        return -1;
    if (rows.n)
        qsort(rows.p, rows.n, sizeof *rows.p, by_place);
    for (size_t i = 0; i < rows.n && status == 1; i++) {
        bool forward = reading->query->direction == EVENT_FORWARD;
        const struct relation_row *row = &rows.p[forward ? i : rows.n - 1 - i];
        if (is_wanted(reading, row))
            status = take_row(reading, row);
    }
    return status < 0 ? -1 : 0;
}

/* ---- pages ---- */

/* 1, 0 nothing can have that name, -1. */
static int find_name(struct use *use, struct str text, int64_t *ret_name)
{
    *ret_name = 0;
    return text.p ? store_find_name(use->server->store, text, ret_name, &use->err) : 1;
}

static void give_page(struct reading *reading, int status, struct children_page *ret_page)
{
    *ret_page = (struct children_page){
        .events = reading->events.p,
        .n = reading->events.n,
        .next = reading->next,
        .more = reading->more,
    };
    if (status < 0)
        children_done(ret_page);
}

int children_read(struct view *view, const struct children_query *query,
                  struct children_page *ret_page)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA);
    struct reading reading = {.view = view, .query = query, .arena = arena};
    int status = 1;
    bool forward = query->direction == EVENT_FORWARD;
    reading.next = query->has_from ? query->from : forward ? -INT64_MAX : INT64_MAX;
    *ret_page = (struct children_page){0};
    int known = find_name(view->use, query->rel_type, &reading.rel_type);
    if (known == 1)
        known = find_name(view->use, query->type, &reading.type);
    if (known != 1)
        return known;
    if (ignored_load(view->use, &reading.ignored) < 0)
        return -1;
    if (query->recurse)
        status = take_recursively(&reading);
    while (status == 1)
        status = take_batch(&reading);
    give_page(&reading, status, ret_page);
    return status;
}

void children_done(struct children_page *page)
{
    for (size_t i = 0; i < page->n; i++)
        event_unref(page->events[i]);
    page->n = 0;
}

/* ---- threads ---- */

/* Did the reader start the thread or write in it? 1, 0, -1. */
static int takes_part(struct view *view, const struct event *root)
{
    struct relation_counts counts;
    struct use *use = view->use;
    if (root->sender == use->caller.user)
        return 1;
    if (relation_count(&use->read, root->hash, RELATION_THREAD, use->caller.user, NULL, 0, &counts,
                       &use->err) < 0)
        return -1;
    return counts.by_user > 0;
}

/* The root of a thread that belongs in the list: 1 (the caller unrefs), 0, -1. */
static int load_root(struct reading *reading, const struct threads_query *query,
                     const struct relation_thread_row *row, struct event **ret_root)
{
    struct view *view = reading->view;
    struct event *root;
    int found = event_load_by_hash(&view->use->read, row->root, &root, &view->use->err);
    if (found != 1)
        return found;
    int wanted = root->room == view->row.id && !ignored_has(&reading->ignored, root->sender);
    if (wanted)
        wanted = view_can_see(view, root);
    if (wanted == 1 && query->participated)
        wanted = takes_part(view, root);
    if (wanted == 1)
        *ret_root = root;
    else
        event_unref(root);
    return wanted;
}

/* 1 go on, 0 the page is done, -1. */
static int take_thread(struct reading *reading, const struct threads_query *query,
                       const struct relation_thread_row *row)
{
    struct event *root;
    int wanted = load_root(reading, query, row, &root);
    if (wanted < 0)
        return -1;
    if (wanted && reading->events.n == query->limit) {
        event_unref(root);
        reading->more = true;
        return 0;
    }
    if (wanted)
        ARENA_VEC_ADD(reading->view->use->arena, &reading->events, root);
    reading->next = row->last_place;
    reading->looked_at++;
    return 1;
}

int threads_read(struct view *view, const struct threads_query *query,
                 struct children_page *ret_page)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA);
    struct use *use = view->use;
    struct reading reading = {.view = view, .arena = arena, .next = query->before};
    struct relation_thread_row *rows;
    int status = 1;
    size_t n = BATCH;
    if (ignored_load(use, &reading.ignored) < 0)
        return -1;
    while (status == 1 && n == BATCH) {
        if (relation_list_threads(&use->read, view->row.id, reading.next, BATCH, arena, &rows, &n,
                                  &use->err) < 0)
            status = -1;
        for (size_t i = 0; status == 1 && i < n; i++)
            status = take_thread(&reading, query, &rows[i]);
        if (status == 1 && n == BATCH && reading.looked_at >= LOOKED_AT_MAX) {
            reading.more = true;
            status = 0;
        }
    }
    give_page(&reading, status, ret_page);
    return status < 0 ? -1 : 0;
}
