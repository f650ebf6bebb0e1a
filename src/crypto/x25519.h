/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_CRYPTO_X25519_H
#define CHAPPE_CRYPTO_X25519_H

/* X25519 (RFC 7748) by libsodium. */

#include "base/attr.h"

#define X25519_BYTES 32

void x25519_public(const unsigned char secret[X25519_BYTES],
                   unsigned char ret_public[X25519_BYTES]);

/* The secret shared with the owner of a public key. -1: the key is a point of small order, with
 * which everybody's secret is the same. */
int x25519_shared(const unsigned char secret[X25519_BYTES],
                  const unsigned char public_key[X25519_BYTES],
                  unsigned char ret_shared[X25519_BYTES]) MUST_USE;

#endif
