/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_TASK_POOL_H
#define CHAPPE_SERVICE_TASK_POOL_H

/* A few threads for what may take long or sleep (a password hash, an fsync of a large file, a child
 * process), so that no worker does. The queue is bounded; past it a caller is told to come back.
 *
 * A handler keeps a task in its exchange's arena (request_state.wait), as the first member of what
 * the work needs and what it finds:
 *
 *     if (!work) { make one; task_pool_submit(...); return API_WAIT; }
 *     if (!task_is_done(&work->task)) return API_WAIT;
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "net/http.h"

struct task_pool;

struct task {
    /* Runs on a thread of the pool, once. It may not touch the exchange's arenas, which its worker
     * may not be done with yet. */
    void (*run)(struct task *task);
    /* The pool's. */
    struct http_exchange *x;
    struct task *next;
    int done; /* atomic */
};

/* busy: what a caller is told when the queue is full. */
int task_pool_new(unsigned threads, size_t queue_max, const char *busy, struct task_pool **ret_pool,
                  struct err *err) MUST_USE;
/* Tasks in the queue are dropped: their exchanges are closed by then. NULL is allowed. */
void task_pool_free(struct task_pool *pool);

/* The exchange is held on to, and rerun when the task is done; it may be over by then. -1: the
 * queue is full, 429. */
int task_pool_submit(struct task_pool *pool, struct http_exchange *x, struct task *task,
                     struct err *err) MUST_USE;
bool task_is_done(const struct task *task);

#endif
