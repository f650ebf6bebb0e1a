/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_NOTICES_H
#define CHAPPE_SERVICE_ROOMS_NOTICES_H

/* Server notices (client-server API, "Server Notices"): what the operator tells one user, in a room
 * of that user and of the server's account notices.localpart, tagged m.server_notice. Each user has
 * one at most, made with the first notice; who has left is invited again with the next. Nobody but
 * the server speaks there, and it is not encrypted: what the server says is no secret to it. */

#include "service/rooms/room.h"
#include "service/use.h"

struct change;

/* Sends a text to a user of ours: the room, the invitation and the message are one job. For
 * commands: it makes snapshots of its own, and waits. *ret_room_id is in the use's arena. 400
 * M_USER_IN_USE when notices.localpart is somebody's. */
int notices_send(struct use *use, int64_t user, struct str body, struct str *ret_room_id) MUST_USE;

/* Before the caller leaves a room they are invited to: 403 M_CANNOT_LEAVE_SERVER_NOTICE_ROOM when
 * it is theirs of notices. Who has joined may leave, and who closes their account. */
int notices_check_leave(struct use *use, const struct room *room) MUST_USE;

/* For rooms_create: what is written with the room of a user's notices. */
void notices_add_room(struct change *change, int64_t user);

#endif
