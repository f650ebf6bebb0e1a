/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Reporting Content". */

#include "api/client/tables.h"
#include "service/admin/reporting.h"

struct report_body {
    struct str reason;
};

static const struct json_field report_fields[] = {
    JSON_FIELD(struct report_body, reason, JSON_WANT_STR, JSON_NULL_OK, 4096),
};

static int post_event(struct request *rq)
{
    const struct report_body *body = rq->body;
    return reporting_event(&rq->use, api_param(rq, 0), api_param(rq, 1), body->reason);
}

static int post_room(struct request *rq)
{
    const struct report_body *body = rq->body;
    return reporting_room(&rq->use, api_param(rq, 0), body->reason);
}

static int post_user(struct request *rq)
{
    const struct report_body *body = rq->body;
    return reporting_user(&rq->use, api_param(rq, 0), body->reason);
}

#define WRITE API_ACCESS_USER, API_RATE_WRITE

static const struct api_route routes[] = {
    {HTTP_POST, "/_matrix/client/v3/rooms/{roomId}/report/{eventId}", WRITE, post_event,
     API_BODY(struct report_body, report_fields)},
    {HTTP_POST, "/_matrix/client/v3/rooms/{roomId}/report", WRITE, post_room,
     API_BODY(struct report_body, report_fields)},
    {HTTP_POST, "/_matrix/client/v3/users/{userId}/report", WRITE, post_user,
     API_BODY(struct report_body, report_fields)},
};
const struct api_table api_client_report = {routes, ARRAY_LEN(routes)};
