/* SPDX-License-Identifier: EUPL-1.2 */
#include "crypto/x25519.h"

#include <sodium.h>

#include "base/check.h"
#include "crypto/sodium_ready.h"

void x25519_public(const unsigned char secret[X25519_BYTES], unsigned char ret_public[X25519_BYTES])
{
    sodium_ready();
    CHECK(crypto_scalarmult_base(ret_public, secret) == 0);
}

int x25519_shared(const unsigned char secret[X25519_BYTES],
                  const unsigned char public_key[X25519_BYTES],
                  unsigned char ret_shared[X25519_BYTES])
{
    sodium_ready();
    return crypto_scalarmult(ret_shared, secret, public_key) == 0 ? 0 : -1;
}
