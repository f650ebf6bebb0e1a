/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/pace.h"

#include <math.h>

#include "base/clock.h"

static double gap_us(struct pace *pace)
{
    if (pace->regular)
        return 1e6 / pace->per_second;
    double part = (double)(bench_random(pace->bench) >> 11) * 0x1p-53;
    return -log(1.0 - part) * 1e6 / pace->per_second;
}

static void fire(void *arg)
{
    struct pace *pace = arg;
    int64_t now_us = clock_monotonic_us();
    while ((int64_t)pace->next_us <= now_us && (int64_t)pace->next_us < pace->until_us) {
        pace->tick(pace->owner, (int64_t)pace->next_us);
        pace->next_us += gap_us(pace);
    }
    if ((int64_t)pace->next_us < pace->until_us)
        loop_at(&pace->bench->loop, (int64_t)pace->next_us, fire, pace);
}

void pace_begin(struct pace *pace)
{
    pace->next_us = (double)clock_monotonic_us() + gap_us(pace);
    if ((int64_t)pace->next_us < pace->until_us)
        loop_at(&pace->bench->loop, (int64_t)pace->next_us, fire, pace);
}
