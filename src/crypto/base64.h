/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_CRYPTO_BASE64_H
#define CHAPPE_CRYPTO_BASE64_H

/* Base64 (RFC 4648) without padding, as Matrix writes it. */

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

enum base64_alphabet { BASE64_STANDARD, BASE64_URL };

void base64_encode(struct buf *out, struct str bytes, enum base64_alphabet alphabet);
struct str base64_encode_arena(struct arena *arena, struct str bytes,
                               enum base64_alphabet alphabet);

/* With or without padding; nothing else is forgiven: other bytes, wrong padding, a length of 1 mod
 * 4 and non-zero trailing bits are refused. -1 then. */
int base64_decode(struct arena *arena, struct str text, enum base64_alphabet alphabet,
                  struct str *ret_bytes) MUST_USE;
/* The same where n bytes are awaited: -1 also when they are more or fewer. ret_bytes has n bytes,
 * which hold anything after -1. */
int base64_decode_exactly(struct str text, enum base64_alphabet alphabet, unsigned char *ret_bytes,
                          size_t n) MUST_USE;

/* The same, but the trailing bits, which belong to no byte, may be anything. For a secret that a
 * person brings in a file, which other programs have taken and printed that way (the seed of the
 * specification's own vectors is one). Never for what is compared, named by its text, hashed or
 * signed: there two texts for the same bytes would be two spellings of one signature or one key. */
int base64_decode_secret(struct arena *arena, struct str text, enum base64_alphabet alphabet,
                         struct str *ret_bytes) MUST_USE;

#endif
