/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_EXPIRY_H
#define CHAPPE_SERVICE_EXPIRY_H

/* What is kept for a time and then goes: transaction ids after a week, and of what waits for a
 * device that has not been seen for three months all but the newest messages. Walks over the tables
 * in pages, a bounded number of them each time it is asked, and goes on where it was; a restart
 * begins again. Used by the background thread. */

#include "store/txn.h"

struct server;

/* Zeroed at the start. */
struct expiry {
    struct txn_walk transactions;
    int64_t after_device;
};

/* now_ms: of the wall clock. */
void expiry_run(struct expiry *expiry, struct server *server, int64_t now_ms);

#endif
