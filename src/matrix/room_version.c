/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/room_version.h"

#include "base/attr.h"

/* One row a version; a flag once gained is kept, as each version builds on the one before. */
static const struct room_version versions[] = {
    {.name = STR_INIT("3"),
     .number = 3,
     .event_id_alphabet = BASE64_STANDARD,
     .aliases_rule = true},
    {.name = STR_INIT("4"), .number = 4, .event_id_alphabet = BASE64_URL, .aliases_rule = true},
    {.name = STR_INIT("5"), .number = 5, .event_id_alphabet = BASE64_URL, .aliases_rule = true},
    {.name = STR_INIT("6"),
     .number = 6,
     .event_id_alphabet = BASE64_URL,
     .redaction = REDACTION_RULES_V6,
     .power_notifications = true,
     .strict_json = true},
    {.name = STR_INIT("7"),
     .number = 7,
     .event_id_alphabet = BASE64_URL,
     .redaction = REDACTION_RULES_V6,
     .power_notifications = true,
     .strict_json = true,
     .knock = true},
    {.name = STR_INIT("8"),
     .number = 8,
     .event_id_alphabet = BASE64_URL,
     .redaction = REDACTION_RULES_V8,
     .power_notifications = true,
     .strict_json = true,
     .knock = true,
     .restricted = true},
    {.name = STR_INIT("9"),
     .number = 9,
     .event_id_alphabet = BASE64_URL,
     .redaction = REDACTION_RULES_V9,
     .power_notifications = true,
     .strict_json = true,
     .knock = true,
     .restricted = true},
    {.name = STR_INIT("10"),
     .number = 10,
     .event_id_alphabet = BASE64_URL,
     .redaction = REDACTION_RULES_V9,
     .power_notifications = true,
     .strict_json = true,
     .knock = true,
     .restricted = true,
     .knock_restricted = true,
     .integer_power = true},
    {.name = STR_INIT("11"),
     .number = 11,
     .event_id_alphabet = BASE64_URL,
     .redaction = REDACTION_RULES_V11,
     .power_notifications = true,
     .strict_json = true,
     .knock = true,
     .restricted = true,
     .knock_restricted = true,
     .integer_power = true,
     .redacts_in_content = true,
     .creator_is_sender = true},
    {.name = STR_INIT("12"),
     .number = 12,
     .event_id_alphabet = BASE64_URL,
     .redaction = REDACTION_RULES_V11,
     .state_resolution = STATE_RESOLUTION_2_1,
     .power_notifications = true,
     .strict_json = true,
     .knock = true,
     .restricted = true,
     .knock_restricted = true,
     .integer_power = true,
     .redacts_in_content = true,
     .creator_is_sender = true,
     .room_id_is_hash = true,
     .privileged_creators = true},
};

const struct room_version *room_version_find(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(versions); i++)
        if (str_eq(versions[i].name, name))
            return &versions[i];
    return NULL;
}

const struct room_version *room_version_default(void)
{
    return &versions[ARRAY_LEN(versions) - 1];
}

const struct room_version *room_version_list(size_t *ret_n)
{
    *ret_n = ARRAY_LEN(versions);
    return versions;
}

bool room_version_name_is_valid(struct str name)
{
    if (name.n < 1 || name.n > 32)
        return false;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-'))
            return false;
    }
    return true;
}
