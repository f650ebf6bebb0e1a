/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Sending events to a room" and "Redactions". */

#include "service/rooms/send.h"
#include "api/client/delayed.h"
#include "api/client/tables.h"
#include "base/limits.h"
#include "service/sync/sync.h"

static int answer_event_id(struct request *rq, struct str event_id)
{
    json_write_object(&rq->out);
    json_write_member_str(&rq->out, STR("event_id"), event_id);
    json_write_end(&rq->out);
    return API_DONE;
}

static int send_with(struct request *rq, const struct sending *sending)
{
    struct str event_id, delay = api_query(rq, STR("org.matrix.msc4140.delay"));
    if (!json_is(sending->content, JSON_OBJECT))
        return err_client(&rq->use.err, 400, "M_BAD_JSON", "An event's content is an object");
    if (delay.p)
        return api_send_delayed(rq, sending, delay);
    if (rooms_send(&rq->use, sending, &event_id) < 0)
        return API_FAILED;
    sync_note_action(&rq->use);
    return answer_event_id(rq, event_id);
}

/* Application service API, "Timestamp massaging". */
static int read_ts(struct request *rq, struct sending *sending)
{
    struct str ts = api_query(rq, STR("ts"));
    if (!rq->use.caller.appservice || !ts.p)
        return 0;
    if (str_parse_uint(ts, &sending->origin_server_ts) < 0 || !sending->origin_server_ts ||
        sending->origin_server_ts > LIMIT_EVENT_TIME_MS)
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "ts is no time of an event");
    return 0;
}

static int put_send(struct request *rq)
{
    struct sending sending = {
        .room_id = api_param(rq, 0),
        .type = api_param(rq, 1),
        .txn = api_param(rq, 2),
        .content = rq->json,
    };
    return read_ts(rq, &sending) < 0 ? API_FAILED : send_with(rq, &sending);
}

static int put_state(struct request *rq)
{
    struct sending sending = {
        .room_id = api_param(rq, 0),
        .type = api_param(rq, 1),
        .state_key = api_param(rq, 2),
        .content = rq->json,
    };
    if (!sending.state_key.p)
        sending.state_key = STR("");
    return read_ts(rq, &sending) < 0 ? API_FAILED : send_with(rq, &sending);
}

struct redact_body {
    struct str reason;
};

static const struct json_field redact_fields[] = {
    JSON_FIELD(struct redact_body, reason, JSON_WANT_STR, JSON_NULL_OK, 4096),
};

static int put_redact(struct request *rq)
{
    const struct redact_body *body = rq->body;
    struct str event_id;
    if (api_param(rq, 2).n > LIMIT_TXN_ID_BYTES)
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "The transaction id is too long");
    struct redacting redacting = {
        .room_id = api_param(rq, 0),
        .target = api_param(rq, 1),
        .reason = body->reason,
        .txn = api_param(rq, 2),
    };
    if (rooms_redact(&rq->use, &redacting, &event_id) < 0)
        return API_FAILED;
    return answer_event_id(rq, event_id);
}

#define ROOM "/_matrix/client/v3/rooms/{roomId}"

static const struct api_route routes[] = {
    {HTTP_PUT, ROOM "/send/{eventType}/{txnId}", API_ACCESS_USER, API_RATE_WRITE, put_send,
     .flags = API_BODY_RAW},
    {HTTP_PUT, ROOM "/state/{eventType}/{stateKey}", API_ACCESS_USER, API_RATE_WRITE, put_state,
     .flags = API_BODY_RAW},
    {HTTP_PUT, ROOM "/state/{eventType}/", API_ACCESS_USER, API_RATE_WRITE, put_state,
     .flags = API_BODY_RAW},
    {HTTP_PUT, ROOM "/state/{eventType}", API_ACCESS_USER, API_RATE_WRITE, put_state,
     .flags = API_BODY_RAW},
    {HTTP_PUT, ROOM "/redact/{eventId}/{txnId}", API_ACCESS_USER_SUSPENDED, API_RATE_WRITE,
     put_redact, API_BODY(struct redact_body, redact_fields), .flags = API_BODY_OPTIONAL},
};
const struct api_table api_client_send = {routes, ARRAY_LEN(routes)};
