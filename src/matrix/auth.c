/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/auth.h"

#include <stdio.h>

#include "matrix/auth_deny.h"
#include "matrix/auth_room.h"
#include "matrix/create.h"
#include "matrix/id.h"

/* The rules in the order of the specification. Their numbers are those of version 12; versions 6
 * to 11 have them one lower from rule 3 on, versions 3 to 5 as well but for m.room.aliases. */

int auth_deny(struct err *err, const char *rule, const char *text)
{
    err_client(err, 403, "M_FORBIDDEN", "%s", text);
    snprintf(err->detail, sizeof err->detail, "%s", rule);
    return -1;
}

static int find_in_list(void *context, struct str type, struct str state_key,
                        const struct pdu **ret_event, struct err *err)
{
    const struct auth_list *list = context;
    (void)err;
    for (size_t i = 0; i < list->n; i++) {
        if (pdu_is_state(list->events[i], type, state_key)) {
            *ret_event = list->events[i];
            return 1;
        }
    }
    return 0;
}

struct auth_state auth_state_of_list(const struct auth_list *list)
{
    return (struct auth_state){.find = find_in_list, .context = (void *)(uintptr_t)list};
}

static int find_state(const struct auth_state *state, struct str type, struct str state_key,
                      const struct pdu **ret_event, struct err *err)
{
    const struct pdu *event = NULL;
    int found = state->find(state->context, type, state_key, &event, err);
    if (found < 0)
        return -1;
    *ret_event = found ? event : NULL;
    return 0;
}

int auth_room_find(const struct auth_room *room, struct str type, struct str state_key,
                   const struct pdu **ret_event, struct err *err)
{
    return find_state(&room->input->state, type, state_key, ret_event, err);
}

int auth_room_membership(const struct auth_room *room, struct str user_id,
                         enum membership *ret_membership, struct err *err)
{
    const struct pdu *member;
    if (auth_room_find(room, STR("m.room.member"), user_id, &member, err))
        return -1;
    *ret_membership = membership_of(member);
    return 0;
}

struct str auth_domain(struct str id)
{
    struct str head, tail;
    str_cut(id, ':', &head, &tail);
    return tail;
}

/* v12 auth 1.4 */
static int check_additional_creators(const struct json *content, struct err *err)
{
    const struct json *others = json_find(content, STR("additional_creators"));
    if (!others)
        return 0;
    bool good = others->kind == JSON_ARRAY;
    for (size_t i = 0; good && i < others->array.n; i++) {
        const struct json *user = &others->array.items[i];
        good = user->kind == JSON_STRING && user_id_is_valid(user->string);
    }
    return good ? 0 : auth_deny(err, "v12 auth 1.4", "additional_creators must be user ids");
}

static int check_create(const struct pdu *event, struct err *err)
{
    const struct room_version *version = event->version;
    /* v12 auth 1.1 */
    if (event->n_prev_events > 0)
        return auth_deny(err, "v12 auth 1.1", "m.room.create must be the first event");
    /* v12 auth 1.2 */
    if (version->room_id_is_hash && json_find(event->doc, STR("room_id")))
        return auth_deny(err, "v12 auth 1.2", "m.room.create must not name its room");
    /* v11 auth 1.2 */
    if (!version->room_id_is_hash &&
        !str_eq(auth_domain(event->room_id), auth_domain(event->sender)))
        return auth_deny(err, "v11 auth 1.2", "The room id is of another server");
    /* v12 auth 1.3 */
    if (json_find(event->content, STR("room_version")) && !create_version(event->content))
        return auth_deny(err, "v12 auth 1.3", "The room version is not known");
    /* v10 auth 1.4 */
    if (!version->creator_is_sender && !json_find(event->content, STR("creator")))
        return auth_deny(err, "v10 auth 1.4", "m.room.create names no creator");
    if (version->privileged_creators && check_additional_creators(event->content, err))
        return -1;
    /* v12 auth 1.5 */
    return 0;
}

static int load_room(struct auth_room *room, struct err *err)
{
    const struct pdu *event = room->event;
    if (auth_room_find(room, STR("m.room.create"), STR(""), &room->create, err))
        return -1;
    /* v12 auth 2, for the room id is the create event's; in older versions its equal. */
    if (!room->create || !str_eq(room->create->room_id, event->room_id))
        return auth_deny(err, "v12 auth 2", "The room's m.room.create is not known");
    if (auth_room_find(room, STR("m.room.power_levels"), STR(""), &room->power_levels, err))
        return -1;
    power_init(&room->power, room->version, room->create, room->power_levels);
    room->level = power_of_user(&room->power, event->sender);
    return auth_room_membership(room, event->sender, &room->sender, err);
}

/* v5 auth 4 */
static int check_aliases(const struct pdu *event, struct err *err)
{
    if (!event->state_key.p)
        return auth_deny(err, "v5 auth 4.1", "m.room.aliases must be a state event");
    if (!str_eq(auth_domain(event->sender), event->state_key))
        return auth_deny(err, "v5 auth 4.2", "m.room.aliases is of another server");
    return 0;
}

/* v12 auth 10 */
static int check_power_levels(const struct auth_room *room, struct err *err)
{
    const struct json *content = room->event->content;
    if (power_check_content(room->version, room->create, content, err))
        return -1;
    /* v12 auth 10.5 */
    if (!room->power_levels)
        return 0;
    return power_check_change(&room->power, content, room->event->sender, err);
}

/* v12 auth 6 to 11: what is sent by a member. */
static int check_other(const struct auth_room *room, struct err *err)
{
    const struct pdu *event = room->event;
    /* v12 auth 6 */
    if (room->sender != MEMBERSHIP_JOIN)
        return auth_deny(err, "v12 auth 6", "You are not in the room");
    /* v12 auth 7 */
    if (str_eq(event->type, STR("m.room.third_party_invite"))) {
        if (room->level < power_to(&room->power, POWER_INVITE))
            return auth_deny(err, "v12 auth 7.1", "You may not invite to this room");
        return 0;
    }
    /* v12 auth 8 */
    if (power_to_send(&room->power, event->type, event->state_key.p != NULL) > room->level)
        return auth_deny(err, "v12 auth 8", "Your power level is too low to send this");
    /* v12 auth 9 */
    if (str_starts(event->state_key, STR("@")) && !str_eq(event->state_key, event->sender))
        return auth_deny(err, "v12 auth 9", "This state is another user's");
    if (str_eq(event->type, STR("m.room.power_levels")))
        return check_power_levels(room, err);
    /* v12 auth 11 */
    return 0;
}

int auth_check(const struct auth_input *input, struct err *err)
{
    struct auth_room room = {.input = input, .version = input->version, .event = input->event};
    if (str_eq(input->event->type, STR("m.room.create")))
        return check_create(input->event, err);
    if (load_room(&room, err))
        return -1;
    /* v12 auth 4 */
    if (!create_federates(room.create) &&
        !str_eq(auth_domain(input->event->sender), auth_domain(room.create->sender)))
        return auth_deny(err, "v12 auth 4", "The room is not open to other servers");
    if (input->version->aliases_rule && str_eq(input->event->type, STR("m.room.aliases")))
        return check_aliases(input->event, err);
    if (str_eq(input->event->type, STR("m.room.member")))
        return auth_check_member(&room, err);
    return check_other(&room, err);
}

/* Rooms v3, "Handling redactions". */
int auth_may_redact(const struct auth_state *state, const struct pdu *redaction,
                    const struct pdu *target, struct err *err)
{
    const struct pdu *create, *power_levels;
    struct power power;
    if (!str_eq(redaction->room_id, target->room_id))
        return 0;
    if (str_eq(auth_domain(redaction->sender), auth_domain(target->sender)))
        return 1;
    if (find_state(state, STR("m.room.create"), STR(""), &create, err) ||
        find_state(state, STR("m.room.power_levels"), STR(""), &power_levels, err))
        return -1;
    power_init(&power, redaction->version, create, power_levels);
    return power_can(&power, redaction->sender, POWER_REDACT) ? 1 : 0;
}
