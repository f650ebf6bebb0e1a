/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_EMAIL_H
#define CHAPPE_STORE_EMAIL_H

/* Whose address an e-mail address is: one account an address, one address an account. The row goes
 * when the account is closed, so that whoever gets the mailbox next begins with nothing. Beside it
 * stands what the identity service finds it by (service/identity/lookup.h). Addresses are the
 * canonical text of a struct email, compared bytewise. */

#include "crypto/hash.h"
#include "matrix/email.h"
#include "store/store.h"

struct email_row {
    int64_t user;
    struct email email;
    int64_t added_ms;
};

/* Refused with 400 M_THREEPID_IN_USE when the address has an account; the user has no address yet.
 */
int email_insert(struct write *w, int64_t user, const struct email *email,
                 const unsigned char hash[SHA256_BYTES], struct err *err) MUST_USE;
/* A precondition, before any write: refused as above unless the address is nobody's or the user's.
 */
int email_expect_free(struct write *w, int64_t user, const struct email *email,
                      struct err *err) MUST_USE;
/* A precondition, before any write: moved unless the address is the user's. */
int email_expect_owner(struct write *w, int64_t user, const struct email *email,
                       struct err *err) MUST_USE;
/* The user's address becomes another; refused as above, unless it is the same already. */
int email_replace(struct write *w, int64_t user, const struct email *email,
                  const unsigned char hash[SHA256_BYTES], struct err *err) MUST_USE;
int email_delete_user(struct write *w, int64_t user, struct err *err) MUST_USE;

/* The account of an address: 1, 0, -1. */
int email_find_user(struct read *r, const struct email *email, int64_t *ret_user,
                    struct err *err) MUST_USE;
/* The address of an account, alone or with its row: 1, 0, -1. */
int email_load_row(struct read *r, int64_t user, struct arena *arena, struct email_row *ret_row,
                   struct err *err) MUST_USE;
int email_load(struct read *r, int64_t user, struct arena *arena, struct email *ret_email,
               struct err *err) MUST_USE;
/* The account of an address by its hash, of 32 bytes: 1, 0, -1. */
int email_find_hash(struct read *r, struct str hash, int64_t *ret_user, struct err *err) MUST_USE;
/* Addresses by account, after `after`, by user, at most limit. */
int email_list(struct read *r, int64_t after, size_t limit, struct arena *arena,
               struct email_row **ret_rows, size_t *ret_n, struct err *err) MUST_USE;

#endif
