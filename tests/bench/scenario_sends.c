/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>

#include "bench/room.h"
#include "bench/writer.h"

/* (a) Durable sends: writers who send one message after the other, spread over rooms. */

#define WRITERS_MAX 100
#define ROOMS_MAX   100

struct sends {
    struct bench *bench;
    struct str rooms[ROOMS_MAX];
    size_t n_rooms, n_writers;
    struct writer writers[WRITERS_MAX];
};

static size_t maker(void *owner, size_t i)
{
    const struct sends *sends = owner;
    return i % sends->n_writers;
}

/* Writer i is in room i % n_rooms; the maker of room i is writer i, and is in it. */
static void who_joins(void *owner, size_t i, size_t *ret_account, struct str *ret_room)
{
    const struct sends *sends = owner;
    *ret_account = i;
    *ret_room = sends->rooms[i % sends->n_rooms];
}

static int prepare(struct sends *sends, struct err *err)
{
    struct room_plan rooms = {sends->n_rooms, sends, maker, sends->rooms};
    struct join_plan joins = {sends->n_writers, sends, who_joins};
    if (accounts_want(sends->bench, sends->n_writers, err) < 0 ||
        rooms_make(sends->bench, &rooms, err) < 0)
        return -1;
    return rooms_join(sends->bench, &joins, err);
}

static int run_case(struct bench *bench, size_t n_writers, size_t n_rooms, struct err *err)
{
    struct sends *sends = MEM_NEW(struct sends);
    struct measure *measure = MEM_NEW(struct measure);
    *sends = (struct sends){.bench = bench, .n_rooms = n_rooms, .n_writers = n_writers};
    int outcome = prepare(sends, err);
    for (size_t i = 0; i < n_writers; i++) {
        writer_init(&sends->writers[i], bench, measure, i, sends->rooms[i % n_rooms]);
        if (outcome == 0)
            writer_begin(&sends->writers[i]);
    }
    if (outcome == 0)
        outcome = measure_run(bench, measure, err);
    for (size_t i = 0; i < n_writers; i++)
        writer_done(&sends->writers[i]);
    if (outcome == 0) {
        char name[64];
        snprintf(name, sizeof name, "%zu writer%s, %zu room%s", n_writers, n_writers > 1 ? "s" : "",
                 n_rooms, n_rooms > 1 ? "s" : "");
        report_case(&bench->report, "sends", name);
        report_number(&bench->report, "writers", (double)n_writers);
        report_number(&bench->report, "rooms", (double)n_rooms);
        measure_report(bench, measure, "send");
        report_case_end(&bench->report);
    }
    mem_free(measure);
    mem_free(sends);
    return outcome;
}

static int run(struct bench *bench, struct err *err)
{
    static const size_t cases[][2] = {{1, 1}, {10, 1}, {100, 1}, {100, 100}, {10, 100}, {1, 100}};
    size_t n = BENCH_BY_SIZE(bench, 2, 4, ARRAY_LEN(cases));
    for (size_t i = 0; i < n; i++)
        if (run_case(bench, cases[i][0], cases[i][1], err) < 0)
            return -1;
    return 0;
}

const struct scenario scenario_sends = {
    'a', "sends", "durable sends of 1, 10 and 100 writers, in one room and in a hundred", run};
