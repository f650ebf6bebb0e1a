/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/sync/filter_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

/* "a*b*c": the pieces between the stars, of which there is one at least; empty ones say nothing but
 * at the ends. */
struct filter_star {
    struct str first, last;
    struct str *middle;
    size_t n_middle;
};

static int compare(const void *a, const void *b)
{
    const struct str *x = a, *y = b;
    return str_cmp(*x, *y);
}

static struct filter_star cut(struct arena *arena, struct str pattern)
{
    struct filter_star star = {0};
    struct str piece;
    size_t n = 0;
    for (size_t i = 0; i < pattern.n; i++)
        n += pattern.p[i] == '*';
    star.middle = ARENA_NEW_N(arena, n, struct str);
    str_cut(pattern, '*', &star.first, &star.last);
    while (str_find(star.last, '*') >= 0) {
        str_cut(star.last, '*', &piece, &star.last);
        if (piece.n)
            star.middle[star.n_middle++] = piece;
    }
    return star;
}

int filter_list_make(struct arena *arena, const struct json *items, bool with_stars,
                     const char *name, const struct filter_list **ret_list, struct err *err)
{
    struct filter_list *list = ARENA_NEW(arena, struct filter_list);
    list->plain = ARENA_NEW_N(arena, items->array.n, struct str);
    list->stars = ARENA_NEW_N(arena, with_stars ? LIMIT_FILTER_STARS : 0, struct filter_star);
    for (size_t i = 0; i < items->array.n; i++) {
        struct str text = items->array.items[i].string;
        if (!with_stars || str_find(text, '*') < 0)
            list->plain[list->n_plain++] = text;
        else if (list->n_stars < LIMIT_FILTER_STARS)
            list->stars[list->n_stars++] = cut(arena, text);
        else
            return err_client(err, 400, "M_INVALID_PARAM", "%s has more than %d entries with a *",
                              name, LIMIT_FILTER_STARS);
    }
    if (list->n_plain)
        qsort(list->plain, list->n_plain, sizeof *list->plain, compare);
    *ret_list = list;
    return 0;
}

/* The first occurrence of each piece leaves the most to those after it, so that none is tried
 * twice; memmem is linear. */
static bool fits(const struct filter_star *star, struct str text)
{
    if (text.n < star->first.n + star->last.n || !str_starts(text, star->first) ||
        !str_ends(text, star->last))
        return false;
    struct str rest = str_make(text.p + star->first.n, text.n - star->first.n - star->last.n);
    for (size_t i = 0; i < star->n_middle; i++) {
        const char *at = memmem(rest.p, rest.n, star->middle[i].p, star->middle[i].n);
        if (!at)
            return false;
        rest = str_skip(rest, (size_t)(at - rest.p) + star->middle[i].n);
    }
    return true;
}

bool filter_list_has(const struct filter_list *list, struct str text)
{
    if (list->n_plain && bsearch(&text, list->plain, list->n_plain, sizeof text, compare))
        return true;
    for (size_t i = 0; i < list->n_stars; i++)
        if (fits(&list->stars[i], text))
            return true;
    return false;
}
