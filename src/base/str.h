/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BASE_STR_H
#define CHAPPE_BASE_STR_H

/* A view of bytes, by value. It owns nothing, may hold NUL bytes, and is never assumed to be
 * terminated. The empty view has n == 0; STR_NONE (p == NULL) means "absent" where a function
 * says so. Comparison is of bytes, which for UTF-8 is the order of code points. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/attr.h"

struct str {
    const char *p;
    size_t n;
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_NONE     ((struct str){NULL, 0})
#define STR_INIT(lit)                                                                              \
    {                                                                                              \
        "" lit, sizeof(lit) - 1                                                                    \
    } /* for static initialisers */

/* For printf: printf("%.*s", STR_ARG(s)). */
#define STR_ARG(s) (int)(s).n, (s).p ? (s).p : ""

/* These three are in every function of the house: the compiler sees through them. */

/* Of a terminated string; NULL gives STR_NONE. */
static inline struct str str_from(const char *z)
{
    return z ? (struct str){z, strlen(z)} : STR_NONE;
}

static inline struct str str_make(const void *p, size_t n)
{
    return (struct str){p, n};
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool str_eq_nocase(struct str a, struct str b); /* ASCII letters only */
int str_cmp(struct str a, struct str b);        /* <0, 0, >0; a prefix sorts first */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
bool str_contains(struct str s, struct str part);

/* Index of a byte, or -1. */
ptrdiff_t str_find(struct str s, char c);

/* From index `from` on; past the end gives the empty view. */
struct str str_skip(struct str s, size_t from);
struct str str_first(struct str s, size_t n);

/* Without the blanks and tabs at its end, or at both. */
struct str str_trim_end(struct str s);
struct str str_trim(struct str s);

/* Cuts s at the first c: the part before goes to *ret_head, the part after to *ret_tail.
 * Without c: false, the whole in *ret_head, and an empty tail. */
bool str_cut(struct str s, char c, struct str *ret_head, struct str *ret_tail);

/* A decimal integer without sign, blanks or leading zeros (but "0"), at most INT64_MAX.
 * 0, or -1 when s is anything else. */
int str_parse_uint(struct str s, int64_t *ret_value) MUST_USE;

/* Same, with an optional minus sign. "-0" is refused. */
int str_parse_int(struct str s, int64_t *ret_value) MUST_USE;

/* 0 to 15, or -1 when c is no hexadecimal digit. */
int str_hex_digit(char c);

/* Well-formed UTF-8 (Unicode 15, table 3-7: no overlong form, no surrogate). */
bool str_is_utf8(struct str s);

/* Compares secrets of equal length in constant time; different lengths are unequal. */
bool str_eq_secret(struct str a, struct str b);

#endif
