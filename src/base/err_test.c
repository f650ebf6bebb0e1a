/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/err.h"

#include <string.h>

#include "base/unit.h"

static void prefix_keeps_the_cause(void **state)
{
    struct err err = ERR_INIT;
    (void)state;
    assert_int_equal(err_internal(&err, "disk %d", 3), -1);
    err_prefix(&err, "loading %s", "x");
    assert_string_equal(err.detail, "loading x: disk 3");
    assert_string_equal(err.text, "Internal server error");
}

static void long_texts_are_cut(void **state)
{
    struct err err = ERR_INIT;
    char big[1000];
    (void)state;
    memset(big, 'a', sizeof big);
    big[sizeof big - 1] = 0;
    err_client(&err, 400, "M_BAD_JSON", "%s", big);
    err_prefix(&err, "%s", big);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    assert_true(strlen(err.detail) < sizeof err.detail);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prefix_keeps_the_cause),
        cmocka_unit_test(long_texts_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
