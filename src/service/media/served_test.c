/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/media/served.h"

#include "base/limits.h"
#include "base/unit.h"
#include "service/media/range.h"

static struct arena *arena;

static void assert_served(struct str declared, struct str head, struct str type, bool is_inline)
{
    struct served served = served_as(arena, declared, STR_NONE, head);
    assert_str(served.type, type);
    assert_str(served.disposition, is_inline ? STR("inline") : STR("attachment"));
    assert_int_equal(served.is_inline, is_inline);
}

static void types_are_those_of_the_grammar(void **state)
{
    const struct str octets = STR("application/octet-stream");
    (void)state;
    assert_served(STR("Text/PLAIN ; Charset=\"utf-8\""), STR("a"),
                  STR("text/plain; Charset=\"utf-8\""), true);
    assert_served(STR("text/html"), STR("a"), STR("text/html"), false);
    assert_served(STR("image/SVG+xml"), STR("<svg"), STR("image/svg+xml"), false);
    assert_served(STR_NONE, STR("a"), octets, false);
    assert_served(STR("text"), STR("a"), octets, false);
    assert_served(STR("text/plain;"), STR("a"), octets, false);
    assert_served(STR("text/plain; charset"), STR("a"), octets, false);
    assert_served(STR("text/plain; a=\"b\\\"\""), STR("a"), octets, false);
    assert_served(STR("text/pl\xc3\xa9in"), STR("a"), octets, false);
    assert_served(STR("text/plain, text/html"), STR("a"), octets, false);
}

static void a_content_belies_its_type(void **state)
{
    const struct str octets = STR("application/octet-stream");
    const struct str png = STR("\x89PNG\r\n\x1a\n\0\0\0\r");
    (void)state;
    assert_served(STR("image/png"), png, STR("image/png"), true);
    assert_served(STR("image/gif"), png, STR("image/png"), true);
    assert_served(STR("image/png"), STR("RIFF\1\2\3\4WEBPVP8 "), STR("image/webp"), true);
    assert_served(STR("image/png"), STR("RIFF\1\2\3\4WAVEfmt "), octets, false);
    assert_served(STR("image/png"), STR("\x89PNG\r\n\x1a"), octets, false);
    assert_served(STR("image/png"), STR(""), octets, false);
    assert_served(STR("text/plain"), png, octets, false);
    assert_served(STR("text/plain"), STR("%PDF-1.7 is how they begin"), STR("text/plain"), true);
    assert_served(STR("audio/ogg"), STR("\0\0\0 ftypisom"), STR("audio/ogg"), true);
    assert_served(STR("audio/ogg"), STR("PK\3\4"), octets, false);
    assert_served(STR("application/octet-stream"), png, octets, false);
    assert_null(served_sniff(STR("\x12\x34\x56\x78 anything")).p);
}

static void names_can_be_shown_and_saved_under(void **state)
{
    static const struct {
        const char *name, *header;
    } cases[] = {
        {"a.txt", "attachment; filename=\"a.txt\""},
        {"a b;c'd.txt", "attachment; filename=\"a b;c'd.txt\""},
        {"../..\\a", "attachment; filename=\".._.._a\""},
        {"\xe2\x80\xae"
         "fdp.exe",
         "attachment; filename=\"_fdp.exe\""},
        {"\xc3\xa9", "attachment; filename*=utf-8''%C3%A9"},
        {"\xf0\x9f\x98\x80", "attachment; filename*=utf-8''%F0%9F%98%80"},
        {"\"", "attachment; filename*=utf-8''%22"},
        {"\xff", "attachment"}, /* no UTF-8 */
        {"", "attachment"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct served served = served_as(arena, STR_NONE, str_from(cases[i].name), STR("x"));
        assert_str(served.disposition, str_from(cases[i].header));
    }
}

static void one_range_or_none(void **state)
{
    static const struct {
        const char *field;
        int result;
        int64_t offset, length;
    } cases[] = {
        {"bytes=0-9", 1, 0, 10},
        {"bytes=3-", 1, 3, 7},
        {"bytes=-4", 1, 6, 4},
        {"bytes=-11", 1, 0, 10},
        {"bytes=9-99", 1, 9, 1},
        {"bytes = 1-1", 1, 1, 1},
        {"bytes=10-", -1, 0, 0},
        {"bytes=2-1", -1, 0, 0},
        {"bytes=-0", -1, 0, 0},
        {"bytes=0-1,3-4", -1, 0, 0},
        {"bytes=", -1, 0, 0},
        {"bytes=-", -1, 0, 0},
        {"bytes=+1-2", -1, 0, 0},
        {"bytes=1 - 2", -1, 0, 0},
        {"lines=0-1", 0, 0, 0},
        {"bytes", 0, 0, 0},
        {"bytes=9223372036854775808-", -1, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct range range = {0, 0};
        assert_int_equal(range_parse(str_from(cases[i].field), 10, &range), cases[i].result);
        assert_int_equal(range.offset, cases[i].offset);
        assert_int_equal(range.length, cases[i].length);
    }
    struct range range;
    assert_int_equal(range_parse(STR_NONE, 10, &range), 0);
    assert_int_equal(range_parse(STR("bytes=0-"), 0, &range), -1);
    assert_int_equal(range_parse(STR("bytes=-1"), 0, &range), -1);
}

static int begin(void **state)
{
    (void)state;
    arena = arena_new(MIB(1));
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_are_those_of_the_grammar),
        cmocka_unit_test(a_content_belies_its_type),
        cmocka_unit_test(names_can_be_shown_and_saved_under),
        cmocka_unit_test(one_range_or_none),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
