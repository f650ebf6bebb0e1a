/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_CRYPTO_FOLD_H
#define CHAPPE_CRYPTO_FOLD_H

/* The form in which names are compared when somebody searches, by libutf8proc: compatibility
 * decomposition, case folded, marks and invisible characters left out; ligatures and the letters
 * that Unicode does not decompose (œ, æ, ø, ł, đ, ı…) as they are typed without them. A search form
 * is for finding, never for deciding who somebody is. */

#include "base/arena.h"
#include "base/attr.h"
#include "base/str.h"

/* The result is in the arena. -1: the text is not well-formed UTF-8. */
int fold(struct arena *arena, struct str text, struct str *ret_folded) MUST_USE;

/* The next word of a folded text, from *at on, which moves behind it; STR_NONE: none is left.
 * Blanks and what joins or surrounds the parts of a name (- ' . , ; : / ( ) [ ] " and their
 * typographic forms) are between words; every other character, `%`, `_` and `*` too, is a part of
 * one. */
struct str fold_next_word(struct str folded, size_t *at);

/* The next run of letters, marks and digits of a text in UTF-8, folded or not, from *at on, which
 * moves behind it; STR_NONE: none is left. What is no UTF-8 is between two runs. */
struct str fold_next_run(struct str text, size_t *at);

#endif
