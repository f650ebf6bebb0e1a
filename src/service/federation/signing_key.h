/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_FEDERATION_SIGNING_KEY_H
#define CHAPPE_SERVICE_FEDERATION_SIGNING_KEY_H

/* The server's Ed25519 key on disk (docs/design/keys.md). The file is in Synapse's form, one key a
 * line, the first being in force:
 *
 *     ed25519 a_AbCd <seed, unpadded base64>
 *
 * Its mode must be 0600. Keys that were in force stand in FILE.old without their secret: version,
 * public key, and since when they sign no more (milliseconds since 1970), oldest first:
 *
 *     ed25519 a_AbCd <public key, unpadded base64> 1764000000000
 *
 * A secret is never printed, logged or put into an error. */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "crypto/ed25519.h"

struct old_key {
    struct str version; /* "a_AbCd" */
    struct str public_key;
    int64_t expired_ms;
};

struct signing_key {
    struct ed25519_key key; /* wiped by signing_key_done */
    struct str id;          /* "ed25519:a_AbCd" */
    struct old_key *old;
    size_t n_old;
};

/* Reads both files. What the struct points to lives in the arena. */
int signing_key_load(struct arena *arena, const char *path, struct signing_key *ret_key,
                     struct err *err) MUST_USE;

/* The same, making the file with a fresh key when there is none. */
int signing_key_load_or_make(struct arena *arena, const char *path, struct signing_key *ret_key,
                             struct err *err) MUST_USE;

/* ---- rotation, in two steps: between them the new key is told elsewhere (key_rotation.h) ---- */

/* Held over both steps: two at once run one after the other. */
int signing_key_lock(const char *path, int *ret_fd, struct err *err) MUST_USE;

/* The key that comes next stands in FILE.next: the one that a rotation cut short has left there, or
 * a fresh one. It has no old keys. */
int signing_key_stage(struct arena *arena, const char *path, struct signing_key *ret_next,
                      struct err *err) MUST_USE;
bool signing_key_is_staged(const char *path);

/* Retires the key in force (and any other of the file) at the given time and puts the staged one in
 * its place. At no moment is the old public key in neither file. */
int signing_key_install(struct arena *arena, const char *path, int64_t now_ms,
                        struct err *err) MUST_USE;

void signing_key_done(struct signing_key *key);

#endif
