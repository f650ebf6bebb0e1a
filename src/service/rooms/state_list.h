/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_STATE_LIST_H
#define CHAPPE_SERVICE_ROOMS_STATE_LIST_H

/* A state of a room as clients get it: the events of its map, whole or in part, a page of events at
 * a time. Of an event that is not written yet only its id is kept, so that a room may have many
 * members; a page costs a constant number of statements. */

#include "base/vec.h"
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

/* A list that is being written. Zeroed: an empty one. */
struct state_list {
    VEC(int64_t) ids;
    size_t next;
};

/* Puts the ids of a state's events in, those that can be told from the map. */
int state_list_fill(struct state_list *list, struct view *view, int64_t state,
                    const struct state_choice *choice) MUST_USE;
/* Writes the next page into an open array: 1 there is more, 0 that was the last, -1. Of the choice
 * only kinds and filter are looked at. */
int state_list_next(struct state_list *list, struct json_writer *out, const struct format *format,
                    const struct state_choice *choice) MUST_USE;
void state_list_done(struct state_list *list);

/* Answers in pieces: goes on with the array that is open, and closes it and all around it. */
int state_list_answer(struct use *use, struct json_writer *out, const struct view *view,
                      int64_t state, const struct state_choice *choice) MUST_USE;

/* {"joined":{…}}, in pieces: who is joined, with their names and avatars. */
int state_list_answer_joined(struct use *use, struct json_writer *out,
                             const struct view *view) MUST_USE;

#endif
