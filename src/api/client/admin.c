/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Server administration". */

#include "api/client/tables.h"
#include "service/accounts/accounts.h"
#include "service/accounts/moderation.h"

struct locking {
    bool locked;
};
struct suspending {
    bool suspended;
};

static const struct json_field locking_fields[] = {
    JSON_FIELD(struct locking, locked, JSON_WANT_BOOL, JSON_REQUIRED, 0),
};
static const struct json_field suspending_fields[] = {
    JSON_FIELD(struct suspending, suspended, JSON_WANT_BOOL, JSON_REQUIRED, 0),
};

static void write_switch(struct request *rq, struct str name, bool on)
{
    json_write_object(&rq->out);
    json_write_member_bool(&rq->out, name, on);
    json_write_end(&rq->out);
}

static int get_flag(struct request *rq, struct str name, int64_t flag)
{
    struct account account;
    if (moderation_get(&rq->use, api_param(rq, 0), &account) < 0)
        return API_FAILED;
    write_switch(rq, name, account.flags & flag);
    return API_DONE;
}

static int get_lock(struct request *rq)
{
    return get_flag(rq, STR("locked"), ACCOUNT_LOCKED);
}

static int get_suspend(struct request *rq)
{
    return get_flag(rq, STR("suspended"), ACCOUNT_SUSPENDED);
}

static int put_flag(struct request *rq, struct str name, int64_t flag, bool on)
{
    if (moderation_set(&rq->use, api_param(rq, 0), flag, on) < 0)
        return API_FAILED;
    write_switch(rq, name, on);
    return API_DONE;
}

static int put_lock(struct request *rq)
{
    const struct locking *body = rq->body;
    return put_flag(rq, STR("locked"), ACCOUNT_LOCKED, body->locked);
}

static int put_suspend(struct request *rq)
{
    const struct suspending *body = rq->body;
    return put_flag(rq, STR("suspended"), ACCOUNT_SUSPENDED, body->suspended);
}

static void write_device(struct json_writer *out, const struct device *device)
{
    json_write_key(out, device->device_id);
    json_write_object(out);
    json_write_key(out, STR("sessions"));
    json_write_array(out);
    json_write_object(out);
    json_write_key(out, STR("connections"));
    json_write_array(out);
    json_write_object(out);
    if (device->last_seen_ip.n)
        json_write_member_str(out, STR("ip"), device->last_seen_ip);
    json_write_member_int(out, STR("last_seen"), device->last_seen_ms);
    json_write_end(out);
    json_write_end(out);
    json_write_end(out);
    json_write_end(out);
    json_write_end(out);
}

/* One's own account, or any of this server for an administrator. */
static int get_whois(struct request *rq)
{
    struct json_writer *out = &rq->out;
    struct str user_id = api_param(rq, 0);
    struct device *devices;
    int64_t user = 0;
    size_t n;
    if (!rq->use.caller.admin && !str_eq(user_id, rq->use.caller.user_id))
        return err_client(&rq->use.err, 403, "M_FORBIDDEN", "You are not a server administrator");
    int found = str_starts(user_id, STR("@")) ? accounts_find_user(&rq->use, user_id, &user) : 0;
    if (found == 0)
        return err_client(&rq->use.err, 404, "M_NOT_FOUND", "No such account");
    if (found < 0 ||
        device_list(&rq->use.read, user, rq->use.arena, &devices, &n, &rq->use.err) < 0)
        return API_FAILED;
    json_write_object(out);
    json_write_member_str(out, STR("user_id"), user_id);
    json_write_key(out, STR("devices"));
    json_write_object(out);
    for (size_t i = 0; i < n; i++)
        write_device(out, &devices[i]);
    json_write_end(out);
    json_write_end(out);
    return API_DONE;
}

#define LOCK    "/_matrix/client/v1/admin/lock/{userId}"
#define SUSPEND "/_matrix/client/v1/admin/suspend/{userId}"

static const struct api_route routes[] = {
    {HTTP_GET, LOCK, API_ACCESS_ADMIN, API_RATE_READ, get_lock},
    {HTTP_PUT, LOCK, API_ACCESS_ADMIN, API_RATE_WRITE, put_lock,
     API_BODY(struct locking, locking_fields)},
    {HTTP_GET, SUSPEND, API_ACCESS_ADMIN, API_RATE_READ, get_suspend},
    {HTTP_PUT, SUSPEND, API_ACCESS_ADMIN, API_RATE_WRITE, put_suspend,
     API_BODY(struct suspending, suspending_fields)},
    {HTTP_GET, "/_matrix/client/v3/admin/whois/{userId}", API_ACCESS_USER, API_RATE_READ,
     get_whois},
};
const struct api_table api_client_admin = {routes, ARRAY_LEN(routes)};
