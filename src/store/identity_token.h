/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_IDENTITY_TOKEN_H
#define CHAPPE_STORE_IDENTITY_TOKEN_H

/* Bearer tokens that are good for one thing: OpenID tokens (client-server API, "OpenID"), which
 * prove to another service who somebody is, those of the identity service, and login tokens, which
 * are good once. Only their SHA-256 is stored; they go with the account's closing and with a new
 * password. */

#include "crypto/hash.h"
#include "store/store.h"

/* The numbers are stored. */
enum identity_token_kind {
    IDENTITY_TOKEN_OPENID = 1,
    IDENTITY_TOKEN_SERVICE = 2,
    IDENTITY_TOKEN_LOGIN = 3,
};

struct identity_token {
    int64_t user;
    enum identity_token_kind kind;
    int64_t expires_ms;
    unsigned char digest[SHA256_BYTES];
};

int identity_token_insert(struct write *w, const struct identity_token *token,
                          struct err *err) MUST_USE;
int identity_token_delete(struct write *w, const unsigned char digest[SHA256_BYTES],
                          struct err *err) MUST_USE;
/* A precondition too: ERR_KIND_MOVED when it is not there any more. */
int identity_token_use_up(struct write *w, const unsigned char digest[SHA256_BYTES],
                          struct err *err) MUST_USE;
int identity_token_delete_user(struct write *w, int64_t user, struct err *err) MUST_USE;
int identity_token_expire(struct write *w, int64_t now_ms, struct err *err) MUST_USE;
/* Of that kind, not expired, of an account that is neither closed nor locked: 1, 0, -1. */
int identity_token_find(struct read *r, const unsigned char digest[SHA256_BYTES],
                        enum identity_token_kind kind, int64_t now_ms, int64_t *ret_user,
                        struct err *err) MUST_USE;

#endif
