/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BASE_MEM_H
#define CHAPPE_BASE_MEM_H

/* The heap, for objects that outlive a request. No allocation returns NULL: without memory the
 * program aborts and its supervisor restarts it. Outside base/, raw malloc and free are banned. */

#include <stddef.h>

#include "base/attr.h"

/* Zeroed memory for n objects of the given size; the product may not overflow. */
void *mem_new(size_t n, size_t size) MUST_USE;

/* Resizes to n objects; new bytes are not zeroed. */
void *mem_resize(void *p, size_t n, size_t size) MUST_USE;

void *mem_copy(const void *p, size_t n) MUST_USE;

/* NULL is allowed. */
void mem_free(void *p);

/* Overwrites a secret so that the compiler cannot leave it out. */
void mem_wipe(void *p, size_t n);

#define MEM_NEW(type)      ((type *)mem_new(1, sizeof(type)))
#define MEM_NEW_N(n, type) ((type *)mem_new((n), sizeof(type)))

#endif
