/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_CRYPTO_P256_H
#define CHAPPE_CRYPTO_P256_H

/* The curve P-256 by OpenSSL, for Web Push alone: agreements with a browser's key (RFC 8291), and
 * signatures ES256 (RFC 7518, 3.4). Points are uncompressed: 4, x, y. */

#include <stdbool.h>

#include "base/attr.h"
#include "base/str.h"

#define P256_SECRET_BYTES    32
#define P256_POINT_BYTES     65
#define P256_SIGNATURE_BYTES 64

/* A key pair. Immutable; any thread. */
struct p256_key;

struct p256_key *p256_new(void) MUST_USE; /* a fresh one */
/* NULL: it is no secret of this curve (0, or too large). */
struct p256_key *p256_from_secret(const unsigned char secret[P256_SECRET_BYTES]) MUST_USE;
void p256_free(struct p256_key *key); /* NULL is allowed */

void p256_secret(const struct p256_key *key, unsigned char ret_secret[P256_SECRET_BYTES]);
const unsigned char *p256_point(const struct p256_key *key); /* P256_POINT_BYTES; the key's */

bool p256_point_is_valid(const unsigned char point[P256_POINT_BYTES]);
/* The x of the shared point. -1: the other's point is none. */
int p256_agree(const struct p256_key *key, const unsigned char point[P256_POINT_BYTES],
               unsigned char ret_shared[P256_SECRET_BYTES]) MUST_USE;
/* ES256: r, s, of the message's SHA-256. */
void p256_sign(const struct p256_key *key, struct str message,
               unsigned char ret_signature[P256_SIGNATURE_BYTES]);
bool p256_verify(const unsigned char point[P256_POINT_BYTES], struct str message,
                 const unsigned char signature[P256_SIGNATURE_BYTES]);

#endif
