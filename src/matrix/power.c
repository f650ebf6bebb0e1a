/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/power.h"

#include "base/limits.h"
#include "matrix/create.h"

void power_init(struct power *ret_power, const struct room_version *version,
                const struct pdu *create, const struct pdu *power_levels)
{
    *ret_power = (struct power){.version = version,
                                .create = create,
                                .content = power_levels ? power_levels->content : NULL};
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Rooms v1, "m.room.power_levels events accept values as strings": blanks around, one sign and
 * leading zeros are allowed. */
static int parse_text(struct str text, int64_t *ret_level)
{
    int64_t value = 0;
    while (text.n > 0 && is_space(text.p[0]))
        text = str_skip(text, 1);
    while (text.n > 0 && is_space(text.p[text.n - 1]))
        text.n--;
    bool minus = str_starts(text, STR("-"));
    if (minus || str_starts(text, STR("+")))
        text = str_skip(text, 1);
    if (text.n == 0)
        return -1;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return -1;
        value = value * 10 + (text.p[i] - '0');
        if (value > LIMIT_SAFE_INTEGER)
            return -1;
    }
    *ret_level = minus ? -value : value;
    return 0;
}

int power_level_parse(const struct room_version *version, const struct json *value,
                      int64_t *ret_level)
{
    if (json_as_int(value, ret_level))
        return 0;
    if (version->integer_power || !json_is(value, JSON_STRING))
        return -1;
    return parse_text(value->string, ret_level);
}

/* The level under `key`, or `otherwise` when there is none that can be read. */
static int64_t level(const struct power *power, const struct json *object, struct str key,
                     int64_t otherwise)
{
    int64_t value = otherwise;
    if (power_level_parse(power->version, json_find(object, key), &value))
        return otherwise;
    return value;
}

int64_t power_of_user(const struct power *power, struct str user_id)
{
    if (create_is_privileged(power->create, user_id))
        return POWER_INFINITE;
    if (!power->content) {
        struct str creator = create_creator(power->create);
        bool is_creator = creator.p && str_eq(creator, user_id);
        return is_creator && !power->version->privileged_creators ? 100 : 0;
    }
    int64_t otherwise = level(power, power->content, STR("users_default"), 0);
    return level(power, json_find(power->content, STR("users")), user_id, otherwise);
}

int64_t power_to_send(const struct power *power, struct str type, bool is_state)
{
    int64_t otherwise = is_state ? level(power, power->content, STR("state_default"), 50)
                                 : level(power, power->content, STR("events_default"), 0);
    return level(power, json_find(power->content, STR("events")), type, otherwise);
}

int64_t power_to(const struct power *power, enum power_action action)
{
    switch (action) {
    case POWER_INVITE:
        return level(power, power->content, STR("invite"), 0);
    case POWER_KICK:
        return level(power, power->content, STR("kick"), 50);
    case POWER_BAN:
        return level(power, power->content, STR("ban"), 50);
    case POWER_REDACT:
        break;
    }
    return level(power, power->content, STR("redact"), 50);
}

int64_t power_to_notify(const struct power *power, struct str key)
{
    return level(power, json_find(power->content, STR("notifications")), key, 50);
}

bool power_can_send(const struct power *power, struct str user_id, struct str type, bool is_state)
{
    return power_of_user(power, user_id) >= power_to_send(power, type, is_state);
}

bool power_can(const struct power *power, struct str user_id, enum power_action action)
{
    return power_of_user(power, user_id) >= power_to(power, action);
}
