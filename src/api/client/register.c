/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Account registration"; and registration by shared secret, in the form that
 * Synapse's tools use. */

#include "api/auth.h"
#include "api/client/session.h"
#include "api/client/tables.h"
#include "api/client/uia.h"
#include "base/clock.h"
#include "base/limits.h"
#include "service/accounts/address.h"
#include "service/accounts/registering.h"
#include "service/appservice/assertion.h"
#include "service/config.h"

struct registering {
    struct str type, username, password, device_id, initial_device_display_name;
    bool inhibit_login, refresh_token;
};

static const struct json_field fields[] = {
    JSON_FIELD(struct registering, type, JSON_WANT_STR, JSON_NULL_OK, 255),
    JSON_FIELD(struct registering, username, JSON_WANT_STR, JSON_NULL_OK, 0),
    JSON_FIELD(struct registering, password, JSON_WANT_STR, JSON_NULL_OK, 0),
    JSON_FIELD(struct registering, device_id, JSON_WANT_STR, JSON_NULL_OK, LIMIT_DEVICE_ID_BYTES),
    JSON_FIELD(struct registering, initial_device_display_name, JSON_WANT_STR, JSON_NULL_OK,
               LIMIT_DEVICE_NAME_BYTES),
    JSON_FIELD(struct registering, inhibit_login, JSON_WANT_BOOL, JSON_NULL_OK, 0),
    JSON_FIELD(struct registering, refresh_token, JSON_WANT_BOOL, JSON_NULL_OK, 0),
};

/* "?kind=" is absent, "user" or "guest". */
static int check_kind(struct request *rq)
{
    struct str kind = api_query(rq, STR("kind"));
    if (str_eq(kind, STR("guest")))
        return err_client(&rq->use.err, 403, "M_GUEST_ACCESS_FORBIDDEN",
                          "This server has no guest accounts");
    if (kind.p && !str_eq(kind, STR("user")))
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "kind must be user or guest");
    if (rq->use.server->config->registration_mode == CONFIG_REGISTRATION_CLOSED)
        return err_client(&rq->use.err, 403, "M_FORBIDDEN", "Registration is closed");
    return 0;
}

/* By address, the name comes from it, and what the client asks for is not looked at. */
static bool by_address(struct request *rq)
{
    return rq->use.server->config->registration_mode == CONFIG_REGISTRATION_EMAIL;
}

static int user_id_wanted(struct request *rq, struct str username, struct str *ret_user_id)
{
    struct str localpart = username.p ? username : accounts_draw_localpart(&rq->use);
    if (accounts_new_user_id(&rq->use, localpart, ret_user_id) < 0)
        return -1;
    return accounts_check_free(&rq->use, *ret_user_id);
}

/* The one flow of each mode. */
static const unsigned *flow_of(struct request *rq)
{
    static const unsigned open = UIA_FLOW(UIA_STAGE_DUMMY);
    static const unsigned token = UIA_FLOW(UIA_STAGE_REGISTRATION_TOKEN);
    static const unsigned address = UIA_FLOW(UIA_STAGE_TERMS) | UIA_FLOW(UIA_STAGE_EMAIL);
    if (by_address(rq))
        return &address;
    bool by_token = rq->use.server->config->registration_mode == CONFIG_REGISTRATION_TOKEN;
    return by_token ? &token : &open;
}

static struct new_session session_wanted(const struct registering *body)
{
    return (struct new_session){
        .wanted = !body->inhibit_login,
        .device_id = body->device_id,
        .display_name = body->initial_device_display_name,
        .refresh = body->refresh_token,
    };
}

static int answer(struct request *rq, const struct new_session *session, struct str user_id,
                  const struct session_tokens *tokens)
{
    json_write_object(&rq->out);
    if (session->wanted)
        api_write_session(&rq->out, user_id, tokens);
    else
        json_write_member_str(&rq->out, STR("user_id"), user_id);
    json_write_end(&rq->out);
    return API_DONE;
}

/* Application service API, "Server admin style permissions". */
static int register_for_appservice(struct request *rq)
{
    const struct registering *body = rq->body;
    struct new_session session = session_wanted(body);
    const struct appservice *as;
    struct session_tokens tokens;
    struct str user_id;
    if (api_find_appservice(rq, &as) < 0)
        return API_FAILED;
    if (!body->username.p)
        return err_client(&rq->use.err, 400, "M_MISSING_PARAM", "username is missing");
    int status = appservice_register(&rq->use, as, body->username, &session, &user_id, &tokens);
    return status == USE_DONE ? answer(rq, &session, user_id, &tokens) : status;
}

static int post_register(struct request *rq)
{
    const struct registering *body = rq->body;
    struct registration registration = {.password = body->password, .own = true};
    struct session_tokens tokens;
    struct uia_result uia = {0};
    bool passed;
    if (str_eq(body->type, STR("m.login.application_service")))
        return register_for_appservice(rq);
    if (check_kind(rq) < 0)
        return API_FAILED;
    if (!by_address(rq) && user_id_wanted(rq, body->username, &registration.user_id) < 0)
        return API_FAILED;
    if (body->password.p && accounts_check_new_password(&rq->use, body->password) < 0)
        return API_FAILED;
    int status = api_uia(rq, flow_of(rq), 1, &passed, &uia);
    if (status != API_DONE || !passed)
        return status;
    if (!body->password.p)
        return err_client(&rq->use.err, 400, "M_MISSING_PARAM", "password is missing");
    if (by_address(rq) && address_register(&rq->use, &uia.email, &registration) < 0)
        return API_FAILED;
    registration.validation = uia.validation;
    registration.uia_session = uia.session;
    registration.token = uia.registration_token;
    struct new_session session = session_wanted(body);
    status = accounts_register(&rq->use, &registration, &session, &tokens);
    return status == USE_DONE ? answer(rq, &session, registration.user_id, &tokens) : status;
}

static int get_available(struct request *rq)
{
    struct str username = api_query(rq, STR("username")), user_id;
    if (!username.p)
        return err_client(&rq->use.err, 400, "M_MISSING_PARAM", "username is missing");
    if (!by_address(rq) && (accounts_new_user_id(&rq->use, username, &user_id) < 0 ||
                            accounts_check_free(&rq->use, user_id) < 0))
        return API_FAILED;
    json_write_raw(&rq->out, STR("{\"available\":true}"));
    return API_DONE;
}

static int get_token_validity(struct request *rq)
{
    struct str token = api_query(rq, STR("token"));
    bool valid;
    if (!token.p)
        return err_client(&rq->use.err, 400, "M_MISSING_PARAM", "token is missing");
    if (rq->use.server->config->registration_mode != CONFIG_REGISTRATION_TOKEN)
        return err_client(&rq->use.err, 403, "M_FORBIDDEN", "Registration is not by token");
    if (accounts_registration_token_is_valid(&rq->use, token, &valid) < 0)
        return API_FAILED;
    json_write_object(&rq->out);
    json_write_member_bool(&rq->out, STR("valid"), valid);
    json_write_end(&rq->out);
    return API_DONE;
}

/* ---- by shared secret ---- */

static int check_shared_secret(struct request *rq)
{
    if (rq->use.server->config->registration_shared_secret.n)
        return 0;
    return err_client(&rq->use.err, 404, "M_UNRECOGNIZED", "Unrecognized request");
}

static int get_nonce(struct request *rq)
{
    if (check_shared_secret(rq) < 0)
        return API_FAILED;
    json_write_object(&rq->out);
    json_write_member_str(&rq->out, STR("nonce"), accounts_give_nonce(&rq->use));
    json_write_end(&rq->out);
    return API_DONE;
}

struct secret_body {
    struct str nonce, username, password, displayname, mac, user_type;
    bool admin;
};

static const struct json_field secret_fields[] = {
    JSON_FIELD(struct secret_body, nonce, JSON_WANT_STR, JSON_REQUIRED, 64),
    JSON_FIELD(struct secret_body, username, JSON_WANT_STR, JSON_REQUIRED, 255),
    JSON_FIELD(struct secret_body, password, JSON_WANT_STR, JSON_REQUIRED, LIMIT_PASSWORD_BYTES),
    JSON_FIELD(struct secret_body, displayname, JSON_WANT_STR, JSON_NULL_OK,
               LIMIT_DISPLAY_NAME_BYTES),
    JSON_FIELD(struct secret_body, mac, JSON_WANT_STR, JSON_REQUIRED, 64),
    JSON_FIELD(struct secret_body, user_type, JSON_WANT_STR, JSON_NULL_OK, 64),
    JSON_FIELD(struct secret_body, admin, JSON_WANT_BOOL, JSON_NULL_OK, 0),
};

static int post_by_secret(struct request *rq)
{
    const struct secret_body *body = rq->body;
    struct registration registration = {
        .password = body->password, .display_name = body->displayname, .admin = body->admin};
    struct new_session session = {.wanted = true};
    struct session_tokens tokens;
    if (check_shared_secret(rq) < 0)
        return API_FAILED;
    struct shared_secret_proof proof = {body->nonce,     body->username, body->password,
                                        body->user_type, body->mac,      body->admin};
    if (accounts_check_secret(&rq->use, &proof) < 0 ||
        accounts_new_user_id(&rq->use, body->username, &registration.user_id) < 0)
        return API_FAILED;
    int status = accounts_register(&rq->use, &registration, &session, &tokens);
    if (status != USE_DONE)
        return status;
    json_write_object(&rq->out);
    api_write_session(&rq->out, registration.user_id, &tokens);
    json_write_member_str(&rq->out, STR("home_server"), rq->use.server->name);
    json_write_end(&rq->out);
    return API_DONE;
}

static const struct api_route routes[] = {
    {HTTP_POST, "/_matrix/client/v3/register", API_ACCESS_NOBODY, API_RATE_REGISTER, post_register,
     API_BODY(struct registering, fields)},
    {HTTP_GET, "/_matrix/client/v3/register/available", API_ACCESS_NOBODY, API_RATE_REGISTER,
     get_available},
    {HTTP_GET, "/_matrix/client/v1/register/m.login.registration_token/validity", API_ACCESS_NOBODY,
     API_RATE_REGISTER, get_token_validity},
    {HTTP_GET, "/_synapse/admin/v1/register", API_ACCESS_NOBODY, API_RATE_REGISTER, get_nonce},
    {HTTP_POST, "/_synapse/admin/v1/register", API_ACCESS_NOBODY, API_RATE_REGISTER, post_by_secret,
     API_BODY(struct secret_body, secret_fields)},
};
const struct api_table api_client_register = {routes, ARRAY_LEN(routes)};
