/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/arena.h"

#include "base/unit.h"
#include "base/vec.h"

static void allocations_are_zeroed_and_aligned(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    (void)state;
    for (size_t n = 1; n < 5000; n += 7) {
        char *p = arena_alloc(arena, n, 1);
        assert_int_equal((uintptr_t)p % sizeof(void *), 0);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xff, n);
    }
    arena_free(arena);
}

static void budget_is_told_not_enforced(void **state)
{
    struct arena *arena = arena_new(1000);
    (void)state;
    assert_false(arena_is_over(arena));
    assert_non_null(arena_alloc(arena, 2000, 1));
    assert_true(arena_is_over(arena));
    arena_reset(arena);
    assert_false(arena_is_over(arena));
    char *again = arena_alloc(arena, 2000, 1);
    assert_int_equal(again[1999], 0);
    arena_free(arena);
}

static void what_was_reset_is_zeroed_again(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    (void)state;
    for (int round = 0; round < 3; round++) {
        char *p = arena_alloc(arena, 1000, 1);
        for (size_t i = 0; i < 1000; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xff, 1000);
        arena_reset(arena);
    }
    arena_free(arena);
}

static void strings_are_terminated_copies(void **state)
{
    struct arena *arena = arena_new(1000);
    (void)state;
    struct str s = arena_str(arena, str_make("a\0b", 3));
    assert_str(s, str_make("a\0b", 3));
    assert_int_equal(s.p[3], 0);
    assert_str(arena_printf(arena, "%d-%s", 7, "x"), STR("7-x"));
    arena_free(arena);
}

static void vectors_grow_in_an_arena(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    VEC(int) numbers = {0};
    (void)state;
    for (int i = 0; i < 1000; i++)
        ARENA_VEC_ADD(arena, &numbers, i);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(numbers.p[i], i);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_are_zeroed_and_aligned),
        cmocka_unit_test(budget_is_told_not_enforced),
        cmocka_unit_test(what_was_reset_is_zeroed_again),
        cmocka_unit_test(strings_are_terminated_copies),
        cmocka_unit_test(vectors_grow_in_an_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
