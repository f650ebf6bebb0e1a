/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/media/range.h"

/* "-n": the last n bytes. */
static int parse_suffix(struct str digits, int64_t size, struct range *ret_range)
{
    int64_t n;
    if (str_parse_uint(digits, &n) < 0 || n == 0 || size == 0)
        return -1;
    if (n > size)
        n = size;
    *ret_range = (struct range){size - n, n};
    return 1;
}

/* "a-" or "a-b". */
static int parse_from(struct str first, struct str last, int64_t size, struct range *ret_range)
{
    int64_t from, to = size - 1;
    if (str_parse_uint(first, &from) < 0 || (last.n && str_parse_uint(last, &to) < 0))
        return -1;
    if (from >= size || to < from)
        return -1;
    if (to >= size)
        to = size - 1;
    *ret_range = (struct range){from, to - from + 1};
    return 1;
}

int range_parse(struct str field, int64_t size, struct range *ret_range)
{
    struct str unit, set, first, last;
    if (!field.p || !str_cut(field, '=', &unit, &set) ||
        !str_eq_nocase(str_trim(unit), STR("bytes")))
        return 0;
    if (!str_cut(str_trim(set), '-', &first, &last))
        return -1;
    return first.n ? parse_from(first, last, size, ret_range) : parse_suffix(last, size, ret_range);
}
