/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Getting events for a room": pages of messages, an event, what is around it.
 */

#include "api/client/tables.h"
#include "base/limits.h"
#include "service/rooms/history.h"
#include "service/rooms/state_list.h"
#include "service/sync/token.h"

static int write_events(struct request *rq, const struct format *format, struct str key,
                        struct event *const *events, size_t n)
{
    json_write_key(&rq->out, key);
    json_write_array(&rq->out);
    for (size_t i = 0; i < n; i++)
        if (format_event(&rq->out, format, events[i]) < 0)
            return -1;
    json_write_end(&rq->out);
    return 0;
}

static void write_token(struct request *rq, struct str key, int64_t place)
{
    json_write_member_str(&rq->out, key, place_token_format(&rq->use, place));
}

/* The filter parameter: JSON in place. */
static int query_filter(struct request *rq, struct event_filter *ret_filter)
{
    struct str text = api_query(rq, STR("filter"));
    const struct json *doc = NULL;
    if (text.n > LIMIT_FILTER_BYTES)
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "The filter is too long");
    if (text.n && json_parse(rq->use.arena, text, &doc, &rq->use.err) < 0)
        return -1;
    return event_filter_parse(rq->use.arena, doc, ret_filter, &rq->use.err);
}

/* ---- pages ---- */

static int query_direction(struct request *rq, enum event_direction *ret_direction)
{
    struct str dir = api_query(rq, STR("dir"));
    bool backward = str_eq(dir, STR("b"));
    if (!dir.p)
        return err_client(&rq->use.err, 400, "M_MISSING_PARAM", "dir is missing");
    if (!backward && !str_eq(dir, STR("f")))
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "dir must be b or f");
    *ret_direction = backward ? EVENT_BACKWARD : EVENT_FORWARD;
    return 0;
}

static int query_limit(struct request *rq, const struct event_filter *filter, size_t *ret_limit)
{
    int64_t limit, otherwise = filter->limit ? filter->limit : LIMIT_MESSAGES_DEFAULT;
    if (otherwise > LIMIT_MESSAGES_MAX)
        otherwise = LIMIT_MESSAGES_MAX;
    if (api_query_int(rq, STR("limit"), otherwise, LIMIT_MESSAGES_MAX, &limit) < 0)
        return -1;
    *ret_limit = limit > 0 ? (size_t)limit : 1; /* or a client would never come to an end */
    return 0;
}

/* Where to begin and to stop. A reader who has left comes to no event after that. */
static int query_places(struct request *rq, struct view *view, struct history_query *query)
{
    struct str from = api_query(rq, STR("from")), to = api_query(rq, STR("to"));
    bool forward = query->direction == EVENT_FORWARD;
    int64_t first, end;
    if (history_bounds(view, &first, &end) < 0)
        return -1;
    query->from = forward ? first : end;
    if (from.n && place_token_parse(&rq->use, view->row.id, from, &query->from) < 0)
        return -1;
    if (to.n && place_token_parse(&rq->use, view->row.id, to, &query->to) < 0)
        return -1;
    query->has_to = to.n > 0;
    if (!forward && query->from > end)
        query->from = end;
    if (forward && view->was_joined && (!query->has_to || query->to > end)) {
        query->has_to = true;
        query->to = end;
    }
    return 0;
}

static int write_page(struct request *rq, struct view *view, const struct history_query *query,
                      const struct history_page *page)
{
    struct format format = {.view = view, .with_room_id = true};
    json_write_object(&rq->out);
    if (write_events(rq, &format, STR("chunk"), page->events, page->n) < 0)
        return -1;
    if (page->more)
        write_token(rq, STR("end"), page->next);
    write_token(rq, STR("start"), query->from);
    if (query->filter->lazy_load_members) {
        json_write_key(&rq->out, STR("state"));
        json_write_array(&rq->out);
        if (history_write_senders(&rq->out, &format, page->events, page->n) < 0)
            return -1;
        json_write_end(&rq->out);
    }
    json_write_end(&rq->out);
    return 0;
}

static int get_messages(struct request *rq)
{
    struct event_filter filter;
    struct history_query query = {.filter = &filter};
    struct history_page page;
    struct view view;
    if (query_direction(rq, &query.direction) < 0 || query_filter(rq, &filter) < 0 ||
        query_limit(rq, &filter, &query.limit) < 0 ||
        view_open_readable(&rq->use, api_param(rq, 0), &view) < 0 ||
        query_places(rq, &view, &query) < 0 || history_read(&view, &query, &page) < 0)
        return API_FAILED;
    int status = write_page(rq, &view, &query, &page);
    history_done(&page);
    return status;
}

/* ---- one event ---- */

/* The event of the path that the reader may see, or 404. */
static int find_event(struct request *rq, struct view *view, struct event **ret_event)
{
    int found = view_find_event(view, api_param(rq, 1), ret_event);
    if (found < 0)
        return -1;
    return found ? 0 : err_client(&rq->use.err, 404, "M_NOT_FOUND", "No such event");
}

static int get_event(struct request *rq)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    struct view view;
    struct format format = {.view = &view, .with_room_id = true};
    if (view_open_readable(&rq->use, api_param(rq, 0), &view) < 0 ||
        find_event(rq, &view, &event) < 0)
        return API_FAILED;
    return format_event(&rq->out, &format, event);
}

static int get_by_time(struct request *rq)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    enum event_direction direction;
    struct view view;
    int64_t ts;
    if (!api_query(rq, STR("ts")).p)
        return err_client(&rq->use.err, 400, "M_MISSING_PARAM", "ts is missing");
    if (api_query_int(rq, STR("ts"), 0, LIMIT_SAFE_INTEGER, &ts) < 0 ||
        query_direction(rq, &direction) < 0 ||
        view_open_readable(&rq->use, api_param(rq, 0), &view) < 0)
        return API_FAILED;
    int found = history_find_time(&view, ts, direction, &event);
    if (found < 0)
        return API_FAILED;
    if (!found)
        return err_client(&rq->use.err, 404, "M_NOT_FOUND", "No event in that direction");
    json_write_object(&rq->out);
    json_write_member_str(&rq->out, STR("event_id"),
                          pdu_event_id(rq->use.arena, view.version, event->hash));
    json_write_member_int(&rq->out, STR("origin_server_ts"), event->origin_server_ts);
    json_write_end(&rq->out);
    return API_DONE;
}

/* ---- what is around it ---- */

struct context {
    struct view view;
    struct event_filter filter;
    struct event *event;
    struct history_page before, after;
};

static int read_side(struct context *context, enum event_direction direction, size_t limit,
                     struct history_page *ret_page)
{
    return history_around(&context->view, context->event, direction, limit, &context->filter,
                          ret_page);
}

/* The state at the last event returned, which ends the answer. */
static int write_context_state(struct request *rq, struct context *context)
{
    size_t n = context->before.n + context->after.n + 1, k = 0;
    struct event **all = ARENA_NEW_N(rq->use.arena, n, struct event *);
    for (size_t i = context->before.n; i-- > 0;)
        all[k++] = context->before.events[i];
    all[k++] = context->event;
    for (size_t i = 0; i < context->after.n; i++)
        all[k++] = context->after.events[i];
    struct state_choice choice = {
        .filter = &context->filter,
        .lazy = context->filter.lazy_load_members,
        .events = all,
        .n_events = n,
    };
    json_write_key(&rq->out, STR("state"));
    json_write_array(&rq->out);
    return state_list_answer(&rq->use, &rq->out, &context->view, all[n - 1]->state, &choice);
}

static int write_context(struct request *rq, struct context *context)
{
    struct format format = {.view = &context->view, .with_room_id = true};
    json_write_object(&rq->out);
    write_token(rq, STR("end"), context->after.next);
    json_write_key(&rq->out, STR("event"));
    if (format_event(&rq->out, &format, context->event) < 0 ||
        write_events(rq, &format, STR("events_after"), context->after.events, context->after.n) <
            0 ||
        write_events(rq, &format, STR("events_before"), context->before.events, context->before.n) <
            0)
        return -1;
    write_token(rq, STR("start"), context->before.next);
    return write_context_state(rq, context);
}

static int get_context(struct request *rq)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    struct context context = {0};
    int64_t limit;
    if (api_query_int(rq, STR("limit"), LIMIT_MESSAGES_DEFAULT, LIMIT_TIMELINE_MAX, &limit) < 0 ||
        query_filter(rq, &context.filter) < 0 ||
        view_open_readable(&rq->use, api_param(rq, 0), &context.view) < 0 ||
        find_event(rq, &context.view, &event) < 0)
        return API_FAILED;
    context.event = event;
    size_t before = (size_t)limit / 2;
    int status = read_side(&context, EVENT_BACKWARD, before, &context.before);
    if (status == 0)
        status = read_side(&context, EVENT_FORWARD, (size_t)limit - before, &context.after);
    if (status == 0)
        status = write_context(rq, &context);
    history_done(&context.before);
    history_done(&context.after);
    return status;
}

#define ROOM "/_matrix/client/v3/rooms/{roomId}"
#define READ API_ACCESS_USER_SUSPENDED, API_RATE_READ

static const struct api_route routes[] = {
    {HTTP_GET, ROOM "/messages", READ, get_messages},
    {HTTP_GET, ROOM "/context/{eventId}", READ, get_context},
    {HTTP_GET, ROOM "/event/{eventId}", READ, get_event},
    {HTTP_GET, "/_matrix/client/v1/rooms/{roomId}/timestamp_to_event", READ, get_by_time},
};
const struct api_table api_client_messages = {routes, ARRAY_LEN(routes)};
