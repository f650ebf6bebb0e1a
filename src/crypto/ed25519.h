/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_CRYPTO_ED25519_H
#define CHAPPE_CRYPTO_ED25519_H

/* Ed25519 (RFC 8032) by libsodium. One frozen verification policy, libsodium's: S < L, no
 * small-order key, canonical encodings. */

#include <stdbool.h>

#include "base/str.h"

#define ED25519_SEED_BYTES      32
#define ED25519_PUBLIC_BYTES    32
#define ED25519_SIGNATURE_BYTES 64

struct ed25519_key {
    unsigned char secret[64]; /* wiped by ed25519_key_wipe */
    unsigned char public_key[ED25519_PUBLIC_BYTES];
};

void ed25519_key_from_seed(struct ed25519_key *ret_key,
                           const unsigned char seed[ED25519_SEED_BYTES]);
void ed25519_key_wipe(struct ed25519_key *key);
void ed25519_sign(const struct ed25519_key *key, struct str message,
                  unsigned char ret_signature[ED25519_SIGNATURE_BYTES]);

/* False also when the key or the signature has another length than it must have. */
bool ed25519_verify(struct str public_key, struct str message, struct str signature);

#endif
