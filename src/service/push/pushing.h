/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_PUSH_PUSHING_H
#define CHAPPE_SERVICE_PUSH_PUSHING_H

/* The one thread that pushes, on the node that has the lease "push": it follows the log, finds for
 * whom an event notifies among those who have a pusher, and sends (docs/design/push.md). A push
 * leaves at least once: after a crash what was not answered for is sent again. */

#include "service/server.h"
#include "store/store.h"

struct pushing;
struct vapid; /* service/push/vapid.h */

int pushing_new(struct server *server, struct pushing **ret_pushing, struct err *err) MUST_USE;
/* Starts the thread, when all that it uses is there. */
int pushing_start(struct pushing *pushing, struct err *err) MUST_USE;
/* Ends it; what is under way has two seconds to end. NULL is allowed, as below. */
void pushing_stop(struct pushing *pushing);
void pushing_free(struct pushing *pushing);

/* The store's listener: something may be to be pushed. Does not block. */
void pushing_listen(struct pushing *pushing, const struct log_entry *entries, size_t n);
/* The pushers have changed. Any thread. */
void pushing_wake(struct pushing *pushing);

/* NULL: there is no Web Push here (push.web, and tests without a key). */
const struct vapid *pushing_vapid(const struct pushing *pushing);

struct pushing_counts {
    int64_t sent, failed, waiting; /* since the start; of this node */
};
void pushing_count(const struct pushing *pushing, struct pushing_counts *ret_counts);

#endif
