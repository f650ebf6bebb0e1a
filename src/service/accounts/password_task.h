/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ACCOUNTS_PASSWORD_TASK_H
#define CHAPPE_SERVICE_ACCOUNTS_PASSWORD_TASK_H

/* Password work for a pool of its own (service/task_pool.h), so that no worker does it: memory is
 * threads × 19 MiB whatever comes. */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "service/task_pool.h"

enum password_work {
    PASSWORD_WORK_HASH,   /* password → hash */
    PASSWORD_WORK_VERIFY, /* password, hash → fits; and a new hash when the old one is outdated */
    PASSWORD_WORK_NOTHING, /* as long as a verification; fits is false */
};

/* Longer than any hash we make. */
#define PASSWORD_HASH_BYTES 160

struct password_task {
    struct task task;
    enum password_work work;
    struct str password; /* in the exchange's arena; wiped when done */
    struct str hash;     /* for VERIFY: the stored one */
    bool fits;
    struct str new_hash; /* for HASH; for VERIFY when the old one is to be replaced, or STR_NONE */
    char new_hash_bytes[PASSWORD_HASH_BYTES];
    struct err err;              /* ERR_KIND_NONE: all went well */
    struct password_task *older; /* the caller's: other tasks of the same request */
    bool counted;                /* the caller's: a failure has been counted */
};

/* As task_pool_submit. */
int password_task_submit(struct task_pool *pool, struct http_exchange *x,
                         struct password_task *task, struct err *err) MUST_USE;

#endif
