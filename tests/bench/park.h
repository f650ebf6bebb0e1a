/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BENCH_PARK_H
#define CHAPPE_BENCH_PARK_H

/* Many devices that hold a poll open: one connection each over HTTP/1.1, a hundred streams of one
 * connection over HTTP/2, as they come through a reverse proxy. */

#include "bench/bench.h"
#include "bench/poll.h"

#define PARK_STREAMS 100

struct park {
    struct bench *bench;
    struct poll *polls;
    struct conn **conns;
    size_t n, n_conns; /* so far */
    size_t capacity;   /* devices at most */
};

/* Who the devices are: an account each, and where it stands. */
struct park_plan {
    size_t n;
    void *owner;
    size_t (*account)(void *owner, size_t i);
    const char *(*since)(void *owner, size_t i); /* "": it begins with an initial sync */
    void (*answered)(struct poll *poll, const struct answer *answer); /* as in poll.h */
    int timeout_ms;
};

void park_init(struct park *park, struct bench *bench, size_t capacity);
/* Closes everything. */
void park_done(struct park *park);

/* Adds the devices of the plan, numbered on from those that are there, and has them ask; comes back
 * when all have asked. poll->owner is the plan's, poll->i the device's number. */
int park_add(struct park *park, const struct park_plan *plan, struct err *err) MUST_USE;

/* Adds one device, and comes back at once. */
void park_add_one(struct park *park, const struct park_plan *plan, size_t i);

/* The connection over which a device does other things than polling: its own in HTTP/2. */
struct conn *park_conn(struct park *park, size_t device);

/* Answers of another status than 200, and lost connections, of all devices. */
uint64_t park_errors(const struct park *park);

/* How many devices a process may hold over that protocol: what it may open, less some. */
size_t park_most(const struct bench *bench, size_t wanted);

#endif
