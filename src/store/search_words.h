/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_SEARCH_WORDS_H
#define CHAPPE_STORE_SEARCH_WORDS_H

/* The words of a text as the index of searches keeps them, in French and in English: runs of
 * letters and digits, folded (crypto/fold.h), without what marks the plural and the feminine, so
 * that `Écoles` and `l’école` are found by `ecole`. The same on both engines, whose own readings of
 * a text are not used. A word holds nothing but letters, marks and digits: no text makes an
 * operator of a query. Pure. */

#include "base/arena.h"
#include "base/attr.h"
#include "base/str.h"

struct search_words {
    struct str *words; /* in the order of the text */
    size_t n;
};

/* In the arena. A text that is not UTF-8 has none. */
void search_words_split(struct arena *arena, struct str text, struct search_words *ret_words);
/* Each of them once, in bytewise order. */
void search_words_sort(struct search_words *words);
bool search_words_have(const struct search_words *words, struct str word);

/* What a term has between quotes, "…", «…» or “…”: words that are to stand one after another. */
struct search_phrases {
    struct search_words *phrases; /* of two words or more */
    size_t n;
};
/* In the arena. A quote that nothing closes quotes nothing. */
void search_phrases_split(struct arena *arena, struct str term, struct search_phrases *ret_phrases);
/* Whether the words of a text, in its order, hold those of the phrase in theirs, nothing
 * between. */
bool search_words_hold(const struct search_words *words, const struct search_words *phrase);

#endif
