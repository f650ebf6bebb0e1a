/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/str.h"

#include <string.h>
#include <strings.h>

bool str_eq_nocase(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || strncasecmp(a.p, b.p, a.n) == 0);
}

int str_cmp(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    if (order)
        return order;
    return a.n < b.n ? -1 : a.n > b.n;
}

bool str_starts(struct str s, struct str prefix)
{
    return s.n >= prefix.n && str_eq(str_first(s, prefix.n), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
    return s.n >= suffix.n && str_eq(str_skip(s, s.n - suffix.n), suffix);
}

bool str_contains(struct str s, struct str part)
{
    return part.n == 0 || (s.n >= part.n && memmem(s.p, s.n, part.p, part.n) != NULL);
}

ptrdiff_t str_find(struct str s, char c)
{
    const char *at = s.n ? memchr(s.p, c, s.n) : NULL;
    return at ? at - s.p : -1;
}

struct str str_skip(struct str s, size_t from)
{
    if (from >= s.n)
        return (struct str){s.p ? s.p + s.n : NULL, 0};
    return (struct str){s.p + from, s.n - from};
}

struct str str_first(struct str s, size_t n)
{
    return (struct str){s.p, n < s.n ? n : s.n};
}

bool str_cut(struct str s, char c, struct str *ret_head, struct str *ret_tail)
{
    ptrdiff_t at = str_find(s, c);
    size_t end = at < 0 ? s.n : (size_t)at;
    *ret_head = str_first(s, end);
    *ret_tail = str_skip(s, at < 0 ? s.n : end + 1);
    return at >= 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct str str_trim_end(struct str s)
{
    while (s.n && is_blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

struct str str_trim(struct str s)
{
    while (s.n && is_blank(s.p[0]))
        s = str_skip(s, 1);
    return str_trim_end(s);
}

int str_hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int str_parse_uint(struct str s, int64_t *ret_value)
{
    int64_t value = 0;
    if (s.n == 0 || (s.n > 1 && s.p[0] == '0'))
        return -1;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return -1;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, s.p[i] - '0', &value))
            return -1;
    }
    *ret_value = value;
    return 0;
}

int str_parse_int(struct str s, int64_t *ret_value)
{
    bool negative = s.n > 0 && s.p[0] == '-';
    int64_t value;
    if (str_parse_uint(str_skip(s, negative), &value) < 0 || (negative && value == 0))
        return -1;
    *ret_value = negative ? -value : value;
    return 0;
}

/* Bytes that follow a lead byte, with the range of the first of them. */
static size_t utf8_tail(unsigned char lead, unsigned char *ret_low, unsigned char *ret_high)
{
    *ret_low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    *ret_high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF)
        return 1;
    if (lead >= 0xE0 && lead <= 0xEF)
        return 2;
    if (lead >= 0xF0 && lead <= 0xF4)
        return 3;
    return 0;
}

bool str_is_utf8(struct str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    for (size_t i = 0; i < s.n;) {
        unsigned char low, high;
        if (p[i] < 0x80) {
            i++;
            continue;
        }
        size_t tail = utf8_tail(p[i], &low, &high);
        if (tail == 0 || s.n - i <= tail || p[i + 1] < low || p[i + 1] > high)
            return false;
        for (size_t k = 2; k <= tail; k++)
            if ((p[i + k] & 0xC0) != 0x80)
                return false;
        i += tail + 1;
    }
    return true;
}

bool str_eq_secret(struct str a, struct str b)
{
    unsigned char differ = 0;
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        differ |= (unsigned char)(a.p[i] ^ b.p[i]);
    return differ == 0;
}
