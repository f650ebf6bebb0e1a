/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/state_map.h"

#include <stdlib.h>

int state_entry_cmp(const struct state_entry *a, const struct state_entry *b)
{
    if (a->type != b->type)
        return a->type < b->type ? -1 : 1;
    return (a->state_key > b->state_key) - (a->state_key < b->state_key);
}

int64_t state_map_find(struct state_map map, int64_t type, int64_t state_key)
{
    const struct state_entry key = {type, state_key, 0};
    size_t low = 0, high = map.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = state_entry_cmp(&map.p[middle], &key);
        if (order == 0)
            return map.p[middle].event;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return 0;
}

static int compare(const void *a, const void *b)
{
    return state_entry_cmp(a, b);
}

void state_entries_sort(struct state_entry *entries, size_t n)
{
    if (n > 1)
        qsort(entries, n, sizeof *entries, compare);
}
