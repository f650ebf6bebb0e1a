/* SPDX-License-Identifier: EUPL-1.2 */

/* Where an address belongs, as Tchap's clients and services ask it; and the status checks. */

#include "api/identity/tables.h"
#include "service/identity/validation.h"

static int read_address(struct request *rq, struct email *ret_email)
{
    struct str medium = api_query(rq, STR("medium")), address = api_query(rq, STR("address"));
    if (!medium.p || !address.p)
        return err_client(&rq->use.err, 400, "M_MISSING_PARAM", "medium and address are wanted");
    if (!str_eq(medium, STR("email")))
        return err_client(&rq->use.err, 400, "M_UNRECOGNIZED", "Only the medium email is known");
    return email_parse(rq->use.arena, address, ret_email, &rq->use.err);
}

/* By the map alone: whether the address has an account is not told here. */
static int get_info(struct request *rq)
{
    struct json_writer *out = &rq->out;
    struct email email;
    if (read_address(rq, &email) < 0)
        return API_FAILED;
    struct placement placement = identity_place(rq->use.server, &email, rq->use.arena);
    json_write_object(out);
    if (placement.server.p) {
        json_write_member_str(out, STR("hs"), placement.server);
        json_write_member_str(out, STR("org.chappe.organisation"), placement.organisation);
        json_write_member_bool(out, STR("org.chappe.external"), placement.external);
    }
    json_write_end(out);
    return API_DONE;
}

/* What came through a proxy is not of this machine, also when the proxy is and nobody has said so
 * (http.trusted_proxies). */
static bool is_near(struct request *rq)
{
    struct str peer = http_peer(rq->use.x);
    if (http_header(rq->use.x, STR("x-forwarded-for")).p)
        return false;
    return str_starts(peer, STR("127.")) || str_eq(peer, STR("::1")) ||
           str_starts(peer, STR("::ffff:127."));
}

/* For services of this machine alone: it tells whether somebody is invited. */
static int get_internal_info(struct request *rq)
{
    struct json_writer *out = &rq->out;
    struct email email;
    bool invited;
    if (!is_near(rq))
        return err_client(&rq->use.err, 404, "M_UNRECOGNIZED", "Unrecognized request");
    if (read_address(rq, &email) < 0 || identity_is_invited(&rq->use, &email, &invited) < 0)
        return API_FAILED;
    struct placement placement = identity_place(rq->use.server, &email, rq->use.arena);
    json_write_object(out);
    if (placement.server.p) {
        json_write_member_str(out, STR("hs"), placement.server);
        json_write_member_bool(out, STR("requires_invite"), placement.external);
        json_write_member_bool(out, STR("invited"), invited);
    }
    json_write_end(out);
    return API_DONE;
}

static int get_versions(struct request *rq)
{
    json_write_raw(&rq->out, STR("{\"versions\":[\"v1.1\",\"v1.2\",\"v1.3\",\"v1.4\",\"v1.5\","
                                 "\"v1.6\"]}"));
    return API_DONE;
}

static int get_ping(struct request *rq)
{
    (void)rq;
    return API_DONE;
}

static const struct api_route routes[] = {
    {HTTP_GET, "/_matrix/identity/api/v1/info", API_ACCESS_NOBODY, API_RATE_LOGIN, get_info},
    {HTTP_GET, "/_matrix/identity/api/v1/internal-info", API_ACCESS_NOBODY, API_RATE_LOGIN,
     get_internal_info},
    {HTTP_GET, "/_matrix/identity/versions", API_ACCESS_NOBODY, API_RATE_NONE, get_versions},
    {HTTP_GET, "/_matrix/identity/v2", API_ACCESS_NOBODY, API_RATE_NONE, get_ping},
};
const struct api_table api_identity_info = {routes, ARRAY_LEN(routes)};
