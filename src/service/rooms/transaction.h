/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_TRANSACTION_H
#define CHAPPE_SERVICE_ROOMS_TRANSACTION_H

/* Transaction ids of sends (client-server API, "Transaction identifiers"): per device, room and
 * kind of request. They are rows of the job that writes the event, so they survive with it or not
 * at all. */

#include "service/rooms/change.h"
#include "store/delayed.h"

/* What it is known by, in the arena. The kind stands in it: the same id sent to another endpoint is
 * another transaction. txn is not STR_NONE. */
struct str transaction_key(struct use *use, struct str kind, struct str txn);
/* A send that may have come before: a room, the id (STR_NONE: none) and the kind of request. */
struct transaction_name {
    int64_t room;
    struct str txn, kind;
};
/* The event sent by that transaction: 1 and its id, 0, -1. The first run of a handler asks memory
 * alone, which holds what was sent lately: an old one that is sent again is refused by the store,
 * and found in the next run. */
int transaction_find(struct use *use, const struct transaction_name *name,
                     struct str *ret_event_id) MUST_USE;
/* To be asked before a send is refused with use->err: what was sent once is answered as it was
 * then, whatever has changed since. 0 and the event's id (use->err is cleared), -1 it stays
 * refused. */
int transaction_excuse(struct use *use, const struct transaction_name *name,
                       struct str *ret_event_id) MUST_USE;
/* That event of the change is sent by it; once, before it is submitted. Nothing when txn is
 * STR_NONE or the caller has no device. */
void transaction_add(struct change *change, struct str txn, struct str kind, struct event *event);

/* A delayed event is sent by this change, as that event; nothing when it is NULL. */
void transaction_end_delayed(struct change *change, struct delayed *delayed, int64_t event);
/* The same where there is nothing to change, since it stands there already. */
int transaction_settle_delayed(struct use *use, struct delayed *delayed, int64_t event) MUST_USE;

#endif
