/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_MEMBERSHIP_H
#define CHAPPE_SERVICE_ROOMS_MEMBERSHIP_H

/* Changing who is in a room (client-server API, "Joining rooms", "Leaving rooms", "Banning users in
 * a room", "Knocking on rooms"). The caller of the use acts. */

#include "service/rooms/change.h"
#include "json/doc.h"

/* reason may be STR_NONE. Joining a room one is in, leaving one that one has left, and inviting
 * again somebody invited are answered without a new event. */
/* What who was never near a room is told, whether it exists or not: 403. */
int rooms_refuse_entry(struct use *use);
int rooms_join(struct use *use, int64_t room, struct str reason) MUST_USE;
int rooms_knock(struct use *use, int64_t room, struct str reason) MUST_USE;
int rooms_leave(struct use *use, int64_t room, struct str reason) MUST_USE;
int rooms_forget(struct use *use, int64_t room) MUST_USE;

/* On somebody else: MEMBERSHIP_INVITE, MEMBERSHIP_LEAVE (kick, or with from_ban: unban),
 * MEMBERSHIP_BAN. */
struct member_act {
    int64_t room;
    struct str target; /* user id */
    enum membership membership;
    bool from_ban;
    struct str reason;
};
int rooms_act_on_member(struct use *use, const struct member_act *act) MUST_USE;

/* m.invite_permission_config: whoever blocks invitations is sent none, and shown none. 1, 0, -1. */
int invites_are_blocked(struct use *use, int64_t user) MUST_USE;

/* Whether a user may be invited at all: an account of ours that does not block invitations. 403,
 * 404. */
struct user_id;
int check_invitable(struct use *use, const struct user_id *id) MUST_USE;

/* The content of a member event of a user of ours: membership with their name, avatar, organisation
 * and, of an external, the mark. extra are
 * raw members ("\"is_direct\":true") or STR_NONE. */
int member_content(struct use *use, int64_t user, enum membership membership, struct str reason,
                   struct str extra, struct str *ret_content) MUST_USE;

/* A member event's content that a client wrote: organisation and mark are the account's, whatever
 * it said of them, and where names come from addresses (profile.h) name and avatar are too. Of who
 * leaves or is banned nothing of it is said. */
int member_written_content(struct use *use, struct str target, const struct json *content,
                           const struct json **ret_content) MUST_USE;

/* Decides a member event of `target` within a change. */
int change_member(struct change *change, struct str target, struct str content) MUST_USE;

#endif
