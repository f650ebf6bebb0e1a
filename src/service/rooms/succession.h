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

/* For an account that is about to be closed: promotes in every room of its where one is needed,
 * some at a time. USE_DONE: no room needs it any more; USE_WAIT: asked again when what was found is
 * committed (without an exchange it waits itself); -1. A room whose state forbids the promotion is
 * told in the log and passed over. */
int succession_provide(struct use *use, int64_t user) MUST_USE;

/* For new power levels that the caller is about to write: 403 M_FORBIDDEN (last_administrator) when
 * they are the last administrator, and give that up while nobody else is one. */
int succession_check_levels(struct use *use, struct room *room,
                            const struct json *content) MUST_USE;

/* Whether a room that people are in has nobody to run it: 1, 0, -1. */
int succession_is_orphan(struct use *use, struct room *room) MUST_USE;

#endif
