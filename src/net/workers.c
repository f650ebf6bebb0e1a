/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/workers.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"

/* Threads of the polls step back for all others: whoever sends is served before ten thousand who
 * are told of what was sent, also where the processors are fewer than the threads. */
#define POLLS_NICE 5

/* A lane and its threads. */
struct crew {
    struct workers *workers;
    pthread_mutex_t lock;
    pthread_cond_t there;
    struct work *first, *last;
    size_t n;
    unsigned n_idle;
    bool stopping;
    const char *name;
    int nice;
    pthread_t *threads;
    unsigned n_threads;
};

struct workers {
    struct crew crews[LANE_COUNT];
    void *(*begin)(void *data);
    void (*end)(void *data, void *worker_data);
    void *data;
};

struct workers *workers_new(void *(*begin)(void *data), void (*end)(void *data, void *worker_data),
                            void *data)
{
    struct workers *workers = MEM_NEW(struct workers);
    for (size_t i = 0; i < LANE_COUNT; i++) {
        struct crew *crew = &workers->crews[i];
        crew->workers = workers;
        crew->name = i == LANE_POLLS ? "polls" : "requests";
        crew->nice = i == LANE_POLLS ? POLLS_NICE : 0;
        pthread_mutex_init(&crew->lock, NULL);
        pthread_cond_init(&crew->there, NULL);
    }
    workers->begin = begin;
    workers->end = end;
    workers->data = data;
    return workers;
}

void workers_free(struct workers *workers)
{
    if (!workers)
        return;
    for (size_t i = 0; i < LANE_COUNT; i++) {
        struct crew *crew = &workers->crews[i];
        pthread_cond_destroy(&crew->there);
        pthread_mutex_destroy(&crew->lock);
        mem_free(crew->threads);
    }
    mem_free(workers);
}

static struct work *pop_locked(struct crew *crew)
{
    struct work *work = crew->first;
    if (!work)
        return NULL;
    crew->first = work->next;
    work->next = NULL;
    crew->n--;
    return work;
}

struct work *workers_pop(struct workers *workers, enum lane lane)
{
    struct crew *crew = &workers->crews[lane];
    pthread_mutex_lock(&crew->lock);
    struct work *work = pop_locked(crew);
    pthread_mutex_unlock(&crew->lock);
    return work;
}

void workers_push(struct workers *workers, struct work *work, enum lane lane)
{
    struct crew *crew = &workers->crews[lane];
    pthread_mutex_lock(&crew->lock);
    work->next = NULL;
    if (crew->n++ == 0)
        crew->first = work;
    else
        crew->last->next = work;
    crew->last = work;
    /* Under the lock: once it is given back, the work may be done and the pool be freed. */
    if (crew->n_idle > 0)
        pthread_cond_signal(&crew->there);
    pthread_mutex_unlock(&crew->lock);
}

size_t workers_queued(struct workers *workers, enum lane lane)
{
    struct crew *crew = &workers->crews[lane];
    pthread_mutex_lock(&crew->lock);
    size_t n = crew->n;
    pthread_mutex_unlock(&crew->lock);
    return n;
}

/* The next work, waiting for it; NULL when the pool ends. */
static struct work *pop_wait(struct crew *crew)
{
    struct work *work;
    pthread_mutex_lock(&crew->lock);
    while (!(work = pop_locked(crew)) && !crew->stopping) {
        crew->n_idle++;
        pthread_cond_wait(&crew->there, &crew->lock);
        crew->n_idle--;
    }
    pthread_mutex_unlock(&crew->lock);
    return work;
}

static void *worker_main(void *arg)
{
    struct crew *crew = arg;
    struct workers *workers = crew->workers;
    void *worker_data = workers->begin ? workers->begin(workers->data) : NULL;
    struct work *work;
    pthread_setname_np(pthread_self(), crew->name);
    /* On Linux a thread has a nice value of its own. Where it cannot be set, nothing is lost. */
    if (crew->nice)
        (void)!setpriority(PRIO_PROCESS, (id_t)gettid(), crew->nice);
    while ((work = pop_wait(crew)))
        work->run(work, worker_data);
    if (workers->end)
        workers->end(workers->data, worker_data);
    return NULL;
}

/* Signals are the main thread's business. */
static int thread_start(pthread_t *ret_thread, struct crew *crew)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(ret_thread, NULL, worker_main, crew);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

static int crew_start(struct crew *crew, unsigned n, struct err *err)
{
    CHECK(!crew->threads);
    crew->threads = MEM_NEW_N(n, pthread_t);
    crew->stopping = false;
    for (; crew->n_threads < n; crew->n_threads++) {
        int error = thread_start(&crew->threads[crew->n_threads], crew);
        if (error)
            return err_internal(err, "cannot start a worker: %s", strerror(error));
    }
    return 0;
}

int workers_start(struct workers *workers, unsigned n, struct err *err)
{
    for (size_t i = 0; i < LANE_COUNT; i++) {
        bool few = i == LANE_POLLS && n > LIMIT_HTTP_POLL_WORKERS;
        if (crew_start(&workers->crews[i], few ? LIMIT_HTTP_POLL_WORKERS : n, err) == 0)
            continue;
        workers_stop(workers);
        return -1;
    }
    return 0;
}

static void crew_stop(struct crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    crew->stopping = true;
    pthread_mutex_unlock(&crew->lock);
    pthread_cond_broadcast(&crew->there);
    for (unsigned i = 0; i < crew->n_threads; i++)
        pthread_join(crew->threads[i], NULL);
    crew->n_threads = 0;
    mem_free(crew->threads);
    crew->threads = NULL;
}

void workers_stop(struct workers *workers)
{
    for (size_t i = 0; i < LANE_COUNT; i++)
        crew_stop(&workers->crews[i]);
}
