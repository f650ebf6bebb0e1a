/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_ACCESS_H
#define CHAPPE_SERVICE_ROOMS_ACCESS_H

/* The rules of matrix/access_rules.h where they meet a change: the one place that asks them, for
 * every event that is decided here. Without rooms.access_rules nothing is asked. */

#include "service/rooms/change.h"

bool access_is_on(const struct server *server);

/* 0, or -1: 403 with a reason, or the store's fault. */
int change_check_access(struct change *change, const struct pdu *pdu,
                        enum access_address address) MUST_USE;

/* What the room is, with the change's own events. */
int change_access_kind(struct change *change, struct access_kind *ret_kind) MUST_USE;

/* The same of a room by its id, as of the use's snapshot; 403 when there is none. */
int access_load_kind(struct use *use, int64_t room, struct access_kind *ret_kind) MUST_USE;

/* A caller from outside is refused, whatever they ask of whom: 0, or -1: 403 with the reason. */
int access_refuse_external(struct use *use, const char *reason, const char *text) MUST_USE;

#endif
