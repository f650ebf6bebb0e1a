/* SPDX-License-Identifier: EUPL-1.2 */
#include "crypto/nfc.h"

#include "base/limits.h"
#include "base/unit.h"

static void assert_nfc(struct str text, struct str expected)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct str found;
    assert_int_equal(nfc(arena, text, &found), 0);
    assert_str(found, expected);
}

static void test_one_spelling(void **state)
{
    (void)state;
    assert_nfc(STR("passe\xcc\x81"), STR("pass\xc3\xa9"));            /* e + acute */
    assert_nfc(STR("pass\xc3\xa9"), STR("pass\xc3\xa9"));             /* é */
    assert_nfc(STR("\xe2\x84\xab"), STR("\xc3\x85"));                 /* ångström sign: Å */
    assert_nfc(STR("\xe1\x84\x80\xe1\x85\xa1"), STR("\xea\xb0\x80")); /* jamo: a syllable */
    assert_nfc(STR("s\xcc\xa3\xcc\x87"), STR("\xe1\xb9\xa9"));        /* marks are put in order */
    assert_nfc(STR("s\xcc\x87\xcc\xa3"), STR("\xe1\xb9\xa9"));
    assert_nfc(STR("\xf0\x9d\x85\x9e"), STR("\xf0\x9d\x85\x97\xf0\x9d\x85\xa5")); /* excluded */
}

static void test_nothing_else_changes(void **state)
{
    (void)state;
    assert_nfc(STR(""), STR(""));
    assert_nfc(STR(" A\0b\xe2\x80\x83"), STR(" A\0b\xe2\x80\x83"));
    assert_nfc(STR("\xef\xac\x81"), STR("\xef\xac\x81")); /* fi: compatible, not canonical */
    assert_nfc(STR("\xf4\x8f\xbf\xbf"), STR("\xf4\x8f\xbf\xbf")); /* the last code point */
    assert_nfc(STR("\xcc\x81"), STR("\xcc\x81"));                 /* a mark alone */
}

static void test_bad_utf8_is_refused(void **state)
{
    static const struct str bad[] = {STR_INIT("\xff"), STR_INIT("\xc3"), STR_INIT("\xc0\x80"),
                                     STR_INIT("\xed\xa0\x80"), STR_INIT("\xf4\x90\x80\x80")};
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct str found;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(nfc(arena, bad[i], &found), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_spelling),
        cmocka_unit_test(test_nothing_else_changes),
        cmocka_unit_test(test_bad_utf8_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
