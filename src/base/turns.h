/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BASE_TURNS_H
#define CHAPPE_BASE_TURNS_H

/* A thread that works by turns: it does what there is to do, and sleeps until it is woken or until
 * the time that the turn named. It finds its work by itself (in the store), so that to be woken
 * twice, or for nothing, does no harm, and a wake-up while a turn runs is another turn after it.
 *
 * Embedded in its owner. turns_wake and turns_is_stopping are for any thread between turns_init and
 * turns_done, whether it runs or not; the rest is the owner's. */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

/* What a turn says of the next one. */
struct turn_next {
    int64_t in_ms;    /* when, if nobody wakes it */
    int64_t pause_ms; /* not before, even if somebody does: the last one failed, or another's turn
                       * is not over */
};

struct turns {
    const char *name;
    struct turn_next (*turn)(void *arg);
    void *arg;
    pthread_t thread;
    bool running;
    bool stopping; /* atomic; its address is for what a turn waits in (net/call.h, net/smtp.h) */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool woken; /* under the lock */
};

/* The thread's name is what `top -H` shows: at most 15 letters, and not copied. */
void turns_init(struct turns *turns, const char *name);
void turns_done(struct turns *turns); /* stops them */
/* The first turn begins at once, perhaps before this returns. -1: there is no thread. */
int turns_start(struct turns *turns, struct turn_next (*turn)(void *arg), void *arg,
                struct err *err) MUST_USE;
/* Waits for the turn that runs; no other begins. Nothing when it does not run. */
void turns_stop(struct turns *turns);
void turns_wake(struct turns *turns);
bool turns_is_stopping(const struct turns *turns);

#endif
