/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/state_codec.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store/varint.h"

int state_entry_cmp(const struct state_entry *a, const struct state_entry *b)
{
    if (a->type != b->type)
        return a->type < b->type ? -1 : 1;
    if (a->state_key != b->state_key)
        return a->state_key < b->state_key ? -1 : 1;
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

const struct state_entry *state_entries_find(const struct state_entry *entries, size_t n,
                                             int64_t type, int64_t state_key)
{
    struct state_entry wanted = {type, state_key, 0};
    return n ? bsearch(&wanted, entries, n, sizeof *entries, compare) : NULL;
}

void state_entries_merge(const struct state_entry *newer, size_t n_newer,
                         const struct state_entry *older, size_t n_older, struct arena *arena,
                         struct state_entry **ret_entries, size_t *ret_n)
{
    struct state_entry *out = ARENA_NEW_N(arena, n_newer + n_older, struct state_entry);
    size_t n = 0, a = 0, b = 0;
    while (a < n_newer || b < n_older) {
        int order = a == n_newer ? 1 : b == n_older ? -1 : state_entry_cmp(&newer[a], &older[b]);
        out[n++] = order <= 0 ? newer[a] : older[b];
        a += order <= 0;
        b += order >= 0;
    }
    *ret_entries = out;
    *ret_n = n;
}

/* ---- bytes ---- */

static uint64_t zigzag(int64_t value)
{
    return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
}

static int64_t unzigzag(uint64_t value)
{
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

struct str state_entries_encode(const struct state_entry *entries, size_t n, struct arena *arena)
{
    unsigned char *out = arena_alloc(arena, n + 1, 3 * VARINT_MAX);
    struct state_entry last = {0, 0, 0};
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        const struct state_entry *entry = &entries[i];
        int64_t from = entry->type == last.type ? last.state_key : 0;
        at += varint_put(out + at, (uint64_t)(entry->type - last.type));
        at += varint_put(out + at, (uint64_t)(entry->state_key - from));
        at += varint_put(out + at, zigzag(entry->event - last.event));
        last = *entry;
    }
    return str_make(out, at);
}

static int decode_entry(struct str bytes, size_t *at, const struct state_entry *last,
                        struct state_entry *ret_entry)
{
    uint64_t type, state_key, event;
    if (varint_get(bytes, at, &type) < 0 || varint_get(bytes, at, &state_key) < 0 ||
        varint_get(bytes, at, &event) < 0)
        return -1;
    int64_t from = type == 0 ? last->state_key : 0;
    if (type > (uint64_t)(INT64_MAX - last->type) || state_key > (uint64_t)(INT64_MAX - from))
        return -1;
    ret_entry->type = last->type + (int64_t)type;
    ret_entry->state_key = from + (int64_t)state_key;
    ret_entry->event = (int64_t)((uint64_t)last->event + (uint64_t)unzigzag(event));
    return ret_entry->event < 0 ? -1 : 0;
}

int state_entries_decode(struct str bytes, struct state_entry **ret_entries, size_t *ret_n)
{
    struct state_entry *entries = MEM_NEW_N(bytes.n / 3 + 1, struct state_entry);
    struct state_entry last = {0, 0, 0};
    size_t n = 0;
    for (size_t at = 0; at < bytes.n; n++) {
        if (decode_entry(bytes, &at, &last, &entries[n]) < 0 ||
            (n && state_entry_cmp(&last, &entries[n]) >= 0)) {
            mem_free(entries);
            return -1;
        }
        last = entries[n];
    }
    *ret_entries = entries;
    *ret_n = n;
    return 0;
}
