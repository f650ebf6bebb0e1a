/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/turns.h"

#include "base/clock.h"
#include "base/unit.h"

#define HOUR_MS 3600000

struct work {
    struct turns turns;
    struct turn_next next;
    pthread_mutex_t lock;
    pthread_cond_t begun;
    pthread_cond_t let_go;
    int n;        /* turns that have begun */
    int may_end;  /* so many may end */
    int64_t last; /* when the last began; monotonic */
};

static struct turn_next turn(void *arg)
{
    struct work *work = arg;
    pthread_mutex_lock(&work->lock);
    work->last = clock_monotonic_ms();
    int mine = ++work->n;
    pthread_cond_broadcast(&work->begun);
    while (work->may_end < mine)
        pthread_cond_wait(&work->let_go, &work->lock);
    pthread_mutex_unlock(&work->lock);
    return work->next;
}

static void begin(struct work *work, struct turn_next next, int may_end)
{
    struct err err = ERR_INIT;
    *work = (struct work){.next = next, .may_end = may_end};
    pthread_mutex_init(&work->lock, NULL);
    pthread_cond_init(&work->begun, NULL);
    pthread_cond_init(&work->let_go, NULL);
    turns_init(&work->turns, "test");
    assert_int_equal(turns_start(&work->turns, turn, work, &err), 0);
}

static void wait_for(struct work *work, int n)
{
    pthread_mutex_lock(&work->lock);
    while (work->n < n)
        pthread_cond_wait(&work->begun, &work->lock);
    pthread_mutex_unlock(&work->lock);
}

static void let_end(struct work *work, int n)
{
    pthread_mutex_lock(&work->lock);
    work->may_end = n;
    pthread_cond_broadcast(&work->let_go);
    pthread_mutex_unlock(&work->lock);
}

/* A sleep of an hour does not hold it up. */
static void end(struct work *work)
{
    let_end(work, INT32_MAX);
    turns_done(&work->turns);
    pthread_cond_destroy(&work->let_go);
    pthread_cond_destroy(&work->begun);
    pthread_mutex_destroy(&work->lock);
}

static void who_sleeps_is_woken(void **state)
{
    struct work work;
    (void)state;
    begin(&work, (struct turn_next){.in_ms = HOUR_MS}, INT32_MAX);
    for (int i = 1; i < 4; i++) {
        wait_for(&work, i);
        turns_wake(&work.turns);
    }
    wait_for(&work, 4);
    end(&work);
}

static void a_call_while_a_turn_runs_is_another_turn(void **state)
{
    struct work work;
    (void)state;
    begin(&work, (struct turn_next){.in_ms = HOUR_MS}, 0);
    wait_for(&work, 1);
    turns_wake(&work.turns);
    turns_wake(&work.turns);
    let_end(&work, 1);
    wait_for(&work, 2);
    let_end(&work, 2);
    end(&work);
    assert_int_equal(work.n, 2);
}

static void its_time_comes_by_itself(void **state)
{
    struct work work;
    (void)state;
    begin(&work, (struct turn_next){.in_ms = 1}, INT32_MAX);
    wait_for(&work, 3);
    end(&work);
}

/* A pause holds off who wakes it, and no longer. */
static void a_pause_is_kept(void **state)
{
    struct work work;
    (void)state;
    begin(&work, (struct turn_next){.in_ms = HOUR_MS, .pause_ms = 60}, 0);
    wait_for(&work, 1);
    int64_t before = clock_monotonic_ms();
    turns_wake(&work.turns);
    let_end(&work, 1);
    wait_for(&work, 2);
    assert_true(work.last - before >= 60);
    let_end(&work, 2);
    end(&work);
}

static void one_that_was_never_started_is_woken_and_stopped(void **state)
{
    struct turns turns;
    (void)state;
    turns_init(&turns, "test");
    turns_wake(&turns);
    turns_stop(&turns);
    assert_false(turns_is_stopping(&turns));
    turns_done(&turns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_sleeps_is_woken),
        cmocka_unit_test(a_call_while_a_turn_runs_is_another_turn),
        cmocka_unit_test(its_time_comes_by_itself),
        cmocka_unit_test(a_pause_is_kept),
        cmocka_unit_test(one_that_was_never_started_is_woken_and_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
