/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_STATE_LIST_H
#define CHAPPE_SERVICE_ROOMS_STATE_LIST_H

/* A state of a room as clients get it: the events of its map, whole or in part. Nothing is kept
 * per event while it is written, so that a room may have many members. */

#include "service/rooms/view.h"
#include "service/sync/filter.h"

struct state_choice {
    bool members_only;
    unsigned kinds;                    /* MEMBERSHIP_BITs of the members wanted; 0: all */
    const struct event_filter *filter; /* NULL: all */
    /* Lazy members: of m.room.member only those of the senders of these events. */
    bool lazy;
    struct event *const *events;
    size_t n_events;
};

/* Into an open array. */
int state_list_write(struct json_writer *out, const struct format *format, int64_t state,
                     const struct state_choice *choice) MUST_USE;

/* {"joined":{…}}: who is joined now, with their names and avatars. */
int state_list_write_joined(struct json_writer *out, struct view *view) MUST_USE;

#endif
