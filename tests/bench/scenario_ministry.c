/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>

#include "base/clock.h"
#include "base/map.h"
#include "bench/ask.h"
#include "bench/measure.h"
#include "bench/pace.h"
#include "bench/park.h"
#include "bench/room.h"
#include "bench/town.h"

/* (g) A day of a ministry: a tenth of its people are there, then the others arrive, then all are.
 * They write to each other, four times in five in the smallest fifth of their rooms, seldom in
 * forums; they read, and they type. Everybody keeps a poll open. */

#define TIMEOUT_MS   60000
#define MESSAGES_MAX 65536 /* of which the arrival is waited for at once */
#define DRAIN_US     30000000
#define FORUM_PEOPLE 1000 /* a room of more is a forum, */
#define FORUM_ONE_IN 50   /* where one in so many says what they meant to */
/* Thirty messages a person in eight hours, twice as many receipts, typing before each message. */
#define MESSAGES_PER_PERSON (30.0 / (8 * 3600))
#define RECEIPTS_A_MESSAGE  2.0
/* A person shares a file once and a half in eight hours, which three others open. */
#define FILES_PER_PERSON (1.5 / (8 * 3600))
#define FILE_BYTES       200000
#define FILE_READERS     3
/* Of those who arrive in the morning, one in so many signs in with a password, where it is known.
 */
#define SIGN_IN_ONE_IN(bench) BENCH_BY_SIZE(bench, 5u, 20u, 20u)

struct said {
    int64_t due_us;
    size_t by; /* device */
};

struct ministry {
    struct bench *bench;
    struct town town;
    struct park park;
    struct asker asker;
    size_t *who;                    /* the person of a device */
    size_t n_connected;             /* devices */
    size_t n_arrived, n_signing_in; /* people: 0 … n_arrived - 1 have come, or sign in */
    struct measure told, arrivals, sign_ins, shared, opened;
    struct str file; /* FILE_BYTES that nobody can compress */
    struct said messages[MESSAGES_MAX];
    int64_t n_sent;
    uint64_t n_awaited; /* deliveries of what was sent while it is measured */
};

/* ---- what people do ---- */

/* NULL: they have nothing to say just now. */
static struct town_room *choose_room(struct ministry *ministry, const struct town_person *person)
{
    size_t favourites = (person->n_rooms + 4) / 5;
    bool likes = bench_random_below(ministry->bench, 5) < 4;
    size_t among = likes ? favourites : person->n_rooms;
    if (!among)
        return NULL;
    struct town_room *room = person->rooms[bench_random_below(ministry->bench, among)];
    bool is_forum = room->n_people > FORUM_PEOPLE;
    return is_forum && bench_random_below(ministry->bench, FORUM_ONE_IN) ? NULL : room;
}

static struct town_person *choose_person(struct ministry *ministry, size_t *ret_device)
{
    *ret_device = bench_random_below(ministry->bench, ministry->n_connected);
    return &ministry->town.people[ministry->who[*ret_device]];
}

static struct draft *draft_of(struct ministry *ministry, const struct town_person *person)
{
    struct draft *draft = asker_draft(&ministry->asker);
    draft->token = ministry->bench->accounts.p[person->account].token;
    return draft;
}

static void type(struct ministry *ministry, const struct town_person *person,
                 const struct town_room *room)
{
    struct draft *draft = draft_of(ministry, person);
    draft->method = "PUT";
    buf_printf(&draft->path, "/_matrix/client/v3/rooms/%.*s/typing/%.*s", STR_ARG(room->id),
               STR_ARG(ministry->bench->accounts.p[person->account].user_id));
    buf_add(&draft->body, STR("{\"timeout\":5000,\"typing\":true}"));
    asker_ask(&ministry->asker, 0, NULL, NULL, NULL);
}

static void keep_event(void *owner, const struct answer *answer)
{
    struct town_room *room = owner;
    struct str event = answer_find_str(answer->body, STR("event_id"));
    if (event.n < sizeof room->last_event)
        snprintf(room->last_event, sizeof room->last_event, "%.*s", STR_ARG(event));
}

static void write_one(void *owner, int64_t due_us)
{
    struct ministry *ministry = owner;
    size_t by;
    const struct town_person *person = choose_person(ministry, &by);
    struct town_room *room = choose_room(ministry, person);
    if (!room)
        return;
    type(ministry, person, room);
    struct draft *draft = draft_of(ministry, person);
    int64_t number = ++ministry->n_sent;
    ministry->messages[number % MESSAGES_MAX] = (struct said){due_us, by};
    if (measure_covers(&ministry->told, due_us))
        ministry->n_awaited += room->n_connected - 1;
    message_write(ministry->bench, room->id, number, draft);
    asker_ask(&ministry->asker, due_us, NULL, keep_event, room);
}

static void read_one(void *owner, int64_t due_us)
{
    struct ministry *ministry = owner;
    size_t by;
    const struct town_person *person = choose_person(ministry, &by);
    const struct town_room *room = choose_room(ministry, person);
    if (!room || !room->last_event[0])
        return;
    struct draft *draft = draft_of(ministry, person);
    buf_printf(&draft->path, "/_matrix/client/v3/rooms/%.*s/receipt/m.read/%s", STR_ARG(room->id),
               room->last_event);
    buf_add(&draft->body, STR("{}"));
    asker_ask(&ministry->asker, due_us, NULL, NULL, NULL);
}

/* ---- files ---- */

/* While messages are measured; what is refused counts among their errors. */
static void count_file(struct ministry *ministry, struct measure *measure,
                       const struct answer *answer)
{
    if (answer->status == 200 && measure_covers(&ministry->told, answer->due_us))
        histogram_add(&measure->waits, answer->done_us - answer->due_us);
}

static void file_opened(void *owner, const struct answer *answer)
{
    struct ministry *ministry = owner;
    count_file(ministry, &ministry->opened, answer);
}

static void open_one(struct ministry *ministry, struct str uri)
{
    size_t by;
    const struct town_person *person = choose_person(ministry, &by);
    struct draft *draft = draft_of(ministry, person);
    draft->method = "GET";
    buf_printf(&draft->path, "/_matrix/client/v1/media/download/%.*s?timeout_ms=60000",
               STR_ARG(str_skip(uri, sizeof "mxc://" - 1)));
    asker_ask(&ministry->asker, 0, NULL, file_opened, ministry);
}

static void file_shared(void *owner, const struct answer *answer)
{
    struct ministry *ministry = owner;
    struct str uri = answer_find_str(answer->body, STR("content_uri"));
    count_file(ministry, &ministry->shared, answer);
    for (int i = 0; i < FILE_READERS && uri.n; i++)
        open_one(ministry, uri);
}

/* Each is another, by its beginning. */
static void share_one(void *owner, int64_t due_us)
{
    struct ministry *ministry = owner;
    uint64_t own = bench_random(ministry->bench);
    size_t by;
    const struct town_person *person = choose_person(ministry, &by);
    struct draft *draft = draft_of(ministry, person);
    buf_add(&draft->path, STR("/_matrix/media/v3/upload"));
    buf_add(&draft->body, str_make(&own, sizeof own));
    buf_add(&draft->body, str_skip(ministry->file, sizeof own));
    asker_ask(&ministry->asker, due_us, NULL, file_shared, ministry);
}

static void device_answered(struct poll *poll, const struct answer *answer)
{
    struct ministry *ministry = poll->owner;
    int64_t number;
    if (poll->n_answers == 1) {
        measure_add(&ministry->arrivals, answer->due_us, answer->done_us, true);
        return;
    }
    for (size_t at = 0; message_next(answer->body, &at, &number);) {
        if (number <= 0 || number > ministry->n_sent)
            continue;
        const struct said *said = &ministry->messages[number % MESSAGES_MAX];
        if (said->by == poll->i)
            continue;
        measure_add(&ministry->told, said->due_us, answer->done_us, true);
    }
}

/* ---- who is there ---- */

static size_t account_of(void *owner, size_t i)
{
    const struct ministry *ministry = owner;
    return ministry->town.people[i].account;
}

static const char *nothing_known(void *owner, size_t i)
{
    (void)owner;
    (void)i;
    return "";
}

static struct park_plan plan_of(struct ministry *ministry, size_t n)
{
    return (struct park_plan){.n = n,
                              .owner = ministry,
                              .account = account_of,
                              .since = nothing_known,
                              .answered = device_answered,
                              .timeout_ms = TIMEOUT_MS};
}

static void count_in(struct ministry *ministry, size_t person)
{
    const struct town_person *is = &ministry->town.people[person];
    for (size_t i = 0; i < is->n_rooms; i++)
        is->rooms[i]->n_connected++;
    ministry->who[ministry->n_connected++] = person;
}

/* Their device begins to poll. */
static void come_in(struct ministry *ministry, size_t person)
{
    struct park_plan plan = plan_of(ministry, 1);
    park_add_one(&ministry->park, &plan, person);
    count_in(ministry, person);
}

/* A person whose session has ended, and who was asked for their password. */
struct sign_in {
    struct ministry *ministry;
    size_t person;
};

static void signed_in(void *owner, const struct answer *answer)
{
    const struct sign_in *sign_in = owner;
    struct ministry *ministry = sign_in->ministry;
    struct accounts *accounts = &ministry->bench->accounts;
    struct account device;
    ministry->n_signing_in--;
    if (account_read(ministry->bench, answer->body, &device) == 0) {
        ministry->town.people[sign_in->person].account = accounts->n;
        VEC_ADD(accounts, device);
    }
    come_in(ministry, sign_in->person);
}

static void sign_in(struct ministry *ministry, size_t person, const char *password, int64_t due_us)
{
    struct sign_in *sign_in = ARENA_NEW(ministry->bench->memory, struct sign_in);
    size_t account = ministry->town.people[person].account;
    struct draft *draft = asker_draft(&ministry->asker);
    *sign_in = (struct sign_in){ministry, person};
    buf_add(&draft->path, STR("/_matrix/client/v3/login"));
    account_login_write(ministry->bench->accounts.p[account].user_id, password, &draft->body);
    ministry->n_signing_in++;
    asker_ask(&ministry->asker, due_us, &ministry->sign_ins, signed_in, sign_in);
}

static void arrive(void *owner, int64_t due_us)
{
    struct ministry *ministry = owner;
    if (ministry->n_arrived == ministry->town.n_people)
        return;
    size_t person = ministry->n_arrived++;
    const char *password =
        account_password(&ministry->bench->accounts, ministry->town.people[person].account);
    if (password && person % SIGN_IN_ONE_IN(ministry->bench) == 0)
        sign_in(ministry, person, password, due_us);
    else
        come_in(ministry, person);
}

/* ---- the day ---- */

static void drain(struct ministry *ministry)
{
    int64_t until_us = clock_monotonic_us() + DRAIN_US;
    while (ministry->told.waits.n < ministry->n_awaited && clock_monotonic_us() < until_us)
        if (loop_run(&ministry->bench->loop, clock_monotonic_us() + 10000))
            continue;
}

static void report(struct ministry *ministry, const char *what, const struct measure *measure,
                   const char *unit)
{
    struct bench *bench = ministry->bench;
    char name[128];
    snprintf(name, sizeof name, "%s: %zu devices", what, ministry->n_connected);
    report_case(&bench->report, "ministry", name);
    report_text(&bench->report, "phase", what);
    report_number(&bench->report, "devices", (double)ministry->n_connected);
    measure_report(bench, measure, unit);
    report_case_end(&bench->report);
}

/* Beside the messages, which have the costs of all. */
static void report_files(struct ministry *ministry, const char *what)
{
    struct measure *measures[] = {&ministry->shared, &ministry->opened};
    static const char *const units[] = {"file shared", "file opened"};
    char name[64];
    for (int i = 0; i < 2; i++) {
        if (!measures[i]->waits.n)
            continue;
        measures[i]->from = ministry->told.from;
        measures[i]->to = ministry->told.to;
        measures[i]->is_second = true;
        snprintf(name, sizeof name, "%s, %s", units[i], what);
        report(ministry, name, measures[i], units[i]);
    }
}

/* What goes on all day; for_us: until when. */
static void begin_traffic(struct ministry *ministry, struct pace paces[3], int64_t for_us)
{
    struct bench *bench = ministry->bench;
    double people = (double)ministry->n_connected;
    double rate = people * MESSAGES_PER_PERSON;
    if (rate < 5)
        rate =
            BENCH_BY_SIZE(bench, 50, 5, 5); /* a village would say nothing while it is measured */
    const struct pace all[3] = {
        {.per_second = rate, .tick = write_one},
        {.per_second = rate * RECEIPTS_A_MESSAGE, .tick = read_one},
        {.per_second = rate * FILES_PER_PERSON / MESSAGES_PER_PERSON, .tick = share_one},
    };
    for (int i = 0; i < 3; i++) {
        paces[i] = all[i];
        paces[i].bench = bench;
        paces[i].owner = ministry;
        paces[i].until_us = clock_monotonic_us() + for_us;
        pace_begin(&paces[i]);
    }
}

/* Nobody comes: what is sent must reach all that are there. */
static int work(struct ministry *ministry, const char *what, struct err *err)
{
    struct bench *bench = ministry->bench;
    struct pace paces[3];
    ministry->told = (struct measure){0};
    ministry->shared = ministry->opened = (struct measure){0};
    ministry->n_awaited = 0;
    uint64_t before = park_errors(&ministry->park) + ministry->asker.n_errors;
    begin_traffic(ministry, paces, bench->warm_us + bench->measure_us);
    if (measure_run(bench, &ministry->told, err) < 0)
        return -1;
    drain(ministry);
    uint64_t lost = ministry->n_awaited > ministry->told.waits.n
                        ? ministry->n_awaited - ministry->told.waits.n
                        : 0;
    uint64_t refused = park_errors(&ministry->park) + ministry->asker.n_errors - before;
    ministry->told.n_errors = lost + refused;
    report(ministry, what, &ministry->told, "delivery");
    report_files(ministry, what);
    return 0;
}

/* The others come, each with a first sync, at an even pace, while those who are there go on. */
static int morning(struct ministry *ministry, struct err *err)
{
    struct bench *bench = ministry->bench;
    struct pace paces[3];
    int64_t for_us = BENCH_BY_SIZE(bench, 500000, 10000000, 300000000);
    struct pace arrivals = {.bench = bench, .tick = arrive, .owner = ministry, .regular = true};
    double coming = (double)(ministry->town.n_people - ministry->n_connected);
    uint64_t before = park_errors(&ministry->park) + ministry->asker.n_errors;
    ministry->told = (struct measure){0};
    ministry->arrivals = (struct measure){0};
    arrivals.per_second = coming * 1.02 / ((double)for_us / 1e6);
    arrivals.until_us = clock_monotonic_us() + for_us;
    measure_begin(bench, &ministry->arrivals);
    ministry->sign_ins = (struct measure){.from = ministry->arrivals.from, .is_second = true};
    begin_traffic(ministry, paces, for_us);
    pace_begin(&arrivals);
    while (clock_monotonic_us() < arrivals.until_us)
        if (loop_run(&bench->loop, arrivals.until_us))
            continue;
    while (ministry->n_arrived < ministry->town.n_people)
        arrive(ministry, clock_monotonic_us());
    while (ministry->n_signing_in)
        if (loop_run(&bench->loop, clock_monotonic_us() + 10000))
            continue;
    bench_settle(bench);
    measure_end(bench, &ministry->arrivals);
    ministry->arrivals.n_errors += park_errors(&ministry->park) + ministry->asker.n_errors - before;
    report(ministry, "the morning", &ministry->arrivals, "arrival");
    ministry->sign_ins.to = ministry->arrivals.to;
    if (ministry->sign_ins.waits.n)
        report(ministry, "sign-ins of the morning", &ministry->sign_ins, "sign-in");
    return err->kind == ERR_KIND_NONE ? 0 : -1;
}

static int first_tenth(struct ministry *ministry, struct err *err)
{
    struct park_plan plan = plan_of(ministry, (ministry->town.n_people + 9) / 10);
    if (park_add(&ministry->park, &plan, err) < 0)
        return -1;
    for (ministry->n_arrived = 0; ministry->n_arrived < plan.n; ministry->n_arrived++)
        count_in(ministry, ministry->n_arrived);
    bench_settle(ministry->bench);
    return 0;
}

static struct str noise(struct bench *bench)
{
    char *bytes = arena_alloc(bench->memory, FILE_BYTES, 1);
    for (size_t i = 0; i < FILE_BYTES; i++)
        bytes[i] = (char)bench_random(bench);
    return str_make(bytes, FILE_BYTES);
}

static int run(struct bench *bench, struct err *err)
{
    struct ministry *ministry = MEM_NEW(struct ministry);
    size_t wanted = BENCH_BY_SIZE(bench, 20, 2000, 80000),
           signed_up = BENCH_BY_SIZE(bench, 20, 200, 200);
    ministry->bench = bench;
    ministry->file = noise(bench);
    asker_init(&ministry->asker, bench);
    int outcome = town_make(&ministry->town, bench, park_most(bench, wanted), signed_up, err);
    park_init(&ministry->park, bench, ministry->town.n_people);
    ministry->who = MEM_NEW_N(ministry->town.n_people, size_t);
    if (outcome == 0)
        outcome = first_tenth(ministry, err);
    if (outcome == 0)
        outcome = work(ministry, "a tenth connected", err);
    if (outcome == 0)
        outcome = morning(ministry, err);
    if (outcome == 0)
        outcome = work(ministry, "all connected", err);
    park_done(&ministry->park);
    asker_done(&ministry->asker);
    mem_free(ministry->who);
    town_done(&ministry->town);
    mem_free(ministry);
    return outcome;
}

const struct scenario scenario_ministry = {
    'g', "ministry", "a day of a ministry: a tenth connected, the morning, all connected", run};
