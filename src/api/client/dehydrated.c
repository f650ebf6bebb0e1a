/* SPDX-License-Identifier: EUPL-1.2 */

/* Dehydrated devices: proposal MSC3814, under its unstable prefix. */

#include "service/keys/dehydrated.h"

#include "api/client/tables.h"
#include "base/limits.h"

struct put_body {
    struct str device_id, initial_device_display_name;
    const struct json *device_data, *device_keys, *one_time_keys, *fallback_keys;
};

static const struct json_field put_fields[] = {
    JSON_FIELD(struct put_body, device_id, JSON_WANT_STR, JSON_REQUIRED, LIMIT_DEVICE_ID_BYTES),
    JSON_FIELD(struct put_body, initial_device_display_name, JSON_WANT_STR, JSON_NULL_OK,
               LIMIT_DEVICE_NAME_BYTES),
    JSON_FIELD(struct put_body, device_data, JSON_WANT_OBJECT, JSON_REQUIRED, 100),
    JSON_FIELD(struct put_body, device_keys, JSON_WANT_OBJECT, JSON_REQUIRED, 100),
    JSON_FIELD(struct put_body, one_time_keys, JSON_WANT_OBJECT, JSON_NULL_OK,
               LIMIT_ONE_TIME_KEYS_UPLOAD),
    JSON_FIELD(struct put_body, fallback_keys, JSON_WANT_OBJECT, JSON_NULL_OK,
               LIMIT_KEY_ALGORITHMS),
};

static int write_id(struct request *rq, struct str device_id)
{
    json_write_object(&rq->out);
    json_write_member_str(&rq->out, STR("device_id"), device_id);
    json_write_end(&rq->out);
    return API_DONE;
}

static int put_device(struct request *rq)
{
    const struct put_body *body = rq->body;
    struct dehydrated_upload upload = {
        .device_id = body->device_id,
        .display_name = body->initial_device_display_name,
        .device_data = body->device_data,
        .keys = {body->device_keys, body->one_time_keys, body->fallback_keys},
    };
    if (dehydrated_put(&rq->use, &upload) < 0)
        return API_FAILED;
    return write_id(rq, body->device_id);
}

static int get_device(struct request *rq)
{
    struct dehydrated_device device;
    if (dehydrated_get(&rq->use, &device) < 0)
        return API_FAILED;
    json_write_object(&rq->out);
    json_write_member_str(&rq->out, STR("device_id"), device.device_id);
    json_write_member_raw(&rq->out, STR("device_data"), device.data);
    json_write_end(&rq->out);
    return API_DONE;
}

static int delete_device(struct request *rq)
{
    struct str device_id;
    if (dehydrated_delete(&rq->use, &device_id) < 0)
        return API_FAILED;
    return write_id(rq, device_id);
}

static int write_events(struct request *rq, const struct dehydrated_page *page, bool with_next)
{
    json_write_object(&rq->out);
    json_write_key(&rq->out, STR("events"));
    json_write_array(&rq->out);
    for (size_t i = 0; i < page->n; i++)
        json_write_raw(&rq->out, page->messages[i].json);
    json_write_end(&rq->out);
    if (with_next)
        json_write_member_str(&rq->out, STR("next_batch"), page->next_batch);
    json_write_end(&rq->out);
    return API_DONE;
}

/* As the proposal stands today: the last page has no next_batch, and a client asks until then. */
static int get_events(struct request *rq)
{
    struct dehydrated_page page;
    if (dehydrated_events(&rq->use, api_param(rq, 0), api_query(rq, STR("from")), &page) < 0)
        return API_FAILED;
    return write_events(rq, &page, page.more);
}

struct events_body {
    struct str next_batch;
};

static const struct json_field events_fields[] = {
    JSON_FIELD(struct events_body, next_batch, JSON_WANT_STR, JSON_NULL_OK, 32),
};

/* As it stood before: always a next_batch, and clients ask until a page is empty. */
static int post_events(struct request *rq)
{
    const struct events_body *body = rq->body;
    struct dehydrated_page page;
    if (dehydrated_events(&rq->use, api_param(rq, 0), body->next_batch, &page) < 0)
        return API_FAILED;
    return write_events(rq, &page, true);
}

#define DEVICE "/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device"

static const struct api_route routes[] = {
    {HTTP_PUT, DEVICE, API_ACCESS_USER, API_RATE_KEYS, put_device,
     API_BODY(struct put_body, put_fields), .body_max = MIB(1)},
    {HTTP_GET, DEVICE, API_ACCESS_USER, API_RATE_READ, get_device},
    {HTTP_DELETE, DEVICE, API_ACCESS_USER, API_RATE_KEYS, delete_device},
    {HTTP_GET, DEVICE "/{device_id}/events", API_ACCESS_USER, API_RATE_READ, get_events},
    {HTTP_POST, DEVICE "/{device_id}/events", API_ACCESS_USER, API_RATE_READ, post_events,
     API_BODY(struct events_body, events_fields), .flags = API_BODY_OPTIONAL},
};
const struct api_table api_client_dehydrated = {routes, ARRAY_LEN(routes)};
