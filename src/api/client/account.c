/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Account management" and "Current account information". */

#include "api/client/tables.h"
#include "api/client/uia.h"
#include "base/limits.h"
#include "service/accounts/accounts.h"
#include "service/accounts/closing.h"

static int get_whoami(struct request *rq)
{
    json_write_object(&rq->out);
    json_write_member_str(&rq->out, STR("user_id"), rq->use.caller.user_id);
    if (rq->use.caller.device)
        json_write_member_str(&rq->out, STR("device_id"), rq->use.caller.device_id);
    json_write_member_bool(&rq->out, STR("is_guest"), false);
    json_write_end(&rq->out);
    return API_DONE;
}

struct password_body {
    struct str new_password;
    bool logout_devices;
};

static const struct json_field password_fields[] = {
    JSON_FIELD(struct password_body, new_password, JSON_WANT_STR, JSON_REQUIRED, 0),
    JSON_FIELD(struct password_body, logout_devices, JSON_WANT_BOOL, JSON_NULL_OK, 0),
};

static int post_password(struct request *rq)
{
    const struct password_body *body = rq->body;
    bool sign_out = json_as_bool(json_find(rq->json, STR("logout_devices")), true);
    static const unsigned mailbox[] = {UIA_FLOW(UIA_STAGE_EMAIL)};
    struct uia_result uia = {0};
    bool passed;
    if (accounts_check_new_password(&rq->use, body->new_password) < 0)
        return API_FAILED;
    /* Whoever is not signed in has forgotten it, and proves the mailbox. */
    int status = rq->use.caller.user
                     ? api_uia_password(rq, &passed, &uia)
                     : api_uia_by_mail(rq, mailbox, 1, VALIDATION_PASSWORD, &passed, &uia);
    if (status != API_DONE || !passed)
        return status;
    if (!rq->use.caller.user)
        return accounts_reset_password(&rq->use, &uia.email, body->new_password, sign_out,
                                       uia.session, uia.validation);
    return accounts_set_password(&rq->use, rq->use.caller.user, body->new_password, sign_out,
                                 uia.session);
}

struct deactivate_body {
    bool erase;
};

static const struct json_field deactivate_fields[] = {
    JSON_FIELD(struct deactivate_body, erase, JSON_WANT_BOOL, JSON_NULL_OK, 0),
};

static int post_deactivate(struct request *rq)
{
    const struct deactivate_body *body = rq->body;
    struct uia_result uia = {0};
    bool passed;
    int status = api_uia_password(rq, &passed, &uia);
    if (status != API_DONE || !passed)
        return status;
    status = accounts_deactivate(&rq->use, rq->use.caller.user, body->erase, uia.session);
    if (status != USE_DONE)
        return status;
    /* No identity server knows of third-party identifiers of ours: nothing to unbind. */
    json_write_raw(&rq->out, STR("{\"id_server_unbind_result\":\"success\"}"));
    return API_DONE;
}

/* MSC2000: no class of characters is asked for. */
static int get_password_policy(struct request *rq)
{
    json_write_object(&rq->out);
    json_write_member_int(&rq->out, STR("m.minimum_length"), LIMIT_PASSWORD_MIN);
    json_write_end(&rq->out);
    return API_DONE;
}

static const struct api_route routes[] = {
    {HTTP_GET, "/_matrix/client/v3/password_policy", API_ACCESS_NOBODY, API_RATE_NONE,
     get_password_policy},
    {HTTP_GET, "/_matrix/client/r0/password_policy", API_ACCESS_NOBODY, API_RATE_NONE,
     get_password_policy},
    {HTTP_GET, "/_matrix/client/v3/account/whoami", API_ACCESS_USER_SUSPENDED, API_RATE_READ,
     get_whoami},
    {HTTP_POST, "/_matrix/client/v3/account/password", API_ACCESS_OPTIONAL, API_RATE_WRITE,
     post_password, API_BODY(struct password_body, password_fields)},
    {HTTP_POST, "/_matrix/client/v3/account/deactivate", API_ACCESS_USER, API_RATE_WRITE,
     post_deactivate, API_BODY(struct deactivate_body, deactivate_fields)},
};
const struct api_table api_client_account = {routes, ARRAY_LEN(routes)};
