/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_VALIDATION_H
#define CHAPPE_STORE_VALIDATION_H

/* Sessions in which an e-mail address is proved: a code and a link were mailed, and are kept as
 * hashes. A session is of one purpose, one address and one client secret; the job of what it allows
 * uses it up (validation_use). */

#include "crypto/hash.h"
#include "matrix/email.h"
#include "store/store.h"

/* The numbers are stored. */
enum validation_purpose {
    VALIDATION_SIGN_UP = 1,
    VALIDATION_PASSWORD = 2, /* of an account whose address it is */
    VALIDATION_ADDRESS = 3,  /* a new address of an account, and its present one */
    VALIDATION_BIND = 4,     /* identity service API */
};

struct validation {
    struct str sid;
    enum validation_purpose purpose;
    struct email email;
    unsigned char secret[SHA256_BYTES];                   /* of the client_secret */
    unsigned char code[SHA256_BYTES], link[SHA256_BYTES]; /* of sid and code, of sid and token */
    int64_t attempt;                                      /* send_attempt of the last mail */
    int64_t sent_ms, expires_ms;                          /* of the last mail */
    int64_t tries;                                        /* wrong ones */
    int64_t validated_ms;                                 /* 0: not yet */
};

/* A new session, or the last mail of one that exists (same sid). */
int validation_put(struct write *w, const struct validation *validation, struct err *err) MUST_USE;
int validation_count_try(struct write *w, struct str sid, struct err *err) MUST_USE;
int validation_set_validated(struct write *w, struct str sid, int64_t now_ms,
                             struct err *err) MUST_USE;
/* The precondition and the end of what a proved address allows: 1 it was there and proved, and is
 * gone; 0; -1. */
int validation_use(struct write *w, struct str sid, struct err *err) MUST_USE;
int validation_expire(struct write *w, int64_t before_ms, struct err *err) MUST_USE;

/* 1, 0, -1. The second asks for the session of an address and a secret. */
int validation_load(struct read *r, struct str sid, struct arena *arena,
                    struct validation *ret_validation, struct err *err) MUST_USE;
int validation_find(struct read *r, enum validation_purpose purpose, const struct email *email,
                    const unsigned char secret[SHA256_BYTES], struct arena *arena,
                    struct validation *ret_validation, struct err *err) MUST_USE;
/* The same in a job. */
int validation_load_again(struct write *w, struct str sid, struct arena *arena,
                          struct validation *ret_validation, struct err *err) MUST_USE;
int validation_find_again(struct write *w, enum validation_purpose purpose,
                          const struct email *email, const unsigned char secret[SHA256_BYTES],
                          struct arena *arena, struct validation *ret_validation,
                          struct err *err) MUST_USE;

#endif
