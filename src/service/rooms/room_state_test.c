/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/room_state.h"

#include "base/unit.h"

#define TYPES   7
#define MEMBERS 20000

static void test_what_is_put_is_found(void **unused)
{
    struct room_state state = {0};
    (void)unused;
    assert_null(room_state_find(&state, 1, 1));
    for (int64_t key = 1; key <= MEMBERS; key++)
        room_state_put(&state, key % TYPES + 1, key, key + 5, MEMBERSHIP_JOIN);
    assert_int_equal(state.n, MEMBERS);
    for (int64_t key = 1; key <= MEMBERS; key++) {
        const struct room_state_entry *entry = room_state_find(&state, key % TYPES + 1, key);
        assert_non_null(entry);
        assert_int_equal(entry->event, key + 5);
        assert_int_equal(entry->membership, MEMBERSHIP_JOIN);
        assert_null(room_state_find(&state, key % TYPES + 2, key));
    }
    assert_true(room_state_bytes(&state) <= 2 * sizeof *state.slots * MEMBERS);
    room_state_done(&state);
    assert_int_equal(room_state_bytes(&state), 0);
}

static void test_the_last_that_is_put_stands(void **unused)
{
    struct room_state state = {0};
    size_t at = 0;
    (void)unused;
    room_state_put(&state, 3, 9, 1, MEMBERSHIP_INVITE);
    room_state_put(&state, 3, 9, ((int64_t)1 << 55) - 1, MEMBERSHIP_BAN);
    assert_int_equal(state.n, 1);
    const struct room_state_entry *entry = room_state_next(&state, &at);
    assert_int_equal(entry->event, ((int64_t)1 << 55) - 1);
    assert_int_equal(entry->membership, MEMBERSHIP_BAN);
    assert_null(room_state_next(&state, &at));
    room_state_done(&state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_put_is_found),
        cmocka_unit_test(test_the_last_that_is_put_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
