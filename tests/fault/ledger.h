/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_TESTS_FAULT_LEDGER_H
#define CHAPPE_TESTS_FAULT_LEDGER_H

/* What clients asked of a store and were told: kept outside of it, and held against it after a
 * fault. Each message is an entry, with a body and a transaction id of its own.
 *
 * Threads: an entry belongs to its writer; the rest is for one thread, while nothing writes. */

#include <pthread.h>

#include "base/vec.h"
#include "store/store.h"

enum { LEDGER_ROOMS = 3, LEDGER_WRITERS = 6 };

struct ledger_entry {
    int writer, room;
    int64_t number;            /* of its writer, from 0: the order it was asked in */
    bool acknowledged;         /* the client was told, and remembers what: */
    int64_t event, place, pos; /* of the event */
    int64_t tries;
};

struct ledger {
    VEC(struct ledger_entry *) entries[LEDGER_WRITERS]; /* owned */
    bool rooms[LEDGER_ROOMS];                           /* whose creation was acknowledged */
    pthread_mutex_t lock;                               /* of: */
    int64_t shown; /* the highest position that a listener was told */
};

void ledger_init(struct ledger *ledger);
void ledger_done(struct ledger *ledger);
struct ledger_entry *ledger_add(struct ledger *ledger, int writer, int room);
int64_t ledger_count(const struct ledger *ledger, bool acknowledged);
/* A store_listener. */
void ledger_show(void *arg, const struct log_entry *entries, size_t n);

/* "!room-1", into a buffer of the caller's. */
struct str ledger_room_id(int room, char buffer[static 32]);

/* Holds the store against the ledger: every acknowledged message is there, where it was said to be;
 * none is there twice; those of one writer are in the order they were acknowledged in; nothing is
 * there that nobody sent; no position that was shown is free again; store_check is clean. Prints a
 * line a fault, and returns how many. */
int64_t ledger_compare(const struct ledger *ledger, struct store *store);

#endif
