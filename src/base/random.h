/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BASE_RANDOM_H
#define CHAPPE_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Fills p from the kernel's generator, which is the only one there is. Cannot fail. */
void random_bytes(void *p, size_t n);

/* Uniform in [0, below); below > 0. */
uint64_t random_below(uint64_t below);

#endif
