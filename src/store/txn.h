/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_TXN_H
#define CHAPPE_STORE_TXN_H

/* Transaction ids of clients: what a request that comes again is answered with (client-server API,
 * "Transaction identifiers"). The scope is what the path says beside the id: a room, or the name of
 * an endpoint. They are forgotten after a time; an event keeps the one that it was sent by. */

#include "base/limits.h"
#include "store/store.h"

/* ERR_KIND_MOVED when that transaction is there already (it came twice at once): decided again, it
 * is found. event 0: one that has no event. */
int txn_insert(struct write *w, int64_t device, int64_t scope, struct str txn, int64_t event,
               struct err *err) MUST_USE;
/* 1 known (*ret_event may be 0), 0, -1. */
int txn_find(struct read *r, int64_t device, int64_t scope, struct str txn, int64_t *ret_event,
             struct err *err) MUST_USE;
/* A walk over all of them, a page at a time, to forget the old: what it goes on after lasts from
 * page to page, zeroed at the start and again at the end. */
struct txn_walk {
    int64_t device, scope;
    char txn[LIMIT_TXN_KEY_BYTES];
    size_t n_txn;
};
struct txn_old {
    int64_t device, scope;
    struct str txn;
};
/* Looks at the next `limit` and lists those of before `before_ms`. 1 there is more, 0 that was the
 * end of the table, -1. */
int txn_list_old(struct read *r, struct txn_walk *walk, int64_t before_ms, size_t limit,
                 struct arena *arena, struct txn_old **ret_old, size_t *ret_n,
                 struct err *err) MUST_USE;
int txn_delete(struct write *w, const struct txn_old *old, struct err *err) MUST_USE;
int txn_delete_device(struct write *w, int64_t device, struct err *err) MUST_USE;

/* A piece of the migration that copies them to their events (db/migrate.h). */
int txn_copy_to_events(struct db_conn *conn, int64_t *cursor, struct err *err) MUST_USE;

#endif
