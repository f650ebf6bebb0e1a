/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/query.h"

#include <string.h>

static int escape_decode(struct str s, size_t at, char *ret_byte)
{
    int high = s.n - at > 2 ? str_hex_digit(s.p[at + 1]) : -1;
    int low = s.n - at > 2 ? str_hex_digit(s.p[at + 2]) : -1;
    if (high < 0 || low < 0)
        return -1;
    *ret_byte = (char)(high * 16 + low);
    return 0;
}

static bool is_plain(struct str s, bool plus)
{
    return str_find(s, '%') < 0 && !(plus && str_find(s, '+') >= 0);
}

int percent_decode(struct arena *arena, struct str s, bool plus, struct str *ret_text)
{
    if (is_plain(s, plus)) {
        if (!str_is_utf8(s))
            return -1;
        *ret_text = s;
        return 0;
    }
    char *text = arena_alloc(arena, s.n + 1, 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '%') {
            if (escape_decode(s, i, &c) < 0)
                return -1;
            i += 2;
        } else if (plus && c == '+') {
            c = ' ';
        }
        text[n++] = c;
    }
    if (!str_is_utf8(str_make(text, n)))
        return -1;
    *ret_text = str_make(text, n);
    return 0;
}

/* Takes the next name=value off the front; false at the end. Empty pieces ("a&&b") are skipped. */
static bool pair_next(struct str *rest, struct str *ret_name, struct str *ret_value)
{
    struct str pair;
    do {
        if (rest->n == 0)
            return false;
        str_cut(*rest, '&', &pair, rest);
    } while (pair.n == 0);
    str_cut(pair, '=', ret_name, ret_value);
    return true;
}

int query_check(struct arena *arena, struct str query)
{
    struct str rest = query, name, value, text;
    while (pair_next(&rest, &name, &value))
        if (percent_decode(arena, name, true, &text) < 0 ||
            percent_decode(arena, value, true, &text) < 0)
            return -1;
    return 0;
}

struct str query_find(struct arena *arena, struct str query, struct str name, size_t nth)
{
    struct str rest = query, raw, value, text;
    while (pair_next(&rest, &raw, &value)) {
        if (percent_decode(arena, raw, true, &text) < 0 || !str_eq(text, name))
            continue;
        if (nth-- > 0)
            continue;
        if (percent_decode(arena, value, true, &text) < 0)
            return STR_NONE;
        return text.p ? text : STR("");
    }
    return STR_NONE;
}
