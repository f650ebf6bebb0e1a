/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_APPSERVICE_ASSERTION_H
#define CHAPPE_SERVICE_APPSERVICE_ASSERTION_H

/* Whom an application service is for a request (application service API, "Identity assertion"),
 * and the accounts it makes and signs in to ("Server admin style permissions"). */

#include "service/accounts/accounts.h"
#include "service/appservice/registration.h"
#include "service/use.h"

/* user_id, device_id: as the query gives them; STR_NONE: the sender, no device. 1 and the caller;
 * 0 the token is no application service's; -1: 403 M_FORBIDDEN for a user that is not in its
 * namespace or has no account, 403 ORG_MATRIX_EXPIRED_ACCOUNT, 400 M_UNKNOWN_DEVICE. The caller is
 * never an administrator. */
int appservice_assert(struct use *use, struct str token, struct str user_id, struct str device_id,
                      struct caller *ret_caller) MUST_USE;

/* A new account of its namespace, without a password: status of accounts_register. 400 M_EXCLUSIVE
 * outside of it, M_USER_IN_USE, M_INVALID_USERNAME. */
int appservice_register(struct use *use, const struct appservice *as, struct str localpart,
                        const struct new_session *session, struct str *ret_user_id,
                        struct session_tokens *ret_tokens) MUST_USE;
/* An account of its namespace that it may sign in to, which a person's is not: 0 and its name, or
 * -1: 400 M_EXCLUSIVE, 403 M_FORBIDDEN, ORG_MATRIX_EXPIRED_ACCOUNT. */
int appservice_find_account(struct use *use, const struct appservice *as,
                            struct str id_or_localpart, int64_t *ret_user) MUST_USE;

/* Whether an account is the service's alone: of a name that is kept for it, and no person's. 0, -1.
 */
int appservice_owns_account(struct use *use, const struct appservice *as, int64_t user,
                            bool *ret) MUST_USE;

/* Its sender's account, which is made at start. For a use without an exchange. ERR_KIND_INTERNAL
 * when the name is a person's. */
int appservice_make_sender(struct use *use, const struct appservice *as) MUST_USE;

#endif
