/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/retention.h"

static int parse_lifetime(const struct json *content, struct str key, int64_t *lifetime_ms,
                          struct err *err)
{
    const struct json *value = json_find(content, key);
    int64_t number;
    if (!value || json_is(value, JSON_NULL))
        return 0;
    if (!json_as_int(value, &number) || number < 0)
        return err_client(err, 400, "M_BAD_JSON", "%.*s is a whole number of milliseconds",
                          STR_ARG(key));
    *lifetime_ms = number;
    return 0;
}

int retention_parse(const struct json *content, struct retention *ret_retention, struct err *err)
{
    struct retention retention = {.max_ms = RETENTION_FOREVER};
    const struct json *expire = json_find(content, STR("expire_on_clients"));
    if (parse_lifetime(content, STR("max_lifetime"), &retention.max_ms, err) < 0 ||
        parse_lifetime(content, STR("min_lifetime"), &retention.min_ms, err) < 0)
        return -1;
    if (retention.min_ms > retention.max_ms)
        return err_client(err, 400, "M_BAD_JSON", "min_lifetime is longer than max_lifetime");
    if (expire && !json_is(expire, JSON_NULL) && !json_is(expire, JSON_BOOL))
        return err_client(err, 400, "M_BAD_JSON", "expire_on_clients is true or false");
    retention.expire_on_clients = json_as_bool(expire, false);
    *ret_retention = retention;
    return 0;
}

int64_t retention_lifetime(const struct retention *retention, const struct retention_bounds *bounds)
{
    if (!retention)
        return bounds->otherwise_ms;
    int64_t lifetime = retention->max_ms;
    if (lifetime < bounds->least_ms)
        lifetime = bounds->least_ms;
    if (lifetime < retention->min_ms)
        lifetime = retention->min_ms;
    return lifetime < bounds->most_ms ? lifetime : bounds->most_ms;
}

int64_t retention_cutoff(int64_t lifetime_ms, int64_t now_ms)
{
    if (lifetime_ms == RETENTION_FOREVER || now_ms < INT64_MIN + lifetime_ms)
        return INT64_MIN;
    return now_ms - lifetime_ms;
}
