/* SPDX-License-Identifier: EUPL-1.2 */
#include "vectors/json_cases.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/unit.h"
#include "json/doc.h"

static void repeat(struct buf *out, size_t times, struct str text)
{
    for (size_t i = 0; i < times; i++)
        buf_add(out, text);
}

/* The text lies in a block of exactly its size, so that a sanitizer sees a read past its end. */
static void run_case(const struct json_case *test)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    CLEANUP(buf_done) struct buf made;
    const struct json *doc;
    struct err err = ERR_INIT;
    buf_init(&made, MIB(1));
    repeat(&made, test->head.times, test->head.text);
    buf_add(&made, test->body);
    repeat(&made, test->tail.times, test->tail.text);
    assert_false(buf_is_full(&made));
    char *exact = mem_copy(buf_str(&made).p, made.n);
    int result = json_parse(arena, str_make(exact, made.n), &doc, &err);
    mem_free(exact);
    if (test->verdict == VERDICT_ACCEPTED && result < 0)
        fail_msg("%s: refused: %s", test->name, err.text);
    if (test->verdict == VERDICT_REFUSED && result == 0)
        fail_msg("%s: accepted", test->name);
    if (result < 0) {
        assert_int_equal(err.status, 400);
        assert_string_equal(err.errcode, "M_NOT_JSON");
    }
}

static void run_kind(char kind, size_t least)
{
    size_t n = 0;
    for (size_t i = 0; i < json_cases_n; i++)
        if (json_cases[i].name[0] == kind) {
            run_case(&json_cases[i]);
            n++;
        }
    assert_true(n >= least);
}

static void test_JSON_01_accepted(void **state)
{
    (void)state;
    run_kind('y', 95);
}

static void test_JSON_01_refused(void **state)
{
    (void)state;
    run_kind('n', 188);
}

static void test_JSON_01_frozen(void **state)
{
    (void)state;
    run_kind('i', 35);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_JSON_01_accepted),
        cmocka_unit_test(test_JSON_01_refused),
        cmocka_unit_test(test_JSON_01_frozen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
