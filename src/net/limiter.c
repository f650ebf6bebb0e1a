/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/limiter.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"

/* GCRA: what a key has used is kept as one time, that at which its bucket will be empty again. The
 * table is an array of sets of eight entries, found by the hash of the key: when all eight are in
 * use, the one that will be empty first (the stalest) goes, but none that is being refused; if all
 * are, the new key is let through unrecorded. Entries are told apart by a 64-bit SipHash under the
 * process's key; two keys that share one share a limit, which no outsider can bring about. */

#define WAYS   8
#define SHARDS 16

struct entry {
    uint64_t hash;    /* 0: free */
    int64_t empty_us; /* when its bucket will be empty again */
    int64_t full_us;  /* until when one more would be refused */
};

struct limiter {
    size_t n_buckets; /* a power of two */
    struct entry *entries;
    pthread_mutex_t locks[SHARDS];
};

struct limiter *limiter_new(size_t max_keys)
{
    struct limiter *limiter = MEM_NEW(struct limiter);
    limiter->n_buckets = SHARDS;
    while (limiter->n_buckets * WAYS < max_keys)
        limiter->n_buckets *= 2;
    limiter->entries = MEM_NEW_N(limiter->n_buckets * WAYS, struct entry);
    for (size_t i = 0; i < SHARDS; i++)
        pthread_mutex_init(&limiter->locks[i], NULL);
    return limiter;
}

void limiter_free(struct limiter *limiter)
{
    if (!limiter)
        return;
    for (size_t i = 0; i < SHARDS; i++)
        pthread_mutex_destroy(&limiter->locks[i]);
    mem_free(limiter->entries);
    mem_free(limiter);
}

static struct entry *entry_find(struct entry *bucket, uint64_t hash)
{
    for (size_t i = 0; i < WAYS; i++)
        if (bucket[i].hash == hash)
            return &bucket[i];
    return NULL;
}

static struct entry *entry_place(struct entry *bucket, int64_t now_us)
{
    struct entry *stalest = NULL;
    for (size_t i = 0; i < WAYS; i++) {
        if (bucket[i].hash == 0)
            return &bucket[i];
        if (bucket[i].full_us <= now_us && (!stalest || bucket[i].empty_us < stalest->empty_us))
            stalest = &bucket[i];
    }
    return stalest;
}

/* Under lock. */
static int64_t bucket_decide(struct entry *bucket, uint64_t hash, struct limiter_rule rule,
                             double cost, int64_t now_us, bool take)
{
    double interval_us = 1e6 / rule.per_second;
    struct entry *entry = entry_find(bucket, hash);
    int64_t base = entry && entry->empty_us > now_us ? entry->empty_us : now_us;
    int64_t room = (int64_t)(rule.burst * interval_us);
    int64_t next = base + (int64_t)(cost * interval_us);
    if (next - now_us > room)
        return (next - now_us - room + 999) / 1000;
    if (!entry && take)
        entry = entry_place(bucket, now_us);
    if (entry && take)
        *entry = (struct entry){hash, next, next + (int64_t)interval_us - room};
    return 0;
}

static int64_t decide(struct limiter *limiter, struct str key, struct limiter_rule rule,
                      double cost, int64_t now_ms, bool take)
{
    uint64_t hash = map_hash(key) | 1;
    size_t at = (size_t)(hash >> 8) & (limiter->n_buckets - 1);
    if (rule.per_second <= 0)
        return 0;
    pthread_mutex_lock(&limiter->locks[at % SHARDS]);
    int64_t result =
        bucket_decide(&limiter->entries[at * WAYS], hash, rule, cost, now_ms * 1000, take);
    pthread_mutex_unlock(&limiter->locks[at % SHARDS]);
    return result;
}

int64_t limiter_take(struct limiter *limiter, struct str key, struct limiter_rule rule, double cost,
                     int64_t monotonic_ms)
{
    return decide(limiter, key, rule, cost, monotonic_ms, true);
}

int64_t limiter_peek(struct limiter *limiter, struct str key, struct limiter_rule rule, double cost,
                     int64_t monotonic_ms)
{
    return decide(limiter, key, rule, cost, monotonic_ms, false);
}
