/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/sync/filter.h"

#include <string.h>

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
    if (event_filter_parse(arena, read(arena, str_from(text)), &filter, &err) < 0)
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
    assert_false(allows_type(*state, "{\"types\":[\"m.*.nam?\"]}", "m.room.name"));
    assert_true(allows_type(*state, "{\"types\":[\"x\",\"m.*.name\",\"a\"]}", "m.room.name"));
    assert_true(allows_type(*state, "{\"types\":[\"**o**o**\"]}", "m.room.name"));
    assert_false(allows_type(*state, "{\"types\":[\"*o*o*o*\"]}", "m.room.name"));
    assert_false(allows_type(*state, "{\"types\":[\"ab*ba\"]}", "aba"));
}

/* Only types have wildcards. */
static void test_stars_in_rooms_are_themselves(void **state)
{
    struct event_filter filter = one(*state, "{\"rooms\":[\"!*:x\"]}");
    struct filter_subject subject = {.room_id = STR("!r:x")};
    assert_false(filter_allows(&filter, &subject));
    subject.room_id = STR("!*:x");
    assert_true(filter_allows(&filter, &subject));
}

static bool slow_match(struct str pattern, struct str text)
{
    if (pattern.n == 0)
        return text.n == 0;
    if (pattern.p[0] == '*')
        return slow_match(str_skip(pattern, 1), text) ||
               (text.n && slow_match(pattern, str_skip(text, 1)));
    return text.n && pattern.p[0] == text.p[0] &&
           slow_match(str_skip(pattern, 1), str_skip(text, 1));
}

/* All patterns of up to five and texts of up to six of these letters. */
static struct str spell(char *ret, size_t max, const char *letters, size_t number)
{
    size_t n = 0, base = strlen(letters) + 1;
    for (; n < max && number % base; number /= base)
        ret[n++] = letters[number % base - 1];
    return str_make(ret, n);
}

static void test_stars_agree_with_the_slow_way(void **state)
{
    (void)state;
    for (size_t i = 0; i < 1024; i++) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
        const struct filter_list *list;
        struct err err = ERR_INIT;
        char p[5], t[6];
        struct json item = {.kind = JSON_STRING, .string = spell(p, sizeof p, "ab*", i)};
        struct json items = {.kind = JSON_ARRAY, .array = {&item, 1}};
        assert_int_equal(filter_list_make(arena, &items, true, "types", &list, &err), 0);
        for (size_t j = 0; j < 729; j++) {
            struct str text = spell(t, sizeof t, "ab", j);
            if (filter_list_has(list, text) != slow_match(item.string, text))
                fail_msg("'%.*s' and '%.*s'", STR_ARG(item.string), STR_ARG(text));
        }
    }
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
    assert_int_equal(filter_parse(*state, doc, &filter, &err), 0);
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
        if (filter_parse(*state, read(*state, str_from(bad[i])), &filter, &err) != -1)
            fail_msg("%s was taken", bad[i]);
        assert_int_equal(err.kind, ERR_KIND_CLIENT);
        assert_int_equal(err.status, 400);
        assert_int_equal(filter.timeline.limit, 77);
    }
}

/* A list of n entries, each written from its number. -1 with its err. */
static int parse_many(struct arena *arena, const char *entry, int n, struct err *err)
{
    CLEANUP(buf_done) struct buf text;
    struct event_filter filter;
    buf_init(&text, MIB(1));
    buf_add(&text, STR("{\"types\":[\"a\""));
    for (int i = 1; i < n; i++)
        buf_printf(&text, ",\"%d%s\"", i, entry);
    buf_add(&text, STR("]}"));
    return event_filter_parse(arena, read(arena, arena_str(arena, buf_str(&text))), &filter, err);
}

static void test_entries_are_counted(void **state)
{
    struct err err = ERR_INIT;
    assert_int_equal(parse_many(*state, "a", LIMIT_FILTER_ENTRIES, &err), 0);
    assert_int_equal(parse_many(*state, "a", LIMIT_FILTER_ENTRIES + 1, &err), -1);
    assert_string_equal(err.errcode, "M_INVALID_PARAM");
}

/* Plain entries are looked up; each with a star is tried, so that they are few. */
static void test_stars_are_counted(void **state)
{
    struct err err = ERR_INIT;
    assert_int_equal(parse_many(*state, "*", LIMIT_FILTER_STARS + 1, &err), 0);
    assert_int_equal(parse_many(*state, "*", LIMIT_FILTER_STARS + 2, &err), -1);
    assert_int_equal(err.status, 400);
    assert_string_equal(err.errcode, "M_INVALID_PARAM");
}

#define with_arena(f) cmocka_unit_test_setup_teardown(f, open_arena, close_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(test_lists),
        with_arena(test_stars),
        with_arena(test_stars_in_rooms_are_themselves),
        with_arena(test_stars_agree_with_the_slow_way),
        with_arena(test_rooms_and_senders),
        with_arena(test_contains_url),
        with_arena(test_limit),
        with_arena(test_whole),
        with_arena(test_refusals_are_the_clients_and_leave_the_result_alone),
        with_arena(test_entries_are_counted),
        with_arena(test_stars_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
