/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/accounts/password_task.h"

#include <stdint.h>
#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"
#include "crypto/password.h"

/* Into the task, and not into the exchange's arena: its worker may not be done with that one yet.
 */
static void make_hash(struct password_task *task)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(4));
    struct str hash;
    if (password_hash(arena, task->password, &hash, &task->err) < 0)
        return;
    CHECK(hash.n <= sizeof task->new_hash_bytes);
    memcpy(task->new_hash_bytes, hash.p, hash.n);
    task->new_hash = str_make(task->new_hash_bytes, hash.n);
}

static void run(struct task *pooled)
{
    struct password_task *task = (struct password_task *)pooled;
    bool rehash = false;
    switch (task->work) {
    case PASSWORD_WORK_HASH:
        make_hash(task);
        break;
    case PASSWORD_WORK_VERIFY:
        task->fits = password_verify(task->hash, task->password, &rehash);
        if (task->fits && rehash)
            make_hash(task);
        break;
    case PASSWORD_WORK_NOTHING:
        task->fits = password_verify_nothing(task->password);
        break;
    }
    mem_wipe((void *)(uintptr_t)task->password.p, task->password.n);
}

int password_task_submit(struct task_pool *pool, struct http_exchange *x,
                         struct password_task *task, struct err *err)
{
    task->task.run = run;
    return task_pool_submit(pool, x, &task->task, err);
}
