/* SPDX-License-Identifier: EUPL-1.2 */
#include "crypto/ed25519.h"

#include <sodium.h>

#include "base/check.h"
#include "base/mem.h"
#include "crypto/sodium_ready.h"

_Static_assert(ED25519_SEED_BYTES == crypto_sign_ed25519_SEEDBYTES, "seed");
_Static_assert(ED25519_PUBLIC_BYTES == crypto_sign_ed25519_PUBLICKEYBYTES, "public key");
_Static_assert(ED25519_SIGNATURE_BYTES == crypto_sign_ed25519_BYTES, "signature");
_Static_assert(sizeof((struct ed25519_key *)0)->secret == crypto_sign_ed25519_SECRETKEYBYTES,
               "secret key");

static const unsigned char *bytes(struct str s)
{
    return (const unsigned char *)(s.p ? s.p : "");
}

void ed25519_key_from_seed(struct ed25519_key *ret_key,
                           const unsigned char seed[ED25519_SEED_BYTES])
{
    sodium_ready();
    CHECK(crypto_sign_ed25519_seed_keypair(ret_key->public_key, ret_key->secret, seed) == 0);
}

void ed25519_key_wipe(struct ed25519_key *key)
{
    mem_wipe(key, sizeof *key);
}

void ed25519_sign(const struct ed25519_key *key, struct str message,
                  unsigned char ret_signature[ED25519_SIGNATURE_BYTES])
{
    sodium_ready();
    CHECK(crypto_sign_ed25519_detached(ret_signature, NULL, bytes(message), message.n,
                                       key->secret) == 0);
}

bool ed25519_verify(struct str public_key, struct str message, struct str signature)
{
    if (public_key.n != ED25519_PUBLIC_BYTES || signature.n != ED25519_SIGNATURE_BYTES)
        return false;
    sodium_ready();
    return crypto_sign_ed25519_verify_detached(bytes(signature), bytes(message), message.n,
                                               bytes(public_key)) == 0;
}
