/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ACCOUNTS_SHARED_SECRET_H
#define CHAPPE_SERVICE_ACCOUNTS_SHARED_SECRET_H

/* Registration by shared secret, as Synapse's tools do it: the server gives out a nonce, the tool
 * answers with the HMAC-SHA1, under the secret, of nonce, name, password and role separated by NUL.
 * A nonce is good for one try within a minute. */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

#define NONCES_MAX    256
#define NONCE_CHARS   32
#define NONCE_LIFE_MS 60000

struct nonces {
    pthread_mutex_t lock;
    struct nonce {
        char text[NONCE_CHARS];
        int64_t until_ms; /* monotonic; 0: free */
    } slots[NONCES_MAX];
    size_t next; /* the oldest slot is overwritten */
};

void nonces_init(struct nonces *nonces);
void nonces_done(struct nonces *nonces);
struct str nonces_give(struct nonces *nonces, struct arena *arena);
/* True once, for a nonce that was given and is not too old. */
bool nonces_take(struct nonces *nonces, struct str nonce);

/* Whether mac is the lower-case hexadecimal HMAC over the parts. user_type may be STR_NONE. */
bool shared_secret_check(struct arena *arena, struct str secret, struct str nonce, struct str name,
                         struct str password, bool admin, struct str user_type, struct str mac);

#endif
