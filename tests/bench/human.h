/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BENCH_HUMAN_H
#define CHAPPE_BENCH_HUMAN_H

/* People of an administration, by number: few first names borne by many, a long tail of last names,
 * forty ministries; and what others type to find them. The same number is always the same person,
 * so that who fills a store and who searches it need not speak to each other. */

#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

struct human {
    struct str first, last, ministry; /* "Ministère12" */
};

struct human human_nth(struct arena *arena, uint64_t nth);

/* One of six, by any number: a whole last name, its beginning, both names, a part of the last name,
 * the first name and an initial, the beginning of a name and a ministry. */
struct str human_term(struct arena *arena, const struct human *human, uint64_t which);

/* The next of a row of numbers that is the same in each run. */
uint64_t human_draw(uint64_t *state);

#endif
