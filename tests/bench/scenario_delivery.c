/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "bench/measure.h"
#include "bench/pace.h"
#include "bench/poll.h"
#include "bench/room.h"

/* (b) Delivery in rooms of two: from the moment somebody meant to send to the moment the other's
 * /sync has returned. Both hold a poll open, as real devices do; who sends is drawn each time. */

#define PAIRS_MAX  100
#define MEMORY     65536 /* messages under way at most, a power of two */
#define TIMEOUT_MS 30000
#define DRAIN_US   30000000

struct delivery;

struct person {
    struct delivery *delivery;
    size_t i;
    struct conn *sends, *polls;
    struct poll poll;
};

struct delivery {
    struct bench *bench;
    struct measure measure;
    size_t n_pairs;
    struct str rooms[PAIRS_MAX];
    struct person people[2 * PAIRS_MAX]; /* those of room r are 2r and 2r + 1 */
    struct draft draft;
    int64_t n_sent;
    uint64_t n_delivered, n_refused;
    int64_t due_us[MEMORY]; /* of message number n at n % MEMORY; 0: delivered */
    size_t receiver[MEMORY];
};

static size_t maker(void *owner, size_t i)
{
    (void)owner;
    return 2 * i;
}

static void who_joins(void *owner, size_t i, size_t *ret_account, struct str *ret_room)
{
    const struct delivery *delivery = owner;
    *ret_account = 2 * i + 1;
    *ret_room = delivery->rooms[i];
}

static void send_answered(void *owner, const struct answer *answer)
{
    struct delivery *delivery = owner;
    if (answer->status == 200)
        return;
    delivery->n_refused++;
    measure_add(&delivery->measure, answer->due_us, answer->done_us, false);
}

static void tick(void *owner, int64_t due_us)
{
    struct delivery *delivery = owner;
    size_t from = bench_random_below(delivery->bench, 2 * delivery->n_pairs);
    size_t slot = (size_t)delivery->n_sent % MEMORY;
    struct draft *draft = &delivery->draft;
    buf_clear(&draft->path);
    buf_clear(&draft->body);
    message_write(delivery->bench, delivery->rooms[from / 2], delivery->n_sent++, draft);
    delivery->due_us[slot] = due_us;
    delivery->receiver[slot] = from ^ 1;
    struct request request = {draft->method, buf_str(&draft->path),
                              delivery->bench->accounts.p[from].token, buf_str(&draft->body)};
    conn_ask(delivery->people[from].sends, &request, due_us, send_answered, delivery);
}

static void poll_answered(struct poll *poll, const struct answer *answer)
{
    struct person *person = poll->owner;
    struct delivery *delivery = person->delivery;
    int64_t number;
    for (size_t at = 0; message_next(answer->body, &at, &number);) {
        size_t slot = (size_t)number % MEMORY;
        if (delivery->receiver[slot] != person->i || !delivery->due_us[slot])
            continue; /* one's own, coming back */
        measure_add(&delivery->measure, delivery->due_us[slot], answer->done_us, true);
        delivery->due_us[slot] = 0;
        delivery->n_delivered++;
    }
}

static int begin(struct delivery *delivery, struct err *err)
{
    struct bench *bench = delivery->bench;
    size_t n = 2 * delivery->n_pairs;
    char(*since)[POLL_SINCE_MAX] = (char(*)[POLL_SINCE_MAX])MEM_NEW_N(n * POLL_SINCE_MAX, char);
    size_t accounts[2 * PAIRS_MAX];
    for (size_t i = 0; i < n; i++)
        accounts[i] = i;
    int outcome = polls_since(bench, accounts, n, since, err);
    for (size_t i = 0; i < n && outcome == 0; i++) {
        struct person *person = &delivery->people[i];
        *person = (struct person){.delivery = delivery, .i = i};
        person->polls = conn_new(&bench->loop, &bench->endpoint);
        /* A client of HTTP/2 does all over one connection. */
        person->sends = bench->http2 ? person->polls : conn_new(&bench->loop, &bench->endpoint);
        person->poll = (struct poll){.conn = person->polls,
                                     .token = bench->accounts.p[i].token,
                                     .timeout_ms = TIMEOUT_MS,
                                     .answered = poll_answered,
                                     .owner = person};
        memcpy(person->poll.since, since[i], POLL_SINCE_MAX);
        poll_begin(&person->poll);
    }
    mem_free(since);
    bench_settle(bench);
    return outcome;
}

static void end(struct delivery *delivery)
{
    for (size_t i = 0; i < 2 * delivery->n_pairs; i++) {
        struct person *person = &delivery->people[i];
        if (person->sends != person->polls)
            conn_free(person->sends);
        conn_free(person->polls);
        person->sends = person->polls = NULL;
    }
}

/* What was sent in time is waited for: a message that comes late counts as late as it comes. */
static uint64_t drain(struct delivery *delivery)
{
    int64_t until_us = clock_monotonic_us() + DRAIN_US;
    while ((uint64_t)delivery->n_sent > delivery->n_delivered + delivery->n_refused &&
           clock_monotonic_us() < until_us)
        if (loop_run(&delivery->bench->loop, clock_monotonic_us() + 10000))
            break;
    return (uint64_t)delivery->n_sent - delivery->n_delivered - delivery->n_refused;
}

static int run_rate(struct delivery *delivery, double per_second, struct err *err)
{
    struct bench *bench = delivery->bench;
    struct pace pace = {.bench = bench, .per_second = per_second, .tick = tick, .owner = delivery};
    pace.until_us = clock_monotonic_us() + bench->warm_us + bench->measure_us;
    delivery->measure = (struct measure){0};
    pace_begin(&pace);
    if (measure_run(bench, &delivery->measure, err) < 0)
        return -1;
    delivery->measure.n_errors += drain(delivery);
    char name[64];
    snprintf(name, sizeof name, "%.0f msg/s in %zu rooms of two", per_second, delivery->n_pairs);
    report_case(&bench->report, "delivery", name);
    report_number(&bench->report, "rate", per_second);
    measure_report(bench, &delivery->measure, "delivery");
    report_case_end(&bench->report);
    delivery->n_sent = 0;
    delivery->n_delivered = delivery->n_refused = 0;
    return 0;
}

static int prepare(struct delivery *delivery, struct err *err)
{
    struct room_plan rooms = {delivery->n_pairs, delivery, maker, delivery->rooms};
    struct join_plan joins = {delivery->n_pairs, delivery, who_joins};
    if (accounts_want(delivery->bench, 2 * delivery->n_pairs, err) < 0 ||
        rooms_make(delivery->bench, &rooms, err) < 0 ||
        rooms_join(delivery->bench, &joins, err) < 0)
        return -1;
    return begin(delivery, err);
}

static int run(struct bench *bench, struct err *err)
{
    static const double rates[] = {10, 500, 2000};
    static const double smoke_rate = 200; /* so that some fall into a third of a second */
    struct delivery *delivery = MEM_NEW(struct delivery);
    delivery->bench = bench;
    delivery->n_pairs = BENCH_BY_SIZE(bench, 5, 100, 100);
    buf_init(&delivery->draft.path, LIMIT_HTTP_REQUEST_LINE);
    buf_init(&delivery->draft.body, KIB(64));
    int outcome = prepare(delivery, err);
    size_t n = BENCH_BY_SIZE(bench, 1, ARRAY_LEN(rates), ARRAY_LEN(rates));
    for (size_t i = 0; i < n && outcome == 0; i++)
        outcome = run_rate(delivery, BENCH_BY_SIZE(bench, smoke_rate, rates[i], rates[i]), err);
    end(delivery);
    buf_done(&delivery->draft.path);
    buf_done(&delivery->draft.body);
    mem_free(delivery);
    return outcome;
}

const struct scenario scenario_delivery = {
    'b', "delivery", "rooms of two: from the send to the other's /sync, at 10, 500, 2,000 msg/s",
    run};
