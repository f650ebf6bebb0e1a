/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/fetch.h"

#include "base/limits.h"
#include "base/unit.h"

static bool listed(const char *hosts, const char *host)
{
    return host_is_listed(str_from(hosts), str_from(host));
}

static void test_which_hosts_are_listed(void **state)
{
    (void)state;
    assert_true(listed("a.example, B.example", "b.EXAMPLE"));
    assert_false(listed("a.example,b.example", "c.example"));
    assert_false(listed("a.example", "x.a.example"));
    assert_true(listed("*.a.example", "x.y.a.example"));
    assert_false(listed("*.a.example", "a.example"));
    assert_false(listed("*.a.example", "evila.example"));
    assert_false(listed("*.a.example", "a.example.evil"));
    assert_true(listed("x,*", "anything"));
    assert_false(listed("", "x"));
    assert_false(listed(",", ""));
}

/* Refused before anything is asked: none of these can be a page of a listed host. */
static void test_addresses_that_are_not_asked(void **state)
{
    static const char *const wrong[] = {
        "",
        "a.example",
        "ftp://a.example/",
        "file:///etc/passwd",
        "http://b.example/",
        "http://a.example:81/",
        "https://a.example:80/",
        "http://u@a.example/",
        "http://u:p@a.example/",
        "http://a.example@b.example/",
        "http://b.example/?http://a.example/",
        "http://a.example\\.b.example/",
        "http://a.exa mple/",
        "http://é.example/",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
        const struct fetch fetch = {
            .url = str_from(wrong[i]),
            .hosts = STR("a.example"),
            .accept = "Accept: text/html",
            .user_agent = "test",
            .total_ms = 0, /* what would be asked has no time for it */
            .answer_max = 100,
        };
        struct fetched fetched;
        struct err err = ERR_INIT;
        assert_int_equal(fetch_run(&fetch, arena, &fetched, &err), -1);
        if (err.status != 403)
            fail_msg("%s: %d", wrong[i], err.status);
    }
}

/* References of a page; what comes of them is judged when it is asked for. */
static void test_references(void **state)
{
    static const struct {
        const char *reference, *address; /* NULL: none */
    } cases[] = {
        {"/b.png", "https://a.example/b.png"},
        {"b.png?x=1", "https://a.example/dir/b.png?x=1"},
        {"../b.png", "https://a.example/b.png"},
        {"//c.example/b.png", "https://c.example/b.png"},
        {"http://c.example/b.png", "http://c.example/b.png"},
        {"", NULL},
        {"b png", NULL},
        {"\xc3\xa9.png", NULL},
    };
    struct arena *arena = arena_new(KIB(64));
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct str found =
            fetch_resolve(STR("https://a.example/dir/page"), str_from(cases[i].reference), arena);
        if (cases[i].address)
            assert_str(found, str_from(cases[i].address));
        else
            assert_null(found.p);
    }
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_which_hosts_are_listed),
        cmocka_unit_test(test_addresses_that_are_not_asked),
        cmocka_unit_test(test_references),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
