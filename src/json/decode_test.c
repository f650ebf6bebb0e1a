/* SPDX-License-Identifier: EUPL-1.2 */
#include "json/decode.h"

#include "base/limits.h"
#include "base/unit.h"

struct body {
    struct str name;
    int64_t timeout;
    bool refresh;
    const struct json *identifier;
    const struct json *list;
    const struct json *any;
    struct str renamed;
};

static const struct json_field fields[] = {
    JSON_FIELD(struct body, name, JSON_WANT_STR, JSON_REQUIRED, 5),
    JSON_FIELD(struct body, timeout, JSON_WANT_INT, JSON_NULL_OK, 0),
    JSON_FIELD(struct body, refresh, JSON_WANT_BOOL, 0, 0),
    JSON_FIELD(struct body, identifier, JSON_WANT_OBJECT, JSON_NULL_OK, 1),
    JSON_FIELD(struct body, list, JSON_WANT_ARRAY, 0, 2),
    JSON_FIELD(struct body, any, JSON_WANT_ANY, 0, 0),
    JSON_FIELD_NAMED("org.example.x", struct body, renamed, JSON_WANT_STR, 0, 0),
};

static int decode(struct arena *arena, struct str text, struct body *ret_body, struct err *err)
{
    const struct json *doc;
    if (json_parse(arena, text, &doc, err) < 0)
        fail_msg("%s", err->text);
    return json_decode(doc, fields, ARRAY_LEN(fields), ret_body, err);
}

static void test_all_kinds(void **state)
{
    (void)state;
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct body body = {0};
    struct err err = ERR_INIT;
    assert_int_equal(decode(arena,
                            STR("{\"name\":\"abcde\",\"timeout\":-5,\"refresh\":true,"
                                "\"identifier\":{\"a\":1},\"list\":[1,2],\"any\":null,"
                                "\"org.example.x\":\"y\",\"unknown\":1.5}"),
                            &body, &err),
                     0);
    assert_str(body.name, STR("abcde"));
    assert_int_equal(body.timeout, -5);
    assert_true(body.refresh);
    assert_int_equal(body.identifier->object.n, 1);
    assert_int_equal(body.list->array.n, 2);
    assert_true(json_is(body.any, JSON_NULL));
    assert_str(body.renamed, STR("y"));
}

static void test_absent_and_null_leave_defaults(void **state)
{
    (void)state;
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct body body = {.timeout = 30000, .refresh = true};
    struct err err = ERR_INIT;
    assert_int_equal(
        decode(arena, STR("{\"name\":\"\",\"timeout\":null,\"identifier\":null}"), &body, &err), 0);
    assert_int_equal(body.timeout, 30000);
    assert_true(body.refresh);
    assert_null(body.identifier);
    assert_null(body.any);
    assert_int_equal(body.name.n, 0);
    assert_non_null(body.name.p);
}

static void test_refusals(void **state)
{
    static const struct {
        struct str text;
        const char *errcode, *message;
    } cases[] = {
        {STR_INIT("[]"), "M_BAD_JSON", "The body must be a JSON object"},
        {STR_INIT("null"), "M_BAD_JSON", "The body must be a JSON object"},
        {STR_INIT("{}"), "M_MISSING_PARAM", "'name' is required"},
        {STR_INIT("{\"name\":null}"), "M_BAD_JSON", "'name' must be a string"},
        {STR_INIT("{\"name\":1}"), "M_BAD_JSON", "'name' must be a string"},
        {STR_INIT("{\"name\":\"abcdef\"}"), "M_INVALID_PARAM", "'name' has more than 5 bytes"},
        {STR_INIT("{\"name\":\"a\",\"timeout\":\"5\"}"), "M_BAD_JSON",
         "'timeout' must be an integer between -(2^53)+1 and 2^53-1"},
        {STR_INIT("{\"name\":\"a\",\"timeout\":5.0}"), "M_BAD_JSON",
         "'timeout' must be an integer between -(2^53)+1 and 2^53-1"},
        {STR_INIT("{\"name\":\"a\",\"timeout\":9007199254740992}"), "M_BAD_JSON",
         "'timeout' must be an integer between -(2^53)+1 and 2^53-1"},
        {STR_INIT("{\"name\":\"a\",\"refresh\":null}"), "M_BAD_JSON",
         "'refresh' must be a boolean"},
        {STR_INIT("{\"name\":\"a\",\"identifier\":[]}"), "M_BAD_JSON",
         "'identifier' must be an object"},
        {STR_INIT("{\"name\":\"a\",\"identifier\":{\"a\":1,\"b\":2}}"), "M_INVALID_PARAM",
         "'identifier' has more than 1 members"},
        {STR_INIT("{\"name\":\"a\",\"list\":{}}"), "M_BAD_JSON", "'list' must be an array"},
        {STR_INIT("{\"name\":\"a\",\"list\":[1,2,3]}"), "M_INVALID_PARAM",
         "'list' has more than 2 items"},
        {STR_INIT("{\"name\":\"a\",\"org.example.x\":{}}"), "M_BAD_JSON",
         "'org.example.x' must be a string"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
        struct body body = {0};
        struct err err = ERR_INIT;
        assert_int_equal(decode(arena, cases[i].text, &body, &err), -1);
        assert_int_equal(err.status, 400);
        assert_string_equal(err.errcode, cases[i].errcode);
        assert_string_equal(err.text, cases[i].message);
        assert_null(body.name.p); /* untouched on failure */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_kinds),
        cmocka_unit_test(test_absent_and_null_leave_defaults),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
