/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/histogram.h"

#include <stddef.h>

static size_t bucket_of(int64_t us)
{
    uint64_t value = us < 0 ? 0 : (uint64_t)us;
    if (value < HISTOGRAM_PARTS)
        return (size_t)value;
    /* The seven bits after the leading one choose the part. */
    unsigned shift = 63u - (unsigned)__builtin_clzll(value) - 7u;
    size_t bucket = (size_t)(shift + 1) * HISTOGRAM_PARTS + (size_t)((value >> shift) & 127u);
    return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

/* The largest value that falls into the bucket. */
static int64_t top_of(size_t bucket)
{
    if (bucket < HISTOGRAM_PARTS)
        return (int64_t)bucket;
    unsigned shift = (unsigned)(bucket / HISTOGRAM_PARTS) - 1;
    uint64_t low = (uint64_t)(HISTOGRAM_PARTS + bucket % HISTOGRAM_PARTS) << shift;
    return (int64_t)(low + (UINT64_C(1) << shift) - 1);
}

void histogram_add(struct histogram *h, int64_t us)
{
    if (us < 0)
        us = 0;
    h->counts[bucket_of(us)]++;
    h->n++;
    h->sum += us;
    if (us > h->max)
        h->max = us;
}

int64_t histogram_at(const struct histogram *h, double part)
{
    double wanted = part * (double)h->n;
    uint64_t seen = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS && h->n; i++) {
        seen += h->counts[i];
        if (h->counts[i] && (double)seen >= wanted)
            return top_of(i) < h->max ? top_of(i) : h->max;
    }
    return h->max;
}
