/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "bench/measure.h"
#include "bench/park.h"
#include "bench/room.h"

/* (e) Devices that wait: the memory each costs the server, and one message that wakes one of them
 * and no other. The kernel's memory for their sockets is not the server's, and is not counted. */

#define ROOMS      50
#define TIMEOUT_MS 120000
#define EARLY_US   ((TIMEOUT_MS - 1000) * INT64_C(1000))

struct parked {
    struct bench *bench;
    struct park park;
    struct measure waking;
    size_t n_devices, n_accounts, first;
    size_t *accounts; /* first … first + n_accounts - 1 */
    struct str rooms[ROOMS];
    char (*since)[POLL_SINCE_MAX]; /* of each account, then of the one that is woken */
    size_t sleeper, sender;        /* accounts */
    struct str room;               /* of these two */
    struct draft draft;
    int64_t sent_us;
    uint64_t n_others; /* woken though nothing concerned them */
};

/* ---- who ---- */

static size_t first_account(void *owner, size_t i)
{
    const struct parked *parked = owner;
    (void)i;
    return parked->first;
}

/* The maker is in them already. */
static void who_joins(void *owner, size_t i, size_t *ret_account, struct str *ret_room)
{
    const struct parked *parked = owner;
    *ret_account = parked->first + 1 + i / ROOMS;
    *ret_room = parked->rooms[i % ROOMS];
}

/* Accounts of a preloaded store are in rooms of their own; others are put into fifty. */
static int prepare_accounts(struct parked *parked, struct err *err)
{
    struct bench *bench = parked->bench;
    size_t wanted = BENCH_BY_SIZE(bench, 4, 2000, parked->n_devices);
    if (bench->accounts.n >= wanted && bench->accounts.p[0].n_rooms) {
        parked->n_accounts = wanted;
        return 0;
    }
    parked->n_accounts = BENCH_BY_SIZE(bench, 4, 50, 200);
    struct room_plan rooms = {ROOMS, parked, first_account, parked->rooms};
    struct join_plan joins = {(parked->n_accounts - 1) * ROOMS, parked, who_joins};
    if (accounts_add(bench, parked->n_accounts, &parked->first, err) < 0 ||
        rooms_make(bench, &rooms, err) < 0)
        return -1;
    return rooms_join(bench, &joins, err);
}

static size_t sender_account(void *owner, size_t i)
{
    const struct parked *parked = owner;
    (void)i;
    return parked->sender;
}

static void sleeper_joins(void *owner, size_t i, size_t *ret_account, struct str *ret_room)
{
    const struct parked *parked = owner;
    (void)i;
    *ret_account = parked->sleeper;
    *ret_room = parked->room;
}

static int prepare_pair(struct parked *parked, struct err *err)
{
    struct room_plan room = {1, parked, sender_account, &parked->room};
    struct join_plan join = {1, parked, sleeper_joins};
    if (accounts_add(parked->bench, 2, &parked->sleeper, err) < 0)
        return -1;
    parked->sender = parked->sleeper + 1;
    if (rooms_make(parked->bench, &room, err) < 0 || rooms_join(parked->bench, &join, err) < 0)
        return -1;
    return poll_since(parked->bench, parked->sleeper, parked->since[parked->n_accounts], err);
}

static int prepare(struct parked *parked, struct err *err)
{
    if (prepare_accounts(parked, err) < 0)
        return -1;
    parked->since =
        (char(*)[POLL_SINCE_MAX])MEM_NEW_N((parked->n_accounts + 1) * POLL_SINCE_MAX, char);
    parked->accounts = MEM_NEW_N(parked->n_accounts, size_t);
    for (size_t i = 0; i < parked->n_accounts; i++)
        parked->accounts[i] = parked->first + i;
    if (polls_since(parked->bench, parked->accounts, parked->n_accounts, parked->since, err) < 0)
        return -1;
    return prepare_pair(parked, err);
}

/* ---- parking ---- */

static size_t device_account(void *owner, size_t i)
{
    const struct parked *parked = owner;
    return parked->first + i % parked->n_accounts;
}

static const char *device_since(void *owner, size_t i)
{
    const struct parked *parked = owner;
    return parked->since[i % parked->n_accounts];
}

static void other_answered(struct poll *poll, const struct answer *answer)
{
    struct parked *parked = poll->owner;
    if (parked->sent_us && answer->done_us - answer->due_us < EARLY_US)
        parked->n_others++;
}

static size_t sleeper_account(void *owner, size_t i)
{
    const struct parked *parked = owner;
    (void)i;
    return parked->sleeper;
}

static const char *sleeper_since(void *owner, size_t i)
{
    const struct parked *parked = owner;
    (void)i;
    return parked->since[parked->n_accounts];
}

static void sleeper_answered(struct poll *poll, const struct answer *answer)
{
    struct parked *parked = poll->owner;
    int64_t number;
    size_t at = 0;
    if (!message_next(answer->body, &at, &number))
        return;
    measure_add(&parked->waking, parked->sent_us, answer->done_us, true);
    loop_stop(&parked->bench->loop);
}

/* ---- waking ---- */

static void sent(void *owner, const struct answer *answer)
{
    struct parked *parked = owner;
    if (answer->status != 200)
        parked->waking.n_errors++;
}

static int wake(struct parked *parked, struct conn *conn, struct err *err)
{
    struct draft *draft = &parked->draft;
    buf_clear(&draft->path);
    buf_clear(&draft->body);
    message_write(parked->bench, parked->room, 1, draft);
    struct request request = {draft->method, buf_str(&draft->path),
                              parked->bench->accounts.p[parked->sender].token,
                              buf_str(&draft->body)};
    parked->sent_us = clock_monotonic_us();
    conn_ask(conn, &request, parked->sent_us, sent, parked);
    return bench_run(parked->bench, "waking one device", 30, err);
}

static int wake_some(struct parked *parked, struct err *err)
{
    struct bench *bench = parked->bench;
    int n = BENCH_BY_SIZE(bench, 3, 50, 200), outcome = 0;
    struct conn *conn = conn_new(&bench->loop, &bench->endpoint);
    buf_init(&parked->draft.path, KIB(16));
    buf_init(&parked->draft.body, KIB(64));
    measure_begin(bench, &parked->waking);
    for (int i = 0; i < n && outcome == 0; i++) {
        outcome = wake(parked, conn, err);
        /* Long enough for it to park again, and for anybody else to be woken. */
        if (loop_run(&bench->loop, clock_monotonic_us() + 20000))
            continue;
    }
    measure_end(bench, &parked->waking);
    conn_free(conn);
    buf_done(&parked->draft.path);
    buf_done(&parked->draft.body);
    return outcome;
}

/* ---- the case ---- */

static void report(struct parked *parked, struct usage before, struct usage after, int64_t us)
{
    struct report *report = &parked->bench->report;
    double n = (double)parked->n_devices;
    char name[64];
    snprintf(name, sizeof name, "%zu devices of %zu users", parked->n_devices, parked->n_accounts);
    report_case(report, "parked", name);
    report_number(report, "devices", n);
    report_number(report, "users", (double)parked->n_accounts);
    report_number(report, "kb_each", (double)(after.rss_bytes - before.rss_bytes) / 1e3 / n);
    report_number(report, "park_cpu_us", (double)(after.cpu_ns - before.cpu_ns) / 1e3 / n);
    report_number(report, "parked_per_second", n * 1e6 / (double)us);
    report_number(report, "woken_others", (double)parked->n_others);
    parked->waking.n_errors += park_errors(&parked->park) + parked->n_others;
    measure_report(parked->bench, &parked->waking, "waking");
    report_case_end(report);
}

static int park_all(struct parked *parked, struct err *err)
{
    struct park_plan others = {parked->n_devices, parked,         device_account,
                               device_since,      other_answered, TIMEOUT_MS};
    struct park_plan one = {1,         parked, sleeper_account, sleeper_since, sleeper_answered,
                            TIMEOUT_MS};
    struct bench *bench = parked->bench;
    bench_settle(bench);
    struct usage before = process_tree_usage(bench->server.pid);
    int64_t begun_us = clock_monotonic_us();
    if (park_add(&parked->park, &others, err) < 0)
        return -1;
    bench_settle(bench);
    int64_t us = clock_monotonic_us() - begun_us;
    struct usage after = process_tree_usage(bench->server.pid);
    if (park_add(&parked->park, &one, err) < 0)
        return -1;
    bench_settle(bench);
    if (wake_some(parked, err) < 0)
        return -1;
    report(parked, before, after, us);
    return 0;
}

static int run(struct bench *bench, struct err *err)
{
    struct parked *parked = MEM_NEW(struct parked);
    size_t wanted = bench->http2 ? BENCH_BY_SIZE(bench, 250, 100000, 100000)
                                 : BENCH_BY_SIZE(bench, 60, 19000, 19000);
    parked->bench = bench;
    parked->n_devices = park_most(bench, wanted);
    int outcome = prepare(parked, err);
    park_init(&parked->park, bench, parked->n_devices + 1);
    if (outcome == 0)
        outcome = park_all(parked, err);
    park_done(&parked->park);
    mem_free(parked->since);
    mem_free(parked->accounts);
    mem_free(parked);
    return outcome;
}

const struct scenario scenario_parked = {
    'e', "parked", "devices that wait, as many as may be; a message that wakes one alone", run};
