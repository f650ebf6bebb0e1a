/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_APPSERVICE_TRANSACTION_H
#define CHAPPE_SERVICE_APPSERVICE_TRANSACTION_H

/* What an application service is told next (application service API, "Pushing events"): the events
 * of the log that concern it, in its order, as many as fit; receipts and typing besides when it
 * wants them. */

#include "service/appservice/interest.h"

struct told {
    int64_t typing; /* the last change of what lives in memory that was told (notifier.h) */
};

/* Looks at the log after `from`, in the use's snapshot, a bounded piece of it, up to *ret_upto.
 * *ret_body is the body of a transaction, in the arena; STR_NONE: nothing there concerns it. The
 * use's caller is the service's sender. 1 there is more of the log, 0 that was all, -1. */
int appservice_compose(struct use *use, struct interest *interest, struct told *told, int64_t from,
                       int64_t *ret_upto, struct str *ret_body) MUST_USE;

#endif
