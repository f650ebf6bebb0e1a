/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_SUCCESSION_H
#define CHAPPE_SERVICE_ROOMS_SUCCESSION_H

/* A room of an administration keeps an administrator (docs/design/room-rules.md): before the last
 * one leaves, the highest of the agents who are in is given their power in their name. An
 * administrator is who may change the power levels. */

#include "service/rooms/change.h"

/* For a change that is about to take the caller out of the room: decides the promotion first, when
 * one is needed. Nothing in direct rooms, and where nobody can follow. */
int succession_decide(struct change *change) MUST_USE;

/* Whether a room that people are in has nobody to run it: 1, 0, -1. */
int succession_is_orphan(struct use *use, struct room *room) MUST_USE;

#endif
