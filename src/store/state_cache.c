/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/state_cache.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"

#define CACHE_BYTES MIB(64)
/* A state that was made and never saved (its decision was dropped) is let go after this. */
#define UNSAVED_MS    (10 * 60 * 1000)
#define EVICT_AT_ONCE 8

struct state_cache {
    pthread_mutex_t lock;
    struct int_map by_id;
    struct str_map by_hash;
    struct state_node *newest, *oldest;
    size_t bytes;
};

/* ---- nodes ---- */

struct state_node *state_node_new(const struct state_row *row, struct state_entry *delta,
                                  size_t n_delta, struct state_entry *jump, size_t n_jump)
{
    struct state_node *node = MEM_NEW(struct state_node);
    node->row = *row;
    node->delta = delta;
    node->n_delta = n_delta;
    node->jump = jump ? jump : delta;
    node->n_jump = jump ? n_jump : n_delta;
    node->made_ms = clock_monotonic_ms();
    node->refs = 1;
    return node;
}

static void node_ref(struct state_node *node)
{
    __atomic_add_fetch(&node->refs, 1, __ATOMIC_RELAXED);
}

void state_node_unref(struct state_node *node)
{
    if (!node || __atomic_sub_fetch(&node->refs, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    if (node->jump != node->delta)
        mem_free(node->jump);
    mem_free(node->delta);
    mem_free(node);
}

void state_node_cleanup(struct state_node **node)
{
    state_node_unref(*node);
}

/* ---- under the lock ---- */

static struct str hash_str(const struct set_hash *hash)
{
    return str_make(hash->bytes, sizeof hash->bytes);
}

static size_t cost(const struct state_node *node)
{
    size_t entries = node->n_delta + (node->jump == node->delta ? 0 : node->n_jump);
    return sizeof *node + entries * sizeof(struct state_entry) + 128;
}

static void unlink_node(struct state_cache *cache, struct state_node *node)
{
    if (node->newer)
        node->newer->older = node->older;
    else
        cache->newest = node->older;
    if (node->older)
        node->older->newer = node->newer;
    else
        cache->oldest = node->newer;
}

static void link_newest(struct state_cache *cache, struct state_node *node)
{
    node->newer = NULL;
    node->older = cache->newest;
    if (cache->newest)
        cache->newest->newer = node;
    else
        cache->oldest = node;
    cache->newest = node;
}

static void drop(struct state_cache *cache, struct state_node *node)
{
    unlink_node(cache, node);
    int_map_remove(&cache->by_id, node->row.id);
    if (str_map_find(&cache->by_hash, hash_str(&node->row.hash)) == node)
        str_map_remove(&cache->by_hash, hash_str(&node->row.hash));
    cache->bytes -= cost(node);
    state_node_unref(node);
}

/* What is not saved yet is nowhere else: it stays for a while. */
static void evict(struct state_cache *cache)
{
    int64_t now = clock_monotonic_ms();
    for (int i = 0; i < EVICT_AT_ONCE && cache->bytes > CACHE_BYTES; i++) {
        struct state_node *node = cache->oldest;
        if (atomic_load(&node->saved) || now - node->made_ms > UNSAVED_MS) {
            drop(cache, node);
        } else {
            unlink_node(cache, node);
            link_newest(cache, node);
        }
    }
}

static struct state_node *use(struct state_cache *cache, struct state_node *node)
{
    if (!node)
        return NULL;
    unlink_node(cache, node);
    link_newest(cache, node);
    node_ref(node);
    return node;
}

/* ---- from outside ---- */

struct state_cache *state_cache_new(void)
{
    struct state_cache *cache = MEM_NEW(struct state_cache);
    pthread_mutex_init(&cache->lock, NULL);
    return cache;
}

void state_cache_free(struct state_cache *cache)
{
    while (cache->oldest)
        drop(cache, cache->oldest);
    int_map_done(&cache->by_id);
    str_map_done(&cache->by_hash);
    pthread_mutex_destroy(&cache->lock);
    mem_free(cache);
}

struct state_node *state_cache_find(struct state_cache *cache, int64_t id)
{
    pthread_mutex_lock(&cache->lock);
    struct state_node *node = use(cache, int_map_find(&cache->by_id, id));
    pthread_mutex_unlock(&cache->lock);
    return node;
}

struct state_node *state_cache_find_hash(struct state_cache *cache, const struct set_hash *hash)
{
    pthread_mutex_lock(&cache->lock);
    struct state_node *node = use(cache, str_map_find(&cache->by_hash, hash_str(hash)));
    pthread_mutex_unlock(&cache->lock);
    return node;
}

/* A committed state read from the store keeps its own id even when an equal one is there. */
static struct state_node *find_same(struct state_cache *cache, const struct state_node *node)
{
    struct state_node *same = int_map_find(&cache->by_id, node->row.id);
    if (same || atomic_load(&node->saved))
        return same;
    return str_map_find(&cache->by_hash, hash_str(&node->row.hash));
}

struct state_node *state_cache_put(struct state_cache *cache, struct state_node *node)
{
    pthread_mutex_lock(&cache->lock);
    struct state_node *same = find_same(cache, node);
    if (same) {
        use(cache, same);
    } else {
        node_ref(node);
        link_newest(cache, node);
        int_map_put(&cache->by_id, node->row.id, node);
        if (!str_map_find(&cache->by_hash, hash_str(&node->row.hash)))
            str_map_put(&cache->by_hash, hash_str(&node->row.hash), node);
        cache->bytes += cost(node);
        evict(cache);
    }
    pthread_mutex_unlock(&cache->lock);
    if (!same)
        return node;
    state_node_unref(node);
    return same;
}

size_t state_cache_count(struct state_cache *cache)
{
    pthread_mutex_lock(&cache->lock);
    size_t n = cache->by_id.n;
    pthread_mutex_unlock(&cache->lock);
    return n;
}
