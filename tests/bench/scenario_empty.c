/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>

#include "bench/measure.h"
#include "bench/member.h"
#include "bench/poll.h"

/* (c) A sync that finds nothing: what most of the requests of a server are. One device asks again
 * and again with timeout=0; the processor time of each is what counts. */

struct empty {
    struct poll poll;
    struct measure measure;
};

static void poll_answered(struct poll *poll, const struct answer *answer)
{
    struct empty *empty = poll->owner;
    measure_add(&empty->measure, answer->due_us, answer->done_us, true);
}

static int run_case(struct bench *bench, size_t n_rooms, struct err *err)
{
    size_t account;
    if (member_make(bench, n_rooms, 1, &account, err) < 0)
        return -1;
    struct empty *empty = MEM_NEW(struct empty);
    empty->poll = (struct poll){.conn = conn_new(&bench->loop, &bench->endpoint),
                                .token = bench->accounts.p[account].token,
                                .answered = poll_answered,
                                .owner = empty};
    int outcome = poll_since(bench, account, empty->poll.since, err);
    if (outcome == 0) {
        poll_begin(&empty->poll);
        outcome = measure_run(bench, &empty->measure, err);
    }
    if (outcome == 0) {
        char name[64];
        snprintf(name, sizeof name, "user in %zu rooms", n_rooms);
        empty->measure.n_errors += empty->poll.n_errors;
        report_case(&bench->report, "empty", name);
        report_number(&bench->report, "rooms", (double)n_rooms);
        measure_report(bench, &empty->measure, "sync");
        report_case_end(&bench->report);
    }
    conn_free(empty->poll.conn);
    mem_free(empty);
    return outcome;
}

static int run(struct bench *bench, struct err *err)
{
    if (run_case(bench, BENCH_BY_SIZE(bench, 5, 50, 50), err) < 0)
        return -1;
    return run_case(bench, BENCH_BY_SIZE(bench, 10, 5000, 5000), err);
}

const struct scenario scenario_empty = {
    'c', "empty", "a sync that finds nothing, of a user in 50 and in 5,000 rooms", run};
