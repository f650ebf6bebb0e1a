/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Push Notifications": pushers, their test (docs/design/push.md), and the list
 * of notifications. */

#include "service/push/pushers.h"
#include "api/client/tables.h"
#include "service/push/notifications.h"
#include "service/push/trial.h"

static int get_pushers(struct request *rq)
{
    return pushers_write(&rq->use, &rq->out);
}

static const struct json_field set_fields[] = {
    JSON_FIELD(struct pusher_wish, kind, JSON_WANT_STR, JSON_NULL_OK, 255),
    JSON_FIELD(struct pusher_wish, app_id, JSON_WANT_STR, JSON_REQUIRED, 0),
    JSON_FIELD(struct pusher_wish, pushkey, JSON_WANT_STR, JSON_REQUIRED, 0),
    JSON_FIELD(struct pusher_wish, app_display_name, JSON_WANT_STR, JSON_NULL_OK, 0),
    JSON_FIELD(struct pusher_wish, device_display_name, JSON_WANT_STR, JSON_NULL_OK, 0),
    JSON_FIELD(struct pusher_wish, profile_tag, JSON_WANT_STR, JSON_NULL_OK, 0),
    JSON_FIELD(struct pusher_wish, lang, JSON_WANT_STR, JSON_NULL_OK, 0),
    JSON_FIELD(struct pusher_wish, data, JSON_WANT_OBJECT, JSON_NULL_OK, 100),
    JSON_FIELD(struct pusher_wish, append, JSON_WANT_BOOL, JSON_NULL_OK, 0),
};

/* kind is null to delete: a body without it is a mistake. */
static int set_pusher(struct request *rq)
{
    const struct pusher_wish *body = rq->body;
    if (!json_find(rq->json, STR("kind")))
        return err_client(&rq->use.err, 400, "M_MISSING_PARAM", "kind is missing");
    return pushers_set(&rq->use, body);
}

struct test_body {
    struct str app_id, pushkey, text;
};

static const struct json_field test_fields[] = {
    JSON_FIELD(struct test_body, app_id, JSON_WANT_STR, JSON_REQUIRED, LIMIT_PUSHER_APP_ID),
    JSON_FIELD(struct test_body, pushkey, JSON_WANT_STR, JSON_REQUIRED, LIMIT_PUSHKEY),
    JSON_FIELD(struct test_body, text, JSON_WANT_STR, 0, LIMIT_PUSH_TEST_TEXT),
};

static int test_pusher(struct request *rq)
{
    const struct test_body *body = rq->body;
    struct push_trial trial;
    int status = push_try(&rq->use, body->app_id, body->pushkey, body->text, &trial);
    if (status != USE_DONE)
        return status;
    json_write_object(&rq->out);
    json_write_member_str(&rq->out, STR("outcome"), trial.outcome);
    if (trial.status)
        json_write_member_int(&rq->out, STR("status"), trial.status);
    json_write_end(&rq->out);
    return API_DONE;
}

static int get_notifications(struct request *rq)
{
    struct notifications_query query = {.from = api_query(rq, STR("from"))};
    struct str only = api_query(rq, STR("only"));
    int64_t limit;
    if (api_query_int(rq, STR("limit"), 20, LIMIT_NOTIFICATIONS, &limit) < 0)
        return API_FAILED;
    query.limit = limit ? (size_t)limit : 1;
    query.highlights = str_eq(only, STR("highlight"));
    return notifications_write(&rq->use, &query, &rq->out);
}

#define PUSHERS "/_matrix/client/v3/pushers"

static const struct api_route routes[] = {
    {HTTP_GET, PUSHERS, API_ACCESS_USER_SUSPENDED, API_RATE_READ, get_pushers},
    {HTTP_POST, PUSHERS "/set", API_ACCESS_USER_SUSPENDED, API_RATE_WRITE, set_pusher,
     API_BODY(struct pusher_wish, set_fields)},
    {HTTP_POST, "/_matrix/client/unstable/org.chappe/push/test", API_ACCESS_USER, API_RATE_WRITE,
     test_pusher, API_BODY(struct test_body, test_fields)},
    {HTTP_GET, "/_matrix/client/v3/notifications", API_ACCESS_USER_SUSPENDED, API_RATE_READ,
     get_notifications},
};
const struct api_table api_client_pushers = {routes, ARRAY_LEN(routes)};
