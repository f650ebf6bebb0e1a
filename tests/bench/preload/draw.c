/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/preload/draw.h"

#include <math.h>

/* log 5 / log 4: of this exponent the upper fifth holds four fifths. */
#define PARETO_EXPONENT 1.161

uint64_t draw_number(struct draw *draw)
{
    uint64_t z = draw->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t draw_below(struct draw *draw, uint64_t below)
{
    return draw_number(draw) % below;
}

double draw_unit(struct draw *draw)
{
    return (double)((draw_number(draw) >> 11) + 1) * 0x1p-53;
}

double draw_pareto(struct draw *draw, double least, double most)
{
    double drawn = least * pow(draw_unit(draw), -1 / PARETO_EXPONENT);
    return drawn < most ? drawn : most;
}
