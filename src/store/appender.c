/* SPDX-License-Identifier: EUPL-1.2 */
#include <pthread.h>
#include <string.h>

#include "base/limits.h"
#include "store/private.h"

/* What a transaction's rows may use of memory before they are written; more is allowed, and given
 * back after. */
#define APPENDER_ARENA MIB(16)

static void *appender_main(void *arg)
{
    struct store *store = arg;
    struct job *jobs[BATCH_JOBS_MAX];
    size_t n;
    pthread_setname_np(pthread_self(), "appender");
    while (queue_take(&store->queue, jobs, BATCH_JOBS_MAX, &n))
        batch_run(store, jobs, n);
    return NULL;
}

int appender_start(struct store *store, struct err *err)
{
    store->arena = arena_new(APPENDER_ARENA);
    /* The thread takes jobs only once it is known which one it is: store_new_id asks. */
    pthread_mutex_lock(&store->queue.lock);
    int failed = pthread_create(&store->appender, NULL, appender_main, store);
    store->has_appender = !failed;
    pthread_mutex_unlock(&store->queue.lock);
    return failed ? err_internal(err, "starting the appender: %s", strerror(failed)) : 0;
}

void appender_stop(struct store *store)
{
    if (store->has_appender)
        pthread_join(store->appender, NULL);
    arena_free(store->arena);
}
