/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_ALIASES_H
#define CHAPPE_SERVICE_ROOMS_ALIASES_H

/* Room aliases of this server (client-server API, "Room aliases"), and the rooms that its directory
 * lists ("Published room directory"). */

#include "service/use.h"
#include "json/doc.h"

/* Neither taken nor kept for an application service: 0; -1 with 400 M_ROOM_IN_USE, M_EXCLUSIVE. */
int aliases_check_free(struct use *use, struct str alias) MUST_USE;
/* By a member of the room. 400 M_EXCLUSIVE; 409 M_ROOM_IN_USE when it exists. */
int aliases_create(struct use *use, struct str alias, struct str room_id) MUST_USE;
/* The room of an alias: 404 M_NOT_FOUND when it is none of ours. */
int aliases_find(struct use *use, struct str alias, int64_t *ret_room) MUST_USE;
/* By who made it, who may set the room's canonical alias, or an administrator. */
int aliases_delete(struct use *use, struct str alias) MUST_USE;

/* What a client wants to set as m.room.canonical_alias of a room: aliases that the current content
 * (NULL: none) does not have must be of this server and lead to the room. 400 M_INVALID_PARAM for
 * what is no alias, M_BAD_ALIAS for one that leads elsewhere or nowhere. */
int aliases_check_canonical(struct use *use, int64_t room, const struct json *current,
                            const struct json *content) MUST_USE;

/* Is the room listed? 404 to those who may not know that it exists. */
int directory_find(struct use *use, struct str room_id, bool *ret_listed) MUST_USE;
/* In the list of a network that the caller, an application service in the room, bridges: 403. */
int directory_put_network(struct use *use, struct str network, struct str room_id,
                          bool listed) MUST_USE;
/* How clients name that list. */
struct str directory_instance(struct arena *arena, const struct appservice *as, struct str network);
/* By a member who may set the room's canonical alias. */
int directory_put(struct use *use, struct str room_id, bool listed) MUST_USE;

#endif
