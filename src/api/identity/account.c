/* SPDX-License-Identifier: EUPL-1.2 */

/* Identity service API, "Authentication" and "Terms of service"; client-server API, "OpenID". */

#include "api/auth.h"
#include "api/identity/tables.h"
#include "service/identity/tokens.h"

static int post_openid(struct request *rq)
{
    struct json_writer *out = &rq->out;
    struct str token;
    if (!str_eq(api_param(rq, 0), rq->use.caller.user_id))
        return err_client(&rq->use.err, 403, "M_FORBIDDEN", "This is another user");
    if (openid_give(&rq->use, &token) < 0)
        return API_FAILED;
    json_write_object(out);
    json_write_member_str(out, STR("access_token"), token);
    json_write_member_str(out, STR("token_type"), STR("Bearer"));
    json_write_member_str(out, STR("matrix_server_name"), rq->use.server->name);
    json_write_member_int(out, STR("expires_in"), OPENID_LIFE_MS / 1000);
    json_write_end(out);
    return API_DONE;
}

struct openid_body {
    struct str access_token, matrix_server_name;
};

static const struct json_field openid_fields[] = {
    JSON_FIELD(struct openid_body, access_token, JSON_WANT_STR, JSON_REQUIRED, 255),
    JSON_FIELD(struct openid_body, matrix_server_name, JSON_WANT_STR, JSON_REQUIRED, 255),
};

static int post_register(struct request *rq)
{
    const struct openid_body *body = rq->body;
    struct str token;
    if (identity_sign_in(&rq->use, body->matrix_server_name, body->access_token, &token) < 0)
        return API_FAILED;
    json_write_object(&rq->out);
    json_write_member_str(&rq->out, STR("token"), token);
    json_write_end(&rq->out);
    return API_DONE;
}

static int get_account(struct request *rq)
{
    json_write_object(&rq->out);
    json_write_member_str(&rq->out, STR("user_id"), rq->use.caller.user_id);
    json_write_end(&rq->out);
    return API_DONE;
}

static int post_logout(struct request *rq)
{
    struct str token;
    if (api_bearer(rq, &token) != 1)
        return API_DONE;
    return identity_sign_out(&rq->use, token);
}

/* The terms were accepted at sign-up: there are no others. */
static int get_terms(struct request *rq)
{
    json_write_raw(&rq->out, STR("{\"policies\":{}}"));
    return API_DONE;
}

static int post_terms(struct request *rq)
{
    (void)rq;
    return API_DONE;
}

#define IDENTITY "/_matrix/identity/v2"
#define OURS     API_ACCESS_IDENTITY, API_RATE_READ

static const struct api_route routes[] = {
    {HTTP_POST, "/_matrix/client/v3/user/{userId}/openid/request_token", API_ACCESS_USER,
     API_RATE_WRITE, post_openid},
    {HTTP_POST, IDENTITY "/account/register", API_ACCESS_NOBODY, API_RATE_LOGIN, post_register,
     API_BODY(struct openid_body, openid_fields)},
    {HTTP_GET, IDENTITY "/account", OURS, get_account},
    {HTTP_POST, IDENTITY "/account/logout", OURS, post_logout},
    {HTTP_GET, IDENTITY "/terms", API_ACCESS_NOBODY, API_RATE_NONE, get_terms},
    {HTTP_POST, IDENTITY "/terms", OURS, post_terms},
};
const struct api_table api_identity_account = {routes, ARRAY_LEN(routes)};
