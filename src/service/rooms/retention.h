/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_RETENTION_H
#define CHAPPE_SERVICE_ROOMS_RETENTION_H

/* How long the messages of a room are kept (docs/design/retention.md): what its m.room.retention
 * says, within the operator's bounds. */

#include "matrix/retention.h"
#include "service/use.h"
#include "store/room.h"

struct config; /* service/config.h */

/* A state event that is about to be sent: 0, also for one of another type; -1, 400: its content is
 * no m.room.retention. */
int retention_check(struct use *use, struct str type, struct str state_key,
                    const struct json *content) MUST_USE;

struct retention_bounds retention_bounds_of(const struct config *config);

/* By the room's current state; RETENTION_FOREVER. What another server may have sent and nobody can
 * read counts as nothing said. */
int retention_of_room(struct use *use, const struct room_row *row,
                      int64_t *ret_lifetime_ms) MUST_USE;

#endif
