/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BENCH_POLL_H
#define CHAPPE_BENCH_POLL_H

/* A device that keeps asking /sync: each answer is read, then the next is asked for. */

#include <stdbool.h>

#include "base/buf.h"
#include "bench/bench.h"
#include "bench/conn.h"

#define POLL_SINCE_MAX 128

struct poll {
    struct conn *conn; /* not owned */
    struct str token;
    int timeout_ms;
    char since[POLL_SINCE_MAX]; /* "" before the first answer */
    bool stopped;               /* asks no more; set by whoever likes */
    uint64_t n_answers, n_errors;
    /* Called at each answer of status 200, n_answers counting it; may be NULL. */
    void (*answered)(struct poll *poll, const struct answer *answer);
    void *owner;
    size_t i; /* the owner's */
};

/* Asks for the next answer, and so on until `stopped` is set. */
void poll_begin(struct poll *poll);

/* Where an account stands now: an initial sync of which only the token is kept. -1: err. */
int poll_since(struct bench *bench, size_t account, char since[POLL_SINCE_MAX],
               struct err *err) MUST_USE;

/* The same for n accounts, into since[0 … n - 1]. */
int polls_since(struct bench *bench, const size_t *accounts, size_t n,
                char (*since)[POLL_SINCE_MAX], struct err *err) MUST_USE;

#endif
