/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/push/verdict.h"

bool push_is_plain(const struct push_sight *sight, unsigned flags)
{
    return (flags & EVENT_JUDGED) && !(flags & EVENT_PERSONAL) && !sight->reader->own_rules;
}

bool push_concerns(const struct push_sight *sight, const struct pdu *pdu)
{
    const struct json *mentions = json_find(pdu->content, STR("m.mentions"));
    const struct json *users = json_find(mentions, STR("user_ids"));
    if (json_as_bool(json_find(mentions, STR("room")), false))
        return true;
    for (size_t i = 0; json_is(users, JSON_ARRAY) && i < users->array.n; i++)
        if (str_eq(json_as_str(&users->array.items[i]), sight->view->use->caller.user_id))
            return true;
    return false;
}

static int load_rules(struct push_sight *sight)
{
    struct use *use = sight->view->use;
    const struct room_names *names = rooms_names(use->server);
    const struct pdu *member = NULL;
    if (sight->program)
        return 0;
    if (reader_program(use, sight->reader, &sight->program) < 0 ||
        view_state_pdu(sight->view, sight->state, names->member, use->caller.user, &member) < 0)
        return -1;
    sight->display_name = member ? json_find_str(member->content, STR("displayname")) : STR_NONE;
    return 0;
}

static int load_power(struct push_sight *sight, int64_t state)
{
    if (sight->power_state == state)
        return 0;
    if (view_power(sight->view, state, &sight->power) < 0)
        return -1;
    sight->power_state = state;
    return 0;
}

int push_look(struct push_sight *sight, const struct event *event, const struct pdu *pdu,
              struct arena *scratch, struct push_verdict *ret_verdict)
{
    const struct view *view = sight->view;
    if (load_rules(sight) < 0 || load_power(sight, event->state_before) < 0)
        return -1;
    struct push_facts facts = {
        .event = pdu->doc,
        .room_id = view->room_id,
        .joined_members = view->row.joined,
        .power = &sight->power,
    };
    struct push_reader reader = {view->use->caller.user_id, sight->display_name};
    push_evaluate(sight->program, push_event_new(scratch, &facts), &reader, ret_verdict);
    return 0;
}
