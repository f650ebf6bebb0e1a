/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BENCH_MEASURE_H
#define CHAPPE_BENCH_MEASURE_H

/* What is counted between two moments: waits, errors, processor time of the server, its database
 * and the generator itself, memory, disk. */

#include <stdbool.h>
#include <stdint.h>

#include "bench/bench.h"
#include "bench/histogram.h"
#include "bench/process.h"

struct moment {
    int64_t at_us;
    struct usage server, database;
    int64_t own_ns;
    int64_t disk_bytes;
};

struct measure {
    struct histogram waits;
    uint64_t n_errors;
    bool is_second;         /* measured beside another, which has the costs of both */
    struct moment from, to; /* at_us 0: has not come */
};

void measure_begin(struct bench *bench, struct measure *measure);
void measure_end(struct bench *bench, struct measure *measure);

/* Whether what was due then is counted: in the warm-up and after the end it is not. */
bool measure_covers(const struct measure *measure, int64_t due_us);

/* Counts what was due while it is measured, and is done now. What was due in the warm-up or after
 * the end is passed over. ok: whether the answer was a good one. */
void measure_add(struct measure *measure, int64_t due_us, int64_t done_us, bool ok);

double measure_seconds(const struct measure *measure);

/* Warms up, measures for bench->measure_us, and comes back; traffic was begun before and goes on.
 */
int measure_run(struct bench *bench, struct measure *measure, struct err *err) MUST_USE;

/* The same for two things that are measured at once, or the same one twice. */
int measure_run_both(struct bench *bench, struct measure *first, struct measure *second,
                     struct err *err) MUST_USE;

/* A case of the report with all of this; `unit` is what one count is: "send", "delivery". */
void measure_report(struct bench *bench, const struct measure *measure, const char *unit);

#endif
