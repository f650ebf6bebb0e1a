/* SPDX-License-Identifier: EUPL-1.2 */
#include "json/write.h"

#include "base/limits.h"
#include "base/unit.h"

/* The specification's examples: appendices, "Canonical JSON". */
static const struct {
    struct str text, canonical; /* canonical.p NULL: refused */
} examples[] = {
    {STR_INIT("{}"), STR_INIT("{}")},
    {STR_INIT("{\n    \"one\": 1,\n    \"two\": \"Two\"\n}"),
     STR_INIT("{\"one\":1,\"two\":\"Two\"}")},
    {STR_INIT("{\n    \"b\": \"2\",\n    \"a\": \"1\"\n}"), STR_INIT("{\"a\":\"1\",\"b\":\"2\"}")},
    {STR_INIT("{\"b\":\"2\",\"a\":\"1\"}"), STR_INIT("{\"a\":\"1\",\"b\":\"2\"}")},
    {STR_INIT("{\"auth\": {\"success\": true, \"mxid\": \"@john.doe:example.com\", \"profile\": "
              "{\"display_name\": \"John Doe\", \"three_pids\": [{\"medium\": \"email\", "
              "\"address\": \"john.doe@example.org\"}, {\"medium\": \"msisdn\", \"address\": "
              "\"123456789\"}]}}}"),
     STR_INIT("{\"auth\":{\"mxid\":\"@john.doe:example.com\",\"profile\":{\"display_name\":"
              "\"John Doe\",\"three_pids\":[{\"address\":\"john.doe@example.org\",\"medium\":"
              "\"email\"},{\"address\":\"123456789\",\"medium\":\"msisdn\"}]},\"success\":true}}")},
    {STR_INIT("{\n    \"a\": \"日本語\"\n}"), STR_INIT("{\"a\":\"日本語\"}")},
    {STR_INIT("{\n    \"本\": 2,\n    \"日\": 1\n}"), STR_INIT("{\"日\":1,\"本\":2}")},
    {STR_INIT("{\n    \"a\": \"\\u65E5\"\n}"), STR_INIT("{\"a\":\"日\"}")},
    {STR_INIT("{\n    \"a\": null\n}"), STR_INIT("{\"a\":null}")},
    /* The specification's last example rewrites these as 0 and 10000000000. A signer that repairs
     * its input is one two servers disagree with, and room versions from 6 on refuse such
     * events: refused. */
    {STR_INIT("{\n    \"a\": -0,\n    \"b\": 1e10\n}"), {NULL, 0}},
    {STR_INIT("{\"a\": -0}"), {NULL, 0}},
    {STR_INIT("{\"a\": [1, {\"b\": 1.0}]}"), {NULL, 0}},
    /* Its grammar: the short escapes, the others in lower case, nothing else escaped. */
    {STR_INIT(
         "\"\\u0008\\u0009\\u000A\\u000C\\u000D\\u000B\\u001F\\u007f\\/\\u0022\\u005c\\u0000\""),
     STR_INIT("\"\\b\\t\\n\\f\\r\\u000b\\u001f\x7f/\\\"\\\\\\u0000\"")},
    /* Code points, not UTF-16: U+FFFD comes before U+1F600. */
    {STR_INIT("{\"\\uD83D\\uDE00\":1,\"\\uFFFD\":2}"),
     STR_INIT("{\"\xef\xbf\xbd\":2,\"\xf0\x9f\x98\x80\":1}")},
    {STR_INIT("{\"aa\":1,\"a\":2,\"\":3,\"B\":4,\"\\u0000\":5}"),
     STR_INIT("{\"\":3,\"\\u0000\":5,\"B\":4,\"a\":2,\"aa\":1}")},
    {STR_INIT("[ 9007199254740991 , -9007199254740991, 0 ]"),
     STR_INIT("[9007199254740991,-9007199254740991,0]")},
};

static void test_examples(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
        CLEANUP(buf_done) struct buf out;
        const struct json *doc;
        struct err err = ERR_INIT;
        buf_init(&out, 1000);
        assert_int_equal(json_parse(arena, examples[i].text, &doc, &err), 0);
        int result = json_canonical(doc, &out, &err);
        assert_int_equal(result, examples[i].canonical.p ? 0 : -1);
        if (result == 0)
            assert_str(buf_str(&out), examples[i].canonical);
        else
            assert_string_equal(err.errcode, "M_BAD_JSON");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_examples)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
