/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_CRYPTO_HASH_H
#define CHAPPE_CRYPTO_HASH_H

/* SHA-256 and HMAC by OpenSSL, and a hash of sets by libsodium's ristretto255. */

#include "base/attr.h"
#include "base/str.h"

#define SHA256_BYTES 32

void sha256(struct str message, unsigned char ret_digest[SHA256_BYTES]);

/* The same of a message that comes in pieces. After sha256_end it is over; sha256_free gives up
 * before, and allows NULL. */
struct sha256_stream;
struct sha256_stream *sha256_begin(void) MUST_USE;
void sha256_add(struct sha256_stream *stream, struct str piece);
void sha256_end(struct sha256_stream *stream, unsigned char ret_digest[SHA256_BYTES]);
void sha256_free(struct sha256_stream *stream);

void hmac_sha256(struct str key, struct str message, unsigned char ret_mac[SHA256_BYTES]);
/* HKDF (RFC 5869): n bytes, at most 255 × 32. An empty salt is one of 32 zero bytes. */
void hkdf_sha256(struct str key, struct str salt, struct str info, unsigned char *ret_bytes,
                 size_t n);
/* For Synapse's shared-secret registration only. */
void hmac_sha1(struct str key, struct str message, unsigned char ret_mac[20]);

/* The hash of a multiset of byte strings that can be updated one element at a time, in any order:
 * the sum of the elements hashed to ristretto255 points. Collision resistant as the discrete
 * logarithm is hard. The empty set is 32 zero bytes. */
struct set_hash {
    unsigned char bytes[32];
};

void set_hash_add(struct set_hash *hash, struct str element);
void set_hash_remove(struct set_hash *hash, struct str element);

#endif
