/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/harness.h"

#include "base/check.h"
#include "base/limits.h"
#include "service/rooms/search.h"
#include "store/search_words.h"

/* A token, a line feed, a text. A token has one spelling; a word is short, and none of its bytes
 * means anything to an engine. */

static void check_token(struct arena *arena, struct str text)
{
    struct search_token token;
    if (search_token_read(text, &token) == 0)
        CHECK(str_eq(search_token_write(arena, &token), text));
}

static void check_word(struct str word)
{
    CHECK(word.n > 0 && word.n <= LIMIT_SEARCH_WORD && str_is_utf8(word));
    for (size_t i = 0; i < word.n; i++) {
        unsigned char c = (unsigned char)word.p[i];
        CHECK(c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'));
    }
}

/* What is quoted is said, too. */
static void check_phrases(struct arena *arena, struct str term, const struct search_words *words)
{
    struct search_phrases phrases;
    search_phrases_split(arena, term, &phrases);
    for (size_t i = 0; i < phrases.n && words->n; i++) {
        CHECK(phrases.phrases[i].n > 1);
        CHECK(search_words_hold(words, &phrases.phrases[i]));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(64));
    struct str token, text;
    struct search_words words;
    str_cut(str_make(data, size), '\n', &token, &text);
    check_token(arena, token);
    search_words_split(arena, text, &words);
    CHECK(words.n <= 20 * text.n);
    for (size_t i = 0; i < words.n; i++)
        check_word(words.words[i]);
    check_phrases(arena, text, &words);
    search_words_sort(&words);
    for (size_t i = 1; i < words.n; i++)
        CHECK(str_cmp(words.words[i - 1], words.words[i]) < 0);
    return 0;
}
