/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_WINDOW_H
#define CHAPPE_SERVICE_ROOMS_WINDOW_H

/* The end of a room as all its readers share it: the row and the last events, as of a head. When a
 * message wakes ten thousand readers, the first of them makes the window and the others use it.
 * Immutable after it was made, but for what is found out about an event when it is first asked for;
 * shared by references, any thread.
 *
 * A window is followed by the next without a question to the store as long as what comes are
 * messages. */

#include "service/rooms/view.h"

#define WINDOW_EVENTS 12

struct window_event {
    struct event *event; /* referenced */
    int kinds;           /* atomic: of its children, 1u << enum relation_kind; -1: not asked yet */
};

struct window {
    int refs; /* atomic */
    struct room_row row;
    /* Where the room stood before the first of the events: 0 for its beginning. All events after
     * that which have a place are here, oldest first, but rejected and soft-failed ones. */
    int64_t floor_pos, floor_place, floor_state;
    struct window_event events[WINDOW_EVENTS];
    size_t n;
    /* Each event was made on the state left by the one before it, and none changes who may read:
     * visibility is that of all of them, and who has joined before them is joined at them. */
    bool is_plain;
    enum history_visibility visibility;
};

/* From the snapshot of the use. 1 (the caller unrefs); 0: the room is unknown, or the snapshot
 * holds more of it than the use's head; -1. */
int window_load(struct use *use, int64_t room, struct window **ret_window) MUST_USE;
/* The window after some more events, oldest first, when they are messages that are at hand: 1, 0
 * when it must be loaded, -1. */
int window_extend(struct use *use, const struct window *window, const int64_t *events, size_t n,
                  struct window **ret_window) MUST_USE;
struct window *window_ref(struct window *window) MUST_USE;
void window_unref(struct window *window); /* NULL is allowed */

/* The last of its events with a position at most `pos`, or NULL: before the first. */
const struct event *window_event_at(const struct window *window, int64_t pos);
/* Lets a view know what it need not look up: see view_expect. member: the reader's row. */
void window_seed(struct window *window, struct view *view, const struct membership_row *member);

#endif
