/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/member.h"

enum membership membership_of(const struct pdu *member)
{
    return member ? membership_parse(json_find_str(member->content, STR("membership")))
                  : MEMBERSHIP_NONE;
}

static const struct str texts[] = {
    [JOIN_RULE_INVITE] = STR_INIT("invite"),
    [JOIN_RULE_PUBLIC] = STR_INIT("public"),
    [JOIN_RULE_KNOCK] = STR_INIT("knock"),
    [JOIN_RULE_RESTRICTED] = STR_INIT("restricted"),
    [JOIN_RULE_KNOCK_RESTRICTED] = STR_INIT("knock_restricted"),
    [JOIN_RULE_PRIVATE] = STR_INIT("private"),
};

static bool has_rule(const struct room_version *version, enum join_rule rule)
{
    switch (rule) {
    case JOIN_RULE_KNOCK:
        return version->knock;
    case JOIN_RULE_RESTRICTED:
        return version->restricted;
    case JOIN_RULE_KNOCK_RESTRICTED:
        return version->knock_restricted;
    default:
        return true;
    }
}

enum join_rule join_rule_of(const struct room_version *version, const struct pdu *join_rules)
{
    const struct json *value = join_rules ? json_find(join_rules->content, STR("join_rule")) : NULL;
    if (!value)
        return JOIN_RULE_INVITE;
    if (value->kind != JSON_STRING)
        return JOIN_RULE_UNKNOWN;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (str_eq(texts[i], value->string))
            return has_rule(version, (enum join_rule)i) ? (enum join_rule)i : JOIN_RULE_UNKNOWN;
    return JOIN_RULE_UNKNOWN;
}

struct str join_rule_text(enum join_rule rule)
{
    return rule < ARRAY_LEN(texts) ? texts[rule] : STR("");
}
