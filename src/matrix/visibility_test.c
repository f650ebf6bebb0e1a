/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/visibility.h"

#include "base/attr.h"
#include "base/unit.h"

/* An event that changes neither visibility nor the user's membership. */
static bool sees(enum history_visibility visibility, enum membership membership, bool joined_since)
{
    struct visibility_facts facts = {visibility, visibility,   membership,
                                     membership, joined_since, false};
    return visibility_allows(&facts);
}

/* "Server behaviour", rules 1 to 5: every case. */
static void every_rule(void **state)
{
    (void)state;
    for (enum membership m = MEMBERSHIP_NONE; m <= MEMBERSHIP_KNOCK; m++)
        for (int since = 0; since < 2; since++) {
            bool join = m == MEMBERSHIP_JOIN, invite = m == MEMBERSHIP_INVITE;
            assert_true(sees(HISTORY_VISIBILITY_WORLD_READABLE, m, since));
            assert_int_equal(sees(HISTORY_VISIBILITY_SHARED, m, since), join || since);
            assert_int_equal(sees(HISTORY_VISIBILITY_INVITED, m, since), join || invite);
            assert_int_equal(sees(HISTORY_VISIBILITY_JOINED, m, since), join);
        }
}

static void a_change_of_visibility_shows_by_either_side(void **state)
{
    struct visibility_facts facts = {
        .visibility_before = HISTORY_VISIBILITY_WORLD_READABLE,
        .visibility_after = HISTORY_VISIBILITY_JOINED,
    };
    (void)state;
    assert_true(visibility_allows(&facts));
    facts.visibility_before = HISTORY_VISIBILITY_JOINED;
    facts.visibility_after = HISTORY_VISIBILITY_WORLD_READABLE;
    assert_true(visibility_allows(&facts));
    facts.visibility_after = HISTORY_VISIBILITY_INVITED;
    assert_false(visibility_allows(&facts));
}

static void own_member_events_show_by_either_side(void **state)
{
    struct visibility_facts facts = {
        .visibility_before = HISTORY_VISIBILITY_JOINED,
        .visibility_after = HISTORY_VISIBILITY_JOINED,
        .membership_before = MEMBERSHIP_NONE,
        .membership_after = MEMBERSHIP_JOIN,
    };
    (void)state;
    assert_true(visibility_allows(&facts));
    facts.membership_before = MEMBERSHIP_JOIN;
    facts.membership_after = MEMBERSHIP_BAN;
    assert_true(visibility_allows(&facts));
    facts.membership_before = MEMBERSHIP_LEAVE;
    assert_false(visibility_allows(&facts));
}

/* "…but no events received after they left." */
static void nothing_after_leaving(void **state)
{
    struct visibility_facts facts = {
        .visibility_before = HISTORY_VISIBILITY_SHARED,
        .visibility_after = HISTORY_VISIBILITY_SHARED,
        .membership_before = MEMBERSHIP_JOIN, /* a fork from before they left, received later */
        .membership_after = MEMBERSHIP_JOIN,
        .after_leaving = true,
    };
    (void)state;
    assert_false(visibility_allows(&facts));
    facts.visibility_before = HISTORY_VISIBILITY_WORLD_READABLE;
    assert_true(visibility_allows(&facts));
}

static void words_are_read(void **state)
{
    (void)state;
    for (int i = HISTORY_VISIBILITY_SHARED; i <= HISTORY_VISIBILITY_JOINED; i++) {
        enum history_visibility v = (enum history_visibility)i;
        assert_int_equal(history_visibility_parse(history_visibility_format(v)), v);
    }
    assert_int_equal(history_visibility_parse(STR("nobody")), HISTORY_VISIBILITY_SHARED);
    assert_int_equal(history_visibility_parse(STR_NONE), HISTORY_VISIBILITY_SHARED);
    for (int i = MEMBERSHIP_INVITE; i <= MEMBERSHIP_KNOCK; i++) {
        enum membership m = (enum membership)i;
        assert_int_equal(membership_parse(membership_format(m)), m);
    }
    assert_int_equal(membership_parse(STR("Join")), MEMBERSHIP_NONE);
    assert_str(membership_format(MEMBERSHIP_NONE), STR("leave"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule),
        cmocka_unit_test(a_change_of_visibility_shows_by_either_side),
        cmocka_unit_test(own_member_events_show_by_either_side),
        cmocka_unit_test(nothing_after_leaving),
        cmocka_unit_test(words_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
