/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_QUERY_H
#define CHAPPE_NET_QUERY_H

/* Percent-encoding and query strings. What is decoded is decoded once, is UTF-8, and may hold NUL:
 * those are data. Anything else is refused, never repaired. */

#include "base/arena.h"
#include "base/attr.h"
#include "base/str.h"

/* Decodes %XX (and, with plus, + as a blank). 0; -1 for a lone % or bytes that are not UTF-8.
 * Without anything to decode the result is s itself. */
int percent_decode(struct arena *arena, struct str s, bool plus, struct str *ret_text) MUST_USE;

/* Whether each name and value of a raw query string decodes. */
int query_check(struct arena *arena, struct str query) MUST_USE;

/* The nth value of that name; STR_NONE when there is none. The query has passed query_check. */
struct str query_find(struct arena *arena, struct str query, struct str name, size_t nth);

#endif
