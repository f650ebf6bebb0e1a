/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_MATRIX_GLOB_H
#define CHAPPE_MATRIX_GLOB_H

/* Globs (appendices, "Glob-style matching"): `*` is any run of characters, `?` one character, there
 * is no escape. A character is a code point; bytes that are no UTF-8 count as one each. Matching is
 * linear in the text: each piece between stars is searched once, never again, so hostile patterns
 * cost no more than others (hostile-input CPU-01). Upper and lower case are the same in ASCII,
 * Latin, Greek and Cyrillic, one character for one. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/str.h"

/* A pattern, ready to be used many times and from many threads. It lives in its arena. */
struct glob;

/* NULL when the pattern is longer than LIMIT_GLOB_BYTES: it matches nothing. */
const struct glob *glob_compile(struct arena *arena, struct str pattern, bool fold_case) MUST_USE;

/* The pattern taken literally: `*` and `?` are themselves. */
const struct glob *glob_compile_literal(struct arena *arena, struct str text,
                                        bool fold_case) MUST_USE;

/* A text, decoded once for any number of patterns that fold case as it does. */
struct glob_text {
    const uint32_t *p; /* code points */
    size_t n;
};

void glob_text_make(struct arena *arena, struct str text, bool fold_case,
                    struct glob_text *ret_text);

/* The whole text matches. */
bool glob_match(const struct glob *glob, const struct glob_text *text);

/* Some part of the text matches that starts and ends at a word boundary: the start or end of the
 * text, or any character but A-Z a-z 0-9 _ (client-server API, push rules, event_match on
 * content.body). Such a character may stand just outside the part or at its end inside. */
bool glob_match_word(const struct glob *glob, const struct glob_text *text);

#endif
