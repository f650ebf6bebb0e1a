/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_PURGER_H
#define CHAPPE_SERVICE_ROOMS_PURGER_H

/* The one thread that deletes messages whose time is over (docs/design/retention.md), on the node
 * that has the lease "retention". At start and every retention.interval it goes through all rooms;
 * a piece of a room is one job. What is due is told by the events that are there, so that whatever
 * cut it short, it goes on where it was. */

#include "base/attr.h"
#include "base/err.h"

struct server;
struct purger;

/* NULL when the configuration has no retention. */
int purger_new(struct server *server, struct purger **ret_purger, struct err *err) MUST_USE;
/* Waits for the piece that is under way; before the store is closed. NULL is allowed, here and
 * below. */
void purger_stop(struct purger *purger);
void purger_free(struct purger *purger);

#endif
