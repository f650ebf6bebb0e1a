/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Login", "Logout" and "Refreshing access tokens". */

#include "api/auth.h"
#include "api/client/session.h"
#include "api/client/tables.h"
#include "api/client/uia.h"
#include "base/limits.h"
#include "service/accounts/login_token.h"
#include "service/appservice/assertion.h"

void api_write_session(struct json_writer *out, struct str user_id,
                       const struct session_tokens *tokens)
{
    if (user_id.p)
        json_write_member_str(out, STR("user_id"), user_id);
    json_write_member_str(out, STR("access_token"), tokens->access_token);
    if (user_id.p)
        json_write_member_str(out, STR("device_id"), tokens->device_id);
    if (tokens->refresh_token.p)
        json_write_member_str(out, STR("refresh_token"), tokens->refresh_token);
    if (tokens->expires_in_ms)
        json_write_member_int(out, STR("expires_in_ms"), tokens->expires_in_ms);
}

static int get_login(struct request *rq)
{
    json_write_raw(&rq->out, STR("{\"flows\":[{\"type\":\"m.login.password\"},"
                                 "{\"get_login_token\":true,\"type\":\"m.login.token\"},"
                                 "{\"type\":\"m.login.application_service\"}]}"));
    return API_DONE;
}

struct login {
    struct str type, password, token, device_id, initial_device_display_name;
    struct str user, medium, address; /* deprecated places */
    const struct json *identifier;
    bool refresh_token;
};

static const struct json_field login_fields[] = {
    JSON_FIELD(struct login, type, JSON_WANT_STR, JSON_REQUIRED, 255),
    JSON_FIELD(struct login, password, JSON_WANT_STR, JSON_NULL_OK, 0),
    JSON_FIELD(struct login, token, JSON_WANT_STR, JSON_NULL_OK, 255),
    JSON_FIELD(struct login, device_id, JSON_WANT_STR, JSON_NULL_OK, LIMIT_DEVICE_ID_BYTES),
    JSON_FIELD(struct login, initial_device_display_name, JSON_WANT_STR, JSON_NULL_OK,
               LIMIT_DEVICE_NAME_BYTES),
    JSON_FIELD(struct login, user, JSON_WANT_STR, JSON_NULL_OK, 0),
    JSON_FIELD(struct login, medium, JSON_WANT_STR, JSON_NULL_OK, 0),
    JSON_FIELD(struct login, address, JSON_WANT_STR, JSON_NULL_OK, 0),
    JSON_FIELD(struct login, identifier, JSON_WANT_OBJECT, JSON_NULL_OK, 16),
    JSON_FIELD(struct login, refresh_token, JSON_WANT_BOOL, JSON_NULL_OK, 0),
};

/* An e-mail address; nobody signs in by telephone number. */
static int address_user(struct request *rq, struct str medium, struct str address,
                        int64_t *ret_user, struct str *ret_claimed)
{
    if (!str_eq(medium, STR("email")) || !address.p)
        return 0;
    return accounts_find_address(&rq->use, address, ret_user, ret_claimed);
}

/* The user a login names: 1 there is one, 0 none of ours, -1. What it claims to be, in one form, is
 * what guesses at nobody are counted by. */
static int login_user(struct request *rq, const struct login *login, int64_t *ret_user,
                      struct str *ret_claimed)
{
    struct str type = json_find_str(login->identifier, STR("type"));
    struct str user = login->user;
    if (login->identifier && !type.p)
        return err_client(&rq->use.err, 400, "M_MISSING_PARAM", "identifier.type is missing");
    if (str_eq(type, STR("m.id.thirdparty")))
        return address_user(rq, json_find_str(login->identifier, STR("medium")),
                            json_find_str(login->identifier, STR("address")), ret_user,
                            ret_claimed);
    if (str_eq(type, STR("m.id.phone")))
        return 0;
    if (!type.p && login->medium.p)
        return address_user(rq, login->medium, login->address, ret_user, ret_claimed);
    if (type.p && !str_eq(type, STR("m.id.user")))
        return err_client(&rq->use.err, 400, "M_UNKNOWN", "Unknown kind of identifier");
    if (type.p)
        user = json_find_str(login->identifier, STR("user"));
    if (!user.p)
        return err_client(&rq->use.err, 400, "M_MISSING_PARAM", "The user is missing");
    *ret_claimed = accounts_user_id_of(&rq->use, user);
    return accounts_find_user(&rq->use, user, ret_user);
}

static int begin_session(struct request *rq, const struct login *login, int64_t user)
{
    struct session_tokens tokens;
    struct str user_id;
    struct new_session session = {
        .wanted = true,
        .device_id = login->device_id,
        .display_name = login->initial_device_display_name,
        .refresh = login->refresh_token,
        .login_token = str_eq(login->type, STR("m.login.token")) ? login->token : STR_NONE,
    };
    if (accounts_sign_in(&rq->use, user, &session, &tokens) < 0 ||
        store_name(rq->use.server->store, user, rq->use.arena, &user_id, &rq->use.err) < 0)
        return API_FAILED;
    json_write_object(&rq->out);
    api_write_session(&rq->out, user_id, &tokens);
    json_write_end(&rq->out);
    return API_DONE;
}

static int login_by_password(struct request *rq, const struct login *login)
{
    struct str claimed = STR("");
    int64_t user = 0;
    bool fits;
    if (!login->password.p)
        return err_client(&rq->use.err, 400, "M_MISSING_PARAM", "password is missing");
    int found = login_user(rq, login, &user, &claimed);
    if (found < 0)
        return API_FAILED;
    int status =
        accounts_verify_password(&rq->use, found ? user : 0, claimed, login->password, &fits);
    if (status != USE_DONE)
        return status;
    if (!fits)
        return err_client(&rq->use.err, 403, "M_FORBIDDEN", "Wrong user name or password");
    return begin_session(rq, login, user);
}

static int login_by_token(struct request *rq, const struct login *login)
{
    int64_t user;
    if (!login->token.p)
        return err_client(&rq->use.err, 400, "M_MISSING_PARAM", "token is missing");
    int found = login_token_find(&rq->use, login->token, &user);
    if (found < 0)
        return API_FAILED;
    if (!found)
        return err_client(&rq->use.err, 403, "M_FORBIDDEN", "The login token holds no longer");
    return begin_session(rq, login, user);
}

/* Application service API, "Server admin style permissions". */
static int login_for_appservice(struct request *rq)
{
    const struct login *login = rq->body;
    const struct appservice *as;
    struct str name = json_find_str(login->identifier, STR("user"));
    int64_t user;
    if (api_find_appservice(rq, &as) < 0)
        return API_FAILED;
    if (!name.p)
        name = login->user.p ? login->user : as->sender;
    if (appservice_find_account(&rq->use, as, name, &user) < 0)
        return API_FAILED;
    return begin_session(rq, login, user);
}

static int post_login(struct request *rq)
{
    const struct login *login = rq->body;
    if (str_eq(login->type, STR("m.login.application_service")))
        return login_for_appservice(rq);
    if (str_eq(login->type, STR("m.login.password")))
        return login_by_password(rq, login);
    if (str_eq(login->type, STR("m.login.token")))
        return login_by_token(rq, login);
    return err_client(&rq->use.err, 400, "M_UNKNOWN", "This kind of login is not offered");
}

/* For another device, which shows it is the same person's: the password is asked for again. */
static int post_get_token(struct request *rq)
{
    struct uia_result uia = {0};
    struct str token;
    bool passed;
    int status = api_uia_password(rq, &passed, &uia);
    if (status != API_DONE || !passed)
        return status;
    if (login_token_give(&rq->use, uia.session, &token) < 0)
        return API_FAILED;
    json_write_object(&rq->out);
    json_write_member_int(&rq->out, STR("expires_in_ms"), LOGIN_TOKEN_LIFE_MS);
    json_write_member_str(&rq->out, STR("login_token"), token);
    json_write_end(&rq->out);
    return API_DONE;
}

/* Opened in a browser by a client that did not ask which flows there are. */
static int refuse_sso(struct request *rq)
{
    return err_client(&rq->use.err, 404, "M_NOT_FOUND", "This server has no single sign-on");
}

struct refresh {
    struct str refresh_token;
};

static const struct json_field refresh_fields[] = {
    JSON_FIELD(struct refresh, refresh_token, JSON_WANT_STR, JSON_REQUIRED, 255),
};

static int post_refresh(struct request *rq)
{
    const struct refresh *refresh = rq->body;
    struct session_tokens tokens;
    if (accounts_refresh(&rq->use, refresh->refresh_token, &tokens) < 0)
        return API_FAILED;
    json_write_object(&rq->out);
    api_write_session(&rq->out, STR_NONE, &tokens);
    json_write_end(&rq->out);
    return API_DONE;
}

static int post_logout(struct request *rq)
{
    return accounts_sign_out(&rq->use);
}

static int post_logout_all(struct request *rq)
{
    return accounts_sign_out_all(&rq->use);
}

static const struct api_route routes[] = {
    {HTTP_GET, "/_matrix/client/v3/login", API_ACCESS_NOBODY, API_RATE_NONE, get_login},
    {HTTP_POST, "/_matrix/client/v3/login", API_ACCESS_NOBODY, API_RATE_LOGIN, post_login,
     API_BODY(struct login, login_fields)},
    {HTTP_POST, "/_matrix/client/v1/login/get_token", API_ACCESS_USER, API_RATE_WRITE,
     post_get_token, .flags = API_BODY_RAW | API_BODY_OPTIONAL},
    {HTTP_GET, "/_matrix/client/v3/login/sso/redirect", API_ACCESS_NOBODY, API_RATE_LOGIN,
     refuse_sso},
    {HTTP_GET, "/_matrix/client/v3/login/sso/redirect/{idpId}", API_ACCESS_NOBODY, API_RATE_LOGIN,
     refuse_sso},
    /* Limited by account once the token is known: a ministry is one address. */
    {HTTP_POST, "/_matrix/client/v3/refresh", API_ACCESS_NOBODY, API_RATE_NONE, post_refresh,
     API_BODY(struct refresh, refresh_fields)},
    {HTTP_POST, "/_matrix/client/v3/logout", API_ACCESS_USER_LOCKED, API_RATE_NONE, post_logout},
    {HTTP_POST, "/_matrix/client/v3/logout/all", API_ACCESS_USER_LOCKED, API_RATE_NONE,
     post_logout_all},
};
const struct api_table api_client_login = {routes, ARRAY_LEN(routes)};
