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
