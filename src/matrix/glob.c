/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/glob.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

/* A pattern is cut at its stars into pieces. A piece without `?` is searched by Knuth, Morris and
 * Pratt's automaton; one with `?` by Shift-And, a bit for each of its characters. Both read each
 * character of the text once and never go back. */

#define ANY      UINT32_MAX /* a `?` in a piece */
#define NOWHERE  SIZE_MAX
#define BAD_BYTE 0x110000u /* a byte that is no UTF-8, kept apart from the code points */

struct glob_piece {
    uint32_t *p;
    size_t n;
    size_t *fail; /* KMP: length of the longest border of p[0..i]; NULL when there is a `?` */

    /* Shift-And: the characters that occur, sorted; for each a row of words whose bit j tells that
     * p[j] accepts it; one more row at the end for all other characters. */
    uint32_t *chars;
    uint64_t *rows;
    size_t n_chars, n_words;
};

struct glob {
    struct glob_piece *pieces; /* one more than the stars, so at least one */
    size_t n;
};

/* ---- characters ---- */

static unsigned utf8_length(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first < 0xe0)
        return 2;
    if (first >= 0xe0 && first < 0xf0)
        return 3;
    return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

/* The character at s.p[*at], and steps over it. */
static uint32_t next_char(struct str s, size_t *at)
{
    const unsigned char *p = (const unsigned char *)s.p + *at;
    unsigned length = utf8_length(p[0]);
    if (length == 1) {
        *at += 1;
        return p[0];
    }
    if (length == 0 || length > s.n - *at || !str_is_utf8(str_make(p, length))) {
        *at += 1;
        return BAD_BYTE + p[0];
    }
    uint32_t c = p[0] & (0x7fu >> length);
    for (unsigned i = 1; i < length; i++)
        c = c << 6 | (p[i] & 0x3f);
    *at += length;
    return c;
}

/* Lower case, one character for one, in the alphabets of Europe. */
static uint32_t fold(uint32_t c)
{
    if (c < 0x80)
        return c >= 'A' && c <= 'Z' ? c + 32 : c;
    if (c >= 0xc0 && c <= 0xde)
        return c == 0xd7 ? c : c + 32; /* Latin-1, but for the multiplication sign */
    if (c >= 0x100 && c <= 0x137)
        return c == 0x130 || c == 0x131 ? c : c | 1; /* Latin Extended-A: even is upper */
    if (c == 0x178)
        return 0xff;
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e))
        return c + (c & 1); /* here odd is upper */
    if (c >= 0x14a && c <= 0x177)
        return c | 1;
    if (c >= 0x391 && c <= 0x3a9 && c != 0x3a2)
        return c + 32; /* Greek */
    if (c >= 0x410 && c <= 0x42f)
        return c + 32; /* Cyrillic */
    return c >= 0x400 && c <= 0x40f ? c + 80 : c;
}

static bool is_word(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

void glob_text_make(struct arena *arena, struct str text, bool fold_case,
                    struct glob_text *ret_text)
{
    uint32_t *p = ARENA_NEW_N(arena, text.n ? text.n : 1, uint32_t);
    size_t n = 0;
    for (size_t at = 0; at < text.n;) {
        uint32_t c = next_char(text, &at);
        p[n++] = fold_case ? fold(c) : c;
    }
    *ret_text = (struct glob_text){p, n};
}

/* ---- compiling ---- */

static void build_kmp(struct arena *arena, struct glob_piece *piece)
{
    piece->fail = ARENA_NEW_N(arena, piece->n ? piece->n : 1, size_t);
    for (size_t i = 1, k = 0; i < piece->n; i++) {
        while (k > 0 && piece->p[k] != piece->p[i])
            k = piece->fail[k - 1];
        if (piece->p[k] == piece->p[i])
            k++;
        piece->fail[i] = k;
    }
}

static int compare_chars(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static size_t row_of(const struct glob_piece *piece, uint32_t c)
{
    size_t low = 0, high = piece->n_chars;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (piece->chars[middle] == c)
            return middle;
        if (piece->chars[middle] < c)
            low = middle + 1;
        else
            high = middle;
    }
    return piece->n_chars;
}

static void set_bit(uint64_t *words, size_t bit)
{
    words[bit / 64] |= UINT64_C(1) << bit % 64;
}

static void build_shift_and(struct arena *arena, struct glob_piece *piece)
{
    uint32_t *chars = ARENA_NEW_N(arena, piece->n, uint32_t);
    size_t n = 0, distinct = 0;
    for (size_t i = 0; i < piece->n; i++)
        if (piece->p[i] != ANY)
            chars[n++] = piece->p[i];
    qsort(chars, n, sizeof *chars, compare_chars);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || chars[i] != chars[i - 1])
            chars[distinct++] = chars[i];
    piece->chars = chars;
    piece->n_chars = distinct;
    piece->n_words = (piece->n + 63) / 64;
    piece->rows = ARENA_NEW_N(arena, (distinct + 1) * piece->n_words, uint64_t);
    for (size_t i = 0; i < piece->n; i++) {
        if (piece->p[i] != ANY)
            set_bit(piece->rows + row_of(piece, piece->p[i]) * piece->n_words, i);
        else
            for (size_t row = 0; row <= distinct; row++)
                set_bit(piece->rows + row * piece->n_words, i);
    }
}

static void build_piece(struct arena *arena, struct glob_piece *piece, uint32_t *p, size_t n,
                        bool literal)
{
    bool any = false;
    piece->p = p;
    piece->n = n;
    for (size_t i = 0; i < n && !literal; i++)
        if (p[i] == '?') {
            p[i] = ANY;
            any = true;
        }
    if (any)
        build_shift_and(arena, piece);
    else
        build_kmp(arena, piece);
}

static const struct glob *compile(struct arena *arena, struct str pattern, bool fold_case,
                                  bool literal)
{
    struct glob_text text;
    size_t stars = 0, start = 0;
    if (pattern.n > LIMIT_GLOB_BYTES)
        return NULL;
    glob_text_make(arena, pattern, fold_case, &text);
    uint32_t *p = ARENA_NEW_N(arena, text.n ? text.n : 1, uint32_t);
    memcpy(p, text.p, text.n * sizeof *p);
    for (size_t i = 0; i < text.n; i++)
        stars += p[i] == '*' && !literal;
    struct glob *glob = ARENA_NEW(arena, struct glob);
    glob->pieces = ARENA_NEW_N(arena, stars + 1, struct glob_piece);
    for (size_t i = 0; i <= text.n; i++)
        if (i == text.n || (p[i] == '*' && !literal)) {
            build_piece(arena, &glob->pieces[glob->n++], p + start, i - start, literal);
            start = i + 1;
        }
    return glob;
}

const struct glob *glob_compile(struct arena *arena, struct str pattern, bool fold_case)
{
    return compile(arena, pattern, fold_case, false);
}

const struct glob *glob_compile_literal(struct arena *arena, struct str text, bool fold_case)
{
    return compile(arena, text, fold_case, true);
}

/* ---- matching ---- */

/* A window of a text and what an occurrence has to fulfil. */
struct search {
    const uint32_t *p;
    size_t from, to;       /* occurrences lie in p[from..to) */
    size_t n;              /* of the whole text */
    bool at_start, at_end; /* the occurrence must start, end at a word boundary */
};

static bool fits(const struct search *s, size_t start, size_t end)
{
    if (s->at_start && start > 0 && is_word(s->p[start - 1]) && is_word(s->p[start]))
        return false;
    return !s->at_end || end == s->n || !is_word(s->p[end]) || !is_word(s->p[end - 1]);
}

static size_t find_kmp(const struct glob_piece *piece, const struct search *s)
{
    size_t k = 0;
    for (size_t i = s->from; i < s->to; i++) {
        while (k > 0 && piece->p[k] != s->p[i])
            k = piece->fail[k - 1];
        if (piece->p[k] == s->p[i])
            k++;
        if (k < piece->n)
            continue;
        if (fits(s, i + 1 - piece->n, i + 1))
            return i + 1;
        k = piece->fail[k - 1];
    }
    return NOWHERE;
}

#define MAX_WORDS (LIMIT_GLOB_BYTES / 64 + 1)

static size_t find_shift_and(const struct glob_piece *piece, const struct search *s)
{
    uint64_t state[MAX_WORDS] = {0};
    const size_t last = (piece->n - 1) / 64;
    const uint64_t accept = UINT64_C(1) << (piece->n - 1) % 64;
    for (size_t i = s->from; i < s->to; i++) {
        const uint64_t *row = piece->rows + row_of(piece, s->p[i]) * piece->n_words;
        uint64_t carry = 1;
        for (size_t w = 0; w < piece->n_words; w++) {
            uint64_t next = state[w] >> 63;
            state[w] = (state[w] << 1 | carry) & row[w];
            carry = next;
        }
        if ((state[last] & accept) && fits(s, i + 1 - piece->n, i + 1))
            return i + 1;
    }
    return NOWHERE;
}

/* The end of the first occurrence that fits, or NOWHERE. */
static size_t find_piece(const struct glob_piece *piece, const struct search *s)
{
    if (piece->n == 0)
        return s->from;
    return piece->fail ? find_kmp(piece, s) : find_shift_and(piece, s);
}

static bool stands_at(const struct glob_piece *piece, const struct glob_text *text, size_t at)
{
    if (piece->n > text->n - at)
        return false;
    for (size_t i = 0; i < piece->n; i++)
        if (piece->p[i] != ANY && piece->p[i] != text->p[at + i])
            return false;
    return true;
}

bool glob_match(const struct glob *glob, const struct glob_text *text)
{
    const struct glob_piece *first, *last;
    if (!glob)
        return false;
    first = &glob->pieces[0];
    last = &glob->pieces[glob->n - 1];
    if (glob->n == 1)
        return text->n == first->n && stands_at(first, text, 0);
    if (first->n + last->n > text->n || !stands_at(first, text, 0) ||
        !stands_at(last, text, text->n - last->n))
        return false;
    struct search s = {text->p, first->n, text->n - last->n, text->n, false, false};
    for (size_t i = 1; i + 1 < glob->n; i++) {
        s.from = find_piece(&glob->pieces[i], &s);
        if (s.from == NOWHERE)
            return false;
    }
    return true;
}

/* The first occurrence of each piece leaves the most to those after it, so that none is tried
 * twice. A star at an end of the pattern reaches the end of the text, which is a boundary. */
bool glob_match_word(const struct glob *glob, const struct glob_text *text)
{
    if (!glob)
        return false;
    struct search s = {text->p, 0, text->n, text->n, false, false};
    for (size_t i = 0; i < glob->n; i++) {
        s.at_start = i == 0;
        s.at_end = i == glob->n - 1;
        s.from = find_piece(&glob->pieces[i], &s);
        if (s.from == NOWHERE)
            return false;
    }
    return true;
}
