/* SPDX-License-Identifier: EUPL-1.2 */

/* The pieces that need no socket: rate limits, deadlines, lanes. */

#include "base/unit.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>

#include "base/mem.h"
#include "net/compress.h"
#include "net/limiter.h"
#include "net/wheel.h"
#include "net/workers.h"

static const struct limiter_rule rule = {.per_second = 2, .burst = 5};

static void a_bucket_fills_and_drains(void **state)
{
    struct limiter *limiter = limiter_new(100);
    (void)state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(limiter_take(limiter, STR("a"), rule, 1, 1000), 0);
    assert_int_equal(limiter_take(limiter, STR("a"), rule, 1, 1000), 500);
    assert_int_equal(limiter_peek(limiter, STR("a"), rule, 1, 1000), 500);
    assert_int_equal(limiter_take(limiter, STR("b"), rule, 1, 1000), 0);
    assert_int_equal(limiter_take(limiter, STR("a"), rule, 1, 1499), 1);
    assert_int_equal(limiter_peek(limiter, STR("a"), rule, 1, 1500), 0);
    assert_int_equal(limiter_take(limiter, STR("a"), rule, 1, 1500), 0);
    assert_int_equal(limiter_take(limiter, STR("a"), rule, 1, 1500), 500);
    assert_int_equal(limiter_take(limiter, STR("a"), rule, 2, 100000), 0);
    limiter_free(limiter);
}

static void a_cost_over_the_burst_is_never_allowed(void **state)
{
    struct limiter *limiter = limiter_new(100);
    (void)state;
    assert_true(limiter_take(limiter, STR("a"), rule, 6, 1000) > 0);
    assert_int_equal(limiter_take(limiter, STR("a"), (struct limiter_rule){0, 0}, 1e9, 1), 0);
    limiter_free(limiter);
}

static void a_full_key_is_not_pushed_out(void **state)
{
    struct limiter *limiter = limiter_new(128);
    char key[32];
    (void)state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(limiter_take(limiter, STR("victim"), rule, 1, 1000), 0);
    for (int i = 0; i < 100000; i++) {
        int n = snprintf(key, sizeof key, "fresh %d", i);
        (void)limiter_take(limiter, str_make(key, (size_t)n), rule, 1, 1000);
    }
    assert_int_equal(limiter_peek(limiter, STR("victim"), rule, 1, 1000), 500);
    limiter_free(limiter);
}

struct alarm {
    struct wheel_entry entry;
    struct wheel *wheel;
    int rings;
    int64_t again_ms;
};

static void ring(struct wheel_entry *entry)
{
    struct alarm *alarm = (struct alarm *)(void *)entry;
    alarm->rings++;
    if (alarm->again_ms)
        wheel_set(alarm->wheel, entry, alarm->again_ms);
}

static void deadlines_fire_late_by_two_ticks_at_most(void **state)
{
    struct wheel *wheel = MEM_NEW(struct wheel);
    static const int64_t dues[] = {1, 19, 20, 21, 999, 20480, 20481, 75000, 600000};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(dues); i++) {
        struct alarm alarm = {.entry.fire = ring, .wheel = wheel};
        wheel_init(wheel, 1000000);
        wheel_set(wheel, &alarm.entry, 1000000 + dues[i]);
        int64_t now = 1000000;
        for (int steps = 0; alarm.rings == 0 && steps < 1000; steps++) {
            int64_t wait = wheel_wait(wheel, now);
            assert_true(wait > 0);
            now += wait;
            wheel_advance(wheel, now);
        }
        assert_int_equal(alarm.rings, 1);
        assert_true(now >= 1000000 + dues[i] && now <= 1000000 + dues[i] + 2 * WHEEL_TICK_MS);
        assert_int_equal(wheel_wait(wheel, now), -1);
    }
    mem_free(wheel);
}

static void a_fired_entry_may_set_or_cancel(void **state)
{
    struct wheel *wheel = MEM_NEW(struct wheel);
    struct alarm a = {.entry.fire = ring, .wheel = wheel, .again_ms = 500},
                 b = {.entry.fire = ring, .wheel = wheel};
    (void)state;
    wheel_init(wheel, 0);
    wheel_set(wheel, &a.entry, 100);
    wheel_set(wheel, &b.entry, 100);
    wheel_set(wheel, &b.entry, 300);
    wheel_advance(wheel, 200);
    assert_int_equal(a.rings, 1);
    assert_int_equal(b.rings, 0);
    wheel_cancel(wheel, &b.entry);
    a.again_ms = 0;
    wheel_advance(wheel, 100000);
    assert_int_equal(a.rings, 2);
    assert_int_equal(b.rings, 0);
    mem_free(wheel);
}

struct held {
    struct work work;
    pthread_mutex_t *gate;
    atomic_int *n_ended;
};

static void hold(struct work *work, void *worker_data)
{
    struct held *held = (struct held *)work;
    (void)worker_data;
    pthread_mutex_lock(held->gate);
    pthread_mutex_unlock(held->gate);
    atomic_fetch_add(held->n_ended, 1);
}

static void count(struct work *work, void *worker_data)
{
    struct held *held = (struct held *)work;
    (void)worker_data;
    atomic_fetch_add(held->n_ended, 1);
}

static void polls_that_hold_all_their_threads_hold_up_no_other(void **state)
{
    struct workers *workers = workers_new(NULL, NULL, NULL);
    static struct held polls[1000], normal[3];
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    atomic_int n_polls = 0, n_normal = 0;
    struct err err = ERR_INIT;
    (void)state;
    pthread_mutex_lock(&gate);
    for (size_t i = 0; i < ARRAY_LEN(polls); i++) {
        polls[i] = (struct held){{.run = hold}, &gate, &n_polls};
        workers_push(workers, &polls[i].work, LANE_POLLS);
    }
    assert_int_equal(workers_queued(workers, LANE_POLLS), 1000);
    assert_int_equal(workers_start(workers, 2, &err), 0);
    for (size_t i = 0; i < ARRAY_LEN(normal); i++) {
        normal[i] = (struct held){{.run = count}, &gate, &n_normal};
        workers_push(workers, &normal[i].work, LANE_NORMAL);
    }
    while (atomic_load(&n_normal) < (int)ARRAY_LEN(normal))
        sched_yield();
    assert_int_equal(atomic_load(&n_polls), 0);
    pthread_mutex_unlock(&gate);
    workers_stop(workers); /* what is queued is done first */
    assert_int_equal(atomic_load(&n_polls), 1000);
    workers_free(workers);
}

static void codings_are_chosen_by_their_quality(void **state)
{
    (void)state;
    assert_true(compress_accepts(STR("gzip"), STR("gzip")));
    assert_true(compress_accepts(STR("br;q=1, GZIP ; q=0.1"), STR("gzip")));
    assert_false(compress_accepts(STR("gzip;q=0"), STR("gzip")));
    assert_false(compress_accepts(STR("gzip; q=0.000, br"), STR("gzip")));
    assert_false(compress_accepts(STR("xgzip"), STR("gzip")));
    assert_false(compress_accepts(STR(""), STR("gzip")));
    assert_false(compress_accepts(STR_NONE, STR("gzip")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bucket_fills_and_drains),
        cmocka_unit_test(a_cost_over_the_burst_is_never_allowed),
        cmocka_unit_test(a_full_key_is_not_pushed_out),
        cmocka_unit_test(deadlines_fire_late_by_two_ticks_at_most),
        cmocka_unit_test(a_fired_entry_may_set_or_cancel),
        cmocka_unit_test(polls_that_hold_all_their_threads_hold_up_no_other),
        cmocka_unit_test(codings_are_chosen_by_their_quality),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
