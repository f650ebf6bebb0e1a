/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/histogram.h"

#include <stddef.h>

#include "base/mem.h"
#include "base/unit.h"

static void nothing_has_no_quantile(void **state)
{
    (void)state;
    struct histogram *h = MEM_NEW(struct histogram);
    assert_int_equal(histogram_at(h, 0.5), 0);
    mem_free(h);
}

static void quantiles_are_within_a_hundredth(void **state)
{
    (void)state;
    struct histogram *h = MEM_NEW(struct histogram);
    for (int64_t us = 1; us <= 1000000; us++)
        histogram_add(h, us);
    static const double parts[] = {0.01, 0.5, 0.9, 0.99, 0.999};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        double wanted = parts[i] * 1e6, found = (double)histogram_at(h, parts[i]);
        assert_true(found >= wanted && found <= wanted * 1.01);
    }
    assert_int_equal(histogram_at(h, 1), 1000000);
    assert_int_equal(h->n, 1000000);
    mem_free(h);
}

static void the_ends_of_the_range_are_kept(void **state)
{
    (void)state;
    struct histogram *h = MEM_NEW(struct histogram);
    histogram_add(h, -5);
    histogram_add(h, INT64_MAX);
    assert_int_equal(histogram_at(h, 0.5), 0);
    assert_int_equal(h->max, INT64_MAX);
    assert_true(histogram_at(h, 1) > INT64_C(3600) * 1000000);
    mem_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_has_no_quantile),
        cmocka_unit_test(quantiles_are_within_a_hundredth),
        cmocka_unit_test(the_ends_of_the_range_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
