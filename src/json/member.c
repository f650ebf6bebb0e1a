/* SPDX-License-Identifier: EUPL-1.2 */
#include "json/member.h"

#include <string.h>

#define SHORT_RUN 12

static void insertion_sort(struct json_member *members, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct json_member moving = members[i];
        size_t at = i;
        for (; at > 0 && str_cmp(members[at - 1].key, moving.key) > 0; at--)
            members[at] = members[at - 1];
        members[at] = moving;
    }
}

/* Merges the sorted halves of `from`, split at `half`, into `to`. */
static void merge(const struct json_member *from, size_t half, size_t n, struct json_member *to)
{
    size_t left = 0, right = half;
    for (size_t i = 0; i < n; i++) {
        bool take_left =
            right == n || (left < half && str_cmp(from[left].key, from[right].key) <= 0);
        to[i] = from[take_left ? left++ : right++];
    }
}

/* Both hold the same n members; `to` ends sorted. */
static void merge_sort(struct json_member *from, struct json_member *to, size_t n)
{
    if (n <= SHORT_RUN) {
        insertion_sort(to, n);
        return;
    }
    size_t half = n / 2;
    merge_sort(to, from, half);
    merge_sort(to + half, from + half, n - half);
    merge(from, half, n, to);
}

/* The first member whose key is not above the one before it, or n. */
static size_t first_out_of_order(const struct json_member *members, size_t n)
{
    size_t i = 1;
    while (i < n && str_cmp(members[i - 1].key, members[i].key) < 0)
        i++;
    return i < n ? i : n;
}

const struct json_member *json_members_sort(struct json_member *members, struct json_member *spare,
                                            size_t n)
{
    if (first_out_of_order(members, n) == n)
        return NULL;
    memcpy(spare, members, n * sizeof *members);
    merge_sort(spare, members, n);
    size_t twin = first_out_of_order(members, n);
    return twin < n ? &members[twin] : NULL;
}
