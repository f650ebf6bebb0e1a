/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/search_words.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/vec.h"
#include "crypto/fold.h"

/* ---- one word ---- */

/* chevaux, cheval; eaux, eau; pages, page; but business. */
static void cut_plural(char *word, size_t *n)
{
    struct str text = str_make(word, *n);
    if (*n >= 6 && str_ends(text, STR("aux")) && !str_ends(text, STR("eaux"))) {
        word[*n - 2] = 'l';
        --*n;
    } else if (str_ends(text, STR("x")) ||
               (str_ends(text, STR("s")) && !str_ends(text, STR("ss")))) {
        --*n;
    }
}

/* In place: what is compared need not be a word that exists, as long as it is the same for all
 * forms of one. */
static struct str stem(char *word, size_t n)
{
    if (n >= 4)
        cut_plural(word, &n);
    if (n >= 5 && word[n - 1] == 'e')
        n--;
    if (n >= 4 && word[n - 1] == 'y')
        word[n - 1] = 'i';
    return str_make(word, n);
}

static struct str first_bytes(struct str word, size_t most)
{
    size_t n = word.n < most ? word.n : most;
    while (n < word.n && n && ((unsigned char)word.p[n] & 0xc0) == 0x80)
        n--;
    return str_first(word, n);
}

/* ---- a text ---- */

void search_words_split(struct arena *arena, struct str text, struct search_words *ret_words)
{
    VEC(struct str) words = {0};
    struct str folded, run;
    size_t at = 0;
    *ret_words = (struct search_words){0};
    if (fold(arena, text, &folded) < 0)
        return;
    char *copy = (char *)(uintptr_t)arena_str(arena, folded).p;
    while ((run = fold_next_run(folded, &at)).p) {
        struct str word = first_bytes(run, LIMIT_SEARCH_WORD);
        ARENA_VEC_ADD(arena, &words, stem(copy + (word.p - folded.p), word.n));
    }
    *ret_words = (struct search_words){words.p, words.n};
}

static int compare(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

void search_words_sort(struct search_words *words)
{
    size_t kept = 0;
    if (words->n == 0)
        return;
    qsort(words->words, words->n, sizeof *words->words, compare);
    for (size_t i = 1; i < words->n; i++)
        if (!str_eq(words->words[i], words->words[kept]))
            words->words[++kept] = words->words[i];
    words->n = kept + 1;
}

bool search_words_have(const struct search_words *words, struct str word)
{
    for (size_t i = 0; i < words->n; i++)
        if (str_eq(words->words[i], word))
            return true;
    return false;
}

/* ---- phrases ---- */

static const struct quotes {
    struct str open, close;
} QUOTES[] = {
    {STR_INIT("\""), STR_INIT("\"")},
    {STR_INIT("«"), STR_INIT("»")},
    {STR_INIT("“"), STR_INIT("”")},
};

/* What is quoted at the beginning of a text: its whole length, quotes too; 0: nothing is.
 * *unclosed: a bit for each kind that nothing closes from here on, so that a term of many of them
 * is not read over and over. */
static size_t quoted(struct str text, unsigned *unclosed, struct str *ret_inside)
{
    for (size_t i = 0; i < ARRAY_LEN(QUOTES); i++) {
        if (*unclosed & (1u << i) || !str_starts(text, QUOTES[i].open))
            continue;
        struct str rest = str_skip(text, QUOTES[i].open.n);
        for (size_t n = 0; n < rest.n; n++) {
            if (!str_starts(str_skip(rest, n), QUOTES[i].close))
                continue;
            *ret_inside = str_first(rest, n);
            return QUOTES[i].open.n + n + QUOTES[i].close.n;
        }
        *unclosed |= 1u << i;
    }
    return 0;
}

void search_phrases_split(struct arena *arena, struct str term, struct search_phrases *ret_phrases)
{
    VEC(struct search_words) phrases = {0};
    unsigned unclosed = 0;
    for (size_t at = 0; at < term.n;) {
        struct search_words words;
        struct str inside;
        size_t n = quoted(str_skip(term, at), &unclosed, &inside);
        at += n ? n : 1;
        if (!n)
            continue;
        search_words_split(arena, inside, &words);
        if (words.n > 1)
            ARENA_VEC_ADD(arena, &phrases, words);
    }
    *ret_phrases = (struct search_phrases){phrases.p, phrases.n};
}

static bool hold_at(const struct search_words *words, size_t at, const struct search_words *phrase)
{
    for (size_t i = 0; i < phrase->n; i++)
        if (!str_eq(words->words[at + i], phrase->words[i]))
            return false;
    return true;
}

bool search_words_hold(const struct search_words *words, const struct search_words *phrase)
{
    for (size_t at = 0; at + phrase->n <= words->n; at++)
        if (hold_at(words, at, phrase))
            return true;
    return false;
}
