/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "bench/ask.h"
#include "bench/measure.h"
#include "bench/pace.h"
#include "bench/park.h"
#include "bench/room.h"

/* (f) A room of which every member has a device that waits: one message a second, which all are
 * told, and the read receipts of a hundredth of them; while others talk in rooms of two. */

#define TIMEOUT_MS       60000
#define MESSAGES_MAX     4096
#define ELSEWHERE_PAIRS  10
#define ELSEWHERE_RATE   20.0
#define READERS_PER_HALL 100 /* one member in so many reads at once */
#define DRAIN_US         60000000

struct message {
    int64_t due_us;
    size_t n_seen;
};

struct hall {
    struct bench *bench;
    struct park park;
    struct asker asker;
    struct measure told;      /* a message to one member */
    struct measure elsewhere; /* a send between two others */
    struct histogram all;     /* a message to the last member */
    size_t n;
    size_t *members; /* accounts */
    struct str room;
    char (*since)[POLL_SINCE_MAX];
    struct message messages[MESSAGES_MAX];
    int64_t n_sent;
    size_t others; /* account: the first of 2 × ELSEWHERE_PAIRS */
    struct str rooms[ELSEWHERE_PAIRS];
};

/* ---- who ---- */

static bool is_in(const struct account *account, struct str room)
{
    for (size_t i = 0; i < account->n_rooms; i++)
        if (str_eq(account->rooms[i], room))
            return true;
    return false;
}

/* The members of the largest room of a preloaded store, as far as they are wanted. */
static void find_members(struct hall *hall, size_t wanted)
{
    const struct accounts *accounts = &hall->bench->accounts;
    if (!accounts->largest.n)
        return;
    hall->room = accounts->largest;
    for (size_t i = 0; i < accounts->n && hall->n < wanted; i++)
        if ((i == 0 || !str_eq(accounts->p[i].user_id, accounts->p[i - 1].user_id)) &&
            is_in(&accounts->p[i], hall->room))
            hall->members[hall->n++] = i;
}

static size_t hall_maker(void *owner, size_t i)
{
    const struct hall *hall = owner;
    return hall->members[i];
}

static void who_joins(void *owner, size_t i, size_t *ret_account, struct str *ret_room)
{
    const struct hall *hall = owner;
    *ret_account = hall->members[i + 1];
    *ret_room = hall->room;
}

static int make_members(struct hall *hall, size_t wanted, struct err *err)
{
    struct room_plan room = {1, hall, hall_maker, &hall->room};
    struct join_plan joins = {wanted - 1, hall, who_joins};
    size_t first;
    if (accounts_add(hall->bench, wanted, &first, err) < 0)
        return -1;
    for (hall->n = 0; hall->n < wanted; hall->n++)
        hall->members[hall->n] = first + hall->n;
    if (rooms_make(hall->bench, &room, err) < 0)
        return -1;
    return rooms_join(hall->bench, &joins, err);
}

static size_t others_maker(void *owner, size_t i)
{
    const struct hall *hall = owner;
    return hall->others + 2 * i;
}

static void other_joins(void *owner, size_t i, size_t *ret_account, struct str *ret_room)
{
    const struct hall *hall = owner;
    *ret_account = hall->others + 2 * i + 1;
    *ret_room = hall->rooms[i];
}

static int make_others(struct hall *hall, struct err *err)
{
    struct room_plan rooms = {ELSEWHERE_PAIRS, hall, others_maker, hall->rooms};
    struct join_plan joins = {ELSEWHERE_PAIRS, hall, other_joins};
    if (accounts_add(hall->bench, (size_t)2 * ELSEWHERE_PAIRS, &hall->others, err) < 0 ||
        rooms_make(hall->bench, &rooms, err) < 0)
        return -1;
    return rooms_join(hall->bench, &joins, err);
}

static int prepare(struct hall *hall, struct err *err)
{
    size_t preloaded = BENCH_BY_SIZE(hall->bench, 20, 10000, 10000);
    size_t signed_up = BENCH_BY_SIZE(hall->bench, 20, 1000, 10000);
    hall->members = MEM_NEW_N(preloaded, size_t);
    hall->since = (char(*)[POLL_SINCE_MAX])MEM_NEW_N(preloaded * POLL_SINCE_MAX, char);
    find_members(hall, park_most(hall->bench, preloaded));
    if (hall->n < signed_up && make_members(hall, signed_up, err) < 0)
        return -1;
    if (make_others(hall, err) < 0)
        return -1;
    return polls_since(hall->bench, hall->members, hall->n, hall->since, err);
}

/* ---- traffic ---- */

static size_t member_account(void *owner, size_t i)
{
    const struct hall *hall = owner;
    return hall->members[i];
}

static const char *member_since(void *owner, size_t i)
{
    const struct hall *hall = owner;
    return hall->since[i];
}

static void member_answered(struct poll *poll, const struct answer *answer)
{
    struct hall *hall = poll->owner;
    int64_t number;
    for (size_t at = 0; message_next(answer->body, &at, &number);) {
        if (number <= 0 || number > hall->n_sent)
            continue; /* of another scenario, in a room of this member's */
        struct message *message = &hall->messages[number % MESSAGES_MAX];
        measure_add(&hall->told, message->due_us, answer->done_us, true);
        if (++message->n_seen == hall->n && measure_covers(&hall->told, message->due_us))
            histogram_add(&hall->all, answer->done_us - message->due_us);
    }
}

/* A hundredth of the members read what was said. */
static void said(void *owner, const struct answer *answer)
{
    struct hall *hall = owner;
    struct str event = answer_find_str(answer->body, STR("event_id"));
    size_t n = (hall->n + READERS_PER_HALL - 1) / READERS_PER_HALL;
    for (size_t i = 0; i < n && event.n; i++) {
        struct draft *draft = asker_draft(&hall->asker);
        size_t member = hall->members[bench_random_below(hall->bench, hall->n)];
        draft->token = hall->bench->accounts.p[member].token;
        buf_printf(&draft->path, "/_matrix/client/v3/rooms/%.*s/receipt/m.read/%.*s",
                   STR_ARG(hall->room), STR_ARG(event));
        buf_add(&draft->body, STR("{}"));
        asker_ask(&hall->asker, 0, NULL, NULL, NULL);
    }
}

static void say(void *owner, int64_t due_us)
{
    struct hall *hall = owner;
    struct draft *draft = asker_draft(&hall->asker);
    size_t member = hall->members[bench_random_below(hall->bench, hall->n)];
    int64_t number = ++hall->n_sent;
    hall->messages[number % MESSAGES_MAX] = (struct message){due_us, 0};
    message_write(hall->bench, hall->room, number, draft);
    draft->token = hall->bench->accounts.p[member].token;
    asker_ask(&hall->asker, due_us, NULL, said, hall);
}

static void talk_elsewhere(void *owner, int64_t due_us)
{
    struct hall *hall = owner;
    struct draft *draft = asker_draft(&hall->asker);
    size_t who = bench_random_below(hall->bench, (size_t)2 * ELSEWHERE_PAIRS);
    message_write(hall->bench, hall->rooms[who / 2], 0, draft);
    draft->token = hall->bench->accounts.p[hall->others + who].token;
    asker_ask(&hall->asker, due_us, &hall->elsewhere, NULL, NULL);
}

/* Members that were not told of what was said while it was measured. */
static uint64_t untold(const struct hall *hall)
{
    uint64_t n = 0;
    for (int64_t i = 1; i <= hall->n_sent; i++) {
        const struct message *message = &hall->messages[i % MESSAGES_MAX];
        if (measure_covers(&hall->told, message->due_us))
            n += hall->n - message->n_seen;
    }
    return n;
}

static void drain(struct hall *hall)
{
    int64_t until_us = clock_monotonic_us() + DRAIN_US;
    while (untold(hall) && clock_monotonic_us() < until_us)
        if (loop_run(&hall->bench->loop, clock_monotonic_us() + 10000))
            continue;
}

/* ---- the case ---- */

static void report(struct hall *hall)
{
    struct report *report = &hall->bench->report;
    char name[64];
    double server = (double)(hall->told.to.server.cpu_ns - hall->told.from.server.cpu_ns);
    hall->told.n_errors += untold(hall) + park_errors(&hall->park) + hall->asker.n_errors;
    snprintf(name, sizeof name, "%zu members told each second", hall->n);
    report_case(report, "hall", name);
    report_number(report, "members", (double)hall->n);
    if (hall->all.n) {
        report_number(report, "all_p50_ms", (double)histogram_at(&hall->all, 0.5) / 1e3);
        report_number(report, "all_max_ms", (double)hall->all.max / 1e3);
    }
    report_number(report, "member_cpu_us",
                  hall->told.waits.n ? server / 1e3 / (double)hall->told.waits.n : 0);
    measure_report(hall->bench, &hall->told, "delivery");
    report_case_end(report);

    report_case(report, "hall", "sends elsewhere meanwhile");
    measure_report(hall->bench, &hall->elsewhere, "send");
    report_case_end(report);
}

static int run_traffic(struct hall *hall, struct err *err)
{
    struct bench *bench = hall->bench;
    struct park_plan members = {hall->n,         hall,      member_account, member_since,
                                member_answered, TIMEOUT_MS};
    if (park_add(&hall->park, &members, err) < 0)
        return -1;
    bench_settle(bench);
    int64_t until_us = clock_monotonic_us() + bench->warm_us + bench->measure_us;
    struct pace hall_pace = {
        .bench = bench, .tick = say, .owner = hall, .until_us = until_us, .regular = true};
    struct pace elsewhere = {.bench = bench,
                             .per_second = ELSEWHERE_RATE,
                             .tick = talk_elsewhere,
                             .owner = hall,
                             .until_us = until_us};
    hall_pace.per_second = BENCH_BY_SIZE(bench, 20.0, 1.0, 1.0);
    pace_begin(&hall_pace);
    pace_begin(&elsewhere);
    if (measure_run_both(bench, &hall->told, &hall->elsewhere, err) < 0)
        return -1;
    drain(hall);
    report(hall);
    return 0;
}

static int run(struct bench *bench, struct err *err)
{
    struct hall *hall = MEM_NEW(struct hall);
    hall->bench = bench;
    int outcome = prepare(hall, err);
    asker_init(&hall->asker, bench);
    park_init(&hall->park, bench, hall->n);
    if (outcome == 0)
        outcome = run_traffic(hall, err);
    park_done(&hall->park);
    asker_done(&hall->asker);
    mem_free(hall->members);
    mem_free(hall->since);
    mem_free(hall);
    return outcome;
}

const struct scenario scenario_hall = {
    'f', "hall", "a room all members of which wait, one message a second; talk elsewhere", run};
