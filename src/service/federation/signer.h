/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_FEDERATION_SIGNER_H
#define CHAPPE_SERVICE_FEDERATION_SIGNER_H

/* The signing key in force, which may change while the server runs. Whoever signs takes the key for
 * as long as one event takes, so that a change can wait until nobody signs with the old one. Any
 * thread. */

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"
#include "crypto/ed25519.h"
#include "json/doc.h"

struct signer;

struct server_key {
    struct ed25519_key key;
    struct str id; /* "ed25519:VERSION" */
};

/* Both copy. */
struct signer *signer_new(const struct ed25519_key *key, struct str id);
void signer_free(struct signer *signer); /* wipes; NULL is allowed */

/* Immutable until it is given back, soon. */
const struct server_key *signer_take(struct signer *signer);
void signer_give(struct signer *signer, const struct server_key *key);

/* A JSON object signed by `entity` with the key in force: matrix/signing.h. */
int signer_sign(struct signer *signer, struct arena *arena, const struct json *object,
                struct str entity, struct str *ret_json, struct err *err) MUST_USE;

/* Whoever takes a key from here on has this one. Returns when nobody holds the former one any more,
 * which is then wiped. */
void signer_change(struct signer *signer, const struct ed25519_key *key, struct str id);

#endif
