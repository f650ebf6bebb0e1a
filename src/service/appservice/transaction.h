/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_APPSERVICE_TRANSACTION_H
#define CHAPPE_SERVICE_APPSERVICE_TRANSACTION_H

/* What an application service is told next (application service API, "Pushing events"): the events
 * of the log that concern it, in its order, as many as fit; what is ephemeral (ephemeral.h) and
 * of devices (devices.h) besides when it wants them. */

#include "service/appservice/ephemeral.h"
#include "store/to_device.h"

struct composed {
    int64_t upto;    /* the log was looked at up to there */
    struct str body; /* of a transaction, in the arena; STR_NONE: nothing there concerns it */
    const struct to_device_taken *taken; /* messages in it, which leave their inboxes with it */
    size_t n_taken;
};

/* Looks at the log after `from`, in the use's snapshot, a bounded piece of it. The use's caller is
 * the service's sender. `told` counts once what was composed is stored. 1 there is more, 0 that was
 * all, -1. */
int appservice_compose(struct use *use, struct interest *interest, struct told *told, int64_t from,
                       struct composed *ret) MUST_USE;

#endif
