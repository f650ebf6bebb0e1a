/* SPDX-License-Identifier: EUPL-1.2 */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/vec.h"
#include "store/log.h"
#include "store/store_unit.h"

/* ---- jobs that are watched ---- */

struct gate {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    int open;
};

static void gate_init(struct gate *gate)
{
    pthread_mutex_init(&gate->lock, NULL);
    pthread_cond_init(&gate->wake, NULL);
    gate->open = 0;
}

static void gate_open(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->open++;
    pthread_cond_broadcast(&gate->wake);
    pthread_mutex_unlock(&gate->lock);
}

static void gate_wait(struct gate *gate, int n)
{
    pthread_mutex_lock(&gate->lock);
    while (gate->open < n)
        pthread_cond_wait(&gate->wake, &gate->lock);
    pthread_mutex_unlock(&gate->lock);
}

enum what {
    WHAT_WRITE,
    WHAT_REFUSE,
    WHAT_FAIL_AFTER,
    WHAT_CONSTRAINT,
    WHAT_MOVED,
    WHAT_LATE,
    WHAT_HOLD
};

struct watched {
    struct job job;
    enum what what;
    int64_t pos, ref;
    int runs;
    enum job_result result;
    struct err err;
    struct gate *done, *hold, *held; /* held: told when it holds */
    struct job_step step;            /* from 0 to 0: none */
    int64_t head_at_done;
    struct store *store;
};

static const struct db_stmt UNIT_CLASH = {
    "unit_clash",
    "INSERT INTO epoch (epoch, base) VALUES (1, 0)",
};
static const struct db_stmt UNIT_TOUCH_NONE = {
    "unit_touch_none",
    "UPDATE epoch SET base = 7 WHERE epoch = 99",
};

static const struct db_stmt UNIT_WRITE = {
    "unit_write",
    "INSERT INTO name (id, text) VALUES (-1, :text)",
};

static int run_watched(struct write *w, void *arg, struct err *err)
{
    struct watched *watched = arg;
    watched->runs++;
    if (watched->what == WHAT_REFUSE)
        return err_client(err, 403, "M_FORBIDDEN", "no");
    if (watched->what == WHAT_LATE) /* breaks the rule that a refusal comes before writing */
        return db_exec(write_conn(w), &UNIT_WRITE, DB_PARAMS(DB_BYTES("text", STR("left"))), err) <
                       0
                   ? -1
                   : err_client(err, 400, "M_UNKNOWN", "late");
    if (watched->what == WHAT_HOLD) {
        if (watched->held)
            gate_open(watched->held);
        gate_wait(watched->hold, 1);
    }
    if (write_position(w, LOG_KIND_PROFILE, 0, 5, watched->ref, &watched->pos, err) < 0)
        return -1;
    if (watched->what == WHAT_FAIL_AFTER)
        return err_internal(err, "after writing");
    if (watched->what == WHAT_CONSTRAINT)
        return db_exec(write_conn(w), &UNIT_CLASH, DB_NO_PARAMS, err);
    if (watched->what == WHAT_MOVED)
        return db_exec_expect(write_conn(w), &UNIT_TOUCH_NONE, DB_NO_PARAMS, 1, err);
    return 0;
}

static void watched_done(struct job *job, enum job_result result, const struct err *err)
{
    struct watched *watched = job->arg;
    watched->result = result;
    watched->err = *err;
    watched->head_at_done = store_head(watched->store).pos;
    gate_open(watched->done);
}

static void submit(struct store *store, struct watched *watched, struct gate *done)
{
    struct err err = ERR_INIT;
    watched->done = done;
    watched->store = store;
    watched->job = (struct job){.run = run_watched,
                                .done = watched_done,
                                .arg = watched,
                                .steps = {&watched->step, watched->step.to != 0}};
    assert_int_equal(store_submit(store, &watched->job, &err), 0);
}

/* Submits jobs so that they fall into one batch: another one, alone in its own, holds the appender
 * meanwhile. */
static void run_together(struct store *store, struct watched *jobs, size_t n)
{
    struct gate done, hold, held;
    gate_init(&done);
    gate_init(&hold);
    gate_init(&held);
    struct watched holder = {.what = WHAT_HOLD, .hold = &hold, .held = &held, .ref = 1000};
    submit(store, &holder, &done);
    gate_wait(&held, 1);
    for (size_t i = 0; i < n; i++)
        submit(store, &jobs[i], &done);
    gate_open(&hold);
    gate_wait(&done, (int)n + 1);
}

static struct log_entry *read_log(struct store_unit *unit, size_t *ret_n)
{
    struct err err = ERR_INIT;
    struct log_entry *entries;
    struct read r;
    read_begin(unit->store, &r);
    assert_int_equal(log_list(&r, 0, 10000, unit->arena, &entries, ret_n, &err), 0);
    read_end(&r);
    return entries;
}

/* ---- tests ---- */

static void positions_are_dense_and_in_order(void **state)
{
    struct store_unit *unit = *state;
    struct watched jobs[20] = {0};
    size_t n;
    for (size_t i = 0; i < 20; i++)
        jobs[i].ref = (int64_t)i;
    int64_t before = store_head(unit->store).pos;
    run_together(unit->store, jobs, 20);
    for (size_t i = 0; i < 20; i++) {
        assert_int_equal(jobs[i].result, JOB_COMMITTED);
        assert_int_equal(jobs[i].pos, before + 2 + (int64_t)i);
        assert_true(jobs[i].head_at_done >= jobs[i].pos);
    }
    assert_int_equal(store_head(unit->store).pos, before + 21);
    struct log_entry *entries = read_log(unit, &n);
    assert_int_equal(n, 21);
    assert_int_equal(entries[1].ref, 0);
    assert_int_equal(entries[20].ref, 19);
    assert_int_equal(entries[20].kind, LOG_KIND_PROFILE);
    assert_int_equal(entries[20].user, 5);
}

static void a_failing_job_fails_alone(void **state)
{
    static const enum what kinds[] = {WHAT_REFUSE, WHAT_FAIL_AFTER, WHAT_CONSTRAINT, WHAT_MOVED};
    struct store_unit *unit = *state;
    struct watched jobs[12] = {0};
    for (size_t i = 0; i < 12; i++) {
        jobs[i].ref = (int64_t)i;
        if (i % 3 == 1)
            jobs[i].what = kinds[i / 3];
    }
    int64_t before = store_head(unit->store).pos;
    run_together(unit->store, jobs, 12);
    int64_t pos = before + 1;
    for (size_t i = 0; i < 12; i++) {
        if (jobs[i].what != WHAT_WRITE)
            continue;
        assert_int_equal(jobs[i].result, JOB_COMMITTED);
        assert_int_equal(jobs[i].pos, ++pos);
    }
    assert_int_equal(store_head(unit->store).pos, pos);
    assert_int_equal(jobs[1].result, JOB_REFUSED);
    assert_string_equal(jobs[1].err.errcode, "M_FORBIDDEN");
    assert_int_equal(jobs[4].result, JOB_FAILED);
    assert_string_equal(jobs[4].err.detail, "after writing");
    assert_int_equal(jobs[7].result, JOB_FAILED);
    assert_int_equal(jobs[10].result, JOB_REFUSED);
    assert_int_equal(jobs[10].err.kind, ERR_KIND_MOVED);
}

enum { CHAIN = 100 };

/* Each is decided on the one before it, and they would be refused one after the other, each at the
 * cost of a transaction for all that wait. What is decided on a head that is there stays. */
static void what_was_decided_on_a_job_that_is_put_out_goes_with_it(void **state)
{
    static struct watched jobs[CHAIN];
    struct store_unit *unit = *state;
    memset(jobs, 0, sizeof jobs);
    for (size_t i = 0; i < CHAIN; i++)
        jobs[i].step = (struct job_step){5000 + (int64_t)i, 5001 + (int64_t)i};
    jobs[1].what = WHAT_MOVED;
    jobs[50].step = (struct job_step){0, 0};       /* of another kind */
    jobs[51].step = (struct job_step){5001, 7000}; /* decided again, on what is there */
    jobs[52].step.from = 7000;
    run_together(unit->store, jobs, CHAIN);
    for (size_t i = 0; i < CHAIN; i++) {
        bool stays = i == 0 || (i >= 50 && i <= 52) || i > 52;
        assert_int_equal(jobs[i].result, stays ? JOB_COMMITTED : JOB_REFUSED);
        assert_int_equal(jobs[i].err.kind, stays ? ERR_KIND_NONE : ERR_KIND_MOVED);
        assert_true(jobs[i].runs <= 2);
    }
}

/* The same when the first one fails for a reason of its own. */
static void what_was_decided_on_a_job_that_fails_has_moved(void **state)
{
    static const enum what kinds[] = {WHAT_REFUSE, WHAT_FAIL_AFTER, WHAT_CONSTRAINT, WHAT_LATE};
    struct store_unit *unit = *state;
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        struct watched jobs[4] = {[0] = {.what = kinds[k]}};
        for (size_t i = 0; i < 3; i++)
            jobs[i].step = (struct job_step){10 + (int64_t)i, 11 + (int64_t)i};
        run_together(unit->store, jobs, 4);
        assert_int_not_equal(jobs[0].err.kind, ERR_KIND_MOVED);
        assert_int_equal(jobs[1].err.kind, ERR_KIND_MOVED);
        assert_int_equal(jobs[2].err.kind, ERR_KIND_MOVED);
        assert_int_equal(jobs[3].result, JOB_COMMITTED);
    }
}

/* A batch of one that is refused leaves no trace. */
static void a_refused_job_takes_no_position(void **state)
{
    struct store_unit *unit = *state;
    struct gate done;
    struct watched job = {.what = WHAT_CONSTRAINT};
    gate_init(&done);
    int64_t before = store_head(unit->store).pos;
    submit(unit->store, &job, &done);
    gate_wait(&done, 1);
    assert_int_equal(job.result, JOB_FAILED);
    assert_int_equal(store_head(unit->store).pos, before);
}

/* A job that refuses after it has written is undone all the same. */
static void a_late_refusal_is_undone(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct watched jobs[3] = {[1] = {.what = WHAT_LATE}};
    int64_t id;
    run_together(unit->store, jobs, 3);
    assert_int_equal(jobs[0].result, JOB_COMMITTED);
    assert_int_equal(jobs[1].result, JOB_REFUSED);
    assert_int_equal(jobs[2].result, JOB_COMMITTED);
    assert_int_equal(store_find_name(unit->store, STR("left"), &id, &err), 0);
}

static void the_head_survives_a_restart(void **state)
{
    struct store_unit *unit = *state;
    struct watched jobs[3] = {0};
    run_together(unit->store, jobs, 3);
    struct log_position before = store_head(unit->store);
    int64_t id = store_new_id(unit->store);
    run_together(unit->store, jobs, 1);
    store_unit_reopen(unit);
    assert_int_equal(store_head(unit->store).pos, before.pos + 2);
    assert_int_equal(store_head(unit->store).epoch, before.epoch);
    assert_true(store_new_id(unit->store) > id);
}

static void a_full_queue_refuses(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct gate done, hold, held;
    struct store *store;
    struct store_options options = {.uri = db_unit_uri(unit->db), .queue_max = 2};
    store_close(unit->store);
    assert_int_equal(store_open(&options, &store, &err), 0);
    unit->store = store;
    gate_init(&done);
    gate_init(&hold);
    gate_init(&held);
    struct watched jobs[4] = {[0] = {.what = WHAT_HOLD, .hold = &hold, .held = &held}};
    int accepted = 0;
    for (int i = 0; i < 4; i++) {
        jobs[i].done = &done;
        jobs[i].store = store;
        jobs[i].job = (struct job){.run = run_watched, .done = watched_done, .arg = &jobs[i]};
        accepted += store_submit(store, &jobs[i].job, &err) == 0;
        if (i == 0)
            gate_wait(&held, 1); /* in a batch of its own */
    }
    gate_open(&hold);
    gate_wait(&done, accepted);
    assert_true(accepted == 2 || accepted == 3); /* a job of the store itself may wait too */
    assert_int_equal(err.status, 503);
    assert_true(err.retry_after_ms > 0);
}

static void closing_runs_what_waits(void **state)
{
    struct store_unit *unit = *state;
    struct gate done, hold;
    struct watched holder = {.what = WHAT_HOLD, .hold = &hold}, job = {0};
    gate_init(&done);
    gate_init(&hold);
    submit(unit->store, &holder, &done);
    submit(unit->store, &job, &done);
    gate_open(&hold);
    store_unit_reopen(unit);
    assert_int_equal(holder.result, JOB_COMMITTED);
    assert_int_equal(job.result, JOB_COMMITTED);
}

static void a_second_program_is_refused(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct store *second;
    struct store_options options = {.uri = db_unit_uri(unit->db)};
    if (unit->engine != DB_ENGINE_SQLITE)
        skip();
    assert_int_equal(store_open(&options, &second, &err), -1);
    assert_non_null(strstr(err.detail, "another program"));
}

/* ---- many at once ---- */

enum { SUBMITTERS = 6, JOBS_EACH = 150 };

struct heard {
    atomic_int_fast64_t last;
    atomic_int faults;
    struct store *store;
};

static void hear(void *arg, const struct log_entry *entries, size_t n)
{
    struct heard *heard = arg;
    for (size_t i = 0; i < n; i++) {
        if (entries[i].pos != atomic_load(&heard->last) + 1)
            atomic_fetch_add(&heard->faults, 1);
        atomic_store(&heard->last, entries[i].pos);
    }
    if (store_head(heard->store).pos < atomic_load(&heard->last))
        atomic_fetch_add(&heard->faults, 1);
}

struct submitter {
    struct store *store;
    struct watched jobs[JOBS_EACH];
    struct gate done;
};

static void *submit_many(void *arg)
{
    struct submitter *submitter = arg;
    for (int i = 0; i < JOBS_EACH; i++) {
        submitter->jobs[i].what = i % 10 == 3   ? WHAT_CONSTRAINT
                                  : i % 10 == 7 ? WHAT_REFUSE
                                                : WHAT_WRITE;
        submit(submitter->store, &submitter->jobs[i], &submitter->done);
        if (i % 7 == 0)
            gate_wait(&submitter->done, i);
    }
    gate_wait(&submitter->done, JOBS_EACH);
    return NULL;
}

/* What a reader sees up to its head never has a hole. */
static void *read_many(void *arg)
{
    struct heard *heard = arg;
    for (int i = 0; i < 50; i++) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(1 << 20);
        struct err err = ERR_INIT;
        struct log_entry *entries;
        size_t n;
        struct read r;
        read_begin(heard->store, &r);
        if (log_list(&r, 0, 100000, arena, &entries, &n, &err) < 0 || (int64_t)n != r.head.pos)
            atomic_fetch_add(&heard->faults, 1);
        read_end(&r);
    }
    return NULL;
}

static void many_submit_at_once(void **state)
{
    struct store_unit *unit = *state;
    struct heard heard = {.store = unit->store};
    pthread_t threads[SUBMITTERS], reader;
    struct submitter *submitters = arena_alloc(unit->arena, SUBMITTERS, sizeof *submitters);
    atomic_store(&heard.last, store_head(unit->store).pos);
    store_set_listener(unit->store, hear, &heard);
    for (int i = 0; i < SUBMITTERS; i++) {
        submitters[i].store = unit->store;
        gate_init(&submitters[i].done);
        pthread_create(&threads[i], NULL, submit_many, &submitters[i]);
    }
    pthread_create(&reader, NULL, read_many, &heard);
    for (int i = 0; i < SUBMITTERS; i++)
        pthread_join(threads[i], NULL);
    pthread_join(reader, NULL);
    for (int i = 0; i < SUBMITTERS; i++) {
        int64_t last = 0;
        for (int j = 0; j < JOBS_EACH; j++) {
            struct watched *job = &submitters[i].jobs[j];
            assert_int_equal(job->result, job->what == WHAT_WRITE    ? JOB_COMMITTED
                                          : job->what == WHAT_REFUSE ? JOB_REFUSED
                                                                     : JOB_FAILED);
            if (job->what != WHAT_WRITE)
                continue;
            assert_true(job->pos > last);
            last = job->pos;
        }
    }
    assert_int_equal(atomic_load(&heard.faults), 0);
    assert_int_equal(atomic_load(&heard.last), store_head(unit->store).pos);
    assert_int_equal(store_head(unit->store).pos, SUBMITTERS * JOBS_EACH * 8 / 10);
}

static const struct CMUnitTest tests[] = {
    store_unit_test(positions_are_dense_and_in_order),
    store_unit_test(a_failing_job_fails_alone),
    store_unit_test(what_was_decided_on_a_job_that_is_put_out_goes_with_it),
    store_unit_test(what_was_decided_on_a_job_that_fails_has_moved),
    store_unit_test(a_refused_job_takes_no_position),
    store_unit_test(a_late_refusal_is_undone),
    store_unit_test(the_head_survives_a_restart),
    store_unit_test(a_full_queue_refuses),
    store_unit_test(closing_runs_what_waits),
    store_unit_test(a_second_program_is_refused),
    store_unit_test(many_submit_at_once),
};
STORE_UNIT_MAIN(tests)
