/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_APPSERVICE_SENDERS_H
#define CHAPPE_SERVICE_APPSERVICE_SENDERS_H

/* One thread an application service that has a URL: it follows the log from where the service was
 * last told of it, and sends one transaction after the other, each until it is acknowledged, under
 * its number and unchanged, over restarts (store/appservice.h). A service that does not answer is
 * tried again after 1 s, 2 s… up to 5 minutes; the others do not wait for it. On several nodes each
 * is told by the one that has the lease "appservice ID". */

#include "base/attr.h"
#include "base/err.h"

struct server;
struct senders;

/* Also makes the accounts of their senders. NULL where there are none. */
int senders_new(struct server *server, struct senders **ret_senders, struct err *err) MUST_USE;
/* Gives up the calls that are under way; before the store is closed. NULL is allowed, here and
 * below. */
void senders_stop(struct senders *senders);
/* After the store is closed, whose listener wakes them. */
void senders_free(struct senders *senders);
/* Something was committed. Any thread, also once they have stopped. */
void senders_wake(struct senders *senders);

#endif
