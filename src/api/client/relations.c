/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Relationships API" and "Querying threads in a room". */

#include "api/client/tables.h"
#include "base/limits.h"
#include "service/rooms/children.h"
#include "service/sync/token.h"

#define RELATIONS_DEFAULT 50
#define THREADS_DEFAULT   20

static int write_events(struct request *rq, struct view *view, const struct children_page *page)
{
    struct format format = {.view = view, .with_room_id = true};
    json_write_key(&rq->out, STR("chunk"));
    json_write_array(&rq->out);
    for (size_t i = 0; i < page->n; i++)
        if (format_event(&rq->out, &format, page->events[i]) < 0)
            return -1;
    json_write_end(&rq->out);
    return 0;
}

static int query_limit(struct request *rq, int64_t otherwise, size_t *ret_limit)
{
    int64_t limit;
    if (api_query_int(rq, STR("limit"), otherwise, LIMIT_MESSAGES_MAX, &limit) < 0)
        return -1;
    *ret_limit = limit > 0 ? (size_t)limit : 1;
    return 0;
}

/* ---- relations ---- */

static int query_direction(struct request *rq, enum event_direction *ret_direction)
{
    struct str dir = api_query(rq, STR("dir"));
    bool forward = str_eq(dir, STR("f"));
    if (dir.p && !forward && !str_eq(dir, STR("b")))
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "dir must be b or f");
    *ret_direction = forward ? EVENT_FORWARD : EVENT_BACKWARD;
    return 0;
}

static int query_places(struct request *rq, const struct view *view, struct children_query *query)
{
    struct str from = api_query(rq, STR("from")), to = api_query(rq, STR("to"));
    query->has_from = from.n > 0;
    query->has_to = to.n > 0;
    if (from.n && place_token_parse(&rq->use, view->row.id, from, &query->from) < 0)
        return -1;
    return to.n ? place_token_parse(&rq->use, view->row.id, to, &query->to) : 0;
}

static int write_relations(struct request *rq, struct view *view,
                           const struct children_query *query, const struct children_page *page)
{
    json_write_object(&rq->out);
    if (write_events(rq, view, page) < 0)
        return -1;
    if (page->more)
        json_write_member_str(&rq->out, STR("next_batch"),
                              place_token_format(&rq->use, page->next));
    if (query->has_from)
        json_write_member_str(&rq->out, STR("prev_batch"),
                              place_token_format(&rq->use, query->from));
    if (query->recurse)
        json_write_member_int(&rq->out, STR("recursion_depth"), CHILDREN_DEPTH);
    json_write_end(&rq->out);
    return 0;
}

static int list_relations(struct request *rq, struct str rel_type, struct str type)
{
    CLEANUP(event_cleanup) struct event *parent = NULL;
    struct children_query query = {.rel_type = rel_type, .type = type};
    struct children_page page;
    struct view view;
    if (query_direction(rq, &query.direction) < 0 ||
        query_limit(rq, RELATIONS_DEFAULT, &query.limit) < 0 ||
        api_query_bool(rq, STR("recurse"), false, &query.recurse) < 0 ||
        view_open_readable(&rq->use, api_param(rq, 0), &view) < 0 ||
        query_places(rq, &view, &query) < 0)
        return API_FAILED;
    int found = view_find_event(&view, api_param(rq, 1), &parent);
    if (found < 0)
        return API_FAILED;
    if (!found)
        return err_client(&rq->use.err, 404, "M_NOT_FOUND", "No such event");
    query.parent = parent;
    if (children_read(&view, &query, &page) < 0)
        return API_FAILED;
    int status = write_relations(rq, &view, &query, &page);
    children_done(&page);
    return status;
}

static int get_relations(struct request *rq)
{
    return list_relations(rq, STR_NONE, STR_NONE);
}

static int get_relations_of_kind(struct request *rq)
{
    return list_relations(rq, api_param(rq, 2), STR_NONE);
}

static int get_relations_of_type(struct request *rq)
{
    return list_relations(rq, api_param(rq, 2), api_param(rq, 3));
}

/* ---- threads ---- */

static int query_threads(struct request *rq, const struct view *view, struct threads_query *query)
{
    struct str include = api_query(rq, STR("include")), from = api_query(rq, STR("from"));
    query->participated = str_eq(include, STR("participated"));
    query->before = INT64_MAX;
    if (include.p && !query->participated && !str_eq(include, STR("all")))
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM",
                          "include must be all or participated");
    if (query_limit(rq, THREADS_DEFAULT, &query->limit) < 0)
        return -1;
    return from.n ? place_token_parse(&rq->use, view->row.id, from, &query->before) : 0;
}

static int get_threads(struct request *rq)
{
    struct threads_query query = {0};
    struct children_page page;
    struct view view;
    if (view_open_readable(&rq->use, api_param(rq, 0), &view) < 0 ||
        query_threads(rq, &view, &query) < 0 || threads_read(&view, &query, &page) < 0)
        return API_FAILED;
    json_write_object(&rq->out);
    int status = write_events(rq, &view, &page);
    children_done(&page);
    if (page.more)
        json_write_member_str(&rq->out, STR("next_batch"), place_token_format(&rq->use, page.next));
    json_write_end(&rq->out);
    return status;
}

#define ROOM "/_matrix/client/v1/rooms/{roomId}"
#define READ API_ACCESS_USER_SUSPENDED, API_RATE_READ

static const struct api_route routes[] = {
    {HTTP_GET, ROOM "/relations/{eventId}", READ, get_relations},
    {HTTP_GET, ROOM "/relations/{eventId}/{relType}", READ, get_relations_of_kind},
    {HTTP_GET, ROOM "/relations/{eventId}/{relType}/{eventType}", READ, get_relations_of_type},
    {HTTP_GET, ROOM "/threads", READ, get_threads},
};
const struct api_table api_client_relations = {routes, ARRAY_LEN(routes)};
