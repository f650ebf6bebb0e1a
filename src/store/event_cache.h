/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_EVENT_CACHE_H
#define CHAPPE_STORE_EVENT_CACHE_H

/* Committed events in memory, by id and by hash, up to a number of bytes; those used last stay.
 * Shared: it locks itself. Entries are immutable: what is rewritten in the store is dropped here.
 *
 * A reader whose snapshot is older than such a rewriting may not put back what it has read: the
 * cache remembers the position of the last one and takes events only from readers whose head is not
 * before it. */

#include "store/event.h"

struct event_cache;

struct event_cache *event_cache_new(void) MUST_USE;
void event_cache_free(struct event_cache *cache);

/* With a reference for the caller, or NULL. */
struct event *event_cache_find(struct event_cache *cache, int64_t id) MUST_USE;
struct event *event_cache_find_hash(struct event_cache *cache,
                                    const unsigned char hash[EVENT_HASH_BYTES]) MUST_USE;
/* By the transaction that it was sent by. */
struct event *event_cache_find_txn(struct event_cache *cache, int64_t device, int64_t room,
                                   struct str txn) MUST_USE;

/* From the appender, after the commit. */
void event_cache_put(struct event_cache *cache, struct event *event);
/* From a reader at that head. */
void event_cache_put_read(struct event_cache *cache, struct event *event, int64_t head);

/* The stored event was rewritten by the batch that ends at that position. */
void event_cache_drop(struct event_cache *cache, int64_t id, int64_t pos);
/* The same of what there is of a room. Goes through the whole cache. */
void event_cache_drop_room(struct event_cache *cache, int64_t room, int64_t pos);

#endif
