/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SYNC_FILTER_LIST_H
#define CHAPPE_SERVICE_SYNC_FILTER_LIST_H

/* One list of a filter, made ready once and asked for each event. Plain entries are sorted, so that
 * a thousand of them cost ten comparisons. Those with a `*` (in lists of types only: client-server
 * API, "Filtering") are tried one after the other, each in a time linear in the text; there are at
 * most LIMIT_FILTER_STARS of them, so that to ask costs about as much as to write an event out.
 * Immutable; lives in its arena. */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"
#include "json/doc.h"

struct filter_star; /* an entry with stars, cut at them */

struct filter_list {
    struct str *plain; /* sorted */
    size_t n_plain;
    struct filter_star *stars;
    size_t n_stars;
};

/* items: an array of strings, which outlives the list; with stars: a `*` is any run of bytes. -1:
 * 400 M_INVALID_PARAM, more than LIMIT_FILTER_STARS entries hold one; name is the list's. */
int filter_list_make(struct arena *arena, const struct json *items, bool with_stars,
                     const char *name, const struct filter_list **ret_list,
                     struct err *err) MUST_USE;

bool filter_list_has(const struct filter_list *list, struct str text);

#endif
