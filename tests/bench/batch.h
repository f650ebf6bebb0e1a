/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BENCH_BATCH_H
#define CHAPPE_BENCH_BATCH_H

/* Many requests, a few at a time, until all are answered: how a scenario prepares the server. */

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "bench/bench.h"
#include "bench/conn.h"

/* One request being written. The buffers are empty when they are given. */
struct draft {
    const char *method; /* "POST" unless it is set */
    struct buf path, body;
    struct str token;
};

struct batch {
    size_t n;
    size_t width; /* connections, each with one request at a time; 0: 16 */
    void *owner;
    /* Writes the i-th. */
    void (*write)(void *owner, size_t i, struct draft *draft);
    /* Reads its answer, of status 200; may be NULL. False: it is not what was expected. */
    bool (*read)(void *owner, size_t i, const struct answer *answer);
};

/* Everything was answered 200. -1: err quotes the first answer that was not. A 429 is asked again
 * when its time has come. */
int batch_run(struct bench *bench, const struct batch *batch, struct err *err) MUST_USE;

/* One request and its answer, copied to bench->memory. */
int batch_one(struct bench *bench, const char *method, struct str path, struct str token,
              struct str body, struct str *ret_body, struct err *err) MUST_USE;

#endif
