/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/int_set.h"

#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

size_t int_set_make(int64_t *values, size_t n)
{
    size_t kept = 0;
    if (n)
        qsort(values, n, sizeof *values, compare);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || values[i] != values[i - 1])
            values[kept++] = values[i];
    return kept;
}

bool int_set_contains(const int64_t *set, size_t n, int64_t wanted)
{
    return n && bsearch(&wanted, set, n, sizeof wanted, compare) != NULL;
}
