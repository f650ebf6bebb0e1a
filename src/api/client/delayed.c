/* SPDX-License-Identifier: EUPL-1.2 */

/* Delayed events (MSC4140), in the text's form, in that of its unstable prefix, and in the older
 * ones that deployed clients speak: docs/design/delayed-events.md. */

#include "api/client/delayed.h"

#include <string.h>

#include "api/client/tables.h"
#include "service/rooms/delay.h"

#define UNSTABLE "/_matrix/client/unstable/org.matrix.msc4140"

static bool is_unstable(const struct request *rq)
{
    return str_starts(str_from(rq->route->path), STR(UNSTABLE "/"));
}

/* What clients knew the error by before it had a name. */
static int rename_error(struct request *rq, const char *errcode)
{
    struct err *err = &rq->use.err;
    if (err->kind != ERR_KIND_CLIENT || strcmp(err->errcode, "M_MAX_DELAY_EXCEEDED") != 0)
        return API_FAILED;
    err->errcode = errcode;
    err->number_key = "org.matrix.msc4140.max_delay";
    return err_member(err, "org.matrix.msc4140.errcode", "M_MAX_DELAY_EXCEEDED");
}

static int answer_delay_id(struct request *rq, struct str delay_id)
{
    json_write_object(&rq->out);
    json_write_member_str(&rq->out, STR("delay_id"), delay_id);
    json_write_end(&rq->out);
    return API_DONE;
}

/* ---- scheduling ---- */

int api_send_delayed(struct request *rq, const struct sending *sending, struct str delay)
{
    struct str delay_id;
    int64_t delay_ms;
    if (str_parse_uint(delay, &delay_ms) < 0)
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM",
                          "org.matrix.msc4140.delay must be a whole number");
    int status = rooms_delay(&rq->use, sending, delay_ms, &delay_id);
    if (status < 0)
        return rename_error(rq, "M_UNKNOWN");
    return answer_delay_id(rq, delay_id);
}

struct delayed_body {
    struct str state_key;
    const struct json *content;
    const struct json *delay, *delay_ms; /* the name in the text, and in later drafts */
};

static const struct json_field delayed_fields[] = {
    JSON_FIELD(struct delayed_body, state_key, JSON_WANT_STR, 0, 0),
    JSON_FIELD(struct delayed_body, content, JSON_WANT_OBJECT, JSON_REQUIRED, 0),
    JSON_FIELD(struct delayed_body, delay, JSON_WANT_ANY, 0, 0),
    JSON_FIELD(struct delayed_body, delay_ms, JSON_WANT_ANY, 0, 0),
};

static int put_delayed_event(struct request *rq)
{
    const struct delayed_body *body = rq->body;
    struct sending sending = {
        .room_id = api_param(rq, 0),
        .type = api_param(rq, 1),
        .txn = api_param(rq, 2),
        .state_key = body->state_key,
        .content = body->content,
    };
    struct str delay_id;
    int64_t delay_ms;
    if (!body->delay == !body->delay_ms)
        return err_client(&rq->use.err, 400, "M_MISSING_PARAM", "delay is missing");
    if (!json_as_int(body->delay ? body->delay : body->delay_ms, &delay_ms))
        return err_client(&rq->use.err, 400, "M_BAD_JSON", "delay must be a whole number");
    if (rooms_delay(&rq->use, &sending, delay_ms, &delay_id) < 0)
        return is_unstable(rq) ? rename_error(rq, "ORG.MATRIX.MSC4140_MAX_DELAY_EXCEEDED")
                               : API_FAILED;
    return answer_delay_id(rq, delay_id);
}

/* ---- acting ---- */

static int act(struct request *rq, struct str action)
{
    static const struct {
        struct str word;
        enum delay_action action;
    } actions[] = {
        {STR_INIT("send"), DELAY_SEND},
        {STR_INIT("cancel"), DELAY_CANCEL},
        {STR_INIT("restart"), DELAY_RESTART},
    };
    for (size_t i = 0; i < ARRAY_LEN(actions); i++)
        if (str_eq(action, actions[i].word))
            return rooms_delay_act(&rq->use, api_param(rq, 0), actions[i].action);
    return err_client(&rq->use.err, 400, "M_INVALID_PARAM",
                      "The action must be send, cancel or restart");
}

static int post_action(struct request *rq)
{
    return act(rq, api_param(rq, 1));
}

struct action_body {
    struct str action;
};

static const struct json_field action_fields[] = {
    JSON_FIELD(struct action_body, action, JSON_WANT_STR, JSON_REQUIRED, 32),
};

static int post_action_in_body(struct request *rq)
{
    const struct action_body *body = rq->body;
    return act(rq, body->action);
}

/* ---- reading ---- */

static int get_one(struct request *rq)
{
    return rooms_delay_write(&rq->use, api_param(rq, 0), &rq->out);
}

static int get_list(struct request *rq)
{
    struct delay_query query = {
        .order_by = api_query(rq, STR("order_by")),
        .dir = api_query(rq, STR("dir")),
        .from = api_query(rq, STR("from")),
        .since_ts = api_query(rq, STR("since_ts")),
        .status = api_query(rq, STR("status")),
        .room_id = api_query(rq, STR("room_id")),
        .type = api_query(rq, STR("type")),
        .outcome = api_query(rq, STR("outcome")),
        .reason = api_query(rq, STR("reason")),
    };
    return rooms_delay_list(&rq->use, &query, &rq->out);
}

#define PUT   API_ACCESS_USER, API_RATE_WRITE, put_delayed_event
#define POST  API_ACCESS_OPTIONAL, API_RATE_WRITE
#define READ  API_ACCESS_USER_SUSPENDED, API_RATE_READ
#define EVENT "/rooms/{roomId}/delayed_event/{eventType}/{txnId}"
#define ONE   "/delayed_events/{delayId}"

static const struct api_route routes[] = {
    {HTTP_PUT, "/_matrix/client/v3" EVENT, PUT, API_BODY(struct delayed_body, delayed_fields)},
    {HTTP_PUT, UNSTABLE EVENT, PUT, API_BODY(struct delayed_body, delayed_fields)},
    {HTTP_POST, "/_matrix/client/v1" ONE "/{action}", POST, post_action},
    {HTTP_POST, UNSTABLE ONE "/{action}", POST, post_action},
    {HTTP_POST, UNSTABLE ONE, POST, post_action_in_body,
     API_BODY(struct action_body, action_fields)},
    {HTTP_GET, "/_matrix/client/v1" ONE, READ, get_one},
    {HTTP_GET, UNSTABLE ONE, READ, get_one},
    {HTTP_GET, "/_matrix/client/v1/delayed_events", READ, get_list},
    {HTTP_GET, UNSTABLE "/delayed_events", READ, get_list},
};
const struct api_table api_client_delayed = {routes, ARRAY_LEN(routes)};
