/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/turns.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/wait.h"

#define FAR_MS (24 * 3600 * INT64_C(1000)) /* a sleep is never longer */

void turns_init(struct turns *turns, const char *name)
{
    *turns = (struct turns){.name = name};
    pthread_mutex_init(&turns->lock, NULL);
    wait_init(&turns->changed);
}

void turns_done(struct turns *turns)
{
    turns_stop(turns);
    pthread_cond_destroy(&turns->changed);
    pthread_mutex_destroy(&turns->lock);
}

bool turns_is_stopping(const struct turns *turns)
{
    return __atomic_load_n(&turns->stopping, __ATOMIC_ACQUIRE);
}

void turns_wake(struct turns *turns)
{
    pthread_mutex_lock(&turns->lock);
    turns->woken = true;
    pthread_cond_signal(&turns->changed);
    pthread_mutex_unlock(&turns->lock);
}

static int64_t bounded(int64_t ms)
{
    return ms < 0 ? 0 : ms > FAR_MS ? FAR_MS : ms;
}

static void rest(struct turns *turns, struct turn_next next)
{
    int64_t now = clock_monotonic_ms(), soonest = now + bounded(next.pause_ms);
    int64_t latest = now + bounded(next.in_ms);
    latest = latest < soonest ? soonest : latest;
    pthread_mutex_lock(&turns->lock);
    for (;;) {
        int64_t until = turns->woken ? soonest : latest;
        if (turns_is_stopping(turns) || clock_monotonic_ms() >= until)
            break;
        (void)wait_until(&turns->changed, &turns->lock, until);
    }
    turns->woken = false;
    pthread_mutex_unlock(&turns->lock);
}

static void *turns_main(void *arg)
{
    struct turns *turns = arg;
    pthread_setname_np(pthread_self(), turns->name);
    while (!turns_is_stopping(turns))
        rest(turns, turns->turn(turns->arg));
    return NULL;
}

int turns_start(struct turns *turns, struct turn_next (*turn)(void *arg), void *arg,
                struct err *err)
{
    turns->turn = turn;
    turns->arg = arg;
    turns->running = pthread_create(&turns->thread, NULL, turns_main, turns) == 0;
    return turns->running ? 0 : err_internal(err, "starting a thread");
}

void turns_stop(struct turns *turns)
{
    if (!turns->running)
        return;
    __atomic_store_n(&turns->stopping, true, __ATOMIC_RELEASE);
    turns_wake(turns);
    pthread_join(turns->thread, NULL);
    turns->running = false;
}
