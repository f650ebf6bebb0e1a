/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_PUSH_VERDICT_H
#define CHAPPE_SERVICE_PUSH_VERDICT_H

/* What an event of a room does to one reader: by the marks it was judged with, where they say it
 * all, else by the reader's rules (docs/design/unread.md). Unread counts, pushes and the list of
 * notifications ask here, so that they agree. */

#include "service/rooms/view.h"
#include "service/sync/reader.h"

/* Zeroed but for the first three. What it loads it keeps, in the view's arena. */
struct push_sight {
    struct view *view; /* of the reader */
    struct reader *reader;
    int64_t state;                      /* which says what the reader is called in the room */
    const struct push_program *program; /* NULL: not loaded */
    struct str display_name;
    struct power power; /* at power_state; 0: not loaded */
    int64_t power_state;
};

/* Whether its marks say what an event does to this reader. */
bool push_is_plain(const struct push_sight *sight, unsigned flags);
/* Whether a plain event, or one that is known not to concern the reader, does what its marks say:
 * an event that was judged, and mentions neither them nor the room. */
bool push_concerns(const struct push_sight *sight, const struct pdu *pdu);
/* By the reader's rules. The levels are those in force when the event was sent: what somebody loses
 * later does not silence what they said. The verdict's texts live as long as the reader. */
int push_look(struct push_sight *sight, const struct event *event, const struct pdu *pdu,
              struct arena *scratch, struct push_verdict *ret_verdict) MUST_USE;

#endif
