/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/unit.h"

#include "net/query.h"
#include "net/router.h"

static const struct http_route routes[] = {
    {HTTP_GET, "/", 0, 0, NULL, 0},
    {HTTP_GET, "/a/b", 0, 0, NULL, 0},
    {HTTP_POST, "/a/b", 0, 0, NULL, 0},
    {HTTP_PUT, "/a/{x}", 0, 0, NULL, 0},
    {HTTP_GET, "/a/{x}/c/{y}", 0, 0, NULL, 0},
    {HTTP_GET, "/a/b/{z}/d", 0, 0, NULL, 0},
    {HTTP_GET, "/s/{type}/", 0, 0, NULL, 0},
    {HTTP_GET, "/s/{type}/{key}", 0, 0, NULL, 0},
    {HTTP_DELETE, "/files/{rest}", 0, HTTP_ROUTE_REST, NULL, 0},
};

static struct router *router;

static int setup(void **state)
{
    struct err err = ERR_INIT;
    (void)state;
    return router_new(routes, ARRAY_LEN(routes), &router, &err);
}

static int teardown(void **state)
{
    (void)state;
    router_free(router);
    return 0;
}

static void matches(enum http_method method, const char *path, int result, size_t index,
                    const char *first)
{
    struct router_match match;
    assert_int_equal(router_find(router, method, str_from(path), &match), result);
    if (result == 1)
        assert_ptr_equal(match.route, &routes[index]);
    if (first)
        assert_str(match.params[0], str_from(first));
}

static void literals_win_and_parameters_catch_the_rest(void **state)
{
    (void)state;
    matches(HTTP_GET, "/", 1, 0, NULL);
    matches(HTTP_GET, "/a/b", 1, 1, NULL);
    matches(HTTP_PUT, "/a/b", 1, 3, "b");
    matches(HTTP_GET, "/a/b/c/q", 1, 4, "b");
    matches(HTTP_GET, "/a/b/q/d", 1, 5, "q");
    matches(HTTP_HEAD, "/a/b", 1, 1, NULL);
    matches(HTTP_DELETE, "/files/x/y//z", 1, 8, "x/y//z");
}

static void slashes_count(void **state)
{
    (void)state;
    matches(HTTP_GET, "/s/t/", 1, 6, "t");
    matches(HTTP_GET, "/s/t/k", 1, 7, "t");
    matches(HTTP_GET, "/s/t", 0, 0, NULL);
    matches(HTTP_GET, "/a/b/", 0, 0, NULL);
    matches(HTTP_GET, "/a//b", 0, 0, NULL);
    matches(HTTP_GET, "//a/b", 0, 0, NULL);
    matches(HTTP_GET, "a/b", 0, 0, NULL);
    matches(HTTP_GET, "", 0, 0, NULL);
    matches(HTTP_PUT, "/a/", 0, 0, NULL);
    matches(HTTP_DELETE, "/files/", 0, 0, NULL);
}

static void a_known_path_tells_its_methods(void **state)
{
    struct router_match match;
    struct arena *arena = arena_new(1000);
    (void)state;
    assert_int_equal(router_find(router, HTTP_DELETE, STR("/a/b"), &match), -1);
    assert_str(router_allow(arena, match.allowed), STR("GET, HEAD, POST, PUT, OPTIONS"));
    assert_int_equal(router_find(router, HTTP_METHOD_OTHER, STR("/files/x"), &match), -1);
    assert_str(router_allow(arena, match.allowed), STR("DELETE, OPTIONS"));
    arena_free(arena);
}

static void long_paths_match_nothing_but_a_rest(void **state)
{
    char path[400];
    (void)state;
    for (size_t i = 0; i < sizeof path; i++)
        path[i] = i % 2 ? 'a' : '/';
    struct router_match match;
    assert_int_equal(router_find(router, HTTP_GET, str_make(path, sizeof path), &match), 0);
}

static void tables_that_cannot_be_are_refused(void **state)
{
    static const struct http_route twice[] = {{HTTP_GET, "/a/{x}", 0, 0, NULL, 0},
                                              {HTTP_GET, "/a/{y}", 0, 0, NULL, 0}};
    static const struct http_route relative[] = {{HTTP_GET, "a", 0, 0, NULL, 0}};
    struct router *none;
    struct err err = ERR_INIT;
    (void)state;
    assert_int_equal(router_new(twice, 2, &none, &err), -1);
    assert_int_equal(router_new(relative, 1, &none, &err), -1);
}

static void percent_encoding_is_decoded_once_or_refused(void **state)
{
    struct arena *arena = arena_new(10000);
    struct str text;
    (void)state;
    assert_int_equal(percent_decode(arena, STR("a%2525+b"), false, &text), 0);
    assert_str(text, STR("a%25+b"));
    assert_int_equal(percent_decode(arena, STR("%c3%A9%00+"), true, &text), 0);
    assert_str(text, STR("\xc3\xa9\0 "));
    assert_int_equal(percent_decode(arena, STR("%"), false, &text), -1);
    assert_int_equal(percent_decode(arena, STR("%4"), false, &text), -1);
    assert_int_equal(percent_decode(arena, STR("%4g"), false, &text), -1);
    assert_int_equal(percent_decode(arena, STR("%-1"), false, &text), -1);
    assert_int_equal(percent_decode(arena, STR("%c0%80"), false, &text), -1);
    assert_int_equal(percent_decode(arena, STR("\xff"), false, &text), -1);
    arena_free(arena);
}

static void queries_give_values_in_order(void **state)
{
    struct arena *arena = arena_new(10000);
    struct str query = STR("&a=1&b&a=2=3&&%61=%26&c=");
    (void)state;
    assert_int_equal(query_check(arena, query), 0);
    assert_str(query_find(arena, query, STR("a"), 0), STR("1"));
    assert_str(query_find(arena, query, STR("a"), 1), STR("2=3"));
    assert_str(query_find(arena, query, STR("a"), 2), STR("&"));
    assert_null(query_find(arena, query, STR("a"), 3).p);
    assert_non_null(query_find(arena, query, STR("b"), 0).p);
    assert_non_null(query_find(arena, query, STR("c"), 0).p);
    assert_null(query_find(arena, query, STR("d"), 0).p);
    assert_int_equal(query_check(arena, STR("a=%")), -1);
    assert_int_equal(query_check(arena, STR("%=a")), -1);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literals_win_and_parameters_catch_the_rest),
        cmocka_unit_test(slashes_count),
        cmocka_unit_test(a_known_path_tells_its_methods),
        cmocka_unit_test(long_paths_match_nothing_but_a_rest),
        cmocka_unit_test(tables_that_cannot_be_are_refused),
        cmocka_unit_test(percent_encoding_is_decoded_once_or_refused),
        cmocka_unit_test(queries_give_values_in_order),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
