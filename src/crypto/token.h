/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_CRYPTO_TOKEN_H
#define CHAPPE_CRYPTO_TOKEN_H

/* Random identifiers and bearer secrets, from the kernel's generator. */

#include "base/arena.h"
#include "base/str.h"
#include "crypto/hash.h"

/* n characters of [A-Za-z0-9]: 22 carry 130 bits. */
struct str token_new(struct arena *arena, size_t n);

/* n characters of [A-Z], for device ids. */
struct str token_new_letters(struct arena *arena, size_t n);

/* What is stored in place of a bearer secret: its SHA-256. */
void token_digest(struct str token, unsigned char ret_digest[SHA256_BYTES]);

#endif
