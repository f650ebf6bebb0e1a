/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/bench.h"

#include "base/clock.h"
#include "bench/process.h"

#define SETTLE_STEP_US 330000
#define SETTLE_MAX_US  60000000
#define SETTLE_BLIND   6 /* steps, when the server's process is not known */
#define IDLE_NS        10000000

uint64_t bench_random(struct bench *bench)
{
    /* splitmix64 */
    uint64_t z = bench->random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

size_t bench_random_below(struct bench *bench, size_t n)
{
    return (size_t)(bench_random(bench) % n);
}

int bench_restart(struct bench *bench, struct err *err)
{
    bool http2 = bench->endpoint.http2;
    if (server_stop(&bench->server, err) < 0 || server_start(&bench->server, err) < 0)
        return -1;
    endpoint_done(&bench->endpoint);
    return endpoint_init(&bench->endpoint, str_from(bench->server.url), http2, err);
}

int bench_run(struct bench *bench, const char *what, int64_t seconds, struct err *err)
{
    if (loop_run(&bench->loop, clock_monotonic_us() + seconds * 1000000))
        return 0;
    return err_internal(err, "%s took more than %lld s", what, (long long)seconds);
}

void bench_settle(struct bench *bench)
{
    int64_t begun_us = clock_monotonic_us();
    int64_t before_ns = process_tree_cpu_ns(bench->server.pid);
    for (int step = 0; clock_monotonic_us() - begun_us < SETTLE_MAX_US; step++) {
        if (loop_run(&bench->loop, clock_monotonic_us() + SETTLE_STEP_US))
            continue; /* somebody stopped the loop: it is no one's turn to */
        int64_t now_ns = process_tree_cpu_ns(bench->server.pid);
        if (bench->server.pid > 0 ? now_ns - before_ns < IDLE_NS : step + 1 >= SETTLE_BLIND)
            break;
        before_ns = now_ns;
    }
}
