/* SPDX-License-Identifier: EUPL-1.2 */

/* What rooms may say of how long their messages are kept (MSC1763). */

#include "service/rooms/retention.h"
#include "api/client/tables.h"
#include "service/config.h"

/* {"*": {"max_lifetime": N}}: of the rooms that say nothing; {}: for ever. */
static void write_policies(struct json_writer *out, int64_t otherwise_ms)
{
    json_write_key(out, STR("policies"));
    json_write_object(out);
    if (otherwise_ms != RETENTION_FOREVER) {
        json_write_key(out, STR("*"));
        json_write_object(out);
        json_write_member_int(out, STR("max_lifetime"), otherwise_ms);
        json_write_end(out);
    }
    json_write_end(out);
}

static void write_limits(struct json_writer *out, const struct retention_bounds *bounds)
{
    json_write_key(out, STR("limits"));
    json_write_object(out);
    json_write_key(out, STR("max_lifetime"));
    json_write_object(out);
    json_write_member_int(out, STR("min"), bounds->least_ms);
    if (bounds->most_ms != RETENTION_FOREVER)
        json_write_member_int(out, STR("max"), bounds->most_ms);
    json_write_end(out);
    json_write_end(out);
}

static int get_configuration(struct request *rq)
{
    const struct config *config = rq->use.server->config;
    struct retention_bounds bounds = retention_bounds_of(config);
    if (!config->retention)
        return API_DONE; /* {}: nothing is deleted because it is old */
    json_write_object(&rq->out);
    write_policies(&rq->out, bounds.otherwise_ms);
    write_limits(&rq->out, &bounds);
    json_write_end(&rq->out);
    return API_DONE;
}

static const struct api_route routes[] = {
    {HTTP_GET, "/_matrix/client/unstable/org.matrix.msc1763/retention/configuration",
     API_ACCESS_USER, API_RATE_READ, get_configuration},
};
const struct api_table api_client_retention = {routes, ARRAY_LEN(routes)};
