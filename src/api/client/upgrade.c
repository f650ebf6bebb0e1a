/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Room upgrades". */

#include "service/rooms/upgrade.h"
#include "api/client/tables.h"
#include "base/limits.h"

struct upgrade_body {
    struct str new_version;
    const struct json *additional_creators;
};

static const struct json_field upgrade_fields[] = {
    JSON_FIELD(struct upgrade_body, new_version, JSON_WANT_STR, JSON_REQUIRED, 32),
    JSON_FIELD(struct upgrade_body, additional_creators, JSON_WANT_ARRAY, JSON_NULL_OK,
               LIMIT_CREATE_INVITES),
};

static int post_upgrade(struct request *rq)
{
    const struct upgrade_body *body = rq->body;
    struct upgrade upgrade = {api_param(rq, 0), body->new_version, body->additional_creators};
    struct str room_id;
    if (rooms_upgrade(&rq->use, &upgrade, &room_id) < 0)
        return API_FAILED;
    json_write_object(&rq->out);
    json_write_member_str(&rq->out, STR("replacement_room"), room_id);
    json_write_end(&rq->out);
    return API_DONE;
}

static const struct api_route routes[] = {
    {HTTP_POST, "/_matrix/client/v3/rooms/{roomId}/upgrade", API_ACCESS_USER, API_RATE_ROOM,
     post_upgrade, API_BODY(struct upgrade_body, upgrade_fields), .arena_max = MIB(64)},
};
const struct api_table api_client_upgrade = {routes, ARRAY_LEN(routes)};
