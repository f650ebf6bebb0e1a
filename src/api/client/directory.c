/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Published room directory", "Room summaries" and "Spaces". */

#include "api/client/tables.h"
#include "base/limits.h"
#include "service/rooms/aliases.h"
#include "service/rooms/hierarchy.h"
#include "service/rooms/published.h"
#include "service/rooms/summary.h"

#define PUBLISHED_DEFAULT 100
#define PUBLISHED_MAX     500

/* ---- is a room listed? ---- */

static int get_visibility(struct request *rq)
{
    bool listed;
    if (directory_find(&rq->use, api_param(rq, 0), &listed) < 0)
        return API_FAILED;
    json_write_object(&rq->out);
    json_write_member_str(&rq->out, STR("visibility"), listed ? STR("public") : STR("private"));
    json_write_end(&rq->out);
    return API_DONE;
}

struct visibility_body {
    struct str visibility;
};

static const struct json_field visibility_fields[] = {
    JSON_FIELD(struct visibility_body, visibility, JSON_WANT_STR, JSON_NULL_OK, 16),
};

static int put_visibility(struct request *rq)
{
    const struct visibility_body *body = rq->body;
    bool listed = !body->visibility.p || str_eq(body->visibility, STR("public"));
    if (!listed && !str_eq(body->visibility, STR("private")))
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM",
                          "visibility must be public or private");
    return directory_put(&rq->use, api_param(rq, 0), listed);
}

/* ---- the list ---- */

static int list(struct request *rq, struct published_query *query)
{
    struct str server = api_query(rq, STR("server"));
    if (server.n && !str_eq(server, rq->use.server->name))
        return err_client(&rq->use.err, 404, "M_NOT_FOUND", "This server knows only its own rooms");
    return published_write(&rq->use, query, &rq->out);
}

static int get_public_rooms(struct request *rq)
{
    struct published_query query = {.since = api_query(rq, STR("since"))};
    int64_t limit;
    if (api_query_int(rq, STR("limit"), PUBLISHED_DEFAULT, PUBLISHED_MAX, &limit) < 0)
        return API_FAILED;
    query.limit = limit > 0 ? (size_t)limit : PUBLISHED_DEFAULT;
    return list(rq, &query);
}

struct public_rooms_body {
    int64_t limit;
    struct str since, third_party_instance_id;
    const struct json *filter;
    bool include_all_networks;
};

static const struct json_field public_rooms_fields[] = {
    JSON_FIELD(struct public_rooms_body, limit, JSON_WANT_INT, JSON_NULL_OK, 0),
    JSON_FIELD(struct public_rooms_body, since, JSON_WANT_STR, JSON_NULL_OK, 100),
    JSON_FIELD(struct public_rooms_body, filter, JSON_WANT_OBJECT, JSON_NULL_OK, 0),
    JSON_FIELD(struct public_rooms_body, include_all_networks, JSON_WANT_BOOL, JSON_NULL_OK, 0),
    JSON_FIELD(struct public_rooms_body, third_party_instance_id, JSON_WANT_STR, JSON_NULL_OK, 255),
};

static int read_filter(struct request *rq, const struct json *filter, struct published_query *query)
{
    const struct json *term = json_find(filter, STR("generic_search_term"));
    const struct json *types = json_find(filter, STR("room_types"));
    const struct json *theme = json_find(filter, STR("org.chappe.room.theme"));
    if (term && term->kind != JSON_NULL && term->kind != JSON_STRING)
        return err_client(&rq->use.err, 400, "M_BAD_JSON", "generic_search_term is a string");
    if (types && types->kind != JSON_NULL && types->kind != JSON_ARRAY)
        return err_client(&rq->use.err, 400, "M_BAD_JSON", "room_types is an array");
    if (theme && theme->kind != JSON_NULL && theme->kind != JSON_STRING)
        return err_client(&rq->use.err, 400, "M_BAD_JSON", "org.chappe.room.theme is a string");
    query->term = json_as_str(term);
    query->theme = json_as_str(theme);
    query->room_types = json_is(types, JSON_ARRAY) ? types : NULL;
    if (query->term.n > LIMIT_GLOB_BYTES ||
        (query->room_types && types->array.n > LIMIT_FILTER_ENTRIES))
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "The filter is too long");
    return 0;
}

static int post_public_rooms(struct request *rq)
{
    const struct public_rooms_body *body = rq->body;
    struct published_query query = {.since = body->since, .limit = PUBLISHED_DEFAULT};
    if (body->limit < 0)
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "limit is a positive number");
    if (body->limit > 0)
        query.limit = body->limit < PUBLISHED_MAX ? (size_t)body->limit : PUBLISHED_MAX;
    if (body->third_party_instance_id.p && body->include_all_networks)
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM",
                          "third_party_instance_id and include_all_networks do not go together");
    query.instance = body->third_party_instance_id;
    query.all_networks = body->include_all_networks;
    if (read_filter(rq, body->filter, &query) < 0)
        return API_FAILED;
    return list(rq, &query);
}

/* ---- summaries ---- */

/* 1, 0, -1. */
static int find_room(struct request *rq, struct str text, int64_t *ret_room)
{
    if (!str_starts(text, STR("#")))
        return rooms_find(&rq->use, text, ret_room);
    if (aliases_find(&rq->use, text, ret_room) == 0)
        return 1;
    return rq->use.err.kind == ERR_KIND_CLIENT ? 0 : -1;
}

/* A room that the caller may not see is answered as one that is not there. */
static int get_summary(struct request *rq)
{
    struct room_summary summary;
    int64_t room;
    int found = find_room(rq, api_param(rq, 0), &room);
    if (found == 1)
        found = room_summary_load(&rq->use, room, &summary);
    if (found == 1)
        found = room_summary_may_see(&summary);
    if (found < 0)
        return API_FAILED;
    if (!found)
        return err_client(&rq->use.err, 404, "M_NOT_FOUND", "Room not found");
    json_write_object(&rq->out);
    room_summary_write(&rq->out, &summary, true);
    if (summary.view.membership != MEMBERSHIP_NONE)
        json_write_member_str(&rq->out, STR("membership"),
                              membership_format(summary.view.membership));
    json_write_end(&rq->out);
    return API_DONE;
}

/* ---- spaces ---- */

static int get_hierarchy(struct request *rq)
{
    struct hierarchy_query query = {.room_id = api_param(rq, 0),
                                    .from = api_query(rq, STR("from"))};
    int64_t limit;
    if (api_query_int(rq, STR("limit"), HIERARCHY_PAGE_MAX, HIERARCHY_PAGE_MAX, &limit) < 0 ||
        api_query_int(rq, STR("max_depth"), HIERARCHY_DEPTH_MAX, HIERARCHY_DEPTH_MAX,
                      &query.max_depth) < 0 ||
        api_query_bool(rq, STR("suggested_only"), false, &query.suggested_only) < 0)
        return API_FAILED;
    if (limit == 0)
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "limit is greater than zero");
    query.limit = (size_t)limit;
    return hierarchy_write(&rq->use, &query, &rq->out);
}

#define LIST "/_matrix/client/v3/directory/list/room/{roomId}"

static const struct api_route routes[] = {
    {HTTP_GET, LIST, API_ACCESS_OPTIONAL, API_RATE_READ, get_visibility},
    {HTTP_PUT, LIST, API_ACCESS_USER, API_RATE_ROOM, put_visibility,
     API_BODY(struct visibility_body, visibility_fields), .flags = API_BODY_OPTIONAL},
    {HTTP_GET, "/_matrix/client/v3/publicRooms", API_ACCESS_OPTIONAL, API_RATE_READ,
     get_public_rooms},
    {HTTP_POST, "/_matrix/client/v3/publicRooms", API_ACCESS_USER_SUSPENDED, API_RATE_READ,
     post_public_rooms, API_BODY(struct public_rooms_body, public_rooms_fields),
     .flags = API_BODY_OPTIONAL},
    {HTTP_GET, "/_matrix/client/unstable/im.nheko.summary/rooms/{roomIdOrAlias}/summary",
     API_ACCESS_USER_SUSPENDED, API_RATE_READ, get_summary},
    {HTTP_GET, "/_matrix/client/v1/room_summary/{roomIdOrAlias}", API_ACCESS_USER_SUSPENDED,
     API_RATE_READ, get_summary},
    {HTTP_GET, "/_matrix/client/v1/rooms/{roomId}/hierarchy", API_ACCESS_USER_SUSPENDED,
     API_RATE_READ, get_hierarchy},
};
const struct api_table api_client_directory = {routes, ARRAY_LEN(routes)};
