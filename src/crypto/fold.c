/* SPDX-License-Identifier: EUPL-1.2 */
#include "crypto/fold.h"

#include <string.h>
#include <utf8proc.h>

#define OPTIONS                                                                                    \
    (UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |                  \
     UTF8PROC_STRIPMARK | UTF8PROC_IGNORE)

/* Letters without a decomposition, after case folding, and the signs that stand for a plain one. */
static const struct {
    utf8proc_int32_t point;
    struct str plain;
} PLAIN[] = {{0x00e6, STR_INIT("ae")}, {0x00f0, STR_INIT("d")},  {0x00f8, STR_INIT("o")},
             {0x00fe, STR_INIT("th")}, {0x0111, STR_INIT("d")},  {0x0127, STR_INIT("h")},
             {0x0131, STR_INIT("i")},  {0x0142, STR_INIT("l")},  {0x014b, STR_INIT("ng")},
             {0x0153, STR_INIT("oe")}, {0x0167, STR_INIT("t")},  {0x2010, STR_INIT("-")},
             {0x2011, STR_INIT("-")},  {0x2012, STR_INIT("-")},  {0x2013, STR_INIT("-")},
             {0x2014, STR_INIT("-")},  {0x2018, STR_INIT("'")},  {0x2019, STR_INIT("'")},
             {0x02bc, STR_INIT("'")},  {0x00ab, STR_INIT("\"")}, {0x00bb, STR_INIT("\"")},
             {0x201c, STR_INIT("\"")}, {0x201d, STR_INIT("\"")}};

static struct str plain_of(utf8proc_int32_t point)
{
    for (size_t i = 0; i < sizeof PLAIN / sizeof *PLAIN; i++)
        if (PLAIN[i].point == point)
            return PLAIN[i].plain;
    return STR_NONE;
}

/* A point takes four bytes at most, whether as it is or plainly. */
static struct str encode(struct arena *arena, const utf8proc_int32_t *points, size_t n)
{
    utf8proc_uint8_t *out = ARENA_NEW_N(arena, 4 * n + 1, utf8proc_uint8_t);
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        struct str plain = points[i] < 0x80 ? STR_NONE : plain_of(points[i]);
        if (plain.p) {
            memcpy(out + used, plain.p, plain.n);
            used += plain.n;
        } else {
            used += (size_t)utf8proc_encode_char(points[i], out + used);
        }
    }
    return str_make(out, used);
}

int fold(struct arena *arena, struct str text, struct str *ret_folded)
{
    const utf8proc_uint8_t *bytes = (const utf8proc_uint8_t *)text.p;
    if (!str_is_utf8(text))
        return -1;
    if (!text.n) {
        *ret_folded = STR("");
        return 0;
    }
    utf8proc_ssize_t n = utf8proc_decompose(bytes, (utf8proc_ssize_t)text.n, NULL, 0, OPTIONS);
    if (n < 0)
        return -1;
    utf8proc_int32_t *points = ARENA_NEW_N(arena, (size_t)n + 1, utf8proc_int32_t);
    n = utf8proc_decompose(bytes, (utf8proc_ssize_t)text.n, points, n, OPTIONS);
    if (n < 0)
        return -1;
    *ret_folded = encode(arena, points, (size_t)n);
    return 0;
}

static bool is_between(char c)
{
    return (unsigned char)c <= ' ' || str_find(STR("-'.,;:/()[]\""), c) >= 0;
}

struct str fold_next_word(struct str folded, size_t *at)
{
    size_t from = *at;
    while (from < folded.n && is_between(folded.p[from]))
        from++;
    size_t to = from;
    while (to < folded.n && !is_between(folded.p[to]))
        to++;
    *at = to;
    return to > from ? str_make(folded.p + from, to - from) : STR_NONE;
}

static bool is_in_run(utf8proc_int32_t point)
{
    if (point < 0x80)
        return (point >= '0' && point <= '9') || (point >= 'a' && point <= 'z') ||
               (point >= 'A' && point <= 'Z');
    utf8proc_category_t category = utf8proc_category(point);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;
}

/* The bytes of the character at `at`; 0 when it is no part of a run, and then *ret_step leads to
 * the next. */
static size_t run_bytes(struct str text, size_t at, size_t *ret_step)
{
    utf8proc_int32_t point;
    utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text.p + at,
                                          (utf8proc_ssize_t)(text.n - at), &point);
    *ret_step = n > 0 ? (size_t)n : 1;
    return n > 0 && is_in_run(point) ? (size_t)n : 0;
}

struct str fold_next_run(struct str text, size_t *at)
{
    size_t from = *at, step;
    while (from < text.n && !run_bytes(text, from, &step))
        from += step;
    size_t to = from, n;
    while (to < text.n && (n = run_bytes(text, to, &step)) > 0)
        to += n;
    *at = to;
    return to > from ? str_make(text.p + from, to - from) : STR_NONE;
}
