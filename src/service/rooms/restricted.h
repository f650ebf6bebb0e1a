/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_RESTRICTED_H
#define CHAPPE_SERVICE_ROOMS_RESTRICTED_H

#include "service/rooms/room.h"

/* For a join into a room whose rule is restricted or knock_restricted, by somebody not invited
 * (client-server API, "Restricted rooms"): when the caller is in one of the rooms that allow it,
 * *ret_extra is the raw member join_authorised_via_users_server naming a user of ours who may
 * invite. Under other rules, and when no condition holds, it is STR_NONE and the authorisation
 * rules decide. */
int restricted_authorise(struct use *use, struct room *room, struct str *ret_extra) MUST_USE;

#endif
