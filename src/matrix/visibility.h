/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_MATRIX_VISIBILITY_H
#define CHAPPE_MATRIX_VISIBILITY_H

/* May this user see this event? (client-server API, "Room History Visibility".) A pure function of
 * what the caller loads: the state at the event, and where the user stands now. */

#include <stdbool.h>

#include "base/str.h"
#include "matrix/membership.h"

enum history_visibility {
    HISTORY_VISIBILITY_SHARED = 0, /* also when nothing is set or the word is not known */
    HISTORY_VISIBILITY_WORLD_READABLE = 1,
    HISTORY_VISIBILITY_INVITED = 2,
    HISTORY_VISIBILITY_JOINED = 3,
};

/* Of content.history_visibility. */
enum history_visibility history_visibility_parse(struct str word);
struct str history_visibility_format(enum history_visibility visibility);

/* State before and after the event. They differ only for m.room.history_visibility (the first two)
 * and for the user's own m.room.member (the last two); for any other event both are the same. */
struct visibility_facts {
    enum history_visibility visibility_before, visibility_after;
    enum membership membership_before, membership_after; /* the user's */

    /* The user joined at some point after the event (and may have left since). */
    bool joined_since;

    /* The user was in the room, has left (or been banned) and the event came later: it is not
     * shown unless it is world readable. The event by which they left came before, not later. */
    bool after_leaving;
};

/* For a server of the federation, the memberships are the best among its users': join, then invite.
 */
bool visibility_allows(const struct visibility_facts *facts);

#endif
