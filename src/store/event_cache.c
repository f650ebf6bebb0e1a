/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/event_cache.h"

#include <pthread.h>
#include <string.h>

#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"

#define CACHE_BYTES MIB(64)

struct entry {
    struct event *event;
    struct entry *newer, *older;
};

struct event_cache {
    pthread_mutex_t lock;
    struct int_map by_id;
    struct int_map by_hash; /* by the first bytes of the hash; the rest is compared */
    struct int_map by_txn;  /* of those that were sent by a transaction; compared as well */
    struct entry *newest, *oldest;
    size_t bytes;
    int64_t rewritten_pos; /* readers from before it may not put */
};

struct event_cache *event_cache_new(void)
{
    struct event_cache *cache = MEM_NEW(struct event_cache);
    pthread_mutex_init(&cache->lock, NULL);
    return cache;
}

/* ---- under the lock ---- */

static size_t cost(const struct event *event)
{
    return sizeof *event + sizeof(struct entry) + event->json.n + event->txn.n + 64;
}

static int64_t hash_key(const unsigned char *hash)
{
    int64_t key;
    memcpy(&key, hash, sizeof key);
    return key;
}

static int64_t txn_key(int64_t device, int64_t room, struct str txn)
{
    uint64_t key = map_hash(txn) ^ (uint64_t)device * 0x9e3779b97f4a7c15u;
    return (int64_t)(key ^ (uint64_t)room * 0xc2b2ae3d27d4eb4fu);
}

static int64_t txn_key_of(const struct event *event)
{
    return txn_key(event->device, event->room, event->txn);
}

static void unlink_entry(struct event_cache *cache, struct entry *entry)
{
    if (entry->newer)
        entry->newer->older = entry->older;
    else
        cache->newest = entry->older;
    if (entry->older)
        entry->older->newer = entry->newer;
    else
        cache->oldest = entry->newer;
}

static void link_newest(struct event_cache *cache, struct entry *entry)
{
    entry->newer = NULL;
    entry->older = cache->newest;
    if (cache->newest)
        cache->newest->newer = entry;
    else
        cache->oldest = entry;
    cache->newest = entry;
}

static void drop(struct event_cache *cache, struct entry *entry)
{
    int64_t key = hash_key(entry->event->hash);
    unlink_entry(cache, entry);
    int_map_remove(&cache->by_id, entry->event->id);
    if (int_map_find(&cache->by_hash, key) == entry)
        int_map_remove(&cache->by_hash, key);
    if (entry->event->txn.p && int_map_find(&cache->by_txn, txn_key_of(entry->event)) == entry)
        int_map_remove(&cache->by_txn, txn_key_of(entry->event));
    cache->bytes -= cost(entry->event);
    event_unref(entry->event);
    mem_free(entry);
}

static void put(struct event_cache *cache, struct event *event)
{
    struct entry *entry = int_map_find(&cache->by_id, event->id);
    if (entry)
        return;
    entry = MEM_NEW(struct entry);
    entry->event = event;
    event_ref(event);
    link_newest(cache, entry);
    int_map_put(&cache->by_id, event->id, entry);
    int_map_put(&cache->by_hash, hash_key(event->hash), entry);
    if (event->txn.p)
        int_map_put(&cache->by_txn, txn_key_of(event), entry);
    cache->bytes += cost(event);
    while (cache->bytes > CACHE_BYTES && cache->oldest != entry)
        drop(cache, cache->oldest);
}

static struct event *use(struct event_cache *cache, struct entry *entry)
{
    unlink_entry(cache, entry);
    link_newest(cache, entry);
    event_ref(entry->event);
    return entry->event;
}

/* ---- from outside ---- */

void event_cache_free(struct event_cache *cache)
{
    while (cache->oldest)
        drop(cache, cache->oldest);
    int_map_done(&cache->by_id);
    int_map_done(&cache->by_hash);
    int_map_done(&cache->by_txn);
    pthread_mutex_destroy(&cache->lock);
    mem_free(cache);
}

struct event *event_cache_find(struct event_cache *cache, int64_t id)
{
    pthread_mutex_lock(&cache->lock);
    struct entry *entry = int_map_find(&cache->by_id, id);
    struct event *event = entry ? use(cache, entry) : NULL;
    pthread_mutex_unlock(&cache->lock);
    return event;
}

struct event *event_cache_find_hash(struct event_cache *cache,
                                    const unsigned char hash[EVENT_HASH_BYTES])
{
    pthread_mutex_lock(&cache->lock);
    struct entry *entry = int_map_find(&cache->by_hash, hash_key(hash));
    bool same = entry && memcmp(entry->event->hash, hash, EVENT_HASH_BYTES) == 0;
    struct event *event = same ? use(cache, entry) : NULL;
    pthread_mutex_unlock(&cache->lock);
    return event;
}

static bool is_of_txn(const struct event *event, int64_t device, int64_t room, struct str txn)
{
    return event->device == device && event->room == room && str_eq(event->txn, txn);
}

struct event *event_cache_find_txn(struct event_cache *cache, int64_t device, int64_t room,
                                   struct str txn)
{
    pthread_mutex_lock(&cache->lock);
    struct entry *entry = int_map_find(&cache->by_txn, txn_key(device, room, txn));
    bool same = entry && is_of_txn(entry->event, device, room, txn);
    struct event *event = same ? use(cache, entry) : NULL;
    pthread_mutex_unlock(&cache->lock);
    return event;
}

void event_cache_put(struct event_cache *cache, struct event *event)
{
    pthread_mutex_lock(&cache->lock);
    put(cache, event);
    pthread_mutex_unlock(&cache->lock);
}

void event_cache_put_read(struct event_cache *cache, struct event *event, int64_t head)
{
    pthread_mutex_lock(&cache->lock);
    if (head >= cache->rewritten_pos)
        put(cache, event);
    pthread_mutex_unlock(&cache->lock);
}

/* A rewriting takes a position, so that readers of the batch before have a lower head. */
void event_cache_drop(struct event_cache *cache, int64_t id, int64_t pos)
{
    pthread_mutex_lock(&cache->lock);
    struct entry *entry = int_map_find(&cache->by_id, id);
    if (pos > cache->rewritten_pos)
        cache->rewritten_pos = pos;
    if (entry)
        drop(cache, entry);
    pthread_mutex_unlock(&cache->lock);
}

void event_cache_drop_room(struct event_cache *cache, int64_t room, int64_t pos)
{
    pthread_mutex_lock(&cache->lock);
    if (pos > cache->rewritten_pos)
        cache->rewritten_pos = pos;
    for (struct entry *entry = cache->newest, *older; entry; entry = older) {
        older = entry->older;
        if (entry->event->room == room)
            drop(cache, entry);
    }
    pthread_mutex_unlock(&cache->lock);
}
