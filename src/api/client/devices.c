/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Device management". */

#include "api/client/tables.h"
#include "api/client/uia.h"
#include "base/limits.h"
#include "service/accounts/accounts.h"

static void write_device(struct json_writer *out, const struct device *device)
{
    json_write_object(out);
    json_write_member_str(out, STR("device_id"), device->device_id);
    if (device->display_name.p)
        json_write_member_str(out, STR("display_name"), device->display_name);
    if (device->last_seen_ip.p)
        json_write_member_str(out, STR("last_seen_ip"), device->last_seen_ip);
    if (device->last_seen_ms)
        json_write_member_int(out, STR("last_seen_ts"), device->last_seen_ms);
    json_write_end(out);
}

static int get_devices(struct request *rq)
{
    struct device *devices;
    size_t n;
    if (device_list(&rq->use.read, rq->use.caller.user, rq->use.arena, &devices, &n, &rq->use.err) <
        0)
        return API_FAILED;
    json_write_object(&rq->out);
    json_write_key(&rq->out, STR("devices"));
    json_write_array(&rq->out);
    for (size_t i = 0; i < n; i++)
        write_device(&rq->out, &devices[i]);
    json_write_end(&rq->out);
    json_write_end(&rq->out);
    return API_DONE;
}

static int get_device(struct request *rq)
{
    struct device device;
    int found = device_find(&rq->use.read, rq->use.caller.user, api_param(rq, 0), rq->use.arena,
                            &device, &rq->use.err);
    if (found < 0)
        return API_FAILED;
    if (!found)
        return err_client(&rq->use.err, 404, "M_NOT_FOUND", "No such device");
    write_device(&rq->out, &device);
    return API_DONE;
}

struct rename_body {
    struct str display_name;
};

static const struct json_field rename_fields[] = {
    JSON_FIELD(struct rename_body, display_name, JSON_WANT_STR, JSON_NULL_OK,
               LIMIT_DEVICE_NAME_BYTES),
};

static int put_device(struct request *rq)
{
    const struct rename_body *body = rq->body;
    bool made;
    if (accounts_rename_device(&rq->use, api_param(rq, 0), body->display_name, &made) < 0)
        return API_FAILED;
    if (made)
        http_status(rq->use.x, 201);
    return API_DONE;
}

static int delete_device(struct request *rq)
{
    struct str id = api_param(rq, 0);
    struct uia_result uia = {0};
    bool passed;
    int status = api_uia_password(rq, &passed, &uia);
    if (status != API_DONE || !passed)
        return status;
    return accounts_delete_devices(&rq->use, &id, 1, uia.session);
}

struct delete_body {
    const struct json *devices;
};

static const struct json_field delete_fields[] = {
    JSON_FIELD(struct delete_body, devices, JSON_WANT_ARRAY, JSON_REQUIRED, 1000),
};

static int post_delete_devices(struct request *rq)
{
    const struct delete_body *body = rq->body;
    size_t n = body->devices->array.n;
    struct str *ids = ARENA_NEW_N(rq->use.arena, n, struct str);
    struct uia_result uia = {0};
    bool passed;
    for (size_t i = 0; i < n; i++) {
        ids[i] = json_as_str(&body->devices->array.items[i]);
        if (!ids[i].p)
            return err_client(&rq->use.err, 400, "M_BAD_JSON", "devices must be device ids");
    }
    int status = api_uia_password(rq, &passed, &uia);
    if (status != API_DONE || !passed)
        return status;
    return accounts_delete_devices(&rq->use, ids, n, uia.session);
}

static const struct api_route routes[] = {
    {HTTP_GET, "/_matrix/client/v3/devices", API_ACCESS_USER_SUSPENDED, API_RATE_READ, get_devices},
    {HTTP_GET, "/_matrix/client/v3/devices/{deviceId}", API_ACCESS_USER_SUSPENDED, API_RATE_READ,
     get_device},
    {HTTP_PUT, "/_matrix/client/v3/devices/{deviceId}", API_ACCESS_USER, API_RATE_WRITE, put_device,
     API_BODY(struct rename_body, rename_fields)},
    {HTTP_DELETE, "/_matrix/client/v3/devices/{deviceId}", API_ACCESS_USER_SUSPENDED,
     API_RATE_WRITE, delete_device, .flags = API_BODY_RAW | API_BODY_OPTIONAL},
    {HTTP_POST, "/_matrix/client/v3/delete_devices", API_ACCESS_USER_SUSPENDED, API_RATE_WRITE,
     post_delete_devices, API_BODY(struct delete_body, delete_fields)},
};
const struct api_table api_client_devices = {routes, ARRAY_LEN(routes)};
