/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/park.h"

#include <stdio.h>
#include <sys/resource.h>

#include "base/check.h"
#include "base/clock.h"

#define WAVE    200
#define STEP_US 2000
#define WAIT_US 60000000
#define SPARE   800 /* descriptors for everything else, in the server too */

static size_t streams_of(const struct park *park)
{
    return park->bench->http2 ? PARK_STREAMS : 1;
}

void park_init(struct park *park, struct bench *bench, size_t capacity)
{
    *park = (struct park){.bench = bench, .capacity = capacity};
    park->polls = MEM_NEW_N(capacity, struct poll);
    park->conns = MEM_NEW_N(capacity, struct conn *);
}

void park_done(struct park *park)
{
    for (size_t i = 0; i < park->n_conns; i++)
        conn_free(park->conns[i]);
    mem_free(park->conns);
    mem_free(park->polls);
}

struct conn *park_conn(struct park *park, size_t device)
{
    return park->conns[device / streams_of(park)];
}

void park_add_one(struct park *park, const struct park_plan *plan, size_t i)
{
    struct bench *bench = park->bench;
    size_t device = park->n++;
    CHECK(device < park->capacity);
    if (device / streams_of(park) == park->n_conns)
        park->conns[park->n_conns++] = conn_new(&bench->loop, &bench->endpoint);
    struct poll *poll = &park->polls[device];
    *poll = (struct poll){.conn = park_conn(park, device),
                          .token = bench->accounts.p[plan->account(plan->owner, i)].token,
                          .timeout_ms = plan->timeout_ms,
                          .answered = plan->answered,
                          .owner = plan->owner,
                          .i = device};
    snprintf(poll->since, sizeof poll->since, "%s", plan->since(plan->owner, i));
    poll_begin(poll);
}

static bool all_asked(const struct park *park, size_t from_conn)
{
    for (size_t i = from_conn; i < park->n_conns; i++)
        if (!conn_is_flushed(park->conns[i]))
            return false;
    return true;
}

/* A server's queue of new connections is bounded: they come in waves. */
static int wait_asked(struct park *park, size_t from_conn, struct err *err)
{
    int64_t until_us = clock_monotonic_us() + WAIT_US;
    while (!all_asked(park, from_conn)) {
        if (clock_monotonic_us() > until_us)
            return err_internal(err, "connections do not open");
        if (loop_run(&park->bench->loop, clock_monotonic_us() + STEP_US))
            continue;
    }
    return 0;
}

int park_add(struct park *park, const struct park_plan *plan, struct err *err)
{
    for (size_t i = 0; i < plan->n;) {
        size_t from_conn = park->n_conns ? park->n_conns - 1 : 0;
        for (size_t end = i + WAVE; i < end && i < plan->n; i++)
            park_add_one(park, plan, i);
        if (wait_asked(park, from_conn, err) < 0)
            return -1;
    }
    return 0;
}

uint64_t park_errors(const struct park *park)
{
    uint64_t n = 0;
    for (size_t i = 0; i < park->n; i++)
        n += park->polls[i].n_errors;
    return n;
}

size_t park_most(const struct bench *bench, size_t wanted)
{
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    size_t most = limit.rlim_cur > 2 * SPARE ? (size_t)limit.rlim_cur - SPARE : SPARE;
    if (bench->http2)
        most *= PARK_STREAMS;
    return wanted < most ? wanted : most;
}
