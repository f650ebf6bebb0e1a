/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_API_REQUEST_TOKEN_H
#define CHAPPE_API_REQUEST_TOKEN_H

/* The body of every requestToken by e-mail, of the client-server and of the identity service API.
 * next_link is not looked at. */

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

#endif
