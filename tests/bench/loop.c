/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/loop.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"

#define READY_MAX 32

void loop_init(struct loop *loop)
{
    *loop = (struct loop){.epoll = epoll_create1(EPOLL_CLOEXEC)};
    CHECK(loop->epoll >= 0);
    loop->read_buffer = MEM_NEW_N(LOOP_READ_BYTES, char);
    /* The kernel rounds waits up to 50 µs unless it is told that this one is in a hurry. */
    prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);
}

void loop_done(struct loop *loop)
{
    close(loop->epoll);
    mem_free(loop->read_buffer);
    VEC_DONE(&loop->timers);
}

void loop_watch(struct loop *loop, struct watch *watch)
{
    struct epoll_event event = {.events = watch->events, .data.ptr = watch};
    CHECK(epoll_ctl(loop->epoll, EPOLL_CTL_ADD, watch->fd, &event) == 0);
}

void loop_rewatch(struct loop *loop, struct watch *watch, uint32_t events)
{
    if (watch->events == events)
        return;
    watch->events = events;
    struct epoll_event event = {.events = events, .data.ptr = watch};
    CHECK(epoll_ctl(loop->epoll, EPOLL_CTL_MOD, watch->fd, &event) == 0);
}

void loop_unwatch(struct loop *loop, struct watch *watch)
{
    CHECK(epoll_ctl(loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL) == 0);
}

void loop_at(struct loop *loop, int64_t due_us, void (*fire)(void *arg), void *arg)
{
    struct loop_timer timer = {due_us, fire, arg};
    VEC_ADD(&loop->timers, timer);
    size_t at = loop->timers.n - 1;
    while (at && loop->timers.p[(at - 1) / 2].due_us > due_us) {
        loop->timers.p[at] = loop->timers.p[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    loop->timers.p[at] = timer;
}

static struct loop_timer take_first(struct loop *loop)
{
    struct loop_timer first = loop->timers.p[0], last = loop->timers.p[--loop->timers.n];
    size_t n = loop->timers.n, at = 0;
    for (size_t below = 1; below < n; below = 2 * at + 1) {
        if (below + 1 < n && loop->timers.p[below + 1].due_us < loop->timers.p[below].due_us)
            below++;
        if (loop->timers.p[below].due_us >= last.due_us)
            break;
        loop->timers.p[at] = loop->timers.p[below];
        at = below;
    }
    loop->timers.p[at] = last;
    return first;
}

static void fire_due(struct loop *loop)
{
    int64_t now_us = clock_monotonic_us();
    while (loop->timers.n && !loop->stopped && loop->timers.p[0].due_us <= now_us) {
        struct loop_timer timer = take_first(loop);
        timer.fire(timer.arg);
    }
}

static void wait_ready(struct loop *loop, int64_t until_us)
{
    if (loop->timers.n && loop->timers.p[0].due_us < until_us)
        until_us = loop->timers.p[0].due_us;
    int64_t left_us = until_us - clock_monotonic_us();
    if (left_us < 0)
        left_us = 0;
    struct timespec wait = {.tv_sec = left_us / 1000000, .tv_nsec = left_us % 1000000 * 1000};
    struct epoll_event ready[READY_MAX];
    int n = epoll_pwait2(loop->epoll, ready, READY_MAX, &wait, NULL);
    CHECK(n >= 0 || errno == EINTR);
    for (int i = 0; i < n; i++) {
        struct watch *watch = ready[i].data.ptr;
        watch->ready(watch, ready[i].events);
    }
}

bool loop_run(struct loop *loop, int64_t deadline_us)
{
    loop->stopped = false;
    while (!loop->stopped && clock_monotonic_us() < deadline_us) {
        wait_ready(loop, deadline_us);
        fire_due(loop);
    }
    return loop->stopped;
}

void loop_stop(struct loop *loop)
{
    loop->stopped = true;
}
