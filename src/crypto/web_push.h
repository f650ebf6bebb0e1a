/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_CRYPTO_WEB_PUSH_H
#define CHAPPE_CRYPTO_WEB_PUSH_H

/* A message for one browser, as its push service carries it: RFC 8291, content coding aes128gcm
 * (RFC 8188) in one record. Composed of P-256, HKDF and AES-128-GCM; nothing of our own. */

#include "base/attr.h"
#include "base/buf.h"
#include "base/str.h"
#include "crypto/p256.h"

#define WEB_PUSH_AUTH_BYTES 16
#define WEB_PUSH_SALT_BYTES 16
/* What a record has room for beside its tag and the byte that ends the text. */
#define WEB_PUSH_TEXT_BYTES (4096 - 16 - 1)

/* What a subscription says of its browser. */
struct web_push_receiver {
    unsigned char point[P256_POINT_BYTES]; /* p256dh */
    unsigned char auth[WEB_PUSH_AUTH_BYTES];
};

/* Appends the body of the request. `own` and `salt` are fresh for each message. The text is filled
 * up to `padded` bytes, so that its length says nothing; the larger of the two is at most
 * WEB_PUSH_TEXT_BYTES. -1: the receiver's point is none. */
int web_push_seal(const struct web_push_receiver *to, const struct p256_key *own,
                  const unsigned char salt[WEB_PUSH_SALT_BYTES], struct str text, size_t padded,
                  struct buf *out) MUST_USE;

#endif
