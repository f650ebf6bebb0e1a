/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/auth_deny.h"
#include "matrix/auth_room.h"
#include "matrix/create.h"
#include "matrix/id.h"

/* v12 auth 5 (v6 to v11 auth 4): m.room.member. Numbers of sub-rules are those of version 12;
 * versions before 8 have no 5.2, and their later ones are one lower. */

/* v12 auth 5.2: the second signature was verified on receipt (pdu_required_signers); an event that
 * has none did not need it there, and needs it here. */
static int check_authoriser_signed(const struct auth_room *room, struct err *err)
{
    struct user_id user;
    struct str id = json_find_str(room->event->content, STR("join_authorised_via_users_server"));
    if (user_id_parse(id, &user, err))
        return auth_deny(err, "v12 auth 5.2.1", "join_authorised_via_users_server is no user id");
    if (room->input->is_template)
        return 0;
    struct str key_id;
    if (pdu_signature_keys(room->event->doc, user.server, &key_id, 1) == 0)
        return auth_deny(err, "v12 auth 5.2.1", "The server that authorised the join did not sign");
    return 0;
}

/* v12 auth 5.3.1 */
static bool is_creators_join(const struct auth_room *room)
{
    const struct pdu *event = room->event;
    struct str creator = create_creator(room->create);
    return event->n_prev_events == 1 && str_eq(event->prev_events[0], room->create->event_id) &&
           creator.p && str_eq(event->state_key, creator);
}

/* v12 auth 5.3.5 */
static int check_restricted_join(const struct auth_room *room, struct err *err)
{
    enum membership authoriser;
    struct str id = json_find_str(room->event->content, STR("join_authorised_via_users_server"));
    if (room->sender == MEMBERSHIP_JOIN || room->sender == MEMBERSHIP_INVITE)
        return 0;
    if (!id.p)
        return auth_deny(err, "v12 auth 5.3.5.2", "Nobody authorised the join");
    if (auth_room_membership(room, id, &authoriser, err))
        return -1;
    if (authoriser != MEMBERSHIP_JOIN || !power_can(&room->power, id, POWER_INVITE))
        return auth_deny(err, "v12 auth 5.3.5.2",
                         "The join was authorised by someone who may not invite");
    return 0;
}

static int check_join(const struct auth_room *room, struct err *err)
{
    const struct pdu *join_rules;
    if (is_creators_join(room))
        return 0;
    /* v12 auth 5.3.2 */
    if (!str_eq(room->event->sender, room->event->state_key))
        return auth_deny(err, "v12 auth 5.3.2", "One can join for oneself only");
    /* v12 auth 5.3.3 */
    if (room->sender == MEMBERSHIP_BAN)
        return auth_deny(err, "v12 auth 5.3.3", "You are banned from the room");
    if (auth_room_find(room, STR("m.room.join_rules"), STR(""), &join_rules, err))
        return -1;
    switch (join_rule_of(room->version, join_rules)) {
    case JOIN_RULE_INVITE:
    case JOIN_RULE_KNOCK:
        /* v12 auth 5.3.4 */
        if (room->sender == MEMBERSHIP_INVITE || room->sender == MEMBERSHIP_JOIN)
            return 0;
        return auth_deny(err, "v12 auth 5.3.4", "You are not invited to the room");
    case JOIN_RULE_RESTRICTED:
    case JOIN_RULE_KNOCK_RESTRICTED:
        return check_restricted_join(room, err);
    case JOIN_RULE_PUBLIC:
        /* v12 auth 5.3.6 */
        return 0;
    case JOIN_RULE_PRIVATE:
    case JOIN_RULE_UNKNOWN:
        break;
    }
    return auth_deny(err, "v12 auth 5.3.7", "The room's join rule lets nobody in");
}

static int check_invite(const struct auth_room *room, enum membership target, struct err *err)
{
    const struct json *third_party = json_find(room->event->content, STR("third_party_invite"));
    if (third_party)
        return auth_check_third_party(room, third_party, target, err);
    /* v12 auth 5.4.2 */
    if (room->sender != MEMBERSHIP_JOIN)
        return auth_deny(err, "v12 auth 5.4.2", "You are not in the room");
    /* v12 auth 5.4.3 */
    if (target == MEMBERSHIP_JOIN)
        return auth_deny(err, "v12 auth 5.4.3", "The user is already in the room");
    if (target == MEMBERSHIP_BAN)
        return auth_deny(err, "v12 auth 5.4.3", "The user is banned from the room");
    /* v12 auth 5.4.4, 5.4.5 */
    if (room->level < power_to(&room->power, POWER_INVITE))
        return auth_deny(err, "v12 auth 5.4.5", "You may not invite to this room");
    return 0;
}

static int check_own_leave(const struct auth_room *room, struct err *err)
{
    /* v12 auth 5.5.1; knock from version 7 on */
    if (room->sender == MEMBERSHIP_INVITE || room->sender == MEMBERSHIP_JOIN ||
        (room->version->knock && room->sender == MEMBERSHIP_KNOCK))
        return 0;
    return auth_deny(err, "v12 auth 5.5.1", "You are not in the room");
}

static int check_leave(const struct auth_room *room, enum membership target, struct err *err)
{
    const struct pdu *event = room->event;
    if (str_eq(event->sender, event->state_key))
        return check_own_leave(room, err);
    /* v12 auth 5.5.2 */
    if (room->sender != MEMBERSHIP_JOIN)
        return auth_deny(err, "v12 auth 5.5.2", "You are not in the room");
    /* v12 auth 5.5.3 */
    if (target == MEMBERSHIP_BAN && room->level < power_to(&room->power, POWER_BAN))
        return auth_deny(err, "v12 auth 5.5.3", "You may not lift a ban in this room");
    /* v12 auth 5.5.4, 5.5.5 */
    if (room->level < power_to(&room->power, POWER_KICK) ||
        power_of_user(&room->power, event->state_key) >= room->level)
        return auth_deny(err, "v12 auth 5.5.5", "You may not remove this user");
    return 0;
}

static int check_ban(const struct auth_room *room, struct err *err)
{
    /* v12 auth 5.6.1 */
    if (room->sender != MEMBERSHIP_JOIN)
        return auth_deny(err, "v12 auth 5.6.1", "You are not in the room");
    /* v12 auth 5.6.2, 5.6.3 */
    if (room->level < power_to(&room->power, POWER_BAN) ||
        power_of_user(&room->power, room->event->state_key) >= room->level)
        return auth_deny(err, "v12 auth 5.6.3", "You may not ban this user");
    return 0;
}

static int check_knock(const struct auth_room *room, struct err *err)
{
    const struct pdu *join_rules;
    if (auth_room_find(room, STR("m.room.join_rules"), STR(""), &join_rules, err))
        return -1;
    /* v12 auth 5.7.1 */
    enum join_rule rule = join_rule_of(room->version, join_rules);
    if (rule != JOIN_RULE_KNOCK && rule != JOIN_RULE_KNOCK_RESTRICTED)
        return auth_deny(err, "v12 auth 5.7.1", "The room takes no knocks");
    /* v12 auth 5.7.2 */
    if (!str_eq(room->event->sender, room->event->state_key))
        return auth_deny(err, "v12 auth 5.7.2", "One can knock for oneself only");
    /* v12 auth 5.7.3, 5.7.4 */
    if (room->sender == MEMBERSHIP_BAN || room->sender == MEMBERSHIP_INVITE ||
        room->sender == MEMBERSHIP_JOIN)
        return auth_deny(err, "v12 auth 5.7.4", "You cannot knock on this room");
    return 0;
}

int auth_check_member(const struct auth_room *room, struct err *err)
{
    const struct json *content = room->event->content;
    enum membership target;
    /* v12 auth 5.1 */
    if (!room->event->state_key.p || !json_find(content, STR("membership")))
        return auth_deny(err, "v12 auth 5.1", "m.room.member lacks a user or a membership");
    if (room->version->restricted && json_find(content, STR("join_authorised_via_users_server")) &&
        check_authoriser_signed(room, err))
        return -1;
    if (auth_room_membership(room, room->event->state_key, &target, err))
        return -1;
    switch (membership_parse(json_find_str(content, STR("membership")))) {
    case MEMBERSHIP_JOIN:
        return check_join(room, err);
    case MEMBERSHIP_INVITE:
        return check_invite(room, target, err);
    case MEMBERSHIP_LEAVE:
        return check_leave(room, target, err);
    case MEMBERSHIP_BAN:
        return check_ban(room, err);
    case MEMBERSHIP_KNOCK:
        if (room->version->knock)
            return check_knock(room, err);
        break;
    case MEMBERSHIP_NONE:
        break;
    }
    return auth_deny(err, "v12 auth 5.8", "The membership is not known");
}
