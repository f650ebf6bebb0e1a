/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_PUSH_NOTIFICATIONS_H
#define CHAPPE_SERVICE_PUSH_NOTIFICATIONS_H

/* GET /notifications: the events that the caller was notified of, or would have been, newest first.
 * Computed from the events of their rooms by their rules and receipts, as unread counts are
 * (docs/design/unread.md): nothing is stored for it. */

#include "service/use.h"
#include "json/write.h"

struct notifications_query {
    struct str from; /* a next_token; STR_NONE: from the newest */
    size_t limit;    /* 1 to LIMIT_NOTIFICATIONS */
    bool highlights; /* those alone */
};

/* Writes the answer. A page that has looked at enough (LIMIT_NOTIFICATIONS_MARKS,
 * LIMIT_NOTIFICATIONS_TEXTS) ends early, perhaps empty, and says where to go on. 400
 * M_INVALID_PARAM: `from` is no token of ours. */
int notifications_write(struct use *use, const struct notifications_query *query,
                        struct json_writer *out) MUST_USE;

#endif
