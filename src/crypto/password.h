/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_CRYPTO_PASSWORD_H
#define CHAPPE_CRYPTO_PASSWORD_H

/* Password hashes in the usual text forms: argon2id ("$argon2id$v=19$…", 19 MiB, t=2, by
 * libsodium) and, for accounts that come from elsewhere, bcrypt ("$2a$", "$2b$", "$2y$", by
 * libcrypt), which is verified and then replaced. A hash costs about 14 ms and 19 MiB: callers run
 * it on the password pool, never on a worker. */

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* The password is at most LIMIT_PASSWORD_BYTES, which the caller has checked; it may hold NUL. */
int password_hash(struct arena *arena, struct str password, struct str *ret_hash,
                  struct err *err) MUST_USE;

/* True when it fits. *ret_rehash tells that the hash is of an older kind or cost. bcrypt stops at
 * 72 bytes and at a NUL: longer passwords and those with NUL never match it. */
bool password_verify(struct str hash, struct str password, bool *ret_rehash);

/* Costs as much as a verification and is always false: for accounts that do not exist. */
bool password_verify_nothing(struct str password);

#endif
