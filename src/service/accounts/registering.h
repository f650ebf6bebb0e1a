/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ACCOUNTS_REGISTERING_H
#define CHAPPE_SERVICE_ACCOUNTS_REGISTERING_H

/* Proofs that let somebody register: tokens, and the operator's shared secret. */

#include "service/use.h"

int accounts_registration_token_is_valid(struct use *use, struct str token,
                                         bool *ret_valid) MUST_USE;

struct str accounts_give_nonce(struct use *use);

struct shared_secret_proof {
    struct str nonce, username, password, user_type, mac;
    bool admin;
};
/* Takes the nonce. The proof that held once holds for reruns of the same request. -1: 400 for the
 * nonce, 403 for the MAC. */
int accounts_check_secret(struct use *use, const struct shared_secret_proof *proof) MUST_USE;

#endif
