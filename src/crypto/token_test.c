/* SPDX-License-Identifier: EUPL-1.2 */
#include "crypto/token.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/unit.h"

#define TOKENS 1000000
#define LENGTH 22

static void test_alphabets_and_lengths(void **state)
{
    bool seen[256] = {false};
    (void)state;
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    for (size_t n = 0; n < 300; n++) {
        struct str token = token_new(arena, n), letters = token_new_letters(arena, n);
        assert_int_equal(token.n, n);
        assert_int_equal(letters.n, n);
        for (size_t i = 0; i < n; i++) {
            char c = token.p[i];
            assert_true((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'));
            assert_true(letters.p[i] >= 'A' && letters.p[i] <= 'Z');
            seen[(unsigned char)c] = true;
        }
    }
    size_t kinds = 0;
    for (size_t i = 0; i < sizeof seen; i++)
        kinds += seen[i];
    assert_int_equal(kinds, 62);
}

/* Taking remainders of bytes would favour the first eight of 62 by a quarter: 15,625 of 100,000
 * for 12,903. The bound is ten standard deviations away. */
static void test_no_character_is_favoured(void **state)
{
    size_t first_eight = 0;
    (void)state;
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct str token = token_new(arena, 100000);
    for (size_t i = 0; i < token.n; i++)
        first_eight += token.p[i] >= 'A' && token.p[i] <= 'H';
    assert_in_range(first_eight, 11800, 14000);
}

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, LENGTH);
}

static void test_SIG_14_no_collision(void **state)
{
    (void)state;
    char *tokens = mem_new(TOKENS, LENGTH);
    for (size_t i = 0; i < TOKENS;) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
        for (size_t k = 0; k < 1000; k++, i++)
            memcpy(tokens + i * LENGTH, token_new(arena, LENGTH).p, LENGTH);
    }
    qsort(tokens, TOKENS, LENGTH, compare);
    for (size_t i = 1; i < TOKENS; i++)
        assert_int_not_equal(compare(tokens + (i - 1) * LENGTH, tokens + i * LENGTH), 0);
    mem_free(tokens);
}

static void test_SIG_14_differs_after_fork(void **state)
{
    int ends[2];
    char theirs[LENGTH];
    (void)state;
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct str before = token_new(arena, LENGTH);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct str token = token_new(arena, LENGTH);
        _exit(write(ends[1], token.p, token.n) == LENGTH ? 0 : 1);
    }
    struct str ours = token_new(arena, LENGTH);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(read(ends[0], theirs, sizeof theirs), LENGTH);
    assert_memory_not_equal(ours.p, theirs, LENGTH);
    assert_memory_not_equal(ours.p, before.p, LENGTH);
    close(ends[0]);
    close(ends[1]);
}

static void test_digest(void **state)
{
    unsigned char digest[SHA256_BYTES], expected[SHA256_BYTES];
    (void)state;
    token_digest(STR("secret"), digest);
    sha256(STR("secret"), expected);
    assert_memory_equal(digest, expected, sizeof digest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alphabets_and_lengths),
        cmocka_unit_test(test_no_character_is_favoured),
        cmocka_unit_test(test_SIG_14_no_collision),
        cmocka_unit_test(test_SIG_14_differs_after_fork),
        cmocka_unit_test(test_digest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
