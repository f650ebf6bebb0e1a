/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/check.h"
#include "base/limits.h"
#include "base/vec.h"
#include "matrix/push_rules.h"
#include "json/write.h"

/* The predefined rules (client-server API, "Predefined Rules", v1.19), in their order. USER stands
 * for the user's id, as a JSON string. */

#define USER "\x01"

#define MATCH(key, pattern) "{\"key\":\"" key "\",\"kind\":\"event_match\",\"pattern\":" pattern "}"
#define IS_TYPE(type)       MATCH("type", "\"" type "\"")
#define IS_STATE            MATCH("state_key", "\"\"")
#define TWO_MEMBERS         "{\"is\":\"2\",\"kind\":\"room_member_count\"}"
#define SOUND(name)         "{\"set_tweak\":\"sound\",\"value\":\"" name "\"}"
#define HIGHLIGHT           "{\"set_tweak\":\"highlight\"}"
#define NOTIFY              "\"notify\""

static const struct default_rule {
    enum push_kind kind;
    const char *rule_id;
    bool enabled;
    const char *conditions, *actions;
} defaults[] = {
    {PUSH_KIND_OVERRIDE, ".m.rule.master", false, "[]", "[]"},
    {PUSH_KIND_OVERRIDE, ".m.rule.suppress_notices", true,
     "[" MATCH("content.msgtype", "\"m.notice\"") "]", "[]"},
    {PUSH_KIND_OVERRIDE, ".m.rule.invite_for_me", true,
     "[" IS_TYPE("m.room.member") "," MATCH("content.membership",
                                            "\"invite\"") "," MATCH("state_key", USER) "]",
     "[" NOTIFY "," SOUND("default") "]"},
    {PUSH_KIND_OVERRIDE, ".m.rule.member_event", true, "[" IS_TYPE("m.room.member") "]", "[]"},
    {PUSH_KIND_OVERRIDE, ".m.rule.is_user_mention", true,
     "[{\"key\":\"content.m\\\\.mentions.user_ids\",\"kind\":\"event_property_contains\","
     "\"value\":" USER "}]",
     "[" NOTIFY "," SOUND("default") "," HIGHLIGHT "]"},
    {PUSH_KIND_OVERRIDE, ".m.rule.is_room_mention", true,
     "[{\"key\":\"content.m\\\\.mentions.room\",\"kind\":\"event_property_is\",\"value\":true},"
     "{\"key\":\"room\",\"kind\":\"sender_notification_permission\"}]",
     "[" NOTIFY "," HIGHLIGHT "]"},
    {PUSH_KIND_OVERRIDE, ".m.rule.tombstone", true,
     "[" IS_TYPE("m.room.tombstone") "," IS_STATE "]", "[" NOTIFY "," HIGHLIGHT "]"},
    {PUSH_KIND_OVERRIDE, ".m.rule.reaction", true, "[" IS_TYPE("m.reaction") "]", "[]"},
    {PUSH_KIND_OVERRIDE, ".m.rule.room.server_acl", true,
     "[" IS_TYPE("m.room.server_acl") "," IS_STATE "]", "[]"},
    {PUSH_KIND_OVERRIDE, ".m.rule.suppress_edits", true,
     "[{\"key\":\"content.m\\\\.relates_to.rel_type\",\"kind\":\"event_property_is\","
     "\"value\":\"m.replace\"}]",
     "[]"},
    {PUSH_KIND_UNDERRIDE, ".m.rule.call", true, "[" IS_TYPE("m.call.invite") "]",
     "[" NOTIFY "," SOUND("ring") "]"},
    {PUSH_KIND_UNDERRIDE, ".m.rule.encrypted_room_one_to_one", true,
     "[" TWO_MEMBERS "," IS_TYPE("m.room.encrypted") "]", "[" NOTIFY "," SOUND("default") "]"},
    {PUSH_KIND_UNDERRIDE, ".m.rule.room_one_to_one", true,
     "[" TWO_MEMBERS "," IS_TYPE("m.room.message") "]", "[" NOTIFY "," SOUND("default") "]"},
    {PUSH_KIND_UNDERRIDE, ".m.rule.message", true, "[" IS_TYPE("m.room.message") "]",
     "[" NOTIFY "]"},
    {PUSH_KIND_UNDERRIDE, ".m.rule.encrypted", true, "[" IS_TYPE("m.room.encrypted") "]",
     "[" NOTIFY "]"},
};

static const struct json *parse_text(struct arena *arena, const char *text, struct str user_id)
{
    const struct json *doc = NULL;
    struct err err = ERR_INIT;
    struct buf buf;
    buf_init(&buf, KIB(4));
    for (; *text; text++)
        if (*text == USER[0])
            json_escape(&buf, user_id);
        else
            buf_add_byte(&buf, *text);
    CHECK(json_parse(arena, arena_str(arena, buf_str(&buf)), &doc, &err) == 0);
    buf_done(&buf);
    return doc;
}

void push_default_add(struct push_rules *rules, bool before_own, struct str user_id)
{
    for (size_t i = 0; i < ARRAY_LEN(defaults); i++) {
        const struct default_rule *d = &defaults[i];
        /* ".m.rule.master" alone is above the user's rules. */
        if (str_eq(str_from(d->rule_id), PUSH_RULE_MASTER) != before_own)
            continue;
        ARENA_VEC_ADD(rules->arena, &rules->kinds[d->kind],
                      (struct push_rule){
                          .rule_id = str_from(d->rule_id),
                          .is_default = true,
                          .enabled = d->enabled,
                          .actions = parse_text(rules->arena, d->actions, user_id),
                          .conditions = parse_text(rules->arena, d->conditions, user_id),
                      });
    }
}
