/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Rooms": creation and membership. */

#include "api/client/tables.h"
#include "base/limits.h"
#include "matrix/id.h"
#include "service/appservice/asking.h"
#include "service/rooms/create_room.h"
#include "service/rooms/membership.h"
#include "service/rooms/offer.h"
#include "store/alias.h"

static const struct json_field create_fields[] = {
    JSON_FIELD(struct new_room, visibility, JSON_WANT_STR, JSON_NULL_OK, 16),
    JSON_FIELD(struct new_room, room_alias_name, JSON_WANT_STR, JSON_NULL_OK, ID_MAX),
    JSON_FIELD(struct new_room, name, JSON_WANT_STR, JSON_NULL_OK, 0),
    JSON_FIELD(struct new_room, topic, JSON_WANT_STR, JSON_NULL_OK, 0),
    JSON_FIELD(struct new_room, preset, JSON_WANT_STR, JSON_NULL_OK, 64),
    JSON_FIELD(struct new_room, room_version, JSON_WANT_STR, JSON_NULL_OK, 32),
    JSON_FIELD(struct new_room, invite, JSON_WANT_ARRAY, JSON_NULL_OK, LIMIT_CREATE_INVITES),
    JSON_FIELD(struct new_room, invite_3pid, JSON_WANT_ARRAY, JSON_NULL_OK, LIMIT_CREATE_INVITES),
    JSON_FIELD(struct new_room, initial_state, JSON_WANT_ARRAY, JSON_NULL_OK, 100),
    JSON_FIELD(struct new_room, creation_content, JSON_WANT_OBJECT, JSON_NULL_OK, 0),
    JSON_FIELD(struct new_room, power_level_content_override, JSON_WANT_OBJECT, JSON_NULL_OK, 0),
    JSON_FIELD(struct new_room, is_direct, JSON_WANT_BOOL, JSON_NULL_OK, 0),
};

static int answer_room_id(struct request *rq, struct str room_id)
{
    json_write_object(&rq->out);
    json_write_member_str(&rq->out, STR("room_id"), room_id);
    json_write_end(&rq->out);
    return API_DONE;
}

/* Users of application services that are not there yet. */
static int query_invited(struct request *rq, const struct json *invited)
{
    for (size_t i = 0; invited && i < invited->array.n; i++) {
        int status = appservice_query_user(&rq->use, json_as_str(&invited->array.items[i]));
        if (status != USE_DONE)
            return status;
    }
    return USE_DONE;
}

static int post_create(struct request *rq)
{
    struct new_room new_room = *(const struct new_room *)rq->body;
    struct str room_id;
    new_room.own_url = api_own_url(rq);
    int status = query_invited(rq, new_room.invite);
    if (status != USE_DONE)
        return status;
    if (rooms_create(&rq->use, &new_room, &room_id) < 0)
        return API_FAILED;
    return answer_room_id(rq, room_id);
}

/* ---- rooms by id ---- */

/* unknown: what a caller is told who may not know whether a room exists. */
static int find_room(struct request *rq, struct str room_id, int64_t *ret_room)
{
    int found = rooms_find(&rq->use, room_id, ret_room);
    if (found < 0)
        return -1;
    return found ? 0 : rooms_refuse_outsider(&rq->use);
}

struct reason_body {
    struct str reason;
};

static const struct json_field reason_fields[] = {
    JSON_FIELD(struct reason_body, reason, JSON_WANT_STR, JSON_NULL_OK, 4096),
};

static int post_leave(struct request *rq)
{
    const struct reason_body *body = rq->body;
    int64_t room;
    if (find_room(rq, api_param(rq, 0), &room) < 0)
        return API_FAILED;
    return rooms_leave(&rq->use, room, body->reason);
}

static int post_forget(struct request *rq)
{
    int64_t room;
    if (find_room(rq, api_param(rq, 0), &room) < 0)
        return API_FAILED;
    return rooms_forget(&rq->use, room);
}

/* ---- joining and knocking ---- */

/* An id or an alias. */
static int find_room_or_alias(struct request *rq, struct str text, int64_t *ret_room)
{
    struct alias alias;
    struct room_id id;
    int found;
    if (str_starts(text, STR("#"))) {
        struct room_alias parsed;
        if (room_alias_parse(text, &parsed, &rq->use.err) < 0)
            return -1;
        found = alias_find(&rq->use.read, text, &alias, &rq->use.err);
        if (found == 1)
            *ret_room = alias.room;
    } else {
        if (room_id_parse(text, &id, &rq->use.err) < 0)
            return -1;
        found = rooms_find(&rq->use, text, ret_room);
        if (!found)
            return rooms_refuse_entry(&rq->use);
    }
    if (found < 0)
        return -1;
    return found ? 0 : err_client(&rq->use.err, 404, "M_NOT_FOUND", "No such alias");
}

static int answer_room(struct request *rq, int64_t room)
{
    struct str room_id;
    if (store_name(rq->use.server->store, room, rq->use.arena, &room_id, &rq->use.err) < 0)
        return API_FAILED;
    return answer_room_id(rq, room_id);
}

static int post_join(struct request *rq)
{
    const struct reason_body *body = rq->body;
    int64_t room;
    int status = appservice_query_alias(&rq->use, api_param(rq, 0));
    if (status != USE_DONE)
        return status;
    if (find_room_or_alias(rq, api_param(rq, 0), &room) < 0 ||
        rooms_join(&rq->use, room, body->reason) < 0)
        return API_FAILED;
    return answer_room(rq, room);
}

static int post_knock(struct request *rq)
{
    const struct reason_body *body = rq->body;
    int64_t room;
    if (find_room_or_alias(rq, api_param(rq, 0), &room) < 0 ||
        rooms_knock(&rq->use, room, body->reason) < 0)
        return API_FAILED;
    return answer_room(rq, room);
}

/* ---- acts on others ---- */

struct member_body {
    struct str user_id, reason, id_server, medium, address;
};

static const struct json_field member_fields[] = {
    JSON_FIELD(struct member_body, user_id, JSON_WANT_STR, JSON_NULL_OK, 0),
    JSON_FIELD(struct member_body, reason, JSON_WANT_STR, JSON_NULL_OK, 4096),
    JSON_FIELD(struct member_body, id_server, JSON_WANT_STR, JSON_NULL_OK, 0),
    JSON_FIELD(struct member_body, medium, JSON_WANT_STR, JSON_NULL_OK, 0),
    JSON_FIELD(struct member_body, address, JSON_WANT_STR, JSON_NULL_OK, 0),
};

static int act(struct request *rq, enum membership membership, bool from_ban)
{
    const struct member_body *body = rq->body;
    struct member_act wanted = {
        .target = body->user_id,
        .membership = membership,
        .from_ban = from_ban,
        .reason = body->reason,
    };
    if (!body->user_id.p)
        return err_client(&rq->use.err, 400, "M_MISSING_PARAM", "user_id is missing");
    if (find_room(rq, api_param(rq, 0), &wanted.room) < 0)
        return API_FAILED;
    int status =
        membership == MEMBERSHIP_INVITE ? appservice_query_user(&rq->use, body->user_id) : USE_DONE;
    if (status != USE_DONE)
        return status;
    return rooms_act_on_member(&rq->use, &wanted);
}

static int post_invite(struct request *rq)
{
    const struct member_body *body = rq->body;
    struct address_invite invite = {body->medium, body->address, body->reason, api_own_url(rq)};
    int64_t room;
    if (!body->user_id.p && body->address.p) {
        if (find_room(rq, api_param(rq, 0), &room) < 0)
            return API_FAILED;
        return rooms_invite_address(&rq->use, room, &invite);
    }
    return act(rq, MEMBERSHIP_INVITE, false);
}

static int post_kick(struct request *rq)
{
    return act(rq, MEMBERSHIP_LEAVE, false);
}

static int post_ban(struct request *rq)
{
    return act(rq, MEMBERSHIP_BAN, false);
}

static int post_unban(struct request *rq)
{
    return act(rq, MEMBERSHIP_LEAVE, true);
}

#define ROOM       "/_matrix/client/v3/rooms/{roomId}"
#define WRITE_ROOM API_ACCESS_USER, API_RATE_ROOM

static const struct api_route routes[] = {
    {HTTP_POST, "/_matrix/client/v3/createRoom", WRITE_ROOM, post_create,
     API_BODY(struct new_room, create_fields)},
    {HTTP_POST, "/_matrix/client/v3/join/{roomIdOrAlias}", WRITE_ROOM, post_join,
     API_BODY(struct reason_body, reason_fields), .flags = API_BODY_OPTIONAL},
    {HTTP_POST, ROOM "/join", WRITE_ROOM, post_join, API_BODY(struct reason_body, reason_fields),
     .flags = API_BODY_OPTIONAL},
    {HTTP_POST, "/_matrix/client/v3/knock/{roomIdOrAlias}", WRITE_ROOM, post_knock,
     API_BODY(struct reason_body, reason_fields), .flags = API_BODY_OPTIONAL},
    {HTTP_POST, ROOM "/leave", API_ACCESS_USER_SUSPENDED, API_RATE_ROOM, post_leave,
     API_BODY(struct reason_body, reason_fields), .flags = API_BODY_OPTIONAL},
    {HTTP_POST, ROOM "/forget", API_ACCESS_USER_SUSPENDED, API_RATE_ROOM, post_forget},
    {HTTP_POST, ROOM "/invite", WRITE_ROOM, post_invite,
     API_BODY(struct member_body, member_fields)},
    {HTTP_POST, ROOM "/kick", WRITE_ROOM, post_kick, API_BODY(struct member_body, member_fields)},
    {HTTP_POST, ROOM "/ban", WRITE_ROOM, post_ban, API_BODY(struct member_body, member_fields)},
    {HTTP_POST, ROOM "/unban", WRITE_ROOM, post_unban, API_BODY(struct member_body, member_fields)},
};
const struct api_table api_client_rooms = {routes, ARRAY_LEN(routes)};
