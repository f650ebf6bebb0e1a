/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_ACCOUNT_H
#define CHAPPE_STORE_ACCOUNT_H

/* Local accounts: one row a user of this server, never deleted (a local part is never given out
 * twice). The display name and avatar stand here; see store/profile.h for the other fields. */

#include "store/store.h"

#define ACCOUNT_ADMIN       1
#define ACCOUNT_LOCKED      2
#define ACCOUNT_SUSPENDED   4
#define ACCOUNT_DEACTIVATED 8
#define ACCOUNT_ERASED      16
#define ACCOUNT_EXTERNAL    32  /* of an outside partner (docs/design/accounts-by-mail.md) */
#define ACCOUNT_HIDDEN      64  /* red list: found by the whole address only */
#define ACCOUNT_DISPLACED   128 /* its address has no place here (service/accounts/displaced.h) */

/* Who has one of these is refused everything but signing out. */
#define ACCOUNT_BARRED (ACCOUNT_LOCKED | ACCOUNT_DISPLACED)

struct account {
    int64_t user;             /* name */
    struct str password_hash; /* STR_NONE: no password */
    int64_t created_ms;
    int64_t flags;
    struct str display_name, avatar_url; /* STR_NONE: none */
    struct str organisation;             /* by its address; STR_NONE: none */
    int64_t expires_ms;                  /* its end (service/accounts/validity.h); 0: none */
};

/* Refused with 400 M_USER_IN_USE when the user exists. Writes LOG_KIND_PROFILE. */
int account_insert(struct write *w, const struct account *account, struct err *err) MUST_USE;
/* A precondition: the user has no account. ERR_KIND_MOVED. */
int account_expect_none(struct write *w, int64_t user, struct err *err) MUST_USE;
/* 1, 0, -1; texts are copied into the arena. */
int account_load(struct read *r, int64_t user, struct arena *arena, struct account *ret_account,
                 struct err *err) MUST_USE;
/* Those of the users that have an account, in no order, at most LIMIT_DB_LIST. */
int account_load_many(struct read *r, const int64_t *users, size_t n_users, struct arena *arena,
                      struct account **ret_accounts, size_t *ret_n, struct err *err) MUST_USE;
int account_exists(struct read *r, int64_t user, struct err *err) MUST_USE; /* 1, 0, -1 */
/* Whether a user is an external of this server: one point read. False for users who have no account
 * here. 0, -1. */
int account_is_external(struct read *r, int64_t user, bool *ret_external, struct err *err) MUST_USE;
/* A precondition: flags and password hash are still those. ERR_KIND_MOVED. */
int account_expect(struct write *w, const struct account *account, struct err *err) MUST_USE;
/* Another hash of the same password; nothing when it is no longer the old one. */
int account_rehash(struct write *w, int64_t user, struct str old_hash, struct str hash,
                   struct err *err) MUST_USE;
/* STR_NONE takes the password away. */
int account_set_password(struct write *w, int64_t user, struct str hash, struct err *err) MUST_USE;
/* Writes LOG_KIND_PROFILE. */
int account_set_flags(struct write *w, int64_t user, int64_t set, int64_t clear,
                      struct err *err) MUST_USE;
/* Writes LOG_KIND_PROFILE. */
int account_set_expiry(struct write *w, int64_t user, int64_t expires_ms, struct err *err) MUST_USE;
/* What an account is by its address: organisation and ACCOUNT_EXTERNAL. Writes LOG_KIND_PROFILE. */
int account_set_organisation(struct write *w, int64_t user, struct str organisation, bool external,
                             struct err *err) MUST_USE;
/* Writes LOG_KIND_PROFILE. */
int account_set_display_name(struct write *w, int64_t user, struct str name,
                             struct err *err) MUST_USE;
int account_set_avatar_url(struct write *w, int64_t user, struct str url, struct err *err) MUST_USE;
/* Users after `after`, by id, at most limit. */
int account_list(struct read *r, int64_t after, size_t limit, struct arena *arena,
                 struct account **ret_accounts, size_t *ret_n, struct err *err) MUST_USE;

#endif
