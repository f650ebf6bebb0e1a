/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_TESTS_BENCH_DRAW_H
#define CHAPPE_TESTS_BENCH_DRAW_H

/* Numbers drawn from a seed (splitmix64), so that two stores of one shape are alike. */

#include <stdint.h>

struct draw {
    uint64_t state;
};

uint64_t draw_number(struct draw *draw);
uint64_t draw_below(struct draw *draw, uint64_t below); /* below > 0 */
double draw_unit(struct draw *draw);                    /* in (0, 1] */
/* Pareto's law from `least` on, in which a fifth holds four fifths; cut at `most`. */
double draw_pareto(struct draw *draw, double least, double most);

#endif
