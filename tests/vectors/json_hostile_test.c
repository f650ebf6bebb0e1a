/* SPDX-License-Identifier: EUPL-1.2 */
#include <pthread.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/unit.h"
#include "json/decode.h"
#include "json/write.h"

/* The lines of the list of hostile input that concern the reader, by their number. */

static int parse(struct arena *arena, struct str text, const struct json **ret_doc)
{
    struct err err = ERR_INIT;
    int result = json_parse(arena, text, ret_doc, &err);
    if (result < 0) {
        assert_int_equal(err.status, 400);
        assert_string_equal(err.errcode, "M_NOT_JSON");
    }
    return result;
}

static bool is_refused(struct str text)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(16));
    const struct json *doc;
    return parse(arena, text, &doc) < 0;
}

static bool has_canonical_form(struct str text)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    CLEANUP(buf_done) struct buf out;
    const struct json *doc;
    struct err err = ERR_INIT;
    buf_init(&out, MIB(1));
    assert_int_equal(parse(arena, text, &doc), 0);
    int result = json_canonical(doc, &out, &err);
    if (result < 0)
        assert_string_equal(err.errcode, "M_BAD_JSON");
    return result == 0;
}

static void *parse_deep(void *data)
{
    static const struct str openers[] = {STR_INIT("["), STR_INIT("{\"a\":")};
    CLEANUP(buf_done) struct buf text;
    bool *all_refused = data;
    buf_init(&text, MIB(1));
    *all_refused = true;
    for (size_t i = 0; i < ARRAY_LEN(openers); i++) {
        buf_clear(&text);
        for (size_t n = 0; n < 100000; n++)
            buf_add(&text, openers[i]);
        *all_refused = *all_refused && is_refused(buf_str(&text));
    }
    return NULL;
}

/* On a stack of 256 KiB, whatever the depth of the text. */
static void test_JSON_02_depth(void **state)
{
    pthread_attr_t small;
    pthread_t thread;
    bool all_refused = false;
    (void)state;
    assert_int_equal(pthread_attr_init(&small), 0);
    assert_int_equal(pthread_attr_setstacksize(&small, KIB(256)), 0);
    assert_int_equal(pthread_create(&thread, &small, parse_deep, &all_refused), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    pthread_attr_destroy(&small);
    assert_true(all_refused);
}

static void test_JSON_03_numbers_of_events(void **state)
{
    (void)state;
    assert_true(is_refused(STR("{\"a\":NaN}")));
    assert_true(is_refused(STR("{\"a\":Infinity}")));
    assert_true(is_refused(STR("{\"a\":-Infinity}")));
    assert_false(has_canonical_form(STR("{\"a\":1e400}")));
    assert_false(has_canonical_form(STR("{\"a\":1.0}")));
    assert_false(has_canonical_form(STR("{\"a\":1.1}")));
    assert_false(has_canonical_form(STR("{\"a\":-0}")));
    assert_false(has_canonical_form(STR("{\"a\":1e3}")));
    assert_true(has_canonical_form(STR("{\"a\":0}")));
}

static void test_JSON_04_large_integers(void **state)
{
    char digits[100];
    (void)state;
    memset(digits, '9', sizeof digits);
    assert_false(has_canonical_form(STR("9007199254740992")));
    assert_false(has_canonical_form(STR("-9007199254740992")));
    assert_false(has_canonical_form(STR("9223372036854775807")));
    assert_false(has_canonical_form(STR("9223372036854775808")));
    assert_false(has_canonical_form(STR("18446744073709551616")));
    assert_false(has_canonical_form(str_make(digits, sizeof digits)));
    assert_true(has_canonical_form(STR("9007199254740991")));
    assert_true(has_canonical_form(STR("-9007199254740991")));
}

static void test_JSON_06_duplicate_keys(void **state)
{
    (void)state;
    assert_true(is_refused(STR("{\"a\":1,\"a\":1}")));
    assert_true(is_refused(STR("{\"a\":1,\"b\":2,\"c\":3,\"\\u0061\":4}")));
    assert_true(is_refused(STR("[[{\"x\":{\"y\":[{\"k\":1,\"k\":2}]}}]]")));
    assert_true(is_refused(STR("{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}")));
    assert_false(is_refused(STR("{\"e\xcc\x81\":1,\"\xc3\xa9\":2}"))); /* bytes, not letters */
}

static void test_JSON_07_text_encoding(void **state)
{
    static const struct str refused[] = {
        STR_INIT("\"\xff\""),
        STR_INIT("\"\xc0\xaf\""),
        STR_INIT("\"\xed\xa0\x80\""),
        STR_INIT("\"\xe0\x80\xaf\""),
        STR_INIT("\"\xf4\x90\x80\x80\""),
        STR_INIT("\"\xc3\""),
        STR_INIT("\"\\ud800\""),
        STR_INIT("\"\\udc00\\ud800\""),
        STR_INIT("\xef\xbb\xbf\"a\""),
        STR_INIT("{\"\\udc00\":1}"),
        STR_INIT("\"\x80\""),
        STR_INIT("\"\xf8\x88\x80\x80\x80\""),
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        assert_true(is_refused(refused[i]));
    assert_false(is_refused(STR("\"\xef\xbf\xbe\xef\xb7\x90\""))); /* non-characters are data */
}

static void test_JSON_08_nul_is_data(void **state)
{
    struct str text = STR("{\"displayname\":\"a\\u0000b\",\"k\\u0000\":1}");
    (void)state;
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    CLEANUP(buf_done) struct buf out;
    const struct json *doc;
    struct err err = ERR_INIT;
    buf_init(&out, MIB(1));
    assert_int_equal(parse(arena, text, &doc), 0);
    assert_str(json_find_str(doc, STR("displayname")), STR("a\0b"));
    assert_null(json_find(doc, STR("k")));
    assert_non_null(json_find(doc, STR("k\0")));
    assert_int_equal(json_canonical(doc, &out, &err), 0);
    assert_str(buf_str(&out), text);
}

/* No clock here: what is bounded is memory, and the sort's n log n by its own shape. */
static void test_JSON_11_many_keys(void **state)
{
    (void)state;
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(64));
    CLEANUP(buf_done) struct buf text;
    const struct json *doc;
    buf_init(&text, MIB(4));
    buf_add_byte(&text, '{');
    for (uint32_t i = 0; i < 100000; i++)
        buf_printf(&text, "%s\"%08x\":1", i ? "," : "", i * UINT32_C(2654435761));
    buf_add_byte(&text, '}');
    assert_int_equal(parse(arena, buf_str(&text), &doc), 0);
    assert_int_equal(doc->object.n, 100000);
    assert_true(arena_used(arena) < 8 * text.n);
    for (uint32_t i = 0; i < 100000; i += 997) {
        CLEANUP(buf_done) struct buf key;
        buf_init(&key, 8);
        buf_printf(&key, "%08x", i * UINT32_C(2654435761));
        assert_non_null(json_find(doc, buf_str(&key)));
    }
}

static void test_JSON_11_long_key(void **state)
{
    (void)state;
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    CLEANUP(buf_done) struct buf text;
    const struct json *doc;
    buf_init(&text, MIB(2));
    buf_add(&text, STR("{\""));
    for (size_t i = 0; i < MIB(1); i++)
        buf_add_byte(&text, 'k');
    buf_add(&text, STR("\":1}"));
    assert_int_equal(parse(arena, buf_str(&text), &doc), 0);
    assert_int_equal(doc->object.members[0].key.n, MIB(1));
    assert_true(arena_used(arena) < KIB(1)); /* a view, no copy */
}

static void test_JSON_12_wrong_types(void **state)
{
    static const struct str values[] = {
        STR_INIT("null"), STR_INIT("true"), STR_INIT("1"),  STR_INIT("1.5"),
        STR_INIT("\"\""), STR_INIT("[]"),   STR_INIT("{}"),
    };
    static const bool fits[][7] = {
        [JSON_WANT_STR] = {[4] = true},
        [JSON_WANT_INT] = {[2] = true},
        [JSON_WANT_BOOL] = {[1] = true},
        [JSON_WANT_OBJECT] = {[6] = true},
        [JSON_WANT_ARRAY] = {[5] = true},
        [JSON_WANT_ANY] = {true, true, true, true, true, true, true},
    };
    (void)state;
    for (enum json_want want = JSON_WANT_STR; want <= JSON_WANT_ANY; want++) {
        for (size_t i = 0; i < ARRAY_LEN(values); i++) {
            CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
            struct json_field field = {.name = "x", .want = want};
            union {
                struct str text;
                int64_t integer;
                bool boolean;
                const struct json *value;
            } ret;
            struct str text = arena_printf(arena, "{\"x\":%.*s}", STR_ARG(values[i]));
            const struct json *doc;
            struct err err = ERR_INIT;
            assert_int_equal(parse(arena, text, &doc), 0);
            assert_int_equal(json_decode(doc, &field, 1, &ret, &err), fits[want][i] ? 0 : -1);
            if (!fits[want][i])
                assert_string_equal(err.errcode, "M_BAD_JSON");
        }
    }
}

static void test_JSON_13_no_object(void **state)
{
    static const struct str refused[] = {
        STR_INIT(""),       STR_INIT(" "),     STR_INIT("{}{}"),  STR_INIT("{\"a\":1,}"),
        STR_INIT("{/**/}"), STR_INIT("{} //"), STR_INIT("{}\n[]")};
    static const struct str not_objects[] = {STR_INIT("[]"), STR_INIT("\"x\""), STR_INIT("null")};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        assert_true(is_refused(refused[i]));
    for (size_t i = 0; i < ARRAY_LEN(not_objects); i++) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
        const struct json *doc;
        struct err err = ERR_INIT;
        assert_int_equal(parse(arena, not_objects[i], &doc), 0);
        assert_int_equal(json_decode(doc, NULL, 0, NULL, &err), -1);
        assert_int_equal(err.status, 400);
        assert_string_equal(err.errcode, "M_BAD_JSON");
    }
}

static void test_JSON_15_names_of_other_languages(void **state)
{
    (void)state;
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    const struct json *doc;
    assert_int_equal(
        parse(arena, STR("{\"__proto__\":{\"a\":1},\"constructor\":\"c\",\"toString\":2}"), &doc),
        0);
    assert_int_equal(doc->object.n, 3);
    assert_str(json_find_str(doc, STR("constructor")), STR("c"));
    assert_null(json_find(doc, STR("a")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_JSON_02_depth),
        cmocka_unit_test(test_JSON_03_numbers_of_events),
        cmocka_unit_test(test_JSON_04_large_integers),
        cmocka_unit_test(test_JSON_06_duplicate_keys),
        cmocka_unit_test(test_JSON_07_text_encoding),
        cmocka_unit_test(test_JSON_08_nul_is_data),
        cmocka_unit_test(test_JSON_11_many_keys),
        cmocka_unit_test(test_JSON_11_long_key),
        cmocka_unit_test(test_JSON_12_wrong_types),
        cmocka_unit_test(test_JSON_13_no_object),
        cmocka_unit_test(test_JSON_15_names_of_other_languages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
