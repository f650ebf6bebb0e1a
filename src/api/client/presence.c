/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Presence". While it is off, what users say of themselves is taken and
 * forgotten, and whoever may ask is told "offline". */

#include "service/sync/presence.h"
#include "api/client/tables.h"
#include "base/limits.h"
#include "service/sync/sync.h"

struct presence_body {
    struct str presence, status_msg;
};

static const struct json_field fields[] = {
    JSON_FIELD(struct presence_body, presence, JSON_WANT_STR, JSON_REQUIRED, 32),
    JSON_FIELD(struct presence_body, status_msg, JSON_WANT_STR, JSON_NULL_OK,
               LIMIT_PRESENCE_STATUS),
};

static int put_presence(struct request *rq)
{
    const struct presence_body *body = rq->body;
    struct use *use = &rq->use;
    enum presence_state state;
    if (!str_eq(api_param(rq, 0), use->caller.user_id))
        return err_client(&use->err, 403, "M_FORBIDDEN", "This is somebody else's presence");
    if (presence_parse(body->presence, &state) < 0)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "Unknown presence");
    if (use->server->presence)
        presence_set(use->server->presence, use->caller.user, state, body->status_msg);
    return API_DONE;
}

static int get_presence(struct request *rq)
{
    return sync_answer_presence(&rq->use, api_param(rq, 0), &rq->out);
}

#define STATUS "/_matrix/client/v3/presence/{userId}/status"

static const struct api_route routes[] = {
    {HTTP_PUT, STATUS, API_ACCESS_USER_SUSPENDED, API_RATE_WRITE, put_presence,
     API_BODY(struct presence_body, fields)},
    {HTTP_GET, STATUS, API_ACCESS_USER_SUSPENDED, API_RATE_READ, get_presence},
};
const struct api_table api_client_presence = {routes, ARRAY_LEN(routes)};
