/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_API_REQUEST_TOKEN_H
#define CHAPPE_API_REQUEST_TOKEN_H

/* Proving an address by e-mail, as the client-server and the identity service API have it: the body
 * of every requestToken (next_link is not looked at), and what a code that does not prove it is
 * answered. */

#include "api/api.h"
#include "service/identity/validation.h"

struct token_body {
    struct str client_secret, email;
    int64_t send_attempt;
};
#define TOKEN_FIELDS 3
extern const struct json_field token_fields[TOKEN_FIELDS];

/* What a request with that body asks for. */
struct validation_request api_token_request(struct request *rq, enum validation_purpose purpose);

/* For an answer other than good. API_FAILED with: 400 M_TOKEN_INCORRECT (not the code), 400
 * M_SESSION_EXPIRED (it holds no longer), 404 M_NO_VALID_SESSION (identity service API,
 * "submitToken", v1.18). */
int api_code_refused(struct request *rq, enum validation_answer answer) MUST_USE;

#endif
