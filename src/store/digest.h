/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_DIGEST_H
#define CHAPPE_STORE_DIGEST_H

/* Digests of unread messages that were mailed (service/mail/digest.h): one row an account, of the
 * last one; and the links by which its owner stops them, as hashes. A link holds as long as mails
 * are kept, not until the next one comes. */

#include "matrix/email.h"
#include "store/store.h"

struct digest {
    int64_t user;
    int64_t sent_ms; /* when its mail was made: struct mail's created_ms */
    int64_t pos;     /* of the newest message that it knew of */
};

int digest_put(struct write *w, const struct digest *digest, struct err *err) MUST_USE;
/* The mail of a digest that was made at sent_ms for an address did not leave: it was none. Nothing
 * when the address has another account, or that account another digest. */
int digest_take_back(struct write *w, const struct email *to, int64_t sent_ms,
                     struct err *err) MUST_USE;
int digest_delete_user(struct write *w, int64_t user, struct err *err) MUST_USE;
/* hash: 32 bytes, of the link's token. */
int digest_link_insert(struct write *w, struct str hash, int64_t user, struct err *err) MUST_USE;
int digest_link_expire(struct write *w, int64_t before_ms, struct err *err) MUST_USE;

/* 1, 0 there was none, -1. */
int digest_load(struct read *r, int64_t user, struct digest *ret_digest, struct err *err) MUST_USE;
/* 1, 0 no such link, -1. */
int digest_link_find(struct read *r, struct str hash, int64_t *ret_user, struct err *err) MUST_USE;

#endif
