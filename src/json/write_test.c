/* SPDX-License-Identifier: EUPL-1.2 */
#include "json/write.h"

#include "base/limits.h"
#include "base/unit.h"

static void test_everything(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf out;
    struct json_writer w;
    buf_init(&out, 1000);
    json_writer_init(&w, &out);
    json_write_object(&w);
    json_write_member_str(&w, STR("a"), STR("\"\\\n"));
    json_write_key(&w, STR("b"));
    json_write_array(&w);
    json_write_int(&w, -1);
    json_write_bool(&w, true);
    json_write_null(&w);
    json_write_object(&w);
    json_write_end(&w);
    json_write_array(&w);
    json_write_end(&w);
    json_write_end(&w);
    json_write_member_raw(&w, STR("c"), STR("{\"x\":1}"));
    json_write_member_int(&w, STR("d"), 2);
    json_write_member_bool(&w, STR("e"), false);
    json_write_end(&w);
    assert_str(buf_str(&out), STR("{\"a\":\"\\\"\\\\\\n\",\"b\":[-1,true,null,{},[]],"
                                  "\"c\":{\"x\":1},\"d\":2,\"e\":false}"));
}

static void test_escapes(void **state)
{
    char all[0x80];
    (void)state;
    CLEANUP(buf_done) struct buf out;
    buf_init(&out, 1000);
    for (int i = 0; i < 0x80; i++)
        all[i] = (char)i;
    json_escape(&out, str_make(all, 0x24));
    assert_str(buf_str(&out),
               STR("\"\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\b\\t\\n\\u000b\\f"
                   "\\r\\u000e\\u000f\\u0010\\u0011\\u0012\\u0013\\u0014\\u0015\\u0016\\u0017"
                   "\\u0018\\u0019\\u001a\\u001b\\u001c\\u001d\\u001e\\u001f !\\\"#\""));
    buf_clear(&out);
    json_escape(&out, str_make(all + 0x5A, 0x80 - 0x5A));
    assert_str(buf_str(&out), STR("\"Z[\\\\]^_`abcdefghijklmnopqrstuvwxyz{|}~\x7f\""));
    buf_clear(&out);
    json_escape(&out, STR("/\xc3\xa9\xf0\x9f\x98\x80\xe2\x80\xa8"));
    assert_str(buf_str(&out), STR("\"/\xc3\xa9\xf0\x9f\x98\x80\xe2\x80\xa8\""));
    buf_clear(&out);
    json_escape(&out, STR_NONE);
    assert_str(buf_str(&out), STR("\"\""));
}

static void test_full_is_told_at_the_end(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf out;
    struct json_writer w;
    buf_init(&out, 8);
    json_writer_init(&w, &out);
    json_write_object(&w);
    json_write_member_str(&w, STR("key"), STR("value"));
    json_write_end(&w);
    assert_true(buf_is_full(&out));
}

static int canonical_of(struct str text, struct buf *out, struct err *err)
{
    static const struct str without[] = {STR_INIT("signatures"), STR_INIT("unsigned")};
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    const struct json *doc;
    if (json_parse(arena, text, &doc, err) < 0)
        return -1;
    buf_clear(out);
    return json_canonical_without(doc, without, ARRAY_LEN(without), out, err);
}

static void test_canonical_without(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf out;
    struct err err = ERR_INIT;
    buf_init(&out, 1000);
    assert_int_equal(canonical_of(STR("{\"unsigned\":{},\"b\":{\"unsigned\":1.5e3}}"), &out, &err),
                     -1);
    assert_string_equal(err.errcode, "M_BAD_JSON");
    assert_int_equal(
        canonical_of(STR("{\"unsigned\":1.5,\"b\":{\"unsigned\":1},\"a\":2,\"signatures\":{}}"),
                     &out, &err),
        0);
    assert_str(buf_str(&out), STR("{\"a\":2,\"b\":{\"unsigned\":1}}"));
    assert_int_equal(canonical_of(STR("{\"unsigned\":1}"), &out, &err), 0);
    assert_str(buf_str(&out), STR("{}"));
    assert_int_equal(canonical_of(STR("[]"), &out, &err), -1);
    assert_string_equal(err.errcode, "M_BAD_JSON");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_full_is_told_at_the_end),
        cmocka_unit_test(test_canonical_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
