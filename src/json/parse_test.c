/* SPDX-License-Identifier: EUPL-1.2 */
#include "json/doc.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/unit.h"

static const struct json *parsed(struct arena *arena, struct str text)
{
    const struct json *doc = NULL;
    struct err err = ERR_INIT;
    if (json_parse(arena, text, &doc, &err) < 0)
        fail_msg("%.*s: %s", STR_ARG(text), err.text);
    return doc;
}

static void refused(struct str text, const char *expected)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    const struct json *doc = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(json_parse(arena, text, &doc, &err), -1);
    assert_null(doc);
    assert_int_equal(err.status, 400);
    assert_string_equal(err.errcode, "M_NOT_JSON");
    assert_string_equal(err.text, expected);
}

static void test_kinds(void **state)
{
    (void)state;
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    const struct json *doc = parsed(
        arena, STR(" { \"s\" : \"h\\u00e9\\n\" ,\"i\":-12, \"n\":1.50,\"t\":true,\"f\":false,"
                   "\"z\":null,\"a\":[1,[],{}]} "));
    int64_t integer;
    assert_true(json_is(doc, JSON_OBJECT));
    assert_int_equal(doc->object.n, 7);
    assert_str(json_find_str(doc, STR("s")), STR("h\xc3\xa9\n"));
    assert_str(json_find(doc, STR("s"))->raw, STR("\"h\\u00e9\\n\""));
    assert_true(json_as_int(json_find(doc, STR("i")), &integer));
    assert_int_equal(integer, -12);
    assert_true(json_is(json_find(doc, STR("n")), JSON_NUMBER));
    assert_str(json_find(doc, STR("n"))->raw, STR("1.50"));
    assert_true(json_as_bool(json_find(doc, STR("t")), false));
    assert_false(json_as_bool(json_find(doc, STR("f")), true));
    assert_true(json_is(json_find(doc, STR("z")), JSON_NULL));
    const struct json *array = json_find(doc, STR("a"));
    assert_int_equal(array->array.n, 3);
    assert_int_equal(array->array.items[1].array.n, 0);
    assert_str(array->raw, STR("[1,[],{}]"));
    assert_str(array->array.items[2].raw, STR("{}"));
}

static void test_forgiving_accessors(void **state)
{
    (void)state;
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    const struct json *doc = parsed(arena, STR("{\"a\":[]}"));
    int64_t integer = 7;
    assert_null(json_find(NULL, STR("a")));
    assert_null(json_find(doc, STR("b")));
    assert_null(json_find(json_find(doc, STR("a")), STR("a")));
    assert_null(json_as_str(NULL).p);
    assert_null(json_find_str(doc, STR("a")).p);
    assert_false(json_as_int(json_find(doc, STR("a")), &integer));
    assert_int_equal(integer, 7);
    assert_true(json_as_bool(NULL, true));
    assert_false(json_is(NULL, JSON_NULL));
}

static void test_strings_are_views_when_they_can(void **state)
{
    (void)state;
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct str text = STR("[\"plain \xc3\xa9\",\"\"]");
    const struct json *doc = parsed(arena, text);
    assert_ptr_equal(doc->array.items[0].string.p, text.p + 2);
    assert_int_equal(doc->array.items[1].string.n, 0);
    assert_non_null(doc->array.items[1].string.p);
}

static void test_escapes(void **state)
{
    (void)state;
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    const struct json *doc =
        parsed(arena, STR("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\",\"a\\u0000b\",\"\\uD83D\\ude00!\","
                          "\"\\u20ac\\u07FF\\u0800\\uFFFF\"]"));
    assert_str(doc->array.items[0].string, STR("\"\\/\b\f\n\r\t"));
    assert_str(doc->array.items[1].string, STR("a\0b"));
    assert_str(doc->array.items[2].string, STR("\xf0\x9f\x98\x80!"));
    assert_str(doc->array.items[3].string, STR("\xe2\x82\xac\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf"));
}

/* Each special byte at each place of the eight read at once. */
static void test_string_scan_at_every_offset(void **state)
{
    (void)state;
    for (size_t n = 1; n < 40; n++) {
        for (size_t at = 0; at < n; at++) {
            CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
            const struct json *doc;
            struct err err = ERR_INIT;
            char *text = mem_new(n + 3, 1); /* exact, so that a sanitizer sees an overrun */
            memset(text, 'x', n + 2);
            text[0] = text[n + 1] = '"';
            text[at + 1] = '\x1f';
            assert_int_equal(json_parse(arena, str_make(text, n + 2), &doc, &err), -1);
            text[at + 1] = '\x7f';
            assert_int_equal(json_parse(arena, str_make(text, n + 2), &doc, &err), 0);
            assert_int_equal(doc->string.n, n);
            text[at + 1] = '\x80';
            assert_int_equal(json_parse(arena, str_make(text, n + 2), &doc, &err), -1);
            text[at + 1] = '"';
            assert_int_equal(json_parse(arena, str_make(text, n + 2), &doc, &err), -1);
            mem_free(text);
        }
    }
}

static void test_integers(void **state)
{
    static const struct {
        struct str text;
        enum json_kind kind;
        int64_t integer;
    } cases[] = {
        {STR_INIT("0"), JSON_INT, 0},
        {STR_INIT("9007199254740991"), JSON_INT, 9007199254740991},
        {STR_INIT("-9007199254740991"), JSON_INT, -9007199254740991},
        {STR_INIT("9007199254740992"), JSON_NUMBER, 0},
        {STR_INIT("-9007199254740992"), JSON_NUMBER, 0},
        {STR_INIT("9223372036854775808"), JSON_NUMBER, 0},
        {STR_INIT("-0"), JSON_NUMBER, 0},
        {STR_INIT("1.0"), JSON_NUMBER, 0},
        {STR_INIT("1e3"), JSON_NUMBER, 0},
        {STR_INIT("1E+3"), JSON_NUMBER, 0},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
        const struct json *doc = parsed(arena, cases[i].text);
        assert_int_equal(doc->kind, cases[i].kind);
        assert_str(doc->raw, cases[i].text);
        if (doc->kind == JSON_INT)
            assert_int_equal(doc->integer, cases[i].integer);
    }
}

static void test_members_are_sorted(void **state)
{
    (void)state;
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(8));
    CLEANUP(buf_done) struct buf text;
    buf_init(&text, MIB(1));
    buf_add_byte(&text, '{');
    for (unsigned i = 0; i < 5000; i++) /* 7919 is prime: each number once, in no order */
        buf_printf(&text, "%s\"%05u\":%u", i ? "," : "", i * 7919 % 5000, i);
    buf_add_byte(&text, '}');
    const struct json *doc = parsed(arena, buf_str(&text));
    assert_int_equal(doc->object.n, 5000);
    for (size_t i = 1; i < doc->object.n; i++)
        assert_true(str_cmp(doc->object.members[i - 1].key, doc->object.members[i].key) < 0);
    assert_int_equal(json_find(doc, STR("02919"))->integer, 1);
}

/* The sort keeps equal names in their order, whichever way it went. */
static void test_the_second_of_two_is_named(void **state)
{
    (void)state;
    for (unsigned n = 2; n < 40; n++) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
        CLEANUP(buf_done) struct buf text;
        buf_init(&text, KIB(4));
        buf_add(&text, STR("{\"m\":1"));
        for (unsigned i = 0; i < n; i++)
            buf_printf(&text, ",\"%c%u\":1", i % 2 ? 'a' : 'z', i);
        buf_add(&text, STR(",\"m\":1"));
        size_t at = text.n - 1;
        buf_add(&text, STR(",\"b\":1}"));
        struct str expected =
            arena_printf(arena, "Not valid JSON: second member of the same name at byte %zu", at);
        refused(buf_str(&text), expected.p);
    }
}

static void test_bytes_order_not_utf16(void **state)
{
    (void)state;
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    const struct json *doc = parsed(arena, STR("{\"\xf0\x9f\x98\x80\":1,\"\xef\xbf\xbd\":2}"));
    assert_str(doc->object.members[0].key, STR("\xef\xbf\xbd"));
}

static void test_refusals_name_reason_and_place(void **state)
{
    (void)state;
    refused(STR(""), "Not valid JSON: expected a value at byte 0");
    refused(STR_NONE, "Not valid JSON: expected a value at byte 0");
    refused(STR("{} x"), "Not valid JSON: something after the value at byte 3");
    refused(STR("[1,]"), "Not valid JSON: expected a value at byte 3");
    refused(STR("[1 2]"), "Not valid JSON: expected ',' or ']' at byte 3");
    refused(STR("{\"a\":1,\"a\":2}"), "Not valid JSON: second member of the same name at byte 11");
    refused(STR("{\"a\":1,\"b\":{\"c\":0,\"\\u0063\":2}}"),
            "Not valid JSON: second member of the same name at byte 27");
    refused(STR("{a:1}"), "Not valid JSON: expected the name of a member at byte 1");
    refused(STR("{\"a\" 1}"), "Not valid JSON: expected ':' at byte 5");
    refused(STR("\"a"), "Not valid JSON: string without end at byte 2");
    refused(STR("\"\\x\""), "Not valid JSON: invalid escape in a string at byte 1");
    refused(STR("\"\\ud800\\u0041\""), "Not valid JSON: lone surrogate in a string at byte 1");
    refused(STR("\"\xed\xa0\x80\""), "Not valid JSON: malformed UTF-8 at byte 1");
    refused(STR("[01]"), "Not valid JSON: malformed number at byte 1");
    refused(STR("\xef\xbb\xbf{}"), "Not valid JSON: expected a value at byte 0");
}

static void test_depth(void **state)
{
    char text[2 * LIMIT_JSON_DEPTH + 2];
    (void)state;
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    memset(text, '[', LIMIT_JSON_DEPTH + 1);
    memset(text + LIMIT_JSON_DEPTH + 1, ']', LIMIT_JSON_DEPTH + 1);
    parsed(arena, str_make(text + 1, 2 * LIMIT_JSON_DEPTH));
    refused(str_make(text, sizeof text), "Not valid JSON: nested too deeply at byte 100");
}

static void test_budget(void **state)
{
    (void)state;
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(200);
    const struct json *doc = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(json_parse(arena, STR("[[1,2,3],[4,5,6],[7,8,9]]"), &doc, &err), -1);
    assert_null(doc);
    assert_int_equal(err.status, 413);
    assert_string_equal(err.errcode, "M_TOO_LARGE");
}

/* A flat document of many small items is given up when they cannot fit, and not at its end: the
 * fault that stands there is never reached. */
static void test_budget_of_a_flat_array(void **state)
{
    static char text[200001];
    (void)state;
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(64));
    const struct json *doc = NULL;
    struct err err = ERR_INIT;
    for (size_t i = 0; i < 200000; i += 2)
        memcpy(text + i, i ? "1," : "[ ", 2);
    text[200000] = '!';
    assert_int_equal(json_parse(arena, str_make(text, sizeof text), &doc, &err), -1);
    assert_string_equal(err.errcode, "M_TOO_LARGE");
}

static void test_eq(void **state)
{
    (void)state;
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    const struct json *a = parsed(arena, STR("{\"x\":[1,\"\\u0041\",null,1.0],\"y\":{}}"));
    assert_true(json_eq(a, parsed(arena, STR("{\"y\":{ },\"x\":[1,\"A\",null,1.0]}"))));
    assert_false(json_eq(a, parsed(arena, STR("{\"y\":{},\"x\":[1,\"A\",null,1]}"))));
    assert_false(json_eq(a, parsed(arena, STR("{\"y\":{},\"x\":[1,\"A\",null]}"))));
    assert_false(json_eq(a, parsed(arena, STR("{\"z\":{},\"x\":[1,\"A\",null,1.0]}"))));
    assert_false(json_eq(a, NULL));
    assert_true(json_eq(NULL, NULL));
    assert_false(json_eq(parsed(arena, STR("true")), parsed(arena, STR("false"))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_forgiving_accessors),
        cmocka_unit_test(test_strings_are_views_when_they_can),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_string_scan_at_every_offset),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_members_are_sorted),
        cmocka_unit_test(test_the_second_of_two_is_named),
        cmocka_unit_test(test_bytes_order_not_utf16),
        cmocka_unit_test(test_refusals_name_reason_and_place),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_budget),
        cmocka_unit_test(test_budget_of_a_flat_array),
        cmocka_unit_test(test_eq),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
