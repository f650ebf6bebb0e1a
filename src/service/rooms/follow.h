/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_FOLLOW_H
#define CHAPPE_SERVICE_ROOMS_FOLLOW_H

/* What follows a user from a room to the one that replaces it (client-server API, "Room upgrades"):
 * tags, the room's push rule, the mark of a direct chat. */

#include "service/rooms/change.h"

/* For the caller's join in a change: looks for a room that this one replaces. A room that names
 * another as its predecessor is followed only when that one's tombstone names it. */
int follow_predecessor(struct change *change) MUST_USE;

/* The same, the old room being known. */
int follow_room(struct change *change, int64_t old_room, struct str old_room_id) MUST_USE;

#endif
