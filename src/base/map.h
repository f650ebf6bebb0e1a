/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BASE_MAP_H
#define CHAPPE_BASE_MAP_H

/* Hash tables: from integers (struct int_map) and from byte strings (struct str_map) to pointers.
 * Strings are hashed with SipHash under a key drawn at start, so that no outsider can choose
 * colliding ones. A table does no locking: its owner does. Values are not owned; the keys of a
 * str_map are copied.
 *
 * Iteration (_next) comes by each entry once, in arbitrary order, as long as the table is not
 * changed meanwhile. A removal moves other entries: one that goes on after it may pass over some
 * and come by others twice. Who removes on the way uses _remove_if. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"

struct int_map_slot {
    int64_t key;
    void *value; /* NULL: free */
};

struct int_map {
    struct int_map_slot *slots;
    size_t n, capacity;
};

/* A zeroed struct is an empty table. */
void int_map_done(struct int_map *map);
void *int_map_find(const struct int_map *map, int64_t key); /* NULL when absent */
/* Replaces what was there and returns it, or NULL. The value may not be NULL. */
void *int_map_put(struct int_map *map, int64_t key, void *value);
void *int_map_remove(struct int_map *map, int64_t key); /* what was there, or NULL */
/* for (size_t at = 0; int_map_next(&map, &at, &key, &value);) */
bool int_map_next(const struct int_map *map, size_t *at, int64_t *ret_key, void **ret_value);
/* Asks of each entry once, in arbitrary order, whether it goes. goes may free the value that it
 * says goes; it may not change the table. */
void int_map_remove_if(struct int_map *map, bool (*goes)(int64_t key, void *value, void *arg),
                       void *arg);

struct str_map_slot {
    struct str key; /* key.p NULL: free */
    void *value;
    uint64_t hash;
};

struct str_map {
    struct str_map_slot *slots;
    size_t n, capacity;
};

void str_map_done(struct str_map *map);
void *str_map_find(const struct str_map *map, struct str key);
void *str_map_put(struct str_map *map, struct str key, void *value);
void *str_map_remove(struct str_map *map, struct str key);
bool str_map_next(const struct str_map *map, size_t *at, struct str *ret_key, void **ret_value);
void str_map_remove_if(struct str_map *map, bool (*goes)(struct str key, void *value, void *arg),
                       void *arg);

/* SipHash-1-3 under the process's key: for tables, not for cryptography. */
uint64_t map_hash(struct str s);

#endif
