/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BENCH_PHOTO_H
#define CHAPPE_BENCH_PHOTO_H

/* A picture such as a camera makes: soft shapes with the noise of a sensor, as a JPEG. */

#include "bench/bench.h"

/* In bench->memory. *ret_own is where 16 bytes stand that may be any: with others it is another
 * file of the same picture. */
struct str photo_make(struct bench *bench, unsigned width, unsigned height, size_t *ret_own);

#endif
