/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_SUMMARY_H
#define CHAPPE_SERVICE_ROOMS_SUMMARY_H

/* What somebody who is not in a room is shown of it: in the directory, in a space, before joining
 * (client-server API, "Published room directory", "Room summaries", "Spaces"). The current state,
 * whoever asks: whether they may is the caller's to decide, or room_summary_may_see's. */

#include "service/rooms/view.h"

struct room_summary {
    struct view view;
    struct str canonical_alias, name, topic, avatar_url, room_type, encryption; /* STR_NONE: none */
    struct str theme; /* one of rooms.themes; STR_NONE */
    struct str join_rule;
    const struct json *allow; /* of a restricted join rule; NULL: none */
    bool guest_can_join, world_readable;
};

/* 1, 0 unknown, -1. Texts are in the use's arena. */
int room_summary_load(struct use *use, int64_t room, struct room_summary *ret_summary) MUST_USE;

/* Members of an open object. detailed: what summaries and spaces say more than the directory. */
void room_summary_write(struct json_writer *out, const struct room_summary *summary, bool detailed);

/* May the caller know that the room exists? Members and invited, and all when it can be joined or
 * knocked on or is world readable; members of an allowed room, when it is restricted. An external:
 * members and invited only. 1, 0, -1. */
int room_summary_may_see(struct room_summary *summary) MUST_USE;

#endif
