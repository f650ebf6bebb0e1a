/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BENCH_BENCH_H
#define CHAPPE_BENCH_BENCH_H

/* What a scenario is, and what it is given. A scenario prepares the server (rooms, members), lets
 * traffic run on the loop, and reports cases. It runs alone, in the one thread of the generator. */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "bench/account.h"
#include "bench/endpoint.h"
#include "bench/loop.h"
#include "bench/report.h"
#include "bench/server.h"

enum bench_size {
    BENCH_SMOKE, /* does the generator work? No figure means anything */
    BENCH_SHORT, /* all scenarios in a quarter of an hour */
    BENCH_FULL,  /* as the bars say */
};

struct bench {
    struct loop loop;
    struct endpoint endpoint; /* of the server as it runs now */
    struct server server;
    struct arena *memory; /* as long as the program */
    struct accounts accounts;
    struct report report;
    enum bench_size size;
    int64_t warm_us, measure_us; /* of each case whose length is a time */
    bool http2;
    uint64_t random; /* state; the same numbers in each run */
    int64_t n_transactions;
    struct str noise; /* room.c: text nobody can compress */
};

struct scenario {
    char letter;      /* of the list in docs/performance.md */
    const char *name; /* of its file: scenario_NAME.c */
    const char *what;
    /* 0, or -1 with err when the server did not do what was asked; what a case counts as errors is
     * no failure. */
    int (*run)(struct bench *bench, struct err *err);
};

extern const struct scenario *const scenarios[];
extern const size_t scenarios_n;

/* One of three, by size. */
#define BENCH_BY_SIZE(bench, smoke, brief, full)                                                   \
    ((bench)->size == BENCH_SMOKE ? (smoke) : (bench)->size == BENCH_SHORT ? (brief) : (full))

uint64_t bench_random(struct bench *bench);               /* 64 bits */
size_t bench_random_below(struct bench *bench, size_t n); /* n > 0 */

/* Stops the server, starts it again, speaks to where it answers now. Connections that were open are
 * lost. */
int bench_restart(struct bench *bench, struct err *err) MUST_USE;

/* Lets the loop run until loop_stop. -1 when that takes longer than so many seconds. */
int bench_run(struct bench *bench, const char *what, int64_t seconds, struct err *err) MUST_USE;

/* Lets the loop run until the server has done next to nothing for a third of a second, a minute at
 * most; where its process is not known, for two seconds. */
void bench_settle(struct bench *bench);

#endif
