/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>

#include "base/clock.h"
#include "bench/measure.h"
#include "bench/member.h"
#include "bench/room.h"

/* (d) The first sync of a device whose user is in many rooms, with the filter that web clients use:
 * twenty messages a room, members as they are needed. One after the other. */

static const struct str path = STR_INIT(
    "/_matrix/client/v3/sync?timeout=0&set_presence=offline&filter=%7B%22room%22%3A%7B%22timeline"
    "%22%3A%7B%22limit%22%3A20%7D%2C%22state%22%3A%7B%22lazy_load_members%22%3Atrue%7D%7D%7D");

struct initial {
    struct bench *bench;
    struct measure measure;
    size_t account;
    size_t bytes;
};

static void write_sync(void *owner, size_t i, struct draft *draft)
{
    const struct initial *initial = owner;
    (void)i;
    draft->method = "GET";
    draft->token = initial->bench->accounts.p[initial->account].token;
    buf_add(&draft->path, path);
}

static bool read_sync(void *owner, size_t i, const struct answer *answer)
{
    struct initial *initial = owner;
    (void)i;
    initial->bytes = answer->body.n;
    measure_add(&initial->measure, answer->due_us, answer->done_us, true);
    return answer_find_str(answer->body, STR("next_batch")).n > 0;
}

static int run_case(struct bench *bench, size_t n_rooms, size_t n_times, struct err *err)
{
    struct initial *initial = MEM_NEW(struct initial);
    initial->bench = bench;
    struct batch batch = {n_times, 1, initial, write_sync, read_sync};
    int outcome = member_make(bench, n_rooms, 5, &initial->account, err);
    if (outcome == 0) {
        measure_begin(bench, &initial->measure);
        outcome = batch_run(bench, &batch, err);
        measure_end(bench, &initial->measure);
    }
    if (outcome == 0) {
        char name[64];
        snprintf(name, sizeof name, "user in %zu rooms", n_rooms);
        report_case(&bench->report, "initial", name);
        report_number(&bench->report, "rooms", (double)n_rooms);
        report_number(&bench->report, "answer_kb", (double)initial->bytes / 1e3);
        measure_report(bench, &initial->measure, "sync");
        report_case_end(&bench->report);
    }
    mem_free(initial);
    return outcome;
}

static int run(struct bench *bench, struct err *err)
{
    static const size_t rooms[] = {10, 500, 5000};
    size_t n = BENCH_BY_SIZE(bench, 1, ARRAY_LEN(rooms), ARRAY_LEN(rooms));
    for (size_t i = 0; i < n; i++)
        if (run_case(bench, rooms[i], rooms[i] > 1000 ? 5 : 20, err) < 0)
            return -1;
    return 0;
}

const struct scenario scenario_initial = {
    'd', "initial", "the first sync of a user in 10, 500 and 5,000 rooms", run};
