/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_TXN_H
#define CHAPPE_STORE_TXN_H

/* Transaction ids of clients: what a request that comes again is answered with (client-server API,
 * "Transaction identifiers"). The scope is what the path says beside the id: a room, or the name of
 * an endpoint. */

#include "store/store.h"

/* ERR_KIND_MOVED when that transaction is there already (it came twice at once): decided again, it
 * is found. event 0: one that has no event. */
int txn_insert(struct write *w, int64_t device, int64_t scope, struct str txn, int64_t event,
               struct err *err) MUST_USE;
/* 1 known (*ret_event may be 0), 0, -1. */
int txn_find(struct read *r, int64_t device, int64_t scope, struct str txn, int64_t *ret_event,
             struct err *err) MUST_USE;
/* The transaction by which a device sent an event: 1, 0, -1. */
int txn_find_event(struct read *r, int64_t device, int64_t event, struct arena *arena,
                   struct str *ret_txn, struct err *err) MUST_USE;
int txn_delete_device(struct write *w, int64_t device, struct err *err) MUST_USE;

#endif
