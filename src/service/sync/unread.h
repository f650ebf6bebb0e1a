/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SYNC_UNREAD_H
#define CHAPPE_SERVICE_SYNC_UNREAD_H

/* Unread counts (client-server API, "Receiving notifications"): what came after a reader's
 * receipts, by their push rules, computed when they sync. Nothing is written per member. See
 * docs/design/unread.md. */

#include "service/rooms/window.h"
#include "service/sync/reader.h"

struct unread_thread {
    struct str root;    /* event id; STR_NONE: the main timeline */
    int64_t read_place; /* nothing at or before it counts */
    int64_t notify, highlight;
};

/* Immutable; shared by references, any thread. */
struct unread {
    int refs;     /* atomic */
    int64_t upto; /* the place of the last event counted */
    size_t n;
    struct unread_thread threads[];
};

struct unread_request {
    struct view *view;
    const struct membership_row *member; /* the reader's */
    struct reader *reader;
    int64_t end_place, end_state; /* of the room at the head */
    const struct window *window;  /* NULL: none */
    /* Counted before, at an earlier end; since then no receipt of the reader's, no redaction and no
     * change of rules. NULL: from the start. */
    struct unread *before;
    size_t share_after; /* past so many events the count is made by the room's tally */
};

/* The caller unrefs. */
int unread_count(const struct unread_request *request, struct unread **ret_unread) MUST_USE;
struct unread *unread_ref(struct unread *unread) MUST_USE;
void unread_unref(struct unread *unread); /* NULL is allowed */

#endif
