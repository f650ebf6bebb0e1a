/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_REGISTRATION_TOKEN_H
#define CHAPPE_STORE_REGISTRATION_TOKEN_H

/* Registration tokens (m.login.registration_token): given out by the operator, good for a number of
 * accounts and until a date. */

#include "store/store.h"

struct registration_token {
    struct str token;
    int64_t uses_left;  /* -1: without end */
    int64_t expires_ms; /* 0: never */
};

int registration_token_insert(struct write *w, const struct registration_token *token,
                              struct err *err) MUST_USE;
int registration_token_delete(struct write *w, struct str token, struct err *err) MUST_USE;
/* 1 good now, 0, -1. */
int registration_token_check(struct read *r, struct str token, int64_t now_ms,
                             struct err *err) MUST_USE;
/* Takes one use; refused with 401 M_UNAUTHORIZED… when none is left. */
int registration_token_use(struct write *w, struct str token, struct err *err) MUST_USE;
int registration_token_list(struct read *r, struct arena *arena,
                            struct registration_token **ret_tokens, size_t *ret_n,
                            struct err *err) MUST_USE;

#endif
