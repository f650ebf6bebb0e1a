/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_ROOM_KIND_H
#define CHAPPE_SERVICE_ROOMS_ROOM_KIND_H

/* What createRoom asks for, as one of the kinds of room of docs/design/room-rules.md, and what
 * follows from the kind: its access rules, levels, history and encryption. For create_room.c, where
 * rooms.access_rules is on. */

#include "matrix/access_rules.h"
#include "service/rooms/create_room.h"

struct room_kind {
    struct access_kind access;
    bool is_space;
};

/* preset: the name of the one in force. -1: 400 M_INVALID_PARAM with a reason when what is asked
 * contradicts itself or is no kind of room here; 403 where the kind is not allowed. */
int room_kind_plan(struct use *use, const struct new_room *new_room, struct str preset,
                   struct room_kind *ret_kind) MUST_USE;

/* The content of its im.vector.room.access_rules. In the arena. */
struct str room_kind_content(struct use *use, const struct room_kind *kind);

/* Its m.room.power_levels: the asked ones over the defaults, event by event; what it takes to
 * invite and to change the state is not lowered. In the arena. */
struct str room_kind_levels(struct use *use, const struct room_version *version,
                            const struct room_kind *kind, const struct str *admins, size_t n_admins,
                            const struct json *asked);

struct str room_kind_history(const struct room_kind *kind); /* when none is asked for */
bool room_kind_is_encrypted(const struct room_kind *kind);

#endif
