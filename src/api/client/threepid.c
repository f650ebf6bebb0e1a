/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Adding Account Administrative Contact Information". An account has one
 * address, which can be changed and not taken away. */

#include "api/client/tables.h"
#include "api/client/uia.h"
#include "service/accounts/address.h"
#include "store/email.h"

static int get_addresses(struct request *rq)
{
    struct json_writer *out = &rq->out;
    struct email_row row;
    int found =
        email_load_row(&rq->use.read, rq->use.caller.user, rq->use.arena, &row, &rq->use.err);
    if (found < 0)
        return API_FAILED;
    json_write_object(out);
    json_write_key(out, STR("threepids"));
    json_write_array(out);
    if (found) {
        json_write_object(out);
        json_write_member_str(out, STR("medium"), STR("email"));
        json_write_member_str(out, STR("address"), row.email.full);
        json_write_member_int(out, STR("validated_at"), row.added_ms);
        json_write_member_int(out, STR("added_at"), row.added_ms);
        json_write_end(out);
    }
    json_write_end(out);
    json_write_end(out);
    return API_DONE;
}

struct add_body {
    struct str sid, client_secret;
};

static const struct json_field add_fields[] = {
    JSON_FIELD(struct add_body, sid, JSON_WANT_STR, JSON_REQUIRED, 255),
    JSON_FIELD(struct add_body, client_secret, JSON_WANT_STR, JSON_REQUIRED, 255),
};

/* The password, and the present mailbox; the new one is what the body names. */
static int post_add(struct request *rq)
{
    static const unsigned both[] = {UIA_FLOW(UIA_STAGE_PASSWORD) | UIA_FLOW(UIA_STAGE_EMAIL)};
    static const unsigned first[] = {UIA_FLOW(UIA_STAGE_PASSWORD)};
    const struct add_body *body = rq->body;
    struct address_change change = {.sid = body->sid, .client_secret = body->client_secret};
    struct uia_result uia = {0};
    bool passed;
    if (address_change_prepare(&rq->use, &change) < 0)
        return API_FAILED;
    int status = api_uia_by_mail(rq, change.has_address ? both : first, 1, VALIDATION_ADDRESS,
                                 &passed, &uia);
    if (status != API_DONE || !passed)
        return status;
    change.uia_session = uia.session;
    change.proof_of_present = uia.validation;
    change.proved_present = uia.email;
    return address_change(&rq->use, &change);
}

static int refuse_delete(struct request *rq)
{
    return err_client(&rq->use.err, 403, "M_FORBIDDEN",
                      "The address of an account can be changed, and not taken away");
}

/* What takes telephone numbers, and what binds at an identity server of the client's choice. */
static int refuse_telephone(struct request *rq)
{
    return err_client(&rq->use.err, 400, "M_THREEPID_MEDIUM_NOT_SUPPORTED",
                      "Accounts have e-mail addresses, and no telephone numbers");
}

/* The form of before r0.6, which asked for no proof of who changes the address. */
static int refuse_old_form(struct request *rq)
{
    return err_client(&rq->use.err, 403, "M_THREEPID_DENIED",
                      "An address is added by /account/3pid/add");
}

/* Addresses of accounts are known to this server's own identity service already. */
static int refuse_bind(struct request *rq)
{
    return err_client(&rq->use.err, 400, "M_SERVER_NOT_TRUSTED",
                      "This server binds at no identity server but its own");
}

static int post_unbind(struct request *rq)
{
    json_write_raw(&rq->out, STR("{\"id_server_unbind_result\":\"no-support\"}"));
    return API_DONE;
}

#define THREEPID "/_matrix/client/v3/account/3pid"

static const struct api_route routes[] = {
    {HTTP_GET, THREEPID, API_ACCESS_USER, API_RATE_READ, get_addresses},
    {HTTP_POST, THREEPID "/add", API_ACCESS_USER, API_RATE_WRITE, post_add,
     API_BODY(struct add_body, add_fields)},
    {HTTP_POST, THREEPID "/delete", API_ACCESS_USER, API_RATE_WRITE, refuse_delete},
    {HTTP_POST, THREEPID, API_ACCESS_USER, API_RATE_WRITE, refuse_old_form},
    {HTTP_POST, THREEPID "/bind", API_ACCESS_USER, API_RATE_WRITE, refuse_bind},
    {HTTP_POST, THREEPID "/unbind", API_ACCESS_USER, API_RATE_WRITE, post_unbind},
    {HTTP_POST, THREEPID "/msisdn/requestToken", API_ACCESS_NOBODY, API_RATE_LOGIN,
     refuse_telephone},
    {HTTP_POST, "/_matrix/client/v3/register/msisdn/requestToken", API_ACCESS_NOBODY,
     API_RATE_REGISTER, refuse_telephone},
    {HTTP_POST, "/_matrix/client/v3/account/password/msisdn/requestToken", API_ACCESS_NOBODY,
     API_RATE_LOGIN, refuse_telephone},
};
const struct api_table api_client_threepid = {routes, ARRAY_LEN(routes)};
