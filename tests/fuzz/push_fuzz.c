/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/harness.h"

#include "base/check.h"
#include "base/limits.h"
#include "matrix/power.h"
#include "matrix/push.h"

/* {"rules": a stored document, "event": an event, "put": the body of a new rule, "id": its id,
 * "before": a rule id}. What is written must be read again as it was. */

#define ME STR("@me:x")

static void check_stored(struct arena *arena, const struct push_rules *rules)
{
    CLEANUP(buf_done) struct buf first, second;
    const struct json *doc;
    struct err err = ERR_INIT;
    buf_init(&first, MIB(16));
    buf_init(&second, MIB(16));
    push_rules_format(rules, &first);
    CHECK(!buf_is_full(&first));
    CHECK(json_parse(arena, buf_str(&first), &doc, &err) == 0);
    push_rules_format(push_rules_parse(arena, doc, ME), &second);
    CHECK(str_eq(buf_str(&first), buf_str(&second)));
}

static void check_verdict(struct arena *arena, const struct push_rules *rules,
                          const struct json *event)
{
    struct power power = {.version = room_version_default()};
    struct push_facts facts = {event, STR("!r"), 2, &power};
    struct push_program *program = push_program_new(rules);
    struct push_reader reader = {ME, STR("*")}, sender = {json_find_str(event, STR("sender")), ME};
    struct push_event *ready = push_event_new(arena, &facts);
    struct push_verdict verdict, again;
    push_evaluate(program, ready, &reader, &verdict);
    push_evaluate(program, ready, &reader, &again);
    CHECK(verdict.notify == again.notify && str_eq(verdict.actions, again.actions));
    CHECK(!verdict.highlight || verdict.notify);
    push_evaluate(program, ready, &sender, &verdict);
    CHECK(!verdict.notify && !verdict.rule_id.p);
    push_program_unref(program);
}

static void check_editing(struct push_rules *rules, const struct json *doc)
{
    struct str id = json_find_str(doc, STR("id")), before = json_find_str(doc, STR("before"));
    const struct json *body = json_find(doc, STR("put"));
    for (int i = 0; i < PUSH_KINDS; i++) {
        enum push_kind kind = (enum push_kind)i;
        struct err err = ERR_INIT;
        if (push_rules_put(rules, kind, id, body, before, STR_NONE, &err) != 0)
            CHECK(err.status == 400);
        else
            CHECK(push_rules_find(rules, kind, id) &&
                  !push_rules_find(rules, kind, id)->is_default);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(512));
    const struct json *doc = NULL;
    struct err err = ERR_INIT;
    if (json_parse(arena, str_make(data, size), &doc, &err) != 0)
        return 0;
    struct push_rules *rules = push_rules_parse(arena, json_find(doc, STR("rules")), ME);
    check_stored(arena, rules);
    check_verdict(arena, rules, json_find(doc, STR("event")));
    check_editing(rules, doc);
    check_stored(arena, rules);
    check_verdict(arena, rules, json_find(doc, STR("event")));
    return 0;
}
