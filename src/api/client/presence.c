/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Presence". It is off: what users say of themselves is taken and forgotten,
 * and whoever may ask is told "offline". */

#include "api/client/tables.h"
#include "service/accounts/accounts.h"
#include "service/rooms/sharing.h"

struct presence {
    struct str presence, status_msg;
};

static const struct json_field fields[] = {
    JSON_FIELD(struct presence, presence, JSON_WANT_STR, JSON_REQUIRED, 32),
    JSON_FIELD(struct presence, status_msg, JSON_WANT_STR, JSON_NULL_OK, 1024),
};

static int put_presence(struct request *rq)
{
    const struct presence *body = rq->body;
    if (!str_eq(api_param(rq, 0), rq->use.caller.user_id))
        return err_client(&rq->use.err, 403, "M_FORBIDDEN", "This is somebody else's presence");
    if (!str_eq(body->presence, STR("online")) && !str_eq(body->presence, STR("offline")) &&
        !str_eq(body->presence, STR("unavailable")))
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "Unknown presence");
    return API_DONE;
}

static int get_presence(struct request *rq)
{
    bool shares;
    if (rooms_share_one(&rq->use, api_param(rq, 0), &shares) < 0)
        return API_FAILED;
    if (!shares)
        return err_client(&rq->use.err, 403, "M_FORBIDDEN", "You share no room with this user");
    json_write_raw(&rq->out, STR("{\"presence\":\"offline\"}"));
    return API_DONE;
}

#define STATUS "/_matrix/client/v3/presence/{userId}/status"

static const struct api_route routes[] = {
    {HTTP_PUT, STATUS, API_ACCESS_USER_SUSPENDED, API_RATE_WRITE, put_presence,
     API_BODY(struct presence, fields)},
    {HTTP_GET, STATUS, API_ACCESS_USER_SUSPENDED, API_RATE_READ, get_presence},
};
const struct api_table api_client_presence = {routes, ARRAY_LEN(routes)};
