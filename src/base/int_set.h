/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BASE_INT_SET_H
#define CHAPPE_BASE_INT_SET_H

/* Sets of integers as sorted arrays, for those that are gathered once and then looked at. n 0 is
 * allowed with any pointer, NULL too. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sorts, and drops what is there twice; how many are left. */
size_t int_set_make(int64_t *values, size_t n);
bool int_set_contains(const int64_t *set, size_t n, int64_t wanted);

#endif
