/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/harness.h"

#include "base/check.h"
#include "base/limits.h"
#include "base/pattern.h"

/* The pattern, a line feed, the text. What is refused says why; what matches a text matches it with
 * more behind, unless the pattern asks where the end is. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(16));
    const struct pattern *pattern;
    struct str text, subject;
    struct err err = ERR_INIT;
    str_cut(str_make(data, size), '\n', &text, &subject);
    if (pattern_parse(arena, text, &pattern, &err) < 0) {
        CHECK(err.detail[0]);
        return 0;
    }
    CHECK(text.n <= LIMIT_PATTERN_BYTES);
    struct str start = str_first(subject, subject.n / 2);
    bool whole = pattern_matches(pattern, subject);
    if (str_find(text, '$') < 0 && pattern_matches(pattern, start))
        CHECK(whole);
    return 0;
}
