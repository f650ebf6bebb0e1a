/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/power.h"

#include "base/limits.h"
#include "base/unit.h"
#include "matrix/create.h"
#include "matrix/member.h"
#include "matrix/test_room.h"

static void init(struct power *power, struct test_room *room)
{
    power_init(power, room->version, room->create,
               test_room_state(room, "m.room.power_levels", ""));
}

static void levels_of_a_room(void **state)
{
    struct test_room room;
    struct power power;
    (void)state;
    test_room_init(&room, "11", "");
    test_room_add(&room, "@creator:a|m.room.power_levels||~users_default=5;events_default=7");
    init(&power, &room);
    assert_int_equal(power_of_user(&power, STR("@creator:a")), 100);
    assert_int_equal(power_of_user(&power, STR("@mod:a")), 50);
    assert_int_equal(power_of_user(&power, STR("@stranger:a")), 5);
    assert_int_equal(power_to_send(&power, STR("t.hundred"), false), 100);
    assert_int_equal(power_to_send(&power, STR("t.hundred"), true), 100);
    assert_int_equal(power_to_send(&power, STR("t.other"), false), 7);
    assert_int_equal(power_to_send(&power, STR("t.other"), true), 50);
    assert_int_equal(power_to(&power, POWER_INVITE), 20);
    assert_int_equal(power_to(&power, POWER_REDACT), 75);
    assert_int_equal(power_to_notify(&power, STR("room")), 75);
    assert_int_equal(power_to_notify(&power, STR("other")), 50);
    assert_true(power_can_send(&power, STR("@mod:a"), STR("t.fifty"), false));
    assert_false(power_can_send(&power, STR("@user:a"), STR("t.fifty"), false));
    assert_true(power_can(&power, STR("@mod:a"), POWER_KICK));
    assert_false(power_can(&power, STR("@mod:a"), POWER_REDACT));
    test_room_done(&room);
}

/* Client-server API, m.room.power_levels: an empty event, and none at all. */
static void defaults(void **state)
{
    struct test_room room;
    struct power power;
    (void)state;
    test_room_init(&room, "11", "");
    test_room_add(&room, "@creator:a|m.room.power_levels||{}");
    for (int without = 0; without <= 1; without++) {
        init(&power, &room);
        if (without)
            power_init(&power, room.version, room.create, NULL);
        assert_int_equal(power_of_user(&power, STR("@creator:a")), without ? 100 : 0);
        assert_int_equal(power_of_user(&power, STR("@mod:a")), 0);
        assert_int_equal(power_to_send(&power, STR("t"), false), 0);
        assert_int_equal(power_to_send(&power, STR("t"), true), 50);
        assert_int_equal(power_to(&power, POWER_INVITE), 0);
        assert_int_equal(power_to(&power, POWER_KICK), 50);
        assert_int_equal(power_to(&power, POWER_BAN), 50);
        assert_int_equal(power_to(&power, POWER_REDACT), 50);
        assert_int_equal(power_to_notify(&power, STR("room")), 50);
    }
    power_init(&power, room.version, NULL, NULL);
    assert_int_equal(power_of_user(&power, STR("@creator:a")), 0);
    test_room_done(&room);
}

/* Room version 12: whatever the levels say. */
static void creators_are_above_all(void **state)
{
    struct test_room room;
    struct power power;
    (void)state;
    test_room_init(&room, "12", "'additional_creators':['@other:b'],");
    test_room_add(&room, "@creator:a|m.room.power_levels||~users/@creator:a=1;users/@other:b=2");
    init(&power, &room);
    assert_true(power_of_user(&power, STR("@creator:a")) == POWER_INFINITE);
    assert_true(power_of_user(&power, STR("@other:b")) == POWER_INFINITE);
    assert_int_equal(power_of_user(&power, STR("@admin:a")), 100);
    power_init(&power, room.version, room.create, NULL);
    assert_true(power_of_user(&power, STR("@other:b")) == POWER_INFINITE);
    assert_int_equal(power_of_user(&power, STR("@admin:a")), 0);
    assert_true(POWER_INFINITE > LIMIT_SAFE_INTEGER);
    test_room_done(&room);
}

/* Rooms v1, "accept values as strings"; hostile input STA-04. */
static void levels_in_strings(void **state)
{
    static const struct {
        const char *text;
        int64_t level;
    } good[] = {{"100", 100},      {"000100", 100},
                {"+100", 100},     {"-100", -100},
                {" 00100 ", 100},  {" +100\t", 100},
                {"\n-100 ", -100}, {"0", 0},
                {"99", 99},        {"9007199254740991", LIMIT_SAFE_INTEGER}};
    static const char *const bad[] = {"",
                                      " ",
                                      "+",
                                      "-",
                                      "1.0",
                                      "1e2",
                                      "0x1",
                                      "1 0",
                                      "--1",
                                      "+-1",
                                      "1_000",
                                      "abc",
                                      "9007199254740992",
                                      "18446744073709551716",
                                      "\xc2\xa0\x31"};
    const struct room_version *v9 = room_version_find(STR("9")),
                              *v10 = room_version_find(STR("10"));
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct json value = {.kind = JSON_STRING, .string = str_from(good[i].text)};
        int64_t level = 12345;
        assert_int_equal(power_level_parse(v9, &value, &level), 0);
        assert_int_equal(level, good[i].level);
        assert_int_equal(power_level_parse(v10, &value, &level), -1);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct json value = {.kind = JSON_STRING, .string = str_from(bad[i])};
        int64_t level;
        assert_int_equal(power_level_parse(v9, &value, &level), -1);
    }
    struct json number = {.kind = JSON_NUMBER}, integer = {.kind = JSON_INT, .integer = -7};
    int64_t level;
    assert_int_equal(power_level_parse(v9, &number, &level), -1);
    assert_int_equal(power_level_parse(v9, NULL, &level), -1);
    assert_int_equal(power_level_parse(v10, &integer, &level), 0);
    assert_int_equal(level, -7);
}

static void create_and_join_rules(void **state)
{
    struct test_room old_room, new_room;
    (void)state;
    test_room_init(&old_room, "6", "'m.federate':false,");
    test_room_init(&new_room, "12", "'m.federate':'false','additional_creators':[1,'@x:a'],");
    assert_str(create_creator(old_room.create), STR("@creator:a"));
    assert_str(create_creator(new_room.create), STR("@creator:a"));
    assert_null(create_creator(NULL).p);
    assert_false(create_federates(old_room.create));
    assert_true(create_federates(new_room.create));
    assert_false(create_is_privileged(old_room.create, STR("@creator:a")));
    assert_true(create_is_privileged(new_room.create, STR("@x:a")));
    assert_false(create_is_privileged(new_room.create, STR("@admin:a")));
    assert_str(create_version(new_room.create->content)->name, STR("12"));
    assert_null(create_version(NULL)); /* "1" */
    assert_int_equal(join_rule_of(old_room.version, NULL), JOIN_RULE_INVITE);
    test_room_add(&old_room, "@creator:a|m.room.join_rules||{'join_rule':'knock'}");
    const struct pdu *rules = test_room_state(&old_room, "m.room.join_rules", "");
    assert_int_equal(join_rule_of(old_room.version, rules), JOIN_RULE_UNKNOWN);
    assert_int_equal(join_rule_of(new_room.version, rules), JOIN_RULE_KNOCK);
    assert_str(join_rule_text(JOIN_RULE_KNOCK_RESTRICTED), STR("knock_restricted"));
    assert_int_equal(membership_of(NULL), MEMBERSHIP_NONE);
    assert_int_equal(membership_of(test_room_state(&new_room, "m.room.member", "@banned:a")),
                     MEMBERSHIP_BAN);
    test_room_done(&old_room);
    test_room_done(&new_room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_of_a_room),       cmocka_unit_test(defaults),
        cmocka_unit_test(creators_are_above_all), cmocka_unit_test(levels_in_strings),
        cmocka_unit_test(create_and_join_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
