/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_RENEWAL_H
#define CHAPPE_STORE_RENEWAL_H

/* How an account that comes to an end (account.h, expires_ms) is renewed: the one token that does
 * it, as a hash, and when its owner is mailed next. */

#include "crypto/hash.h"
#include "store/store.h"

struct renewal {
    int64_t user;
    struct str digest;  /* SHA-256 of the last token mailed; "": none was */
    int64_t mail_ms;    /* when the next mail is due; 0: none is */
    int64_t renewed_ms; /* when the token was used; 0: not yet */
};

/* Replaces: the token of before holds no longer. */
int renewal_put(struct write *w, const struct renewal *renewal, struct err *err) MUST_USE;
/* Only when the next mail is due. */
int renewal_set_mail(struct write *w, int64_t user, int64_t mail_ms, struct err *err) MUST_USE;
/* Uses the token up: ERR_KIND_MOVED when it is not the user's last one, or was used. */
int renewal_use(struct write *w, int64_t user, struct str digest, int64_t mail_ms,
                struct err *err) MUST_USE;
int renewal_delete_user(struct write *w, int64_t user, struct err *err) MUST_USE;

/* 1, 0, -1; the digest is the one given, or in the arena. */
int renewal_find(struct read *r, struct str digest, struct renewal *ret_renewal,
                 struct err *err) MUST_USE;
/* Users whose mail is due at now_ms, oldest due first, at most limit. */
int renewal_list_due(struct read *r, int64_t now_ms, size_t limit, struct arena *arena,
                     int64_t **ret_users, size_t *ret_n, struct err *err) MUST_USE;

#endif
