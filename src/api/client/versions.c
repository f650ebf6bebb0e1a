/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "API standards": what this server is and can do. */

#include "api/client/tables.h"
#include "matrix/room_version.h"
#include "service/config.h"
#include "service/push/pushing.h"
#include "service/push/vapid.h"

/* The versions whose client-server part this server serves: docs/changes.md goes through those
 * since v1.14, one change after the other. matrix-js-sdk refuses a server that shares none of v1.1
 * to v1.13 with it. */
static int get_versions(struct request *rq)
{
    json_write_raw(
        &rq->out,
        STR("{\"versions\":[\"v1.1\",\"v1.2\",\"v1.3\",\"v1.4\",\"v1.5\",\"v1.6\",\"v1.7\","
            "\"v1.8\",\"v1.9\",\"v1.10\",\"v1.11\",\"v1.12\",\"v1.13\",\"v1.14\","
            "\"v1.15\",\"v1.16\",\"v1.17\",\"v1.18\",\"v1.19\"],"
            "\"unstable_features\":{\"org.chappe.resumable_upload\":true,"
            "\"org.matrix.msc3814\":true,"
            "\"org.matrix.msc3882\":true,"
            "\"org.matrix.msc3916\":true,"
            "\"org.matrix.msc3916.stable\":true,"
            "\"org.matrix.msc4140\":true,"
            "\"org.matrix.msc4140.stable\":true,"
            "\"org.matrix.msc4222\":true,"
            "\"org.matrix.simplified_msc3575\":true,"
            "\"uk.half-shot.msc2666.query_mutual_rooms\":true,"
            "\"uk.half-shot.msc2666.query_mutual_rooms.stable\":true,"
            "\"uk.tcpip.msc4133\":true,"
            "\"uk.tcpip.msc4133.stable\":true,"
            "\"uk.timedout.msc4323\":true,"
            "\"uk.timedout.msc4323.stable\":true}}"));
    return API_DONE;
}

/* For the web client, which names who runs the service before one signs in. */
static void write_operator(struct request *rq)
{
    struct str name = rq->use.server->config->operator_name;
    if (!name.p)
        return;
    json_write_key(&rq->out, STR("org.chappe.operator"));
    json_write_object(&rq->out);
    json_write_member_str(&rq->out, STR("name"), name);
    json_write_end(&rq->out);
}

static int get_well_known_client(struct request *rq)
{
    json_write_object(&rq->out);
    json_write_key(&rq->out, STR("m.homeserver"));
    json_write_object(&rq->out);
    json_write_member_str(&rq->out, STR("base_url"), api_public_url(rq));
    json_write_end(&rq->out);
    write_operator(rq);
    json_write_end(&rq->out);
    return API_DONE;
}

static void write_contact(struct request *rq)
{
    const struct config *config = rq->use.server->config;
    struct json_writer *out = &rq->out;
    if (!config->support_email.p && !config->support_user.p)
        return;
    json_write_key(out, STR("contacts"));
    json_write_array(out);
    json_write_object(out);
    if (config->support_email.p)
        json_write_member_str(out, STR("email_address"), config->support_email);
    if (config->support_user.p)
        json_write_member_str(out, STR("matrix_id"), config->support_user);
    json_write_member_str(out, STR("role"), STR("m.role.admin"));
    json_write_end(out);
    json_write_end(out);
}

static int get_well_known_support(struct request *rq)
{
    const struct config *config = rq->use.server->config;
    if (!config->support_email.p && !config->support_user.p && !config->support_page.p)
        return err_client(&rq->use.err, 404, "M_NOT_FOUND", "No contact is named");
    json_write_object(&rq->out);
    write_contact(rq);
    if (config->support_page.p)
        json_write_member_str(&rq->out, STR("support_page"), config->support_page);
    json_write_end(&rq->out);
    return API_DONE;
}

static void write_switch(struct json_writer *out, struct str name, bool enabled)
{
    json_write_key(out, name);
    json_write_object(out);
    json_write_member_bool(out, STR("enabled"), enabled);
    json_write_end(out);
}

static void write_room_versions(struct request *rq)
{
    struct json_writer *out = &rq->out;
    size_t n;
    const struct room_version *versions = room_version_list(&n);
    json_write_key(out, STR("m.room_versions"));
    json_write_object(out);
    json_write_member_str(out, STR("default"), rq->use.server->config->rooms_default_version);
    json_write_key(out, STR("available"));
    json_write_object(out);
    for (size_t i = 0; i < n; i++)
        json_write_member_str(out, versions[i].name, STR("stable"));
    json_write_end(out);
    json_write_end(out);
}

/* Themes that a listed room may have. */
static void write_themes(struct request *rq)
{
    struct str rest = rq->use.server->config->rooms_themes, theme;
    json_write_key(&rq->out, STR("org.chappe.room_themes"));
    json_write_object(&rq->out);
    json_write_key(&rq->out, STR("themes"));
    json_write_array(&rq->out);
    while ((theme = config_next_theme(&rest)).p)
        json_write_str(&rq->out, theme);
    json_write_end(&rq->out);
    json_write_end(&rq->out);
}

/* MSC4174: the key that a browser subscribes with. */
static void write_web_push(struct request *rq)
{
    const struct vapid *vapid = pushing_vapid(rq->use.server->pushing);
    json_write_key(&rq->out, STR("org.matrix.msc4174.webpush"));
    json_write_object(&rq->out);
    json_write_member_bool(&rq->out, STR("enabled"), vapid != NULL);
    if (vapid)
        json_write_member_str(&rq->out, STR("vapid"), vapid_public(vapid));
    json_write_end(&rq->out);
}

static int get_capabilities(struct request *rq)
{
    struct json_writer *out = &rq->out;
    bool by_address = rq->use.server->config->registration_mode == CONFIG_REGISTRATION_EMAIL;
    json_write_object(out);
    json_write_key(out, STR("capabilities"));
    json_write_object(out);
    write_switch(out, STR("m.change_password"), true);
    write_switch(out, STR("m.set_displayname"), !by_address);
    write_switch(out, STR("m.set_avatar_url"), true);
    write_switch(out, STR("m.3pid_changes"), by_address);
    write_switch(out, STR("m.get_login_token"), true);
    json_write_member_raw(out, STR("m.profile_fields"),
                          by_address ? STR("{\"disallowed\":[\"displayname\"],\"enabled\":true}")
                                     : STR("{\"enabled\":true}"));
    if (rq->use.caller.admin)
        json_write_member_raw(out, STR("m.account_moderation"),
                              STR("{\"suspend\":true,\"lock\":true}"));
    write_web_push(rq);
    write_switch(out, STR("org.chappe.access_rules"), rq->use.server->config->rooms_access_rules);
    write_themes(rq);
    write_room_versions(rq);
    json_write_end(out);
    json_write_end(out);
    return API_DONE;
}

static const struct api_route routes[] = {
    {HTTP_GET, "/_matrix/client/versions", API_ACCESS_NOBODY, API_RATE_NONE, get_versions,
     .flags = HTTP_ROUTE_COMPRESS},
    {HTTP_GET, "/.well-known/matrix/client", API_ACCESS_NOBODY, API_RATE_NONE,
     get_well_known_client},
    {HTTP_GET, "/.well-known/matrix/support", API_ACCESS_NOBODY, API_RATE_NONE,
     get_well_known_support},
    {HTTP_GET, "/_matrix/client/v3/capabilities", API_ACCESS_USER_SUSPENDED, API_RATE_READ,
     get_capabilities},
};
const struct api_table api_client_versions = {routes, ARRAY_LEN(routes)};
