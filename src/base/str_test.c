/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/str.h"

#include "base/unit.h"

#include <string.h>

static void compares_bytes(void **state)
{
    (void)state;
    assert_true(str_cmp(STR("a"), STR("ab")) < 0);
    assert_true(str_cmp(STR("\xc3\xa9"), STR("z")) > 0);
    assert_true(str_eq(STR(""), STR_NONE));
    assert_false(str_eq(str_make("a\0b", 3), str_make("a\0c", 3)));
    assert_true(str_eq_secret(STR("abc"), STR("abc")));
    assert_false(str_eq_secret(STR("abc"), STR("abd")));
}

static void cuts(void **state)
{
    struct str head, tail;
    (void)state;
    assert_true(str_cut(STR("a:b:c"), ':', &head, &tail));
    assert_str(head, STR("a"));
    assert_str(tail, STR("b:c"));
    assert_false(str_cut(STR("abc"), ':', &head, &tail));
    assert_str(head, STR("abc"));
    assert_int_equal(tail.n, 0);
}

static void integers_are_strict(void **state)
{
    int64_t n = 0;
    (void)state;
    assert_int_equal(str_parse_int(STR("-12"), &n), 0);
    assert_int_equal(n, -12);
    assert_int_equal(str_parse_uint(STR("9223372036854775807"), &n), 0);
    assert_int_equal(n, INT64_MAX);
    const struct str bad[] = {
        STR(""), STR("+1"), STR("01"), STR("1 "), STR("-0"), STR("0x1"), STR("9223372036854775808"),
        STR("-")};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(str_parse_int(bad[i], &n), -1);
}

static void utf8_is_strict(void **state)
{
    (void)state;
    assert_true(str_is_utf8(STR("aé€\xf0\x9f\x98\x80")));
    assert_true(str_is_utf8(STR("\xf4\x8f\xbf\xbf")));
    const struct str bad[] = {STR("\xff"),     STR("\xc0\xaf"),         STR("\xed\xa0\x80"),
                              STR("\xe2\x82"), STR("\xf4\x90\x80\x80"), STR("\x80")};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(str_is_utf8(bad[i]));
}

static void trims_blanks_and_tabs(void **state)
{
    (void)state;
    assert_str(str_trim(STR(" \t a b\t ")), STR("a b"));
    assert_str(str_trim(STR(" \t ")), STR(""));
    assert_str(str_trim(STR("\n")), STR("\n"));
    assert_str(str_trim(STR_NONE), STR(""));
    assert_str(str_trim_end(STR(" a \t")), STR(" a"));
}

static void hexadecimal_digits(void **state)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    (void)state;
    for (int i = 0; i < 32; i++)
        assert_int_equal(str_hex_digit(digits[i]), i % 16);
    for (int c = 0; c < 256; c++)
        if (c == 0 || !strchr(digits, c))
            assert_int_equal(str_hex_digit((char)c), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares_bytes),        cmocka_unit_test(cuts),
        cmocka_unit_test(integers_are_strict),   cmocka_unit_test(utf8_is_strict),
        cmocka_unit_test(trims_blanks_and_tabs), cmocka_unit_test(hexadecimal_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
