/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/accounts/registering.h"

#include "base/clock.h"
#include "service/accounts/private.h"
#include "service/config.h"
#include "store/registration_token.h"

int accounts_registration_token_is_valid(struct use *use, struct str token, bool *ret_valid)
{
    int good = registration_token_check(&use->read, token, clock_wall_ms(), &use->err);
    *ret_valid = good == 1;
    return good < 0 ? -1 : 0;
}

struct str accounts_give_nonce(struct use *use)
{
    return nonces_give(&use->server->accounts->nonces, use->arena);
}

int accounts_check_secret(struct use *use, const struct shared_secret_proof *proof)
{
    struct str secret = use->server->config->registration_shared_secret;
    void **slot = use_wait_slot(use);
    if (*slot)
        return 0; /* a rerun: its password is being hashed */
    if (!nonces_take(&use->server->accounts->nonces, proof->nonce))
        return err_client(&use->err, 400, "M_UNKNOWN", "Unrecognised nonce");
    if (!shared_secret_check(use->arena, secret, proof->nonce, proof->username, proof->password,
                             proof->admin, proof->user_type, proof->mac))
        return err_client(&use->err, 403, "M_FORBIDDEN", "HMAC incorrect");
    return 0;
}
