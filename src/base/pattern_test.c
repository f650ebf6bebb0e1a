/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/pattern.h"

#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/limits.h"
#include "base/unit.h"

static bool matches(const char *text, const char *subject)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    const struct pattern *pattern;
    struct err err = ERR_INIT;
    if (pattern_parse(arena, str_from(text), &pattern, &err) < 0)
        fail_msg("%s: %s", text, err.detail);
    return pattern_matches(pattern, str_from(subject));
}

static void test_what_matches(void **state)
{
    static const struct {
        const char *pattern, *subject;
        bool wanted;
    } cases[] = {
        {"@_irc_.*", "@_irc_anna:example.org", true},
        {"@_irc_.*", "@anna_irc_:example.org", false},
        {"@_irc_", "@_irc_anna:example.org", true},
        {"@_irc_$", "@_irc_anna:example.org", false},
        {"^@_irc_.*:example\\.org$", "@_irc_anna:example.org", true},
        {"^@_irc_.*:example\\.org$", "@_irc_anna:exampleXorg", false},
        {"@_irc_[^:]+:example\\.org", "@_irc_:example.org", false},
        {"@(irc|xmpp)_[a-z0-9._=-]+:.*", "@xmpp_a-b.c:x", true},
        {"@(irc|xmpp)_[a-z0-9._=-]+:.*", "@smtp_a:x", false},
        {"@(?:a|b|)c", "@c", true},
        {"@(?:a|b|)c", "@bc", true},
        {"@(?:a|b|)c", "@abc", false},
        {"@\\d{3}x", "@123x", true},
        {"@\\d{3}x", "@12x", false},
        {"@\\d{2,}x", "@1x", false},
        {"@\\d{2,}x", "@12345x", true},
        {"@\\d{1,2}x", "@123x", false},
        {"@\\d{0,2}x", "@x", true},
        {"@\\w+\\s\\W\\D\\S$", "@ab_9 -xy", true},
        {"a+?b", "aaab", true},
        {"(a*)*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", false},
        {"(ab){2,3}c", "ababc", true},
        {"(ab){2,3}c", "ababababc", false},
        {"[]a]x", "]x", true},
        {"[a-]x", "-x", true},
        {"é.*", "été", true},
        {"", "x", true},
        {"(x|y(z|w)+)?!", "yzwz!", true},
        {"(x|y(z|w)+)?!", "y!", false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (matches(cases[i].pattern, cases[i].subject) != cases[i].wanted)
            fail_msg("%s on %s", cases[i].pattern, cases[i].subject);
}

static void test_what_is_not_known_is_refused(void **state)
{
    static const char *const wrong[] = {
        "(a)\\1",    "(?=a)", "(?i)a",    "\\bx", "[[:alpha:]]",
        "a**",       "*a",    "a{",       "a{2",  "a{3,2}",
        "a{0}",      "(a",    "a)",       "[a",   "[b-a]",
        "[\\w-z]x[", "a\\",   "a{99999}", "[é]",  "((a{90}){90}){90}",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
        const struct pattern *pattern = NULL;
        struct err err = ERR_INIT;
        if (pattern_parse(arena, str_from(wrong[i]), &pattern, &err) == 0)
            fail_msg("%s is taken", wrong[i]);
        assert_true(err.detail[0]);
    }
}

/* Patterns over which others lose minutes. The bound is of steps, so no clock is asked: the test
 * ends, or it does not. */
static void test_time_is_bounded(void **state)
{
    static const char *const cruel[] = {
        "(a|aa)+$",
        "(a*)*$",
        "((a+)+)+$",
        "(a|a)*b",
        "(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)x",
        "a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?aaaaaaaaaaaaaaaaaaaab",
        "(((){9}){9}){9}x",
    };
    char subject[20000];
    (void)state;
    memset(subject, 'a', sizeof subject);
    subject[sizeof subject - 1] = '!';
    for (size_t i = 0; i < ARRAY_LEN(cruel); i++) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
        const struct pattern *pattern;
        struct err err = ERR_INIT;
        assert_int_equal(pattern_parse(arena, str_from(cruel[i]), &pattern, &err), 0);
        assert_false(pattern_matches(pattern, str_make(subject, sizeof subject)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_matches),
        cmocka_unit_test(test_what_is_not_known_is_refused),
        cmocka_unit_test(test_time_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
