/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/request_token.h"

#include "api/language.h"

const struct json_field token_fields[TOKEN_FIELDS] = {
    JSON_FIELD(struct token_body, client_secret, JSON_WANT_STR, JSON_REQUIRED, 255),
    JSON_FIELD(struct token_body, email, JSON_WANT_STR, JSON_REQUIRED, 0),
    JSON_FIELD(struct token_body, send_attempt, JSON_WANT_INT, JSON_REQUIRED, 0),
};

struct validation_request api_token_request(struct request *rq, enum validation_purpose purpose)
{
    const struct token_body *body = rq->body;
    return (struct validation_request){
        .purpose = purpose,
        .address = body->email,
        .client_secret = body->client_secret,
        .send_attempt = body->send_attempt,
        .language = api_language(rq),
        .base_url = api_own_url(rq),
    };
}

int api_code_refused(struct request *rq, enum validation_answer answer)
{
    switch (answer) {
    case VALIDATION_WRONG:
        (void)err_client(&rq->use.err, 400, "M_TOKEN_INCORRECT", "This is not the code");
        return err_reason(&rq->use.err, "code_wrong");
    case VALIDATION_VOID:
        (void)err_client(&rq->use.err, 400, "M_SESSION_EXPIRED", "The code holds no longer");
        return err_reason(&rq->use.err, "code_void");
    default:
        return err_client(&rq->use.err, 404, "M_NO_VALID_SESSION", "No such session");
    }
}
