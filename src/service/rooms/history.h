/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_HISTORY_H
#define CHAPPE_SERVICE_ROOMS_HISTORY_H

/* Pages of a room's events, in the order of their places, as one reader may see them: what
 * /messages and /context show. Tokens are places (service/sync/token.h): "t7" stands before the
 * event at place 7. */

#include "service/rooms/ignored.h"
#include "service/rooms/view.h"
#include "service/sync/filter.h"

struct history_query {
    int64_t from; /* a token's place */
    int64_t to;   /* another, where to stop; see has_to */
    bool has_to;
    enum event_direction direction;
    size_t limit;
    const struct event_filter *filter; /* NULL: all */
};

struct history_page {
    struct event **events; /* referenced, in the order of the direction */
    size_t n;
    int64_t next; /* the token's place to go on from */
    bool more;    /* there may be more after it */
    size_t looked_at;
};

/* Events that the reader may not see, or has ignored, or the filter leaves out are stepped over; a
 * page that steps over very many of them ends early, perhaps empty, and says that there is more. */
int history_read(struct view *view, const struct history_query *query,
                 struct history_page *ret_page) MUST_USE;
void history_done(struct history_page *page);
/* What comes right after an event (forward) or before it, for who may see the event. filter: NULL:
 * all. Limit 0: an empty page. */
int history_around(struct view *view, const struct event *event, enum event_direction direction,
                   size_t limit, const struct event_filter *filter,
                   struct history_page *ret_page) MUST_USE;

/* The places between which the reader may look: before the first event, and after the last one of
 * the snapshot, or the one by which they left. */
int history_bounds(struct view *view, int64_t *ret_first, int64_t *ret_end) MUST_USE;

/* The event nearest to a time, at or after it (forward) or at or before it, that the reader may
 * see: 1 (the caller unrefs), 0 none, or none among very many, -1. */
int history_find_time(struct view *view, int64_t ts, enum event_direction direction,
                      struct event **ret_event) MUST_USE;

/* The state after the last event before a token's place; 0: none. */
int history_state_at(struct view *view, int64_t place, int64_t *ret_state) MUST_USE;

/* Writes the m.room.member events of the senders of a page, each once, in an open array. */
int history_write_senders(struct json_writer *out, const struct format *format,
                          struct event *const *events, size_t n) MUST_USE;

#endif
