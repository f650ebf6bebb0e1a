/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Receipts", "Fully read markers" and "Typing Notifications". */

#include "service/rooms/receipts.h"
#include "api/client/tables.h"
#include "base/clock.h"
#include "service/rooms/view.h"
#include "service/sync/notifier.h"
#include "service/sync/sync.h"

struct receipt_body {
    struct str thread_id;
};

static const struct json_field receipt_fields[] = {
    JSON_FIELD(struct receipt_body, thread_id, JSON_WANT_STR, JSON_NULL_OK, 0),
};

static int post_receipt(struct request *rq)
{
    const struct receipt_body *body = rq->body;
    struct str type = api_param(rq, 1), event_id = api_param(rq, 2);
    struct mark mark = {.room_id = api_param(rq, 0), .thread = body->thread_id};
    if (str_eq(type, STR("m.read")))
        mark.read = event_id;
    else if (str_eq(type, STR("m.read.private")))
        mark.read_private = event_id;
    else if (str_eq(type, STR("m.fully_read")))
        mark.fully_read = event_id;
    else
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "Unknown kind of receipt");
    if (mark.fully_read.p && mark.thread.p)
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "m.fully_read has no thread");
    return receipts_mark(&rq->use, &mark);
}

struct markers_body {
    struct str fully_read, read, read_private;
};

static const struct json_field markers_fields[] = {
    JSON_FIELD_NAMED("m.fully_read", struct markers_body, fully_read, JSON_WANT_STR, JSON_NULL_OK,
                     0),
    JSON_FIELD_NAMED("m.read", struct markers_body, read, JSON_WANT_STR, JSON_NULL_OK, 0),
    JSON_FIELD_NAMED("m.read.private", struct markers_body, read_private, JSON_WANT_STR,
                     JSON_NULL_OK, 0),
};

static int post_markers(struct request *rq)
{
    const struct markers_body *body = rq->body;
    struct mark mark = {
        .room_id = api_param(rq, 0),
        .fully_read = body->fully_read,
        .read = body->read,
        .read_private = body->read_private,
    };
    return receipts_mark(&rq->use, &mark);
}

/* ---- typing ---- */

#define TYPING_DEFAULT_MS 30000
#define TYPING_MAX_MS     120000

struct typing_body {
    bool typing;
    int64_t timeout;
};

static const struct json_field typing_fields[] = {
    JSON_FIELD(struct typing_body, typing, JSON_WANT_BOOL, JSON_REQUIRED, 0),
    JSON_FIELD(struct typing_body, timeout, JSON_WANT_INT, JSON_NULL_OK, 0),
};

static int put_typing(struct request *rq)
{
    const struct typing_body *body = rq->body;
    int64_t timeout = body->timeout > 0 ? body->timeout : TYPING_DEFAULT_MS;
    struct view view;
    if (!str_eq(api_param(rq, 1), rq->use.caller.user_id))
        return err_client(&rq->use.err, 403, "M_FORBIDDEN", "You type for yourself alone");
    if (view_open_joined(&rq->use, api_param(rq, 0), &view) < 0)
        return API_FAILED;
    if (timeout > TYPING_MAX_MS)
        timeout = TYPING_MAX_MS;
    sync_note_action(&rq->use);
    notifier_typing_set(rq->use.server->notifier, view.row.id, rq->use.caller.user,
                        body->typing ? clock_monotonic_ms() + timeout : 0);
    return API_DONE;
}

#define ROOM "/_matrix/client/v3/rooms/{roomId}"

static const struct api_route routes[] = {
    {HTTP_POST, ROOM "/receipt/{receiptType}/{eventId}", API_ACCESS_USER_SUSPENDED, API_RATE_WRITE,
     post_receipt, API_BODY(struct receipt_body, receipt_fields), .flags = API_BODY_OPTIONAL},
    {HTTP_POST, ROOM "/read_markers", API_ACCESS_USER_SUSPENDED, API_RATE_WRITE, post_markers,
     API_BODY(struct markers_body, markers_fields), .flags = API_BODY_OPTIONAL},
    {HTTP_PUT, ROOM "/typing/{userId}", API_ACCESS_USER, API_RATE_WRITE, put_typing,
     API_BODY(struct typing_body, typing_fields)},
};
const struct api_table api_client_receipts = {routes, ARRAY_LEN(routes)};
