/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/accounts/shared_secret.h"

#include <string.h>

#include "base/limits.h"
#include "base/unit.h"

/* ---- nonces ---- */

struct unit {
    struct nonces nonces;
    struct arena *arena;
};

static int open_unit(void **state)
{
    static struct unit unit;
    nonces_init(&unit.nonces);
    unit.arena = arena_new(MIB(1));
    *state = &unit;
    return 0;
}

static int close_unit(void **state)
{
    struct unit *unit = *state;
    nonces_done(&unit->nonces);
    arena_free(unit->arena);
    return 0;
}

static void test_a_nonce_is_good_once(void **state)
{
    struct unit *unit = *state;
    struct str nonce = nonces_give(&unit->nonces, unit->arena);
    struct str other = nonces_give(&unit->nonces, unit->arena);
    assert_int_equal(nonce.n, NONCE_CHARS);
    assert_false(str_eq(nonce, other));
    assert_true(nonces_take(&unit->nonces, nonce));
    assert_false(nonces_take(&unit->nonces, nonce));
    assert_true(nonces_take(&unit->nonces, other));
}

static void test_what_was_never_given_is_refused(void **state)
{
    struct unit *unit = *state;
    const char zeros[NONCE_CHARS] = {0};
    struct str nonce = nonces_give(&unit->nonces, unit->arena);
    assert_false(nonces_take(&unit->nonces, STR_NONE));
    assert_false(nonces_take(&unit->nonces, STR("")));
    assert_false(nonces_take(&unit->nonces, str_make(zeros, sizeof zeros)));
    assert_false(nonces_take(&unit->nonces, str_first(nonce, NONCE_CHARS - 1)));
    assert_true(nonces_take(&unit->nonces, nonce));
}

static void test_an_old_nonce_is_refused(void **state)
{
    struct unit *unit = *state;
    struct str nonce = nonces_give(&unit->nonces, unit->arena);
    unit->nonces.slots[0].until_ms = 1;
    assert_false(nonces_take(&unit->nonces, nonce));
}

static void test_the_oldest_nonce_makes_room(void **state)
{
    struct unit *unit = *state;
    struct str first = nonces_give(&unit->nonces, unit->arena);
    struct str second = nonces_give(&unit->nonces, unit->arena);
    for (int i = 2; i < NONCES_MAX + 1; i++)
        (void)nonces_give(&unit->nonces, unit->arena);
    assert_false(nonces_take(&unit->nonces, first));
    assert_true(nonces_take(&unit->nonces, second));
}

/* ---- the HMAC ---- */

/* Reckoned by Python's hmac, as Synapse's documentation does it. */
#define SECRET STR("shared_secret")
#define NONCE  STR("thisisanonce")

static bool check(struct unit *unit, bool admin, struct str user_type, const char *mac)
{
    return shared_secret_check(unit->arena, SECRET, NONCE, STR("pepper_roni"), STR("pizza"), admin,
                               user_type, str_from(mac));
}

static void test_vectors(void **state)
{
    assert_true(check(*state, true, STR_NONE, "48715842ad67d5dc9a9ee938a3bda4fcfae8d7c7"));
    assert_true(check(*state, false, STR_NONE, "cf2391885316861a8e3871bfdcd223ab3913221d"));
    assert_true(check(*state, false, STR("bot"), "b269635cb53e1adc15073ae7ffbd000b836b3105"));
}

static void test_each_part_counts(void **state)
{
    struct unit *unit = *state;
    struct str mac = STR("cf2391885316861a8e3871bfdcd223ab3913221d");
    const struct {
        struct str secret, nonce, name, password;
    } other[] = {
        {STR("shared_secreu"), NONCE, STR("pepper_roni"), STR("pizza")},
        {SECRET, STR("thisisanoncf"), STR("pepper_roni"), STR("pizza")},
        {SECRET, NONCE, STR("pepper_ronj"), STR("pizza")},
        {SECRET, NONCE, STR("pepper_roni"), STR("pizzb")},
        {STR(""), NONCE, STR("pepper_roni"), STR("pizza")},
    };
    for (size_t i = 0; i < ARRAY_LEN(other); i++)
        assert_false(shared_secret_check(unit->arena, other[i].secret, other[i].nonce,
                                         other[i].name, other[i].password, false, STR_NONE, mac));
    assert_false(check(unit, true, STR_NONE, "cf2391885316861a8e3871bfdcd223ab3913221d"));
    assert_false(check(unit, false, STR(""), "cf2391885316861a8e3871bfdcd223ab3913221d"));
}

static void test_another_spelling_is_refused(void **state)
{
    assert_false(check(*state, true, STR_NONE, "48715842AD67D5DC9A9EE938A3BDA4FCFAE8D7C7"));
    assert_false(check(*state, true, STR_NONE, "48715842ad67d5dc9a9ee938a3bda4fcfae8d7c"));
    assert_false(check(*state, true, STR_NONE, "48715842ad67d5dc9a9ee938a3bda4fcfae8d7c70"));
    assert_false(check(*state, true, STR_NONE, ""));
}

/* What does not fit is not cut: a mac over the beginning alone proves nothing. */
static void test_parts_that_are_too_long_are_refused(void **state)
{
    struct unit *unit = *state;
    static char password[KIB(9)];
    memset(password, 'a', sizeof password);
    assert_false(shared_secret_check(unit->arena, SECRET, NONCE, STR("n"),
                                     str_make(password, sizeof password), false, STR_NONE,
                                     STR("7df6817a7c78f1f4d20cb38a6e4d7c39153ca062")));
}

#define nonces_test(f) cmocka_unit_test_setup_teardown(f, open_unit, close_unit)

int main(void)
{
    const struct CMUnitTest tests[] = {
        nonces_test(test_a_nonce_is_good_once),
        nonces_test(test_what_was_never_given_is_refused),
        nonces_test(test_an_old_nonce_is_refused),
        nonces_test(test_the_oldest_nonce_makes_room),
        nonces_test(test_vectors),
        nonces_test(test_each_part_counts),
        nonces_test(test_another_spelling_is_refused),
        nonces_test(test_parts_that_are_too_long_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
