/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_LEASE_H
#define CHAPPE_STORE_LEASE_H

/* Which node does a work of which there is one (ARCHITECTURE, law 10): sending mail, for instance.
 * A lease has an end; who works renews it well before, and stops working when that fails. On SQLite
 * there is one node, which is always given it. The end is told by the nodes' wall clocks: they may
 * differ by less than half of the shortest lease. */

#include "store/store.h"

/* Takes the lease of that name for a holder, or renews it, until ttl_ms from now. *ret_ours false:
 * another holds it. A holder is a node over its restarts (server.h), so that one that comes back
 * from a crash goes on at once. */
int lease_take(struct write *w, struct str name, int64_t holder, int64_t ttl_ms, bool *ret_ours,
               struct err *err) MUST_USE;
/* The same in a job of its own, which is waited for. -1: it could not be written. */
int lease_hold(struct store *store, struct str name, int64_t holder, int64_t ttl_ms, bool *ret_ours,
               struct err *err) MUST_USE;
/* Gives it back, if it is the holder's, so that another need not wait for its end. */
int lease_give(struct write *w, struct str name, int64_t holder, struct err *err) MUST_USE;

#endif
