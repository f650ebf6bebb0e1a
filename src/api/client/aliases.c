/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Room aliases". */

#include "service/rooms/aliases.h"
#include "api/client/tables.h"
#include "matrix/id.h"
#include "service/appservice/asking.h"
#include "service/rooms/view.h"
#include "store/alias.h"

struct alias_body {
    struct str room_id;
};

static const struct json_field alias_fields[] = {
    JSON_FIELD(struct alias_body, room_id, JSON_WANT_STR, JSON_REQUIRED, ID_MAX),
};

static int put_alias(struct request *rq)
{
    const struct alias_body *body = rq->body;
    return aliases_create(&rq->use, api_param(rq, 0), body->room_id);
}

static int get_alias(struct request *rq)
{
    struct use *use = &rq->use;
    struct str room_id;
    int64_t room;
    int status = appservice_query_alias(use, api_param(rq, 0));
    if (status != USE_DONE)
        return status;
    if (aliases_find(use, api_param(rq, 0), &room) < 0 ||
        store_name(use->server->store, room, use->arena, &room_id, &use->err) < 0)
        return API_FAILED;
    json_write_object(&rq->out);
    json_write_member_str(&rq->out, STR("room_id"), room_id);
    json_write_key(&rq->out, STR("servers"));
    json_write_array(&rq->out);
    json_write_str(&rq->out, use->server->name);
    json_write_end(&rq->out);
    json_write_end(&rq->out);
    return API_DONE;
}

static int delete_alias(struct request *rq)
{
    return aliases_delete(&rq->use, api_param(rq, 0));
}

/* For members, and for all where the room is world readable. */
static int get_aliases(struct request *rq)
{
    struct use *use = &rq->use;
    struct view view;
    struct str *aliases;
    bool open = false;
    size_t n;
    if (view_open_readable(use, api_param(rq, 0), &view) < 0)
        return API_FAILED;
    if (view.membership != MEMBERSHIP_JOIN && view_is_world_readable(&view, &open) < 0)
        return API_FAILED;
    if (view.membership != MEMBERSHIP_JOIN && !open)
        return rooms_refuse_outsider(use);
    if (alias_list(&use->read, view.row.id, use->arena, &aliases, &n, &use->err) < 0)
        return API_FAILED;
    json_write_object(&rq->out);
    json_write_key(&rq->out, STR("aliases"));
    json_write_array(&rq->out);
    for (size_t i = 0; i < n; i++)
        json_write_str(&rq->out, aliases[i]);
    json_write_end(&rq->out);
    json_write_end(&rq->out);
    return API_DONE;
}

#define ALIAS "/_matrix/client/v3/directory/room/{roomAlias}"

static const struct api_route routes[] = {
    {HTTP_PUT, ALIAS, API_ACCESS_USER, API_RATE_ROOM, put_alias,
     API_BODY(struct alias_body, alias_fields)},
    {HTTP_GET, ALIAS, API_ACCESS_OPTIONAL, API_RATE_READ, get_alias},
    {HTTP_DELETE, ALIAS, API_ACCESS_USER, API_RATE_ROOM, delete_alias},
    {HTTP_GET, "/_matrix/client/v3/rooms/{roomId}/aliases", API_ACCESS_USER_SUSPENDED,
     API_RATE_READ, get_aliases},
};
const struct api_table api_client_aliases = {routes, ARRAY_LEN(routes)};
