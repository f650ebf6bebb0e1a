/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_UPGRADE_H
#define CHAPPE_SERVICE_ROOMS_UPGRADE_H

/* Replacing a room by a new one of another version (client-server API, "Room upgrades"): the new
 * room with the state that carries over, the tombstone and the closing of the old one, the aliases
 * and the place in the directory, in one job. Either all of it happened, or nothing. */

#include "service/rooms/change.h"
#include "json/doc.h"

struct upgrade {
    struct str room_id, new_version;
    const struct json *additional_creators; /* array of user ids; NULL: none */
};

/* 403 for who may not send the tombstone; 400 M_UNSUPPORTED_ROOM_VERSION. */
int rooms_upgrade(struct use *use, const struct upgrade *upgrade, struct str *ret_room_id) MUST_USE;

/* ---- upgrade_levels.c: what the levels of the old room become ---- */

/* For the new room: integers where it wants them; creators above all levels, and so not in the
 * list; else at least `own` for the caller. creators: user ids, the caller first. */
struct str upgrade_levels(struct use *use, const struct room_version *version,
                          const struct pdu *old, const struct str *creators, size_t n_creators,
                          int64_t own);
/* The level with which all of the old room's state may be written in the new one. */
int64_t upgrade_level_needed(const struct pdu *old);
/* For the old room: nobody but moderators writes or invites. */
struct str upgrade_closed_levels(struct use *use, const struct pdu *old);

#endif
