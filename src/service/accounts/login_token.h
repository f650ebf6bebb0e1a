/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ACCOUNTS_LOGIN_TOKEN_H
#define CHAPPE_SERVICE_ACCOUNTS_LOGIN_TOKEN_H

/* Login tokens (client-server API, "Token-based user login" and "Get a token to sign in another
 * device"): good once, for two minutes, for a session of the same user. Only their hash is stored;
 * they go with the account's closing, and with a new password. */

#include "service/use.h"

#define LOGIN_TOKEN_LIFE_MS 120000

/* One for the caller. uia_session: used up with it; STR_NONE: none. */
int login_token_give(struct use *use, struct str uia_session, struct str *ret_token) MUST_USE;
/* Whose it is: 1, 0 nobody's, -1. It is used up by the sign-in that is given it
 * (accounts_sign_in). */
int login_token_find(struct use *use, struct str token, int64_t *ret_user) MUST_USE;

#endif
