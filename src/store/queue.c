/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/check.h"
#include "store/private.h"

/* The jobs that wait for the appender, in the order they were submitted. */

#define QUEUE_MAX      10000
#define QUEUE_RETRY_MS 1000

void queue_init(struct queue *queue, size_t max)
{
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->wake, NULL);
    queue->max = max ? max : QUEUE_MAX;
}

void queue_done(struct queue *queue)
{
    CHECK(!queue->first);
    pthread_mutex_destroy(&queue->lock);
    pthread_cond_destroy(&queue->wake);
}

static struct job *pop(struct queue *queue)
{
    struct job *job = queue->first;
    queue->first = job->next;
    if (!queue->first)
        queue->last = NULL;
    queue->n--;
    job->next = NULL;
    return job;
}

bool queue_take(struct queue *queue, struct job **jobs, size_t max, size_t *ret_n)
{
    size_t n = 0;
    pthread_mutex_lock(&queue->lock);
    while (!queue->first && !queue->closing && !queue->wanted)
        pthread_cond_wait(&queue->wake, &queue->lock);
    while (queue->first && n < max)
        jobs[n++] = pop(queue);
    bool more = n || !queue->closing;
    queue->wanted = false;
    pthread_mutex_unlock(&queue->lock);
    *ret_n = n;
    return more;
}

void queue_want_batch(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->wanted = true;
    pthread_cond_signal(&queue->wake);
    pthread_mutex_unlock(&queue->lock);
}

void queue_close(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->closing = queue->hurries = true;
    pthread_cond_signal(&queue->wake);
    pthread_mutex_unlock(&queue->lock);
}

void queue_hurry(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->hurries = true;
    pthread_mutex_unlock(&queue->lock);
}

bool queue_hurries(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    bool hurries = queue->hurries;
    pthread_mutex_unlock(&queue->lock);
    return hurries;
}

static int refuse(struct err *err, const char *text)
{
    (void)err_client(err, 503, "M_UNKNOWN", "%s", text);
    err->kind = ERR_KIND_INTERNAL;
    err->retry_after_ms = QUEUE_RETRY_MS;
    return -1;
}

int store_submit(struct store *store, struct job *job, struct err *err)
{
    struct queue *queue = &store->queue;
    if (store_has_stopped(store))
        return refuse(err, "The server has stopped writing");
    job->next = NULL;
    job->err = ERR_INIT;
    pthread_mutex_lock(&queue->lock);
    bool full = queue->n >= queue->max || queue->closing;
    if (!full) {
        if (queue->last)
            queue->last->next = job;
        else
            queue->first = job;
        queue->last = job;
        queue->n++;
    }
    pthread_mutex_unlock(&queue->lock);
    if (!full)
        pthread_cond_signal(&queue->wake);
    return full ? refuse(err, "The server is busy, try again") : 0;
}

/* ---- submitting and waiting ---- */

struct waiter {
    struct job job;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool over;
    enum job_result result;
    struct err *err;
};

static void waiter_wake(struct job *job, enum job_result result, const struct err *err)
{
    struct waiter *waiter = (struct waiter *)job;
    pthread_mutex_lock(&waiter->lock);
    if (result != JOB_COMMITTED)
        *waiter->err = *err;
    waiter->result = result;
    waiter->over = true;
    pthread_cond_signal(&waiter->wake);
    pthread_mutex_unlock(&waiter->lock);
}

int store_run_steps(struct store *store, int (*run)(struct write *w, void *arg, struct err *err),
                    void *arg, struct job_steps steps, struct err *err)
{
    struct waiter waiter = {.job = {.run = run, .done = waiter_wake, .arg = arg, .steps = steps},
                            .err = err};
    pthread_mutex_init(&waiter.lock, NULL);
    pthread_cond_init(&waiter.wake, NULL);
    int result = store_submit(store, &waiter.job, err);
    if (result == 0) {
        pthread_mutex_lock(&waiter.lock);
        while (!waiter.over)
            pthread_cond_wait(&waiter.wake, &waiter.lock);
        pthread_mutex_unlock(&waiter.lock);
        result = waiter.result == JOB_COMMITTED ? 0 : -1;
    }
    pthread_mutex_destroy(&waiter.lock);
    pthread_cond_destroy(&waiter.wake);
    return result;
}

int store_run(struct store *store, int (*run)(struct write *w, void *arg, struct err *err),
              void *arg, struct err *err)
{
    return store_run_steps(store, run, arg, (struct job_steps){0}, err);
}
