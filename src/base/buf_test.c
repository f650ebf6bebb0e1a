/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/buf.h"

#include "base/unit.h"

static void grows_to_its_maximum_and_no_further(void **state)
{
    struct buf buf;
    (void)state;
    buf_init(&buf, 10);
    buf_add(&buf, STR("12345678"));
    buf_add(&buf, STR("abc"));
    assert_true(buf_is_full(&buf));
    assert_str(buf_str(&buf), STR("12345678"));
    buf_add(&buf, STR("x")); /* stays full: no hole in the middle */
    assert_str(buf_str(&buf), STR("12345678"));
    buf_clear(&buf);
    buf_add(&buf, STR("1234567890"));
    assert_false(buf_is_full(&buf));
    buf_done(&buf);
}

static void integers_of_both_ends(void **state)
{
    struct buf buf;
    (void)state;
    buf_init(&buf, 100);
    buf_add_int(&buf, INT64_MIN);
    buf_add_byte(&buf, ' ');
    buf_add_int(&buf, 0);
    buf_printf(&buf, " %s", "é");
    assert_str(buf_str(&buf), STR("-9223372036854775808 0 é"));
    buf_consume(&buf, 21);
    assert_str(buf_str(&buf), STR("0 é"));
    buf_done(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_to_its_maximum_and_no_further),
        cmocka_unit_test(integers_of_both_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
