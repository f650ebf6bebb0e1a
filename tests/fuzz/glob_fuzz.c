/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/harness.h"

#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "matrix/glob.h"

/* The pattern, a line feed, the text. The answers are compared with those of a table. */

#define SLOW_MAX 200 /* characters of either, for the table */

static bool slow_match(const struct glob_text *pattern, const uint32_t *text, size_t n)
{
    bool row[SLOW_MAX + 1] = {true}, next[SLOW_MAX + 1];
    for (size_t i = 0; i < pattern->n; i++) {
        bool any = false;
        for (size_t j = 0; j <= n; j++) {
            any = any || row[j];
            next[j] =
                pattern->p[i] == '*'
                    ? any
                    : j > 0 && row[j - 1] && (pattern->p[i] == '?' || pattern->p[i] == text[j - 1]);
        }
        memcpy(row, next, sizeof row);
    }
    return row[n];
}

static bool is_word(uint32_t c)
{
    return c < 0x80 && (c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'));
}

static bool is_boundary(const struct glob_text *text, size_t at)
{
    return at == 0 || at == text->n || !is_word(text->p[at - 1]) || !is_word(text->p[at]);
}

static bool slow_word(const struct glob_text *pattern, const struct glob_text *text)
{
    for (size_t i = 0; i <= text->n; i++)
        for (size_t j = i; j <= text->n && is_boundary(text, i); j++)
            if (is_boundary(text, j) && slow_match(pattern, text->p + i, j - i))
                return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(512));
    struct str pattern, text;
    struct glob_text decoded, decoded_pattern;
    str_cut(str_make(data, size), '\n', &pattern, &text);
    const struct glob *glob = glob_compile(arena, pattern, true);
    CHECK((glob == NULL) == (pattern.n > LIMIT_GLOB_BYTES));
    glob_text_make(arena, text, true, &decoded);
    glob_text_make(arena, pattern, true, &decoded_pattern);
    CHECK(decoded.n <= text.n);
    bool whole = glob_match(glob, &decoded), word = glob_match_word(glob, &decoded);
    CHECK(!whole || word); /* the whole text is a part between two boundaries */
    if (!glob || decoded.n > SLOW_MAX || decoded_pattern.n > SLOW_MAX)
        return 0;
    CHECK(whole == slow_match(&decoded_pattern, decoded.p, decoded.n));
    if (decoded.n <= 24)
        CHECK(word == slow_word(&decoded_pattern, &decoded));
    return 0;
}
