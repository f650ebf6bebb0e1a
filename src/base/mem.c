/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

void *mem_new(size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size ? size : 1);
    CHECK(p != NULL);
    return p;
}

void *mem_resize(void *p, size_t n, size_t size)
{
    size_t bytes;
    CHECK(!__builtin_mul_overflow(n, size, &bytes));
    void *q = realloc(p, bytes ? bytes : 1);
    CHECK(q != NULL);
    return q;
}

void *mem_copy(const void *p, size_t n)
{
    void *q = mem_resize(NULL, n, 1);
    if (n)
        memcpy(q, p, n);
    return q;
}

void mem_free(void *p)
{
    free(p);
}

void mem_wipe(void *p, size_t n)
{
    if (n)
        explicit_bzero(p, n);
}
