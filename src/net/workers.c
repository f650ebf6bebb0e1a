/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/workers.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"

struct queue {
    struct work *first, *last;
    size_t n;
};

struct workers {
    pthread_mutex_t lock;
    pthread_cond_t there;
    struct queue lanes[LANE_COUNT];
    enum lane turn; /* who goes first when both have work */
    unsigned n_idle;
    bool stopping;

    void *(*begin)(void *data);
    void (*end)(void *data, void *worker_data);
    void *data;
    pthread_t *threads;
    unsigned n_threads;
};

struct workers *workers_new(void *(*begin)(void *data), void (*end)(void *data, void *worker_data),
                            void *data)
{
    struct workers *workers = MEM_NEW(struct workers);
    pthread_mutex_init(&workers->lock, NULL);
    pthread_cond_init(&workers->there, NULL);
    workers->begin = begin;
    workers->end = end;
    workers->data = data;
    return workers;
}

void workers_free(struct workers *workers)
{
    if (!workers)
        return;
    pthread_cond_destroy(&workers->there);
    pthread_mutex_destroy(&workers->lock);
    mem_free(workers->threads);
    mem_free(workers);
}

static struct work *queue_take(struct queue *queue)
{
    struct work *work = queue->first;
    if (!work)
        return NULL;
    queue->first = work->next;
    work->next = NULL;
    queue->n--;
    return work;
}

static struct work *pop_locked(struct workers *workers)
{
    struct queue *first = &workers->lanes[workers->turn];
    struct queue *second = &workers->lanes[!workers->turn];
    if (first->n && second->n)
        workers->turn = !workers->turn;
    return queue_take(first->n ? first : second);
}

struct work *workers_pop(struct workers *workers)
{
    pthread_mutex_lock(&workers->lock);
    struct work *work = pop_locked(workers);
    pthread_mutex_unlock(&workers->lock);
    return work;
}

void workers_push(struct workers *workers, struct work *work, enum lane lane)
{
    pthread_mutex_lock(&workers->lock);
    struct queue *queue = &workers->lanes[lane];
    work->next = NULL;
    if (queue->n++ == 0)
        queue->first = work;
    else
        queue->last->next = work;
    queue->last = work;
    /* Under the lock: once it is given back, the work may be done and the pool be freed. */
    if (workers->n_idle > 0)
        pthread_cond_signal(&workers->there);
    pthread_mutex_unlock(&workers->lock);
}

size_t workers_queued(struct workers *workers, enum lane lane)
{
    pthread_mutex_lock(&workers->lock);
    size_t n = workers->lanes[lane].n;
    pthread_mutex_unlock(&workers->lock);
    return n;
}

/* The next work, waiting for it; NULL when the pool ends. */
static struct work *pop_wait(struct workers *workers)
{
    struct work *work;
    pthread_mutex_lock(&workers->lock);
    while (!(work = pop_locked(workers)) && !workers->stopping) {
        workers->n_idle++;
        pthread_cond_wait(&workers->there, &workers->lock);
        workers->n_idle--;
    }
    pthread_mutex_unlock(&workers->lock);
    return work;
}

static void *worker_main(void *arg)
{
    struct workers *workers = arg;
    void *worker_data = workers->begin ? workers->begin(workers->data) : NULL;
    struct work *work;
    while ((work = pop_wait(workers)))
        work->run(work, worker_data);
    if (workers->end)
        workers->end(workers->data, worker_data);
    return NULL;
}

/* Signals are the main thread's business. */
static int thread_start(pthread_t *ret_thread, struct workers *workers)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(ret_thread, NULL, worker_main, workers);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

int workers_start(struct workers *workers, unsigned n, struct err *err)
{
    CHECK(!workers->threads);
    workers->threads = MEM_NEW_N(n, pthread_t);
    workers->stopping = false;
    for (unsigned i = 0; i < n; i++) {
        int error = thread_start(&workers->threads[i], workers);
        if (error) {
            workers_stop(workers);
            return err_internal(err, "cannot start a worker: %s", strerror(error));
        }
        workers->n_threads++;
    }
    return 0;
}

void workers_stop(struct workers *workers)
{
    pthread_mutex_lock(&workers->lock);
    workers->stopping = true;
    pthread_mutex_unlock(&workers->lock);
    pthread_cond_broadcast(&workers->there);
    for (unsigned i = 0; i < workers->n_threads; i++)
        pthread_join(workers->threads[i], NULL);
    workers->n_threads = 0;
    mem_free(workers->threads);
    workers->threads = NULL;
}
