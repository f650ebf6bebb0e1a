/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_MATRIX_SIGNING_H
#define CHAPPE_MATRIX_SIGNING_H

/* Signed JSON objects (appendices, "Signing JSON"): server keys, device keys, federation requests.
 * Events are signed in their redacted form: see pdu.h. Only ed25519 is known. */

#include <stdbool.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"
#include "crypto/ed25519.h"
#include "json/doc.h"

/* The canonical object with the signature of `entity` added to those it has (one under the same
 * key id is replaced); unsigned is kept and not covered. -1: M_BAD_JSON when the object has no
 * canonical form or its signatures are no object of objects. */
int signing_sign(struct arena *arena, const struct json *object, const struct ed25519_key *key,
                 struct str key_id, struct str entity, struct str *ret_json,
                 struct err *err) MUST_USE;

/* True when the object carries a signature of `entity` under `key_id` ("ed25519:…") that is right
 * for the public key (32 bytes). Everything else is false: absent, other algorithm, bad base64,
 * wrong length. */
bool signing_verify(const struct json *object, struct str entity, struct str key_id,
                    struct str public_key);

/* The bytes that a signature covers: canonical, without signatures and unsigned. */
struct buf;
int signing_covered(const struct json *object, struct buf *out, struct err *err) MUST_USE;

/* The 64 bytes of a signature found in `signatures`; -1 when absent or malformed. */
int signing_find(const struct json *object, struct str entity, struct str key_id,
                 unsigned char ret_signature[ED25519_SIGNATURE_BYTES]) MUST_USE;

/* The object with one more signature, as a tree for json_canonical: for events, which are signed in
 * another form than they are sent in. -1 as signing_sign. */
int signing_add(struct arena *arena, const struct json *object, struct str entity,
                struct str key_id, const unsigned char signature[ED25519_SIGNATURE_BYTES],
                const struct json **ret_object, struct err *err) MUST_USE;

#endif
