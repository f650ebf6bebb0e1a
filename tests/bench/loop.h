/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BENCH_LOOP_H
#define CHAPPE_BENCH_LOOP_H

/* The one thread of the generator: sockets that are ready (epoll) and times that have come.
 * Callbacks may watch, unwatch and set timers, but not run the loop again. */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/vec.h"

struct watch {
    int fd;
    uint32_t events; /* EPOLLIN, EPOLLOUT */
    void (*ready)(struct watch *watch, uint32_t events);
};

struct loop_timer {
    int64_t due_us;
    void (*fire)(void *arg);
    void *arg;
};

#define LOOP_READ_BYTES (256 << 10)

struct loop {
    int epoll;
    bool stopped;
    VEC(struct loop_timer) timers; /* a heap, the earliest first */
    char *read_buffer;             /* LOOP_READ_BYTES, of whoever reads just now */
};

void loop_init(struct loop *loop);
void loop_done(struct loop *loop);

/* The caller keeps the watch in place until loop_unwatch. */
void loop_watch(struct loop *loop, struct watch *watch);
void loop_rewatch(struct loop *loop, struct watch *watch, uint32_t events);
void loop_unwatch(struct loop *loop, struct watch *watch);

/* Once, at that time of the monotonic clock; there is no way back: `fire` looks whether it is still
 * wanted, and `arg` lives until then or until loop_done. */
void loop_at(struct loop *loop, int64_t due_us, void (*fire)(void *arg), void *arg);

/* Until loop_stop is called. False when deadline_us came first. */
bool loop_run(struct loop *loop, int64_t deadline_us) MUST_USE;
void loop_stop(struct loop *loop);

#endif
