/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/push/judge.h"

#include "base/limits.h"
#include "matrix/relations.h"
#include "store/event.h"

struct push_program *push_judge_new(void)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    return push_program_new(push_rules_parse(arena, NULL, STR("")));
}

/* The rules that look at who reads: a user who is mentioned, a mention of the room, which asks for
 * the sender's power level, and an invitation, which nobody joined has to count. */
static bool is_personal(const struct pdu *pdu)
{
    const struct json *mentions = json_find(pdu->content, STR("m.mentions"));
    const struct json *users = json_find(mentions, STR("user_ids"));
    return (json_is(users, JSON_ARRAY) && users->array.n > 0) ||
           json_as_bool(json_find(mentions, STR("room")), false);
}

static bool is_in_thread(const struct pdu *pdu)
{
    struct relation relation;
    if (pdu->state_key.p)
        return false;
    relation_parse(pdu->content, &relation);
    return relation.kind == RELATION_THREAD;
}

unsigned push_judge(const struct push_program *judge, const struct pdu *pdu)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA);
    struct push_facts facts = {.event = pdu->doc, .room_id = pdu->room_id};
    struct push_reader nobody = {STR(""), STR_NONE};
    struct push_verdict verdict;
    push_evaluate(judge, push_event_new(arena, &facts), &nobody, &verdict);
    return EVENT_JUDGED | (verdict.notify ? EVENT_NOTIFIES : 0) |
           (verdict.highlight ? EVENT_HIGHLIGHTS : 0) | (is_personal(pdu) ? EVENT_PERSONAL : 0) |
           (is_in_thread(pdu) ? EVENT_IN_THREAD : 0);
}
