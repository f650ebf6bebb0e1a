/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ACCOUNTS_PASSWORD_POOL_H
#define CHAPPE_SERVICE_ACCOUNTS_PASSWORD_POOL_H

/* The threads that hash passwords, so that no worker does: memory is threads × 19 MiB whatever
 * comes. The queue is bounded; past it a caller is told to come back.
 *
 * A handler keeps a struct password_task in its exchange's arena (request_state.wait):
 *
 *     if (!task) { make one; password_pool_submit(...); return API_WAIT; }
 *     if (!password_task_is_done(task)) return API_WAIT;
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "net/http.h"

struct password_pool;

enum password_work {
    PASSWORD_WORK_HASH,   /* password → hash */
    PASSWORD_WORK_VERIFY, /* password, hash → fits; and a new hash when the old one is outdated */
    PASSWORD_WORK_NOTHING, /* as long as a verification; fits is false */
};

/* Longer than any hash we make. */
#define PASSWORD_HASH_BYTES 160

struct password_task {
    enum password_work work;
    struct str password; /* in the exchange's arena; wiped when done */
    struct str hash;     /* for VERIFY: the stored one */
    bool fits;
    struct str new_hash; /* for HASH; for VERIFY when the old one is to be replaced, or STR_NONE */
    char new_hash_bytes[PASSWORD_HASH_BYTES];
    struct err err; /* ERR_KIND_NONE: all went well */
    struct http_exchange *x;
    struct password_task *next;
    struct password_task *older; /* the caller's: other tasks of the same request */
    bool counted;                /* the caller's: a failure has been counted */
    int done;                    /* atomic */
};

int password_pool_new(unsigned threads, size_t queue_max, struct password_pool **ret_pool,
                      struct err *err) MUST_USE;
/* Tasks in the queue are dropped: their exchanges are closed by then. */
void password_pool_free(struct password_pool *pool);

/* The exchange is rerun when the task is done. -1: the queue is full, 429. */
int password_pool_submit(struct password_pool *pool, struct http_exchange *x,
                         struct password_task *task, struct err *err) MUST_USE;
bool password_task_is_done(const struct password_task *task);

#endif
