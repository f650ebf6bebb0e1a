/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/accounts/password_pool.h"

#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"
#include "crypto/password.h"

struct password_pool {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct password_task *first, **last;
    size_t waiting, queue_max;
    bool stopping;
    pthread_t *threads;
    unsigned n_threads;
};

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

static void run(struct password_task *task)
{
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

static void finish(struct password_task *task)
{
    struct http_exchange *x = task->x;
    __atomic_store_n(&task->done, 1, __ATOMIC_RELEASE);
    http_rerun(x);
    http_unref(x); /* the task may be gone from here on */
}

static struct password_task *take(struct password_pool *pool)
{
    struct password_task *task = NULL;
    pthread_mutex_lock(&pool->lock);
    while (!pool->first && !pool->stopping)
        pthread_cond_wait(&pool->wake, &pool->lock);
    if (!pool->stopping) {
        task = pool->first;
        pool->first = task->next;
        if (!pool->first)
            pool->last = &pool->first;
        pool->waiting--;
    }
    pthread_mutex_unlock(&pool->lock);
    return task;
}

static void *pool_main(void *arg)
{
    struct password_task *task;
    while ((task = take(arg))) {
        run(task);
        finish(task);
    }
    return NULL;
}

int password_pool_new(unsigned threads, size_t queue_max, struct password_pool **ret_pool,
                      struct err *err)
{
    struct password_pool *pool = MEM_NEW(struct password_pool);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pool->last = &pool->first;
    pool->queue_max = queue_max;
    pool->threads = MEM_NEW_N(threads, pthread_t);
    for (; pool->n_threads < threads; pool->n_threads++) {
        if (pthread_create(&pool->threads[pool->n_threads], NULL, pool_main, pool) != 0) {
            password_pool_free(pool);
            return err_internal(err, "starting the password threads");
        }
    }
    *ret_pool = pool;
    return 0;
}

void password_pool_free(struct password_pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->n_threads; i++)
        pthread_join(pool->threads[i], NULL);
    for (struct password_task *task = pool->first, *next; task; task = next) {
        next = task->next;
        http_unref(task->x);
    }
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->lock);
    mem_free(pool->threads);
    mem_free(pool);
}

int password_pool_submit(struct password_pool *pool, struct http_exchange *x,
                         struct password_task *task, struct err *err)
{
    bool full;
    task->x = x;
    pthread_mutex_lock(&pool->lock);
    full = pool->waiting >= pool->queue_max;
    if (!full) {
        http_ref(x);
        *pool->last = task;
        pool->last = &task->next;
        pool->waiting++;
        pthread_cond_signal(&pool->wake);
    }
    pthread_mutex_unlock(&pool->lock);
    if (!full)
        return 0;
    err_client(err, 429, "M_LIMIT_EXCEEDED", "Too many sign-ins at once, try again");
    err->retry_after_ms = 2000;
    return -1;
}

bool password_task_is_done(const struct password_task *task)
{
    return __atomic_load_n(&task->done, __ATOMIC_ACQUIRE) != 0;
}
