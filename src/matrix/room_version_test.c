/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/room_version.h"

#include "base/unit.h"

static void finds_supported_versions_only(void **state)
{
    (void)state;
    const struct str unknown[] = {STR("1"), STR("2"), STR("13"), STR("012"), STR(""), STR("12\0")};
    for (size_t i = 0; i < ARRAY_LEN(unknown); i++)
        assert_null(room_version_find(unknown[i]));
    size_t n;
    const struct room_version *list = room_version_list(&n);
    assert_int_equal(n, 10);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(list[i].number, 3 + (int)i);
        assert_ptr_equal(room_version_find(list[i].name), &list[i]);
        assert_true(room_version_name_is_valid(list[i].name));
    }
    assert_str(room_version_default()->name, STR("12"));
}

/* A feature is never lost by a later version, but for the rule of m.room.aliases. */
static void features_only_grow(void **state)
{
    size_t n;
    const struct room_version *v = room_version_list(&n);
    (void)state;
    for (size_t i = 1; i < n; i++) {
        const struct room_version *a = &v[i - 1], *b = &v[i];
        assert_true(b->redaction >= a->redaction);
        assert_true(b->state_resolution >= a->state_resolution);
        assert_true(a->aliases_rule >= b->aliases_rule);
        assert_true(b->power_notifications >= a->power_notifications);
        assert_true(b->strict_json >= a->strict_json);
        assert_true(b->knock >= a->knock);
        assert_true(b->restricted >= a->restricted);
        assert_true(b->knock_restricted >= a->knock_restricted);
        assert_true(b->integer_power >= a->integer_power);
        assert_true(b->redacts_in_content >= a->redacts_in_content);
        assert_true(b->creator_is_sender >= a->creator_is_sender);
        assert_true(b->room_id_is_hash >= a->room_id_is_hash);
        assert_true(b->privileged_creators >= a->privileged_creators);
    }
}

/* The version that brings each feature (specification, "Room versions"). */
static void features_begin_where_the_specification_says(void **state)
{
    size_t n;
    const struct room_version *v = room_version_list(&n);
    (void)state;
    for (size_t i = 0; i < n; i++) {
        int number = v[i].number;
        assert_int_equal(v[i].event_id_alphabet == BASE64_URL, number >= 4);
        assert_int_equal(v[i].aliases_rule, number <= 5);
        assert_int_equal(v[i].strict_json, number >= 6);
        assert_int_equal(v[i].power_notifications, number >= 6);
        assert_int_equal(v[i].knock, number >= 7);
        assert_int_equal(v[i].restricted, number >= 8);
        assert_int_equal(v[i].knock_restricted, number >= 10);
        assert_int_equal(v[i].integer_power, number >= 10);
        assert_int_equal(v[i].redacts_in_content, number >= 11);
        assert_int_equal(v[i].creator_is_sender, number >= 11);
        assert_int_equal(v[i].room_id_is_hash, number >= 12);
        assert_int_equal(v[i].privileged_creators, number >= 12);
        assert_int_equal(v[i].state_resolution == STATE_RESOLUTION_2_1, number >= 12);
    }
}

static void names_have_a_grammar(void **state)
{
    (void)state;
    assert_true(room_version_name_is_valid(STR("org.example-1.0")));
    assert_false(room_version_name_is_valid(STR("")));
    assert_false(room_version_name_is_valid(STR("A")));
    assert_false(room_version_name_is_valid(STR("012345678901234567890123456789012")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_supported_versions_only),
        cmocka_unit_test(features_only_grow),
        cmocka_unit_test(features_begin_where_the_specification_says),
        cmocka_unit_test(names_have_a_grammar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
