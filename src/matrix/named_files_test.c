/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/named_files.h"

#include "base/attr.h"
#include "base/unit.h"

static void ids_are_found_wherever_they_stand(void **state)
{
    struct str text = STR("{\"a\":\"mxc://x.org/one\",\"b\":[\"see mxc://x.org/T_w-o?\","
                          "\"mxc://y.org/other\"],\"mxc://x.org/3\":1}");
    (void)state;
    assert_str(named_files_next(&text, STR("x.org")), STR("one"));
    assert_str(named_files_next(&text, STR("x.org")), STR("T_w-o"));
    assert_str(named_files_next(&text, STR("x.org")), STR("3"));
    assert_str(named_files_next(&text, STR("x.org")), STR(""));
    assert_int_equal(text.n, 0);
}

static void what_is_of_no_file_of_the_server_is_passed_over(void **state)
{
    static const struct str texts[] = {
        STR_INIT(""),
        STR_INIT("mxc:/"),
        STR_INIT("mxc://"),
        STR_INIT("mxc://x.or"),
        STR_INIT("mxc://x.org"),
        STR_INIT("mxc://x.org/"),
        STR_INIT("mxc://x.org/é"),
        STR_INIT("mxc://x.orgs/a"),
        STR_INIT("mxc://sub.x.org/a"),
        STR_INIT("mxc://X.org/a"),
        STR_INIT("mxc://x.org:8448/a"),
        STR_INIT("mxc:\\/\\/x.org\\/a"),
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct str text = texts[i];
        if (named_files_next(&text, STR("x.org")).n)
            fail_msg("%.*s names a file", STR_ARG(texts[i]));
    }
}

static void one_begins_where_another_broke_off(void **state)
{
    struct str text = STR("mxc://x.ormxc://x.org/mxc://x.org/a");
    (void)state;
    assert_str(named_files_next(&text, STR("x.org")), STR("mxc"));
    assert_str(named_files_next(&text, STR("x.org")), STR("a"));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(ids_are_found_wherever_they_stand),
    cmocka_unit_test(what_is_of_no_file_of_the_server_is_passed_over),
    cmocka_unit_test(one_begins_where_another_broke_off),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
