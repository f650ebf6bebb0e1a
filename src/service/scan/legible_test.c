/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/scan/legible.h"

#include "base/limits.h"
#include "base/unit.h"

/* In pieces of that size, what is thought of it at the end. */
static bool is_legible(struct str content, size_t piece)
{
    struct legible legible = {0};
    for (size_t at = 0; at < content.n; at += piece)
        legible_add(&legible, str_first(str_skip(content, at), piece));
    bool good = legible_end(&legible);
    assert_false(good && legible_is_lost(&legible));
    return good;
}

static void assert_all(struct str content, bool wanted)
{
    for (size_t piece = content.n; piece > 0; piece--)
        if (is_legible(content, piece) != wanted)
            fail_msg("%.*s: wrong in pieces of %zu", STR_ARG(content), piece);
}

/* A character may be cut anywhere between two pieces. */
static void test_text(void **state)
{
    (void)state;
    assert_true(is_legible(STR(""), 1));
    assert_all(STR("Bonjour"), true);
    assert_all(STR("l\xc3\xa9gal\n\t\xe2\x82\xac \xf0\x9f\x98\x80\r\n"), true);
    assert_all(STR("\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xe2\x82\xac\xc3\xa9"), true);
}

static void test_what_is_no_text(void **state)
{
    (void)state;
    assert_all(STR("a NUL \0 in it"), false);
    assert_all(STR("a bell \x07 in it"), false);
    assert_all(STR("Latin-1: l\xe9gal"), false);
    assert_all(STR("cut at the end \xe2\x82"), false);
    assert_all(STR("cut at the end \xf0"), false);
    assert_all(STR("\x80 begins nothing"), false);
    assert_all(STR("overlong \xc0\xaf"), false);
    assert_all(STR("a surrogate \xed\xa0\x80 in it"), false);
    assert_all(STR("text, and then \xff\xfe\xfd\xfc"), false);
}

/* What begins like a format is taken for it, whatever follows. */
static void test_known_formats(void **state)
{
    struct str png = STR("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff\xff");
    struct str zip = STR("PK\x03\x04\x14\0\0\0\x08\0\xff\xff\xff\xff");
    (void)state;
    for (size_t piece = 16; piece <= 24; piece++)
        assert_true(is_legible(png, piece));
    assert_true(is_legible(zip, 64));
    assert_true(is_legible(STR("%PDF-1.7\n\xff\xff\xff"), 64));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_what_is_no_text),
        cmocka_unit_test(test_known_formats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
