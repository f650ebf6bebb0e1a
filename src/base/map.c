/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/map.h"

#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/random.h"

/* Open addressing with linear probing, at most 3/4 full, removal by shifting back. */

static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static size_t int_map_slot_of(const struct int_map *map, int64_t key)
{
    size_t mask = map->capacity - 1;
    size_t i = mix((uint64_t)key) & mask;
    while (map->slots[i].value && map->slots[i].key != key)
        i = (i + 1) & mask;
    return i;
}

static void int_map_grow(struct int_map *map)
{
    struct int_map old = *map;
    map->capacity = old.capacity ? old.capacity * 2 : 8;
    map->slots = MEM_NEW_N(map->capacity, struct int_map_slot);
    for (size_t i = 0; i < old.capacity; i++)
        if (old.slots[i].value)
            map->slots[int_map_slot_of(map, old.slots[i].key)] = old.slots[i];
    mem_free(old.slots);
}

void int_map_done(struct int_map *map)
{
    mem_free(map->slots);
    *map = (struct int_map){0};
}

void *int_map_find(const struct int_map *map, int64_t key)
{
    return map->n ? map->slots[int_map_slot_of(map, key)].value : NULL;
}

void *int_map_put(struct int_map *map, int64_t key, void *value)
{
    CHECK(value != NULL);
    if ((map->n + 1) * 4 > map->capacity * 3)
        int_map_grow(map);
    struct int_map_slot *slot = &map->slots[int_map_slot_of(map, key)];
    void *old = slot->value;
    *slot = (struct int_map_slot){key, value};
    map->n += old == NULL;
    return old;
}

/* Those behind it in its run move up. */
static void int_map_clear(struct int_map *map, size_t hole)
{
    size_t mask = map->capacity - 1;
    for (size_t i = (hole + 1) & mask; map->slots[i].value; i = (i + 1) & mask) {
        size_t home = mix((uint64_t)map->slots[i].key) & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            map->slots[hole] = map->slots[i];
            hole = i;
        }
    }
    map->slots[hole] = (struct int_map_slot){0};
    map->n--;
}

void *int_map_remove(struct int_map *map, int64_t key)
{
    if (!map->n)
        return NULL;
    size_t slot = int_map_slot_of(map, key);
    void *old = map->slots[slot].value;
    if (old)
        int_map_clear(map, slot);
    return old;
}

/* From a free slot on, round to it: no run of entries goes over the end, so that what moves up
 * comes from ahead, to the slot that is looked at again or beyond it. */
void int_map_remove_if(struct int_map *map, bool (*goes)(int64_t key, void *value, void *arg),
                       void *arg)
{
    size_t mask = map->capacity - 1, start = 0;
    if (!map->n)
        return;
    while (map->slots[start].value)
        start++;
    for (size_t i = 1; i < map->capacity;) {
        size_t slot = (start + i) & mask;
        const struct int_map_slot *entry = &map->slots[slot];
        if (entry->value && goes(entry->key, entry->value, arg))
            int_map_clear(map, slot);
        else
            i++;
    }
}

bool int_map_next(const struct int_map *map, size_t *at, int64_t *ret_key, void **ret_value)
{
    for (; *at < map->capacity; ++*at) {
        if (!map->slots[*at].value)
            continue;
        *ret_key = map->slots[*at].key;
        *ret_value = map->slots[*at].value;
        ++*at;
        return true;
    }
    return false;
}

static uint64_t rotate(uint64_t x, int bits)
{
    return (x << bits) | (x >> (64 - bits));
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

static const uint64_t *hash_key(void)
{
    static uint64_t key[2];
    static int state; /* 0 unset, 1 being set, 2 set */
    int unset = 0;
    if (__atomic_load_n(&state, __ATOMIC_ACQUIRE) == 2)
        return key;
    if (__atomic_compare_exchange_n(&state, &unset, 1, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        random_bytes(key, sizeof key);
        __atomic_store_n(&state, 2, __ATOMIC_RELEASE);
    }
    while (__atomic_load_n(&state, __ATOMIC_ACQUIRE) != 2)
        ;
    return key;
}

uint64_t map_hash(struct str s)
{
    const uint64_t *key = hash_key();
    uint64_t v[4] = {key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du,
                     key[0] ^ 0x6c7967656e657261u, key[1] ^ 0x7465646279746573u};
    uint64_t word;
    size_t i = 0;
    for (; i + 8 <= s.n; i += 8) {
        memcpy(&word, s.p + i, 8);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    word = (uint64_t)s.n << 56;
    for (size_t k = 0; i + k < s.n; k++)
        word |= (uint64_t)(unsigned char)s.p[i + k] << (8 * k);
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
    v[2] ^= 0xff;
    for (int round = 0; round < 3; round++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static size_t str_map_slot_of(const struct str_map *map, struct str key, uint64_t hash)
{
    size_t mask = map->capacity - 1;
    size_t i = hash & mask;
    while (map->slots[i].key.p && (map->slots[i].hash != hash || !str_eq(map->slots[i].key, key)))
        i = (i + 1) & mask;
    return i;
}

static void str_map_grow(struct str_map *map)
{
    struct str_map old = *map;
    map->capacity = old.capacity ? old.capacity * 2 : 8;
    map->slots = MEM_NEW_N(map->capacity, struct str_map_slot);
    for (size_t i = 0; i < old.capacity; i++)
        if (old.slots[i].key.p)
            map->slots[str_map_slot_of(map, old.slots[i].key, old.slots[i].hash)] = old.slots[i];
    mem_free(old.slots);
}

void str_map_done(struct str_map *map)
{
    for (size_t i = 0; i < map->capacity; i++)
        mem_free((void *)(uintptr_t)map->slots[i].key.p);
    mem_free(map->slots);
    *map = (struct str_map){0};
}

void *str_map_find(const struct str_map *map, struct str key)
{
    return map->n ? map->slots[str_map_slot_of(map, key, map_hash(key))].value : NULL;
}

void *str_map_put(struct str_map *map, struct str key, void *value)
{
    CHECK(value != NULL);
    if ((map->n + 1) * 4 > map->capacity * 3)
        str_map_grow(map);
    uint64_t hash = map_hash(key);
    struct str_map_slot *slot = &map->slots[str_map_slot_of(map, key, hash)];
    void *old = slot->value;
    if (!slot->key.p) {
        *slot = (struct str_map_slot){{mem_copy(key.p, key.n), key.n}, NULL, hash};
        map->n++;
    }
    slot->value = value;
    return old;
}

static void str_map_clear(struct str_map *map, size_t hole)
{
    size_t mask = map->capacity - 1;
    mem_free((void *)(uintptr_t)map->slots[hole].key.p);
    for (size_t i = (hole + 1) & mask; map->slots[i].key.p; i = (i + 1) & mask) {
        size_t home = map->slots[i].hash & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            map->slots[hole] = map->slots[i];
            hole = i;
        }
    }
    map->slots[hole] = (struct str_map_slot){0};
    map->n--;
}

void *str_map_remove(struct str_map *map, struct str key)
{
    if (!map->n)
        return NULL;
    size_t slot = str_map_slot_of(map, key, map_hash(key));
    void *old = map->slots[slot].value;
    if (map->slots[slot].key.p)
        str_map_clear(map, slot);
    return old;
}

void str_map_remove_if(struct str_map *map, bool (*goes)(struct str key, void *value, void *arg),
                       void *arg)
{
    size_t mask = map->capacity - 1, start = 0;
    if (!map->n)
        return;
    while (map->slots[start].key.p)
        start++;
    for (size_t i = 1; i < map->capacity;) {
        size_t slot = (start + i) & mask;
        const struct str_map_slot *entry = &map->slots[slot];
        if (entry->key.p && goes(entry->key, entry->value, arg))
            str_map_clear(map, slot);
        else
            i++;
    }
}

bool str_map_next(const struct str_map *map, size_t *at, struct str *ret_key, void **ret_value)
{
    for (; *at < map->capacity; ++*at) {
        if (!map->slots[*at].key.p)
            continue;
        *ret_key = map->slots[*at].key;
        *ret_value = map->slots[*at].value;
        ++*at;
        return true;
    }
    return false;
}
