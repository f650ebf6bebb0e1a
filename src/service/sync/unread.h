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
    int refs;      /* atomic */
    int64_t upto;  /* the place of the last event counted */
    int64_t floor; /* nothing at or before it counts, in any thread */
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

/* Whether the reader has read an event of that thread (STR_NONE: the main timeline), as it was
 * counted. */
bool unread_has_read(const struct unread *unread, struct str root, int64_t place);
/* Of all its threads. */
int64_t unread_total(const struct unread *unread);
/* The root of the thread that an event belongs to; STR_NONE: the main timeline. */
struct str unread_thread_of(const struct pdu *pdu);

#endif
