/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_IDENTITY_TOKENS_H
#define CHAPPE_SERVICE_IDENTITY_TOKENS_H

/* OpenID tokens of this server, and the identity service's own, which one is traded for. */

#include "service/use.h"
#include "store/identity_token.h"

#define OPENID_LIFE_MS (3600 * 1000)

/* A new OpenID token of the caller. */
int openid_give(struct use *use, struct str *ret_token) MUST_USE;
/* An identity token for an OpenID token of this server; 401 M_UNAUTHORIZED. */
int identity_sign_in(struct use *use, struct str server_name, struct str openid_token,
                     struct str *ret_token) MUST_USE;
int identity_sign_out(struct use *use, struct str token) MUST_USE;
/* Fills the caller: user, user_id, external, and no device. 401 M_UNAUTHORIZED. */
int identity_authenticate(struct use *use, struct str token, struct caller *ret_caller) MUST_USE;

#endif
