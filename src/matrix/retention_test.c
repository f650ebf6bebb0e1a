/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/retention.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/unit.h"

#define DAY (86400 * INT64_C(1000))

static int parse(const char *text, struct retention *ret, struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    const struct json *content;
    assert_int_equal(json_parse(arena, str_from(text), &content, err), 0);
    return retention_parse(content, ret, err);
}

static struct retention sound(const char *text)
{
    struct retention retention;
    struct err err = ERR_INIT;
    if (parse(text, &retention, &err) < 0)
        fail_msg("%s: %s", text, err.text);
    return retention;
}

static void absent_and_null_are_forever(void **state)
{
    static const char *const texts[] = {"{}", "{\"max_lifetime\":null,\"min_lifetime\":null}",
                                        "{\"expire_on_clients\":null,\"else\":\"\"}"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct retention retention = sound(texts[i]);
        assert_int_equal(retention.max_ms, RETENTION_FOREVER);
        assert_int_equal(retention.min_ms, 0);
        assert_false(retention.expire_on_clients);
    }
}

static void lifetimes_are_whole_numbers_of_milliseconds(void **state)
{
    struct retention retention =
        sound("{\"max_lifetime\":9007199254740991,\"min_lifetime\":1,\"expire_on_clients\":true}");
    (void)state;
    assert_int_equal(retention.max_ms, INT64_C(9007199254740991));
    assert_int_equal(retention.min_ms, 1);
    assert_true(retention.expire_on_clients);
    assert_int_equal(sound("{\"max_lifetime\":0}").max_ms, 0);
}

static void what_is_no_lifetime_is_refused(void **state)
{
    static const char *const texts[] = {
        "{\"max_lifetime\":-1}",
        "{\"max_lifetime\":1.5}",
        "{\"max_lifetime\":9007199254740992}",
        "{\"max_lifetime\":\"86400000\"}",
        "{\"max_lifetime\":true}",
        "{\"min_lifetime\":[]}",
        "{\"min_lifetime\":-5}",
        "{\"max_lifetime\":1,\"min_lifetime\":2}",
        "{\"expire_on_clients\":1}",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct retention retention;
        struct err err = ERR_INIT;
        if (parse(texts[i], &retention, &err) == 0)
            fail_msg("%s was taken", texts[i]);
        assert_int_equal(err.status, 400);
        assert_string_equal(err.errcode, "M_BAD_JSON");
    }
}

static void a_lifetime_is_what_the_room_says_within_the_bounds(void **state)
{
    const struct retention_bounds open = {RETENTION_FOREVER, 0, RETENTION_FOREVER};
    const struct retention_bounds bounds = {90 * DAY, DAY, 365 * DAY};
    struct retention week = {.max_ms = 7 * DAY}, hour = {.max_ms = DAY / 24},
                     forever = {.max_ms = RETENTION_FOREVER};
    (void)state;
    assert_int_equal(retention_lifetime(NULL, &open), RETENTION_FOREVER);
    assert_int_equal(retention_lifetime(&week, &open), 7 * DAY);
    assert_int_equal(retention_lifetime(&forever, &open), RETENTION_FOREVER);
    assert_int_equal(retention_lifetime(NULL, &bounds), 90 * DAY);
    assert_int_equal(retention_lifetime(&week, &bounds), 7 * DAY);
    assert_int_equal(retention_lifetime(&hour, &bounds), DAY);
    assert_int_equal(retention_lifetime(&forever, &bounds), 365 * DAY);
}

/* The bounds speak of what rooms ask for: the operator's own figure stands. */
static void the_default_is_not_bounded(void **state)
{
    const struct retention_bounds bounds = {RETENTION_FOREVER, DAY, 365 * DAY};
    (void)state;
    assert_int_equal(retention_lifetime(NULL, &bounds), RETENTION_FOREVER);
}

static void a_minimum_is_kept_as_far_as_the_bounds_allow(void **state)
{
    const struct retention_bounds bounds = {RETENTION_FOREVER, 2 * DAY, 30 * DAY};
    struct retention policy = {.max_ms = DAY, .min_ms = DAY};
    (void)state;
    assert_int_equal(retention_lifetime(&policy, &bounds), 2 * DAY);
    policy = (struct retention){.max_ms = 40 * DAY, .min_ms = 35 * DAY};
    assert_int_equal(retention_lifetime(&policy, &bounds), 30 * DAY);
    policy = (struct retention){.max_ms = 10 * DAY, .min_ms = 5 * DAY};
    assert_int_equal(retention_lifetime(&policy, &bounds), 10 * DAY);
}

static void what_has_expired_is_told_by_the_clock_alone(void **state)
{
    (void)state;
    assert_int_equal(retention_cutoff(DAY, 10 * DAY), 9 * DAY);
    assert_int_equal(retention_cutoff(0, 5), 5);
    assert_int_equal(retention_cutoff(RETENTION_FOREVER, 10 * DAY), INT64_MIN);
    assert_int_equal(retention_cutoff(RETENTION_FOREVER - 1, -10), INT64_MIN);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(absent_and_null_are_forever),
    cmocka_unit_test(lifetimes_are_whole_numbers_of_milliseconds),
    cmocka_unit_test(what_is_no_lifetime_is_refused),
    cmocka_unit_test(a_lifetime_is_what_the_room_says_within_the_bounds),
    cmocka_unit_test(the_default_is_not_bounded),
    cmocka_unit_test(a_minimum_is_kept_as_far_as_the_bounds_allow),
    cmocka_unit_test(what_has_expired_is_told_by_the_clock_alone),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
