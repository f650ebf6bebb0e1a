/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BENCH_PACE_H
#define CHAPPE_BENCH_PACE_H

/* An open loop: things happen at a given rate whether the server keeps up or not, at random times
 * as independent people make them (a Poisson process). Each is told when it was due: what is
 * measured from there is free of coordinated omission. */

#include <stdint.h>

#include "bench/bench.h"

struct pace {
    struct bench *bench;
    double per_second;
    int64_t until_us; /* no tick is due at or after it */
    bool regular;     /* evenly spaced instead */
    void (*tick)(void *owner, int64_t due_us);
    void *owner;
    double next_us;
};

/* The pace lives until until_us has passed. */
void pace_begin(struct pace *pace);

#endif
