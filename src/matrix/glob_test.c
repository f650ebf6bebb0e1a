/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/glob.h"

#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/unit.h"

static bool word_matches(const char *pattern, const char *text)
{
    struct arena *arena = arena_new(MIB(4));
    struct glob_text decoded;
    glob_text_make(arena, str_from(text), true, &decoded);
    bool matches = glob_match_word(glob_compile(arena, str_from(pattern), true), &decoded);
    arena_free(arena);
    return matches;
}

static bool once(struct str pattern, struct str text, bool fold_case)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(4));
    struct glob_text decoded;
    glob_text_make(arena, text, fold_case, &decoded);
    return glob_match(glob_compile(arena, pattern, fold_case), &decoded);
}

static bool matches(const char *pattern, const char *text)
{
    return once(str_from(pattern), str_from(text), true);
}

static void whole_text_must_match(void **state)
{
    (void)state;
    assert_true(matches("m.room.message", "m.room.message"));
    assert_false(matches("m.room.message", "m.room.messages"));
    assert_false(matches("m.room.message", "m.room.messag"));
    assert_true(matches("lunc?*", "Lunch plans"));
    assert_true(matches("lunc?*", "LUNCH"));
    assert_false(matches("lunc?*", " lunch"));
    assert_false(matches("lunc?*", "lunc"));
    assert_true(matches("", ""));
    assert_false(matches("", "a"));
    assert_true(matches("*", ""));
    assert_true(matches("**", "abc"));
    assert_false(matches("?", ""));
    assert_false(matches("a*a", "a"));
    assert_true(matches("a*a", "aa"));
    assert_true(matches("*.evil.example", "matrix.evil.example"));
    assert_false(matches("*.evil.example", "evil.example"));
    assert_true(matches("*ab*ba*", "xxabxbaxx"));
    assert_false(matches("*ab*ba*", "xxabaxx"));
    assert_true(matches("*?b", "ab"));
    assert_true(matches("a?c*e?g", "abcdxxefg"));
    assert_true(matches("a\n*", "a\nb"));
}

static void case_is_folded_when_asked(void **state)
{
    (void)state;
    assert_true(matches("\xc3\x89T\xc3\x89*", "\xc3\xa9t\xc3\xa9 2026")); /* ÉTÉ, été */
    assert_true(matches("\xc5\x92uvre", "\xc5\x93uvre"));                 /* Œ, œ */
    assert_true(matches("\xd0\x9c\xd0\xb8\xd1\x80", "\xd0\xbc\xd0\xb8\xd1\x80"));
    assert_false(matches("\xc3\x97", "\xc3\xb7")); /* × and ÷ are no letters */
    assert_false(once(STR("A*"), STR("ab"), false));
    assert_false(once(STR("A"), STR("a"), false));
    assert_true(once(STR("A*"), STR("Ab"), false));
}

static void question_mark_is_one_character(void **state)
{
    (void)state;
    assert_true(matches("caf?", "caf\xc3\xa9"));
    assert_false(matches("caf??", "caf\xc3\xa9"));
    assert_true(matches("?", "\xf0\x9f\x98\x80"));
    assert_true(matches("??", "\xff\xfe")); /* bytes that are no UTF-8 are one each */
    assert_false(matches("\xc3?", "\xc3\xa9"));
}

static void words_have_boundaries(void **state)
{
    (void)state;
    assert_true(word_matches("ex*ple", "An example event."));
    assert_true(word_matches("ex*ple", "exple"));
    assert_true(word_matches("ex*ple", "An exciting triple-whammy"));
    assert_false(word_matches("ex*ple", "An exciting tripled whammy"));
    assert_false(word_matches("ex*ple", "hexample"));
    assert_true(word_matches("cake", "Cake!"));
    assert_true(word_matches("cake", "a cake"));
    assert_false(word_matches("cake", "cakes"));
    assert_false(word_matches("cake", "pancake"));
    assert_false(word_matches("cake", "cake_"));
    assert_true(word_matches("cake", "cakes cake"));
    assert_true(word_matches("c?ke", "cakes, coke"));
    assert_false(word_matches("c?ke", "cakes, cokes"));
    assert_true(word_matches("@room", "hello @room"));
    assert_true(word_matches("*", "anything"));
    assert_true(word_matches("*ake", "pancake"));
    assert_true(word_matches("pan*", "pancake"));
    assert_false(word_matches("an*", "pancake"));
    assert_true(word_matches("aa", "aaa aa"));
    assert_false(word_matches("x", ""));
}

static void literals_have_no_wildcards(void **state)
{
    struct arena *arena = arena_new(MIB(1));
    struct glob_text text;
    (void)state;
    glob_text_make(arena, STR("hi a*b?"), true, &text);
    assert_true(glob_match_word(glob_compile_literal(arena, STR("A*B?"), true), &text));
    assert_false(glob_match_word(glob_compile_literal(arena, STR("h*"), true), &text));
    arena_free(arena);
}

static void long_pattern_matches_nothing(void **state)
{
    char pattern[LIMIT_GLOB_BYTES + 1];
    struct arena *arena = arena_new(MIB(1));
    (void)state;
    memset(pattern, '*', sizeof pattern);
    assert_null(glob_compile(arena, str_make(pattern, sizeof pattern), true));
    assert_false(once(str_make(pattern, sizeof pattern), STR("a"), true));
    assert_true(once(str_make(pattern, sizeof pattern - 1), STR("a"), true));
    arena_free(arena);
}

/* What glob_match says, found the slow way: one row a character of the pattern. */
static bool slow_match(struct str pattern, struct str text)
{
    bool row[64] = {true}, next[64];
    for (size_t i = 0; i < pattern.n; i++) {
        bool any = false;
        for (size_t j = 0; j <= text.n; j++) {
            any = any || row[j];
            if (pattern.p[i] == '*')
                next[j] = any;
            else
                next[j] =
                    j > 0 && row[j - 1] && (pattern.p[i] == '?' || pattern.p[i] == text.p[j - 1]);
        }
        memcpy(row, next, sizeof row);
    }
    return row[text.n];
}

/* Matching a word is matching some part between two boundaries. */
static bool slow_match_word(struct str pattern, struct str text)
{
    for (size_t i = 0; i <= text.n; i++)
        for (size_t j = i; j <= text.n; j++) {
            bool start = i == 0 || i == text.n || text.p[i - 1] == '-' || text.p[i] == '-';
            bool end = j == 0 || j == text.n || text.p[j - 1] == '-' || text.p[j] == '-';
            if (start && end && slow_match(pattern, str_make(text.p + i, j - i)))
                return true;
        }
    return false;
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 16;
}

static void agrees_with_the_slow_way(void **state)
{
    uint32_t seed = 7;
    (void)state;
    for (int round = 0; round < 20000; round++) {
        char pattern[12], text[16];
        struct arena *arena = arena_new(MIB(1));
        struct glob_text decoded;
        size_t n_pattern = next_random(&seed) % sizeof pattern;
        size_t n_text = next_random(&seed) % sizeof text;
        for (size_t i = 0; i < n_pattern; i++)
            pattern[i] = "aab-*?"[next_random(&seed) % 6];
        for (size_t i = 0; i < n_text; i++)
            text[i] = "aab-"[next_random(&seed) % 4];
        struct str p = str_make(pattern, n_pattern), t = str_make(text, n_text);
        const struct glob *glob = glob_compile(arena, p, true);
        glob_text_make(arena, t, true, &decoded);
        if (glob_match(glob, &decoded) != slow_match(p, t) ||
            glob_match_word(glob, &decoded) != slow_match_word(p, t))
            fail_msg("pattern '%.*s' text '%.*s'", STR_ARG(p), STR_ARG(t));
        arena_free(arena);
    }
}

/* CPU-01, first half: no pattern makes the work more than linear. The comparisons are counted in
 * effect by the clock of the test run: with backtracking, this would not end. */
static void hostile_patterns_end(void **state)
{
    struct buf text, pattern;
    struct arena *arena = arena_new(MIB(16));
    struct glob_text decoded;
    (void)state;
    buf_init(&text, KIB(64));
    buf_init(&pattern, LIMIT_GLOB_BYTES);
    for (size_t i = 0; i < KIB(64); i++)
        buf_add_byte(&text, 'a');
    glob_text_make(arena, buf_str(&text), true, &decoded);
    const char *pieces[] = {"*a", "*?a", "a", "a?", "*aaaaaaaaaaaaaaaaaaaaaaaa"};
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        buf_clear(&pattern);
        while (pattern.n + 30 < LIMIT_GLOB_BYTES)
            buf_add(&pattern, str_from(pieces[i]));
        buf_add(&pattern, STR("b"));
        const struct glob *glob = glob_compile(arena, buf_str(&pattern), true);
        for (int round = 0; round < 20; round++) {
            assert_false(glob_match(glob, &decoded));
            assert_false(glob_match_word(glob, &decoded));
        }
    }
    buf_done(&text);
    buf_done(&pattern);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_text_must_match),
        cmocka_unit_test(case_is_folded_when_asked),
        cmocka_unit_test(question_mark_is_one_character),
        cmocka_unit_test(words_have_boundaries),
        cmocka_unit_test(literals_have_no_wildcards),
        cmocka_unit_test(long_pattern_matches_nothing),
        cmocka_unit_test(agrees_with_the_slow_way),
        cmocka_unit_test(hostile_patterns_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
