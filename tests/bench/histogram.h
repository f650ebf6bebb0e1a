/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BENCH_HISTOGRAM_H
#define CHAPPE_BENCH_HISTOGRAM_H

/* Counts of microseconds in buckets whose width grows with the value, as HDR histograms do it: each
 * power of two is cut into 128 parts, so a quantile is wrong by less than 1 %. Fixed memory, no
 * allocation; one thread. A zeroed struct is empty. */

#include <stdint.h>

#define HISTOGRAM_PARTS   128
#define HISTOGRAM_BUCKETS (HISTOGRAM_PARTS * 30)

struct histogram {
    uint64_t counts[HISTOGRAM_BUCKETS];
    uint64_t n;
    int64_t max, sum;
};

/* Negative values count as 0, those past the last bucket (18 hours) as the last. */
void histogram_add(struct histogram *h, int64_t us);

/* The value at or under which that part of the counts lies (0.5: the median), never above the
 * largest one seen; 0 when empty. */
int64_t histogram_at(const struct histogram *h, double part);

#endif
