/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/int_set.h"

#include "base/unit.h"

static void is_sorted_and_without_doubles(void **state)
{
    int64_t values[] = {5, INT64_MAX, -3, 5, INT64_MIN, 5, -3};
    (void)state;
    assert_int_equal(int_set_make(values, 7), 4);
    assert_true(values[0] == INT64_MIN && values[1] == -3 && values[2] == 5 &&
                values[3] == INT64_MAX);
    assert_true(int_set_contains(values, 4, -3));
    assert_true(int_set_contains(values, 4, INT64_MAX));
    assert_false(int_set_contains(values, 4, 4));
}

static void one_value_many_times_is_one(void **state)
{
    int64_t values[] = {7, 7, 7};
    (void)state;
    assert_int_equal(int_set_make(values, 3), 1);
    assert_true(values[0] == 7);
}

static void nothing_is_a_set(void **state)
{
    (void)state;
    assert_int_equal(int_set_make(NULL, 0), 0);
    assert_false(int_set_contains(NULL, 0, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_sorted_and_without_doubles),
        cmocka_unit_test(one_value_many_times_is_one),
        cmocka_unit_test(nothing_is_a_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
