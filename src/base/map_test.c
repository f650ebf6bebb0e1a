/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/map.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(int_map_agrees_with_an_array),
        cmocka_unit_test(str_map_agrees_with_an_array),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
