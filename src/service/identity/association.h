/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_IDENTITY_ASSOCIATION_H
#define CHAPPE_SERVICE_IDENTITY_ASSOCIATION_H

/* Associations of addresses and user ids, as the identity service tells them. */

#include "service/identity/validation.h"

/* A mail to the caller's own address; 403 M_FORBIDDEN for another's: this server mails nobody on
 * an agent's word. */
int association_request(struct use *use, const struct validation_request *request,
                        struct str *ret_sid) MUST_USE;
/* The proof of a session: 404 M_NO_VALID_SESSION, 400 M_SESSION_NOT_VALIDATED. */
int association_proof(struct use *use, struct str sid, struct str client_secret,
                      struct validation *ret_proof) MUST_USE;
/* The signed association of a proved address and the caller, whose address it is. 403. */
int association_bind(struct use *use, struct str sid, struct str client_secret, struct str mxid,
                     struct str *ret_json) MUST_USE;

#endif
