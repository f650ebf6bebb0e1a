/* SPDX-License-Identifier: EUPL-1.2 */
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "store/log.h"
#include "store/private.h"
#include "store/store_unit.h"

/* Several nodes on one PostgreSQL, and connections that break. */

struct node {
    struct store *store;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    int64_t heard; /* last position told */
    int faults;
};

static void hear(void *arg, const struct log_entry *entries, size_t n)
{
    struct node *node = arg;
    pthread_mutex_lock(&node->lock);
    for (size_t i = 0; i < n; i++) {
        if (node->heard && entries[i].pos != node->heard + 1)
            node->faults++;
        node->heard = entries[i].pos;
    }
    pthread_cond_broadcast(&node->wake);
    pthread_mutex_unlock(&node->lock);
}

static void wait_heard(struct node *node, int64_t pos)
{
    pthread_mutex_lock(&node->lock);
    while (node->heard < pos)
        pthread_cond_wait(&node->wake, &node->lock);
    pthread_mutex_unlock(&node->lock);
}

static void node_init(struct node *node, struct store_unit *unit, struct store *store)
{
    struct err err = ERR_INIT;
    struct store_options options = {.uri = db_unit_uri(unit->db)};
    *node = (struct node){.store = store};
    pthread_mutex_init(&node->lock, NULL);
    pthread_cond_init(&node->wake, NULL);
    if (!store && store_open(&options, &node->store, &err) < 0)
        fail_msg("store_open: %s", err.detail);
    store_set_listener(node->store, hear, node);
}

static int take_position(struct write *w, void *arg, struct err *err)
{
    return write_position(w, LOG_KIND_PROFILE, 0, 5, 0, arg, err);
}

static void *write_many(void *arg)
{
    struct node *node = arg;
    for (int i = 0; i < 100; i++) {
        struct err err = ERR_INIT;
        int64_t pos;
        if (store_run(node->store, take_position, &pos, &err) < 0)
            return arg;
        if (store_head(node->store).pos < pos)
            return arg;
    }
    return NULL;
}

/* Both write at once: positions stay dense, and both are told all of them in order. */
static void nodes_share_one_log(void **state)
{
    struct store_unit *unit = *state;
    struct node a, b;
    pthread_t threads[2];
    if (unit->engine == DB_ENGINE_SQLITE)
        skip();
    node_init(&a, unit, unit->store);
    node_init(&b, unit, NULL);
    pthread_create(&threads[0], NULL, write_many, &a);
    pthread_create(&threads[1], NULL, write_many, &b);
    for (int i = 0; i < 2; i++) {
        void *fault;
        pthread_join(threads[i], &fault);
        assert_null(fault);
    }
    wait_heard(&a, 200);
    wait_heard(&b, 200);
    assert_int_equal(a.faults + b.faults, 0);
    assert_int_equal(store_head(a.store).pos, 200);
    assert_int_equal(store_head(b.store).pos, 200);
    assert_true(store_new_id(a.store) != store_new_id(b.store));
    store_close(b.store);
}

static int write_of(struct write *w, void *arg, struct err *err)
{
    int64_t pos;
    return write_position(w, LOG_KIND_PROFILE, 0, *(int64_t *)arg, 0, &pos, err);
}

/* A name that is saved may be dropped from memory at any time, so it may not wait to be written. */
static void expect_none_saved_waits(struct store *store)
{
    pthread_mutex_lock(&store->names.lock);
    for (size_t i = 0; i < store->names.pending.n; i++)
        assert_false(store->names.pending.p[i]->saved);
    pthread_mutex_unlock(&store->names.lock);
}

/* A name that two nodes made at once: the second to write it decides again, with the first's id. */
static void a_name_made_twice_is_one(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct node b;
    int64_t pos;
    if (unit->engine == DB_ENGINE_SQLITE)
        skip();
    node_init(&b, unit, NULL);
    int64_t of_a = unit_intern(unit->store, "@twice:example.org");
    int64_t of_b = unit_intern(b.store, "@twice:example.org");
    assert_true(of_a != of_b);
    /* The next batch of each writes it, be it of the node's own upkeep; the second is refused. */
    if (store_run(unit->store, take_position, &pos, &err) < 0)
        assert_int_equal(err.kind, ERR_KIND_MOVED);
    if (store_run(b.store, take_position, &pos, &err) < 0)
        assert_int_equal(err.kind, ERR_KIND_MOVED);
    int64_t id = unit_intern(unit->store, "@twice:example.org");
    assert_int_equal(unit_intern(b.store, "@twice:example.org"), id);
    assert_true(id == of_a || id == of_b);
    struct store *second = id == of_a ? b.store : unit->store;
    int64_t dead = id == of_a ? of_b : of_a;
    expect_none_saved_waits(second);
    unit_run(second, write_of, &id);
    /* A job that still holds the dead id is refused as well. */
    assert_int_equal(store_run(second, write_of, &dead, &err), -1);
    assert_int_equal(err.kind, ERR_KIND_MOVED);
    store_close(b.store);
}

/* ---- ids ---- */

static int nothing(struct write *w, void *arg, struct err *err)
{
    (void)w;
    (void)arg;
    (void)err;
    return 0;
}

/* What is left of the block in use is given out. */
static void use_up_block(struct store *store)
{
    pthread_mutex_lock(&store->ids.lock);
    store->ids.next = store->ids.end;
    pthread_mutex_unlock(&store->ids.lock);
}

static int take_id(struct write *w, void *arg, struct err *err)
{
    (void)err;
    use_up_block(write_store(w));
    *(int64_t *)arg = store_new_id(write_store(w));
    return 0;
}

/* As a job that makes a name does, when it happens to be the one that crosses. */
static void the_appender_may_cross_a_block_of_ids(void **state)
{
    struct store_unit *unit = *state;
    int64_t first = 0, second = 0;
    if (unit->engine == DB_ENGINE_SQLITE)
        skip();
    unit_run(unit->store, take_id, &first);
    unit_run(unit->store, nothing, NULL); /* fetches another */
    unit_run(unit->store, take_id, &second);
    assert_true(first > 0 && second > 0 && first != second);
    assert_true(store_new_id(unit->store) != second);
}

/* ---- what nodes say ---- */

struct ear {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    char text[32];
    int heard;
};

static void hear_text(void *arg, struct str text)
{
    struct ear *ear = arg;
    pthread_mutex_lock(&ear->lock);
    snprintf(ear->text, sizeof ear->text, "%.*s", STR_ARG(text));
    ear->heard++;
    pthread_cond_signal(&ear->wake);
    pthread_mutex_unlock(&ear->lock);
}

/* Said again until it is heard: a hint may be lost, as when the other does not listen yet. */
static void a_node_hears_what_another_says(void **state)
{
    struct store_unit *unit = *state;
    struct ear own = {.lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};
    struct ear other = own;
    struct node b;
    if (unit->engine == DB_ENGINE_SQLITE)
        skip();
    node_init(&b, unit, NULL);
    store_set_hearer(unit->store, hear_text, &own);
    store_set_hearer(b.store, hear_text, &other);
    pthread_mutex_lock(&other.lock);
    while (!other.heard) {
        struct timespec until;
        store_say(unit->store, STR("words \xc3\xa9"));
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec++;
        pthread_cond_timedwait(&other.wake, &other.lock, &until);
    }
    pthread_mutex_unlock(&other.lock);
    assert_string_equal(other.text, "words \xc3\xa9");
    assert_int_equal(own.heard, 0);
    store_close(b.store);
}

static void wait_until_heard(struct store *store, bool heard)
{
    while (atomic_load(&store->follow.is_heard) != heard)
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
}

struct counting {
    char own[17];
    int own_texts;
};

static void count_own(void *arg, struct str text)
{
    struct counting *counting = arg;
    counting->own_texts += str_eq(text, str_from(counting->own));
}

static const struct db_stmt UNIT_SAY = {"unit_say",
                                        "SELECT pg_notify('chappe', convert_from(:text, 'UTF8'))"};

/* What the store says of a batch, as one more listener hears it. */
static int count_hints(struct store_unit *unit, struct db_conn *ear)
{
    struct counting counting = {.own_texts = 0};
    struct err err = ERR_INIT;
    char last[32];
    int64_t pos;
    snprintf(counting.own, sizeof counting.own, "%016llx", (unsigned long long)unit->store->node);
    unit_run(unit->store, take_position, &pos);
    snprintf(last, sizeof last, "%s.",
             counting.own); /* in its name, as it takes no notice of that */
    assert_int_equal(db_exec(ear, &UNIT_SAY, DB_PARAMS(DB_BYTES("text", str_from(last))), &err), 0);
    assert_int_equal(db_wait(ear, 60000, -1, count_own, &counting, &err), 1);
    return counting.own_texts;
}

static void a_node_alone_hints_at_nothing(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct db_conn *ear;
    struct node b;
    if (unit->engine == DB_ENGINE_SQLITE)
        skip();
    assert_int_equal(db_conn_open(store_db(unit->store), DB_MODE_READ, &ear, &err), 0);
    assert_int_equal(db_listen(ear, "chappe", &err), 0);
    wait_until_heard(unit->store, false);
    (void)count_hints(unit, ear); /* it may have said that it listens */
    assert_int_equal(count_hints(unit, ear), 0);
    node_init(&b, unit, NULL);
    wait_until_heard(unit->store, true);
    assert_int_equal(count_hints(unit, ear), 1);
    store_close(b.store);
    wait_until_heard(unit->store, false);
    assert_int_equal(count_hints(unit, ear), 0);
    db_conn_close(ear);
}

/* Without waiting for the other's log: what it has acknowledged is read. */
static void a_read_sees_what_another_node_has_acknowledged(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct db_conn *conn;
    struct node b;
    struct read r;
    int64_t pos;
    if (unit->engine == DB_ENGINE_SQLITE)
        skip();
    node_init(&b, unit, NULL);
    for (int i = 0; i < 20; i++) {
        unit_run(unit->store, take_position, &pos);
        read_begin(b.store, &r);
        assert_int_equal(read_conn(&r, &conn, &err), 0);
        assert_int_equal(r.head.pos, pos);
        read_end(&r);
        assert_int_equal(store_follow(b.store, &err), 0);
        assert_int_equal(store_head(b.store).pos, pos);
    }
    store_close(b.store);
}

/* ---- connections that break ---- */

static const struct db_stmt UNIT_SUICIDE = {
    "unit_suicide",
    "SELECT pg_terminate_backend(pg_backend_pid())",
};
static const struct db_stmt UNIT_KILL_OTHERS = {
    "unit_kill_others",
    "SELECT count(*) FROM (SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()) AS k",
};

struct fragile {
    int64_t pos;
    int deaths; /* left to die */
    int runs;
};

static int run_fragile(struct write *w, void *arg, struct err *err)
{
    struct fragile *fragile = arg;
    int64_t ignored;
    fragile->runs++;
    if (write_position(w, LOG_KIND_PROFILE, 0, 5, 0, &fragile->pos, err) < 0)
        return -1;
    if (fragile->deaths-- > 0)
        return db_query_int(write_conn(w), &UNIT_SUICIDE, DB_NO_PARAMS, &ignored, err) < 0 ? -1 : 0;
    return 0;
}

static void a_lost_connection_is_made_again(void **state)
{
    struct store_unit *unit = *state;
    struct fragile fragile = {.deaths = 2};
    if (unit->engine == DB_ENGINE_SQLITE)
        skip();
    unit_run(unit->store, run_fragile, &fragile);
    assert_int_equal(fragile.runs, 3);
    assert_int_equal(fragile.pos, 1);
    assert_int_equal(store_head(unit->store).pos, 1);
}

/* A job that breaks every connection is given up, and others go on. */
static void a_job_that_kills_is_given_up(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct fragile killer = {.deaths = 1000}, other = {0};
    if (unit->engine == DB_ENGINE_SQLITE)
        skip();
    assert_int_equal(store_run(unit->store, run_fragile, &killer, &err), -1);
    assert_true(killer.runs < 20);
    unit_run(unit->store, run_fragile, &other);
    assert_int_equal(other.pos, 1);
}

/* The connections of an idle store are cut between two batches. */
static void an_idle_connection_may_break(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct fragile job = {0};
    struct db_conn *conn;
    int64_t n;
    if (unit->engine == DB_ENGINE_SQLITE)
        skip();
    unit_run(unit->store, run_fragile, &job);
    assert_int_equal(db_conn_open(store_db(unit->store), DB_MODE_WRITE, &conn, &err), 0);
    assert_int_equal(db_query_int(conn, &UNIT_KILL_OTHERS, DB_NO_PARAMS, &n, &err), 1);
    assert_true(n >= 1);
    db_conn_close(conn);
    unit_run(unit->store, run_fragile, &job);
    assert_int_equal(job.pos, 2);
}

/* ---- one that holds all others up ---- */

static const struct db_stmt UNIT_SHORT_PAUSE = {
    "unit_short_pause",
    "SELECT length(set_config('idle_in_transaction_session_timeout', '50', false))"
    " WHERE current_setting('idle_in_transaction_session_timeout') <> '0'",
};
static const struct db_stmt UNIT_HOLD = {
    "unit_hold",
    "UPDATE counter SET pos = pos WHERE id = 1",
};

struct pausing {
    struct node *other;
    sem_t paused;
    int64_t pos;
    int runs;
};

/* In its batch it sleeps until another node has written, which needs the lock that the batch holds.
 * Its time is shorter than that of a real one, which must be there. */
static int pause_in_batch(struct write *w, void *arg, struct err *err)
{
    struct pausing *pausing = arg;
    int64_t ignored;
    if (pausing->runs++ == 0) {
        int set = db_query_int(write_conn(w), &UNIT_SHORT_PAUSE, DB_NO_PARAMS, &ignored, err);
        sem_post(&pausing->paused);
        if (set <= 0)
            return set < 0 ? -1 : err_client(err, 500, "M_UNKNOWN", "a pause has no bound");
        wait_heard(pausing->other, 1);
    }
    return write_position(w, LOG_KIND_PROFILE, 0, 5, 0, &pausing->pos, err);
}

struct running {
    struct store *store;
    int (*run)(struct write *w, void *arg, struct err *err);
    void *arg;
    struct err err;
    pthread_t thread;
};

static void *run_in_thread(void *arg)
{
    struct running *running = arg;
    return store_run(running->store, running->run, running->arg, &running->err) < 0 ? arg : NULL;
}

static void start_running(struct running *running)
{
    assert_int_equal(pthread_create(&running->thread, NULL, run_in_thread, running), 0);
}

static void a_paused_node_does_not_stop_the_others(void **state)
{
    struct store_unit *unit = *state;
    struct node b;
    struct pausing pausing = {.other = &b};
    struct running running = {.store = unit->store, .run = pause_in_batch, .arg = &pausing};
    void *failed;
    int64_t pos;
    if (unit->engine == DB_ENGINE_SQLITE)
        skip();
    node_init(&b, unit, NULL);
    assert_int_equal(sem_init(&pausing.paused, 0, 0), 0);
    start_running(&running);
    sem_wait(&pausing.paused);
    unit_run(b.store, take_position, &pos);
    pthread_join(running.thread, &failed);
    if (failed)
        fail_msg("%s %s", running.err.text, running.err.detail);
    assert_int_equal(pos, 1);
    assert_int_equal(pausing.runs, 2);
    assert_int_equal(pausing.pos, 2);
    sem_destroy(&pausing.paused);
    store_close(b.store);
}

/* As for a COMMIT whose standby is gone: the server says nothing, and is there. */
static void a_stop_does_not_wait_for_ever(void **state)
{
    struct store_unit *unit = *state;
    struct err err = ERR_INIT;
    struct db_conn *holder;
    int64_t pos;
    struct running running = {.store = unit->store, .run = take_position, .arg = &pos};
    void *failed;
    if (unit->engine == DB_ENGINE_SQLITE)
        skip();
    assert_int_equal(db_conn_open(store_db(unit->store), DB_MODE_WRITE, &holder, &err), 0);
    assert_int_equal(db_begin(holder, &err), 0);
    assert_int_equal(db_exec(holder, &UNIT_HOLD, DB_NO_PARAMS, &err), 0);
    assert_int_equal(db_flush(holder, &err), 0);
    start_running(&running);
    store_hurry(unit->store);
    pthread_join(running.thread, &failed);
    assert_non_null(failed);
    assert_int_equal(running.err.status, 503);
    db_conn_close(holder);
}

static const struct CMUnitTest tests[] = {
    store_unit_test(nodes_share_one_log),
    store_unit_test(a_name_made_twice_is_one),
    store_unit_test(the_appender_may_cross_a_block_of_ids),
    store_unit_test(a_node_hears_what_another_says),
    store_unit_test(a_node_alone_hints_at_nothing),
    store_unit_test(a_read_sees_what_another_node_has_acknowledged),
    store_unit_test(a_lost_connection_is_made_again),
    store_unit_test(a_job_that_kills_is_given_up),
    store_unit_test(an_idle_connection_may_break),
    store_unit_test(a_paused_node_does_not_stop_the_others),
    store_unit_test(a_stop_does_not_wait_for_ever),
};
STORE_UNIT_MAIN(tests)
