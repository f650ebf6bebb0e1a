/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/clock.h"
#include "base/limits.h"
#include "bench/ask.h"
#include "bench/human.h"
#include "bench/pace.h"

/* (i) Searches for people over HTTP, as clients send one while a name is typed: by one agent after
 * the other, at a given rate, for people who are in the store (preload/, `--users`). */

#define SEARCHERS 100
#define LIMIT     10

struct search {
    struct bench *bench;
    struct asker asker;
    struct measure measure;
    size_t n_people, n_searchers;
    uint64_t drawn;
};

static void tick(void *owner, int64_t due_us)
{
    struct search *search = owner;
    struct arena *arena = arena_new(KIB(4));
    struct draft *draft = asker_draft(&search->asker);
    struct human human = human_nth(arena, human_draw(&search->drawn) % search->n_people);
    struct str term = human_term(arena, &human, human_draw(&search->drawn));
    draft->token = search->bench->accounts.p[search->drawn % search->n_searchers].token;
    buf_add(&draft->path, STR("/_matrix/client/v3/user_directory/search"));
    buf_printf(&draft->body, "{\"search_term\":\"%.*s\",\"limit\":%d}", STR_ARG(term), LIMIT);
    asker_ask(&search->asker, due_us, &search->measure, NULL, NULL);
    arena_free(arena);
}

static void report_search(struct search *search)
{
    struct bench *bench = search->bench;
    report_case(&bench->report, "search", "people, by name and ministry");
    report_number(&bench->report, "people", (double)search->n_people);
    measure_report(bench, &search->measure, "search");
    report_case_end(&bench->report);
}

static int run(struct bench *bench, struct err *err)
{
    struct search *search = MEM_NEW(struct search);
    struct pace pace = {.bench = bench,
                        .per_second = (double)BENCH_BY_SIZE(bench, 200, 50, 50),
                        .tick = tick,
                        .owner = search};
    size_t wanted = BENCH_BY_SIZE(bench, 5, SEARCHERS, SEARCHERS);
    if (accounts_want(bench, wanted, err) < 0) {
        mem_free(search);
        return -1;
    }
    search->bench = bench;
    search->n_people = bench->accounts.n;
    search->n_searchers = wanted;
    asker_init(&search->asker, bench);
    bench_settle(bench); /* the index is there */
    pace.until_us = clock_monotonic_us() + bench->warm_us + bench->measure_us;
    pace_begin(&pace);
    int outcome = measure_run(bench, &search->measure, err);
    if (outcome == 0)
        report_search(search);
    asker_done(&search->asker);
    mem_free(search);
    return outcome;
}

const struct scenario scenario_search = {
    'i', "search", "searches for people, 50 a second, among all accounts of the store", run};
