/* SPDX-License-Identifier: EUPL-1.2 */

/* Identity service API, "Establishing associations". An account is associated with its address when
 * it is made; bind says so again, signed, to who proves the mailbox. */

#include "service/identity/association.h"
#include "api/identity/tables.h"
#include "api/request_token.h"

static int post_request_token(struct request *rq)
{
    struct validation_request request = api_token_request(rq, VALIDATION_BIND);
    struct str sid;
    if (association_request(&rq->use, &request, &sid) < 0)
        return API_FAILED;
    json_write_object(&rq->out);
    json_write_member_str(&rq->out, STR("sid"), sid);
    json_write_end(&rq->out);
    return API_DONE;
}

struct proof_body {
    struct str sid, client_secret, token, mxid;
};

static const struct json_field submit_fields[] = {
    JSON_FIELD(struct proof_body, sid, JSON_WANT_STR, JSON_REQUIRED, 255),
    JSON_FIELD(struct proof_body, client_secret, JSON_WANT_STR, JSON_REQUIRED, 255),
    JSON_FIELD(struct proof_body, token, JSON_WANT_STR, JSON_REQUIRED, 255),
};

static int post_submit_token(struct request *rq)
{
    const struct proof_body *body = rq->body;
    enum validation_answer answer;
    int status = validation_submit(&rq->use, body->sid, body->client_secret, body->token, &answer);
    if (status != USE_DONE)
        return status;
    if (answer != VALIDATION_GOOD)
        return api_code_refused(rq, answer);
    json_write_raw(&rq->out, STR("{\"success\":true}"));
    return API_DONE;
}

static int get_validated(struct request *rq)
{
    struct str sid = api_query(rq, STR("sid")), secret = api_query(rq, STR("client_secret"));
    struct validation proof;
    if (!sid.p || !secret.p)
        return err_client(&rq->use.err, 400, "M_MISSING_PARAM", "sid and client_secret are wanted");
    if (association_proof(&rq->use, sid, secret, &proof) < 0)
        return API_FAILED;
    json_write_object(&rq->out);
    json_write_member_str(&rq->out, STR("medium"), STR("email"));
    json_write_member_str(&rq->out, STR("address"), proof.email.full);
    json_write_member_int(&rq->out, STR("validated_at"), proof.validated_ms);
    json_write_end(&rq->out);
    return API_DONE;
}

static const struct json_field bind_fields[] = {
    JSON_FIELD(struct proof_body, sid, JSON_WANT_STR, JSON_REQUIRED, 255),
    JSON_FIELD(struct proof_body, client_secret, JSON_WANT_STR, JSON_REQUIRED, 255),
    JSON_FIELD(struct proof_body, mxid, JSON_WANT_STR, JSON_REQUIRED, 255),
};

static int post_bind(struct request *rq)
{
    const struct proof_body *body = rq->body;
    struct str signed_json;
    if (association_bind(&rq->use, body->sid, body->client_secret, body->mxid, &signed_json) < 0)
        return API_FAILED;
    json_write_raw(&rq->out, signed_json);
    return API_DONE;
}

static int post_unbind(struct request *rq)
{
    return err_client(&rq->use.err, 403, "M_FORBIDDEN",
                      "An address is associated as long as its account has it");
}

#define IDENTITY "/_matrix/identity/v2"
#define READ     API_ACCESS_IDENTITY, API_RATE_READ
#define WRITE    API_ACCESS_IDENTITY, API_RATE_WRITE

static const struct api_route routes[] = {
    {HTTP_POST, IDENTITY "/validate/email/requestToken", WRITE, post_request_token,
     API_BODY(struct token_body, token_fields)},
    {HTTP_POST, IDENTITY "/validate/email/submitToken", WRITE, post_submit_token,
     API_BODY(struct proof_body, submit_fields)},
    {HTTP_GET, IDENTITY "/3pid/getValidated3pid", READ, get_validated},
    {HTTP_POST, IDENTITY "/3pid/bind", WRITE, post_bind, API_BODY(struct proof_body, bind_fields)},
    {HTTP_POST, IDENTITY "/3pid/unbind", WRITE, post_unbind},
};
const struct api_table api_identity_association = {routes, ARRAY_LEN(routes)};
