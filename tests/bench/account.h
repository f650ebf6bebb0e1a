/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BENCH_ACCOUNT_H
#define CHAPPE_BENCH_ACCOUNT_H

/* Who the generator may be: devices out of the manifest of a preloaded store (README.md), or
 * accounts that it signs up. */

#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"

struct bench;

struct account {
    struct str user_id, token, device_id;
    struct str *rooms; /* those the manifest knows */
    size_t n_rooms;
};

struct accounts {
    struct account *p;
    size_t n, capacity;
    struct str largest;   /* room with most members; STR_NONE when there is no manifest */
    size_t n_preloaded;   /* the first of them */
    const char *password; /* of those; NULL: not known */
    const char *secret;   /* shared secret of registration; NULL: sign-up is open */
    size_t n_signed_up;
};

/* -1: the file cannot be read or is no manifest. */
int accounts_load(struct bench *bench, const char *path, struct err *err) MUST_USE;

/* At least n accounts afterwards: signs up those that are missing. */
int accounts_want(struct bench *bench, size_t n, struct err *err) MUST_USE;

/* n fresh accounts, in no room, which the others do not use: from *ret_first on. */
int accounts_add(struct bench *bench, size_t n, size_t *ret_first, struct err *err) MUST_USE;

/* What /login and /register answer, copied to bench->memory. -1: it is not that. */
int account_read(struct bench *bench, struct str answer, struct account *ret_account) MUST_USE;

void accounts_done(struct accounts *accounts);

/* NULL when it is not known. */
const char *account_password(const struct accounts *accounts, size_t account);

/* A body for POST /login. */
void account_login_write(struct str user_id, const char *password, struct buf *body);

/* The password of an account that was signed up here. */
#define ACCOUNT_PASSWORD "correct horse battery staple"

#endif
