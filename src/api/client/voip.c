/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Voice over IP". */

#include "api/client/tables.h"
#include "service/accounts/turn.h"
#include "service/config.h"

static void write_uris(struct json_writer *out, struct str uris)
{
    struct str uri;
    json_write_key(out, STR("uris"));
    json_write_array(out);
    while (uris.n) {
        str_cut(uris, ',', &uri, &uris);
        json_write_str(out, str_trim(uri));
    }
    json_write_end(out);
}

static int get_turn_server(struct request *rq)
{
    struct json_writer *out = &rq->out;
    struct turn_credentials credentials;
    if (!turn_make_credentials(&rq->use, &credentials))
        return API_DONE; /* {}: there is none */
    json_write_object(out);
    json_write_member_str(out, STR("username"), credentials.username);
    json_write_member_str(out, STR("password"), credentials.password);
    write_uris(out, rq->use.server->config->turn_uris);
    json_write_member_int(out, STR("ttl"), credentials.ttl_s);
    json_write_end(out);
    return API_DONE;
}

static const struct api_route routes[] = {
    {HTTP_GET, "/_matrix/client/v3/voip/turnServer", API_ACCESS_USER, API_RATE_READ,
     get_turn_server},
};
const struct api_table api_client_voip = {routes, ARRAY_LEN(routes)};
