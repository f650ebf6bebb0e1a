/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_PUSH_JOINED_H
#define CHAPPE_SERVICE_PUSH_JOINED_H

/* When a member came: their last own event may be a change of name or picture. */

#include "service/rooms/view.h"

/* member: the event that says they are joined. *ret_place: the place where they joined; or, when
 * that is enough to know, of the newest of their member events that is below `enough`; or of the
 * oldest of the 20 that are gone through. INT64_MAX: the event is not there. 0, -1. */
int joined_find(struct view *view, int64_t member, int64_t enough, int64_t *ret_place) MUST_USE;

#endif
