/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/sync/filter.h"

#include "base/limits.h"
#include "base/unit.h"

static int open_arena(void **state)
{
    *state = arena_new(MIB(8));
    return 0;
}

static int close_arena(void **state)
{
    arena_free(*state);
    return 0;
}

static const struct json *read(struct arena *arena, struct str text)
{
    const struct json *doc = NULL;
    struct err err = ERR_INIT;
    if (json_parse(arena, text, &doc, &err) < 0)
        fail_msg("json_parse: %s", err.text);
    return doc;
}

static struct event_filter one(struct arena *arena, const char *text)
{
    struct event_filter filter;
    struct err err = ERR_INIT;
    if (event_filter_parse(read(arena, str_from(text)), &filter, &err) < 0)
        fail_msg("%s: %s", text, err.text);
    return filter;
}

static bool allows_type(struct arena *arena, const char *text, const char *type)
{
    struct event_filter filter = one(arena, text);
    return filter_allows(&filter, &(struct filter_subject){.type = str_from(type)});
}

static void test_lists(void **state)
{
    assert_true(allows_type(*state, "{}", "a"));
    assert_true(allows_type(*state, "{\"types\":null}", "a"));
    assert_false(allows_type(*state, "{\"types\":[]}", "a"));
    assert_true(allows_type(*state, "{\"types\":[\"b\",\"a\"]}", "a"));
    assert_false(allows_type(*state, "{\"types\":[\"b\"]}", "a"));
    assert_false(allows_type(*state, "{\"types\":[\"A\"]}", "a"));
    assert_true(allows_type(*state, "{\"not_types\":[]}", "a"));
    assert_false(allows_type(*state, "{\"not_types\":[\"a\"]}", "a"));
    assert_false(allows_type(*state, "{\"types\":[\"a\"],\"not_types\":[\"a\"]}", "a"));
}

static void test_stars(void **state)
{
    assert_true(allows_type(*state, "{\"types\":[\"m.room.*\"]}", "m.room.name"));
    assert_false(allows_type(*state, "{\"types\":[\"m.room.*\"]}", "m.rooms"));
    assert_false(allows_type(*state, "{\"not_types\":[\"*\"]}", "m.room.name"));
    assert_false(allows_type(*state, "{\"types\":[\"m.room.nam?\"]}", "m.room.name"));
}

static void test_rooms_and_senders(void **state)
{
    struct event_filter filter =
        one(*state,
            "{\"rooms\":[\"!r:x\"],\"not_senders\":[\"@b:x\"],\"senders\":[\"@a:x\",\"@b:x\"]}");
    struct filter_subject subject = {.sender = STR("@a:x"), .room_id = STR("!r:x")};
    assert_true(filter_allows(&filter, &subject));
    subject.sender = STR("@b:x");
    assert_false(filter_allows(&filter, &subject));
    subject = (struct filter_subject){.sender = STR("@a:x"), .room_id = STR("!s:x")};
    assert_false(filter_allows(&filter, &subject));
    subject.room_id = STR_NONE; /* not asked */
    assert_true(filter_allows(&filter, &subject));
}

static void test_contains_url(void **state)
{
    struct event_filter with = one(*state, "{\"contains_url\":true}");
    struct event_filter without = one(*state, "{\"contains_url\":false}");
    struct filter_subject url = {.content = read(*state, STR("{\"url\":\"mxc://x/y\"}"))};
    struct filter_subject number = {.content = read(*state, STR("{\"url\":7}"))};
    assert_true(filter_allows(&with, &url));
    assert_false(filter_allows(&without, &url));
    assert_false(filter_allows(&with, &number));
    assert_true(filter_allows(&without, &number));
}

static void test_limit(void **state)
{
    assert_int_equal(one(*state, "{}").limit, 0);
    assert_int_equal(one(*state, "{\"limit\":0}").limit, 1);
    assert_int_equal(one(*state, "{\"limit\":20}").limit, 20);
}

static void test_whole(void **state)
{
    struct filter filter;
    struct err err = ERR_INIT;
    const struct json *doc =
        read(*state, STR("{\"event_format\":\"federation\",\"room\":{\"rooms\":[\"!r:x\"],"
                         "\"not_rooms\":[\"!s:x\"],\"include_leave\":true,"
                         "\"timeline\":{\"limit\":3,\"lazy_load_members\":true}}}"));
    assert_int_equal(filter_parse(doc, &filter, &err), 0);
    assert_true(filter.federation && filter.include_leave && filter.timeline.lazy_load_members);
    assert_int_equal(filter.timeline.limit, 3);
    assert_true(filter_allows_room(&filter, STR("!r:x")));
    assert_false(filter_allows_room(&filter, STR("!s:x")));
    assert_false(filter_allows_room(&filter, STR("!t:x")));
}

static void test_refusals_are_the_clients_and_leave_the_result_alone(void **state)
{
    static const char *const bad[] = {
        "[]",
        "7",
        "{\"event_format\":\"xml\"}",
        "{\"room\":[]}",
        "{\"presence\":7}",
        "{\"presence\":{\"types\":\"a\"}}",
        "{\"presence\":{\"types\":[7]}}",
        "{\"presence\":{\"senders\":[\"a\"]}}",
        "{\"room\":{\"rooms\":[\"a\"]}}",
        "{\"room\":{\"state\":{\"limit\":-1}}}",
        "{\"room\":{\"state\":{\"limit\":\"1\"}}}",
        "{\"room\":{\"state\":{\"limit\":1.5}}}",
        "{\"room\":{\"timeline\":{\"lazy_load_members\":1}}}",
        "{\"room\":{\"include_leave\":\"yes\"}}",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct filter filter;
        struct err err = ERR_INIT;
        filter_init(&filter);
        filter.timeline.limit = 77;
        if (filter_parse(read(*state, str_from(bad[i])), &filter, &err) != -1)
            fail_msg("%s was taken", bad[i]);
        assert_int_equal(err.kind, ERR_KIND_CLIENT);
        assert_int_equal(err.status, 400);
        assert_int_equal(filter.timeline.limit, 77);
    }
}

static void test_entries_are_counted(void **state)
{
    CLEANUP(buf_done) struct buf text;
    struct event_filter filter;
    struct err err = ERR_INIT;
    buf_init(&text, MIB(1));
    buf_add(&text, STR("{\"types\":[\"a\""));
    for (int i = 1; i < LIMIT_FILTER_ENTRIES; i++)
        buf_add(&text, STR(",\"a\""));
    buf_add(&text, STR("]}"));
    assert_int_equal(event_filter_parse(read(*state, buf_str(&text)), &filter, &err), 0);
    buf_clear(&text);
    buf_add(&text, STR("{\"types\":[\"a\""));
    for (int i = 0; i < LIMIT_FILTER_ENTRIES; i++)
        buf_add(&text, STR(",\"a\""));
    buf_add(&text, STR("]}"));
    assert_int_equal(event_filter_parse(read(*state, buf_str(&text)), &filter, &err), -1);
    assert_string_equal(err.errcode, "M_INVALID_PARAM");
}

#define with_arena(f) cmocka_unit_test_setup_teardown(f, open_arena, close_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(test_lists),
        with_arena(test_stars),
        with_arena(test_rooms_and_senders),
        with_arena(test_contains_url),
        with_arena(test_limit),
        with_arena(test_whole),
        with_arena(test_refusals_are_the_clients_and_leave_the_result_alone),
        with_arena(test_entries_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
