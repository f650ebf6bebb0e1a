/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/task_pool.h"

#include <pthread.h>

#include "base/mem.h"

struct task_pool {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct task *first, **last;
    size_t waiting, queue_max;
    const char *busy;
    bool stopping;
    pthread_t *threads;
    unsigned n_threads;
};

static void finish(struct task *task)
{
    struct http_exchange *x = task->x;
    __atomic_store_n(&task->done, 1, __ATOMIC_RELEASE);
    http_rerun(x);
    http_unref(x); /* the task may be gone from here on */
}

static struct task *take(struct task_pool *pool)
{
    struct task *task = NULL;
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
    struct task *task;
    pthread_setname_np(pthread_self(), "tasks");
    while ((task = take(arg))) {
        task->run(task);
        finish(task);
    }
    return NULL;
}

int task_pool_new(unsigned threads, size_t queue_max, const char *busy, struct task_pool **ret_pool,
                  struct err *err)
{
    struct task_pool *pool = MEM_NEW(struct task_pool);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pool->last = &pool->first;
    pool->queue_max = queue_max;
    pool->busy = busy;
    pool->threads = MEM_NEW_N(threads, pthread_t);
    for (; pool->n_threads < threads; pool->n_threads++) {
        if (pthread_create(&pool->threads[pool->n_threads], NULL, pool_main, pool) != 0) {
            task_pool_free(pool);
            return err_internal(err, "starting a pool of threads");
        }
    }
    *ret_pool = pool;
    return 0;
}

void task_pool_free(struct task_pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->n_threads; i++)
        pthread_join(pool->threads[i], NULL);
    for (struct task *task = pool->first, *next; task; task = next) {
        next = task->next;
        http_unref(task->x);
    }
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->lock);
    mem_free(pool->threads);
    mem_free(pool);
}

int task_pool_submit(struct task_pool *pool, struct http_exchange *x, struct task *task,
                     struct err *err)
{
    bool full;
    task->x = x;
    task->next = NULL;
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
    err_client(err, 429, "M_LIMIT_EXCEEDED", "%s", pool->busy);
    err->retry_after_ms = 2000;
    return -1;
}

bool task_is_done(const struct task *task)
{
    return __atomic_load_n(&task->done, __ATOMIC_ACQUIRE) != 0;
}
