/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_API_CLIENT_SESSION_H
#define CHAPPE_API_CLIENT_SESSION_H

#include "api/api.h"
#include "service/accounts/accounts.h"

/* user_id, access_token, device_id, expires_in_ms and refresh_token: the answer of login,
 * registration and refresh (user_id STR_NONE: refresh). In an open object. */
void api_write_session(struct json_writer *out, struct str user_id,
                       const struct session_tokens *tokens);

#endif
