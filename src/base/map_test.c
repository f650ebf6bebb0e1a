/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/map.h"

#include <stdio.h>

#include "base/mem.h"
#include "base/random.h"
#include "base/unit.h"

/* The tables against a plain array, over random operations. */
static void int_map_agrees_with_an_array(void **state)
{
    static char things[200];
    void *model[200] = {0};
    struct int_map map = {0};
    (void)state;
    for (int step = 0; step < 20000; step++) {
        size_t key = random_below(ARRAY_LEN(model));
        void *expected = model[key];
        if (random_below(2)) {
            assert_ptr_equal(int_map_put(&map, (int64_t)key * 64, &things[key]), expected);
            model[key] = &things[key];
        } else {
            assert_ptr_equal(int_map_remove(&map, (int64_t)key * 64), expected);
            model[key] = NULL;
        }
        assert_ptr_equal(int_map_find(&map, (int64_t)key * 64), model[key]);
    }
    size_t n = 0, at = 0;
    int64_t key;
    void *value;
    while (int_map_next(&map, &at, &key, &value)) {
        assert_ptr_equal(model[key / 64], value);
        n++;
    }
    assert_int_equal(n, map.n);
    int_map_done(&map);
}

static void str_map_agrees_with_an_array(void **state)
{
    static char things[200];
    void *model[200] = {0};
    struct str_map map = {0};
    (void)state;
    for (int step = 0; step < 20000; step++) {
        size_t k = random_below(ARRAY_LEN(model));
        char name[16] = {(char)k, 0, (char)(k * 7)}; /* NUL bytes count */
        struct str key = str_make(name, 1 + k % 15);
        void *expected = model[k];
        if (random_below(2)) {
            assert_ptr_equal(str_map_put(&map, key, &things[k]), expected);
            model[k] = &things[k];
        } else {
            assert_ptr_equal(str_map_remove(&map, key), expected);
            model[k] = NULL;
        }
        assert_ptr_equal(str_map_find(&map, key), model[k]);
    }
    str_map_done(&map);
}

/* ---- removing on the way ---- */

#define REMOVED 400

struct sieve {
    int asked[REMOVED]; /* how often each was asked of */
    size_t of;          /* one of so many goes */
};

static bool goes(size_t key, void *value, void *arg)
{
    struct sieve *sieve = arg;
    assert_int_equal(*(size_t *)value, key);
    sieve->asked[key]++;
    return key % sieve->of == 0;
}

static bool int_goes(int64_t key, void *value, void *arg)
{
    return goes((size_t)key, value, arg);
}

static bool str_goes(struct str key, void *value, void *arg)
{
    int64_t number;
    assert_int_equal(str_parse_int(key, &number), 0);
    return goes((size_t)number, value, arg);
}

/* As many as fill a table to where it grows, so that runs are long and go over its end. */
static void each_is_asked_once_while_others_go(void **state)
{
    static size_t numbers[REMOVED];
    (void)state;
    for (size_t i = 0; i < REMOVED; i++)
        numbers[i] = i;
    for (size_t n = 0; n <= 384; n += 12)
        for (size_t of = 1; of <= 4; of++) {
            struct int_map ints = {0};
            struct str_map strs = {0};
            struct sieve by_int = {.of = of}, by_str = {.of = of};
            char text[24];
            for (size_t i = 0; i < n; i++) {
                int length = snprintf(text, sizeof text, "%zu", i);
                int_map_put(&ints, (int64_t)i, &numbers[i]);
                str_map_put(&strs, str_make(text, (size_t)length), &numbers[i]);
            }
            int_map_remove_if(&ints, int_goes, &by_int);
            str_map_remove_if(&strs, str_goes, &by_str);
            for (size_t i = 0; i < REMOVED; i++) {
                int length = snprintf(text, sizeof text, "%zu", i);
                size_t *kept = i < n && i % of ? &numbers[i] : NULL;
                assert_int_equal(by_int.asked[i], i < n);
                assert_int_equal(by_str.asked[i], i < n);
                assert_ptr_equal(int_map_find(&ints, (int64_t)i), kept);
                assert_ptr_equal(str_map_find(&strs, str_make(text, (size_t)length)), kept);
            }
            assert_int_equal(ints.n, n - (n + of - 1) / of);
            assert_int_equal(strs.n, ints.n);
            int_map_done(&ints);
            str_map_done(&strs);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(int_map_agrees_with_an_array),
        cmocka_unit_test(str_map_agrees_with_an_array),
        cmocka_unit_test(each_is_asked_once_while_others_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
