/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Send-to-Device messaging". */

#include "service/keys/to_device.h"

#include "api/client/tables.h"
#include "base/limits.h"

#define BODY_MAX MIB(2)

struct send_body {
    const struct json *messages;
};

static const struct json_field send_fields[] = {
    JSON_FIELD(struct send_body, messages, JSON_WANT_OBJECT, JSON_REQUIRED,
               LIMIT_TO_DEVICE_TARGETS),
};

static int put_send(struct request *rq)
{
    const struct send_body *body = rq->body;
    struct to_device_sending sending = {api_param(rq, 0), api_param(rq, 1), body->messages};
    if (sending.type.n > LIMIT_EVENT_FIELD_BYTES)
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "The event type is too long");
    if (sending.txn.n > LIMIT_TXN_ID_BYTES)
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "The transaction id is too long");
    return to_device_send(&rq->use, &sending);
}

static const struct api_route routes[] = {
    {HTTP_PUT, "/_matrix/client/v3/sendToDevice/{eventType}/{txnId}", API_ACCESS_USER,
     API_RATE_WRITE, put_send, API_BODY(struct send_body, send_fields), .body_max = BODY_MAX},
};
const struct api_table api_client_to_device = {routes, ARRAY_LEN(routes)};
