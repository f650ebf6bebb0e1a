/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_IDENTITY_LOOKUP_H
#define CHAPPE_SERVICE_IDENTITY_LOOKUP_H

/* Finding accounts by hashed addresses (identity service API, "Association lookup"). The hash of
 * each account's address stands beside it (store/email.h), so that a look-up is a point read. The
 * pepper is made of the server's name: it keeps hashes of one server from serving another, and is
 * told to every client anyway. */

#include "crypto/hash.h"
#include "matrix/email.h"
#include "service/use.h"

struct str lookup_pepper(struct server *server, struct arena *arena);
/* SHA-256 of "<address> email <pepper>". */
void lookup_hash(struct server *server, struct arena *arena, const struct email *email,
                 unsigned char ret_hash[SHA256_BYTES]);
/* The account behind one hash in URL-safe base64: 1, its id in the arena; 0; -1. */
int lookup_find(struct use *use, struct str hash, struct str *ret_user_id) MUST_USE;

#endif
