/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/auth_deny.h"
#include "matrix/create.h"
#include "matrix/id.h"
#include "matrix/power.h"

/* Who may write which m.room.power_levels. Numbers of rules are those of version 12; version 10 has
 * them one section lower, versions 3 to 9 without the first two. */

static const struct str scalars[] = {
    STR_INIT("users_default"), STR_INIT("events_default"), STR_INIT("state_default"),
    STR_INIT("ban"),           STR_INIT("redact"),         STR_INIT("kick"),
    STR_INIT("invite"),
};

static bool is_map_of_levels(const struct room_version *version, const struct json *map)
{
    int64_t level;
    if (map->kind != JSON_OBJECT)
        return false;
    for (size_t i = 0; i < map->object.n; i++)
        if (power_level_parse(version, &map->object.members[i].value, &level))
            return false;
    return true;
}

/* v10 auth 9.1, 9.2 */
static int check_integers(const struct room_version *version, const struct json *content,
                          struct err *err)
{
    const struct str maps[] = {STR("events"), STR("notifications")};
    for (size_t i = 0; i < ARRAY_LEN(scalars); i++) {
        const struct json *value = json_find(content, scalars[i]);
        if (value && value->kind != JSON_INT)
            return auth_deny(err, "v12 auth 10.1", "A power level must be an integer");
    }
    for (size_t i = 0; i < ARRAY_LEN(maps); i++) {
        const struct json *map = json_find(content, maps[i]);
        if (map && !is_map_of_levels(version, map))
            return auth_deny(err, "v12 auth 10.2",
                             "events and notifications must hold integer power levels");
    }
    return 0;
}

static int check_users(const struct room_version *version, const struct pdu *create,
                       const struct json *content, struct err *err)
{
    const struct json *users = json_find(content, STR("users"));
    if (!users)
        return 0;
    /* v12 auth 10.3 */
    if (!is_map_of_levels(version, users))
        return auth_deny(err, "v12 auth 10.3", "users must hold integer power levels");
    for (size_t i = 0; i < users->object.n; i++)
        if (!user_id_is_valid(users->object.members[i].key))
            return auth_deny(err, "v12 auth 10.3", "users must be keyed by user ids");
    /* v12 auth 10.4 */
    if (create_has_privileged_key(create, users))
        return auth_deny(err, "v12 auth 10.4", "A room creator can have no power level");
    return 0;
}

int power_check_content(const struct room_version *version, const struct pdu *create,
                        const struct json *content, struct err *err)
{
    if (version->integer_power && check_integers(version, content, err))
        return -1;
    return check_users(version, create, content, err);
}

/* One level before and after. */
struct change {
    bool has_old, has_new;
    int64_t old_level, new_level;
};

/* 1: altered, 0: the same, -1: the new one is no level, which versions before 10 let through to
 * here. Spelling does not count ("50" is 50). */
static int compare(const struct room_version *version, const struct json *old_value,
                   const struct json *new_value, struct change *ret_change)
{
    struct change change = {0};
    if (old_value && new_value && json_eq(old_value, new_value))
        return 0;
    change.has_old = power_level_parse(version, old_value, &change.old_level) == 0;
    change.has_new = power_level_parse(version, new_value, &change.new_level) == 0;
    if (new_value && !change.has_new)
        return -1;
    if (!old_value && !new_value)
        return 0;
    if (change.has_old && change.has_new && change.old_level == change.new_level)
        return 0;
    *ret_change = change;
    return 1;
}

static int not_a_level(struct err *err)
{
    return auth_deny(err, "v12 auth 10.1", "A power level must be an integer");
}

/* v12 auth 10.6 */
static int check_scalars(const struct power *power, const struct json *content, int64_t own,
                         struct err *err)
{
    for (size_t i = 0; i < ARRAY_LEN(scalars); i++) {
        struct change change;
        int altered = compare(power->version, json_find(power->content, scalars[i]),
                              json_find(content, scalars[i]), &change);
        if (altered < 0)
            return not_a_level(err);
        if (!altered)
            continue;
        if (change.has_old && change.old_level > own)
            return auth_deny(err, "v12 auth 10.6.1", "A power level above one's own is fixed");
        if (change.has_new && change.new_level > own)
            return auth_deny(err, "v12 auth 10.6.2", "A power level above one's own is refused");
    }
    return 0;
}

struct map_rules {
    struct str name;
    const char *old_rule, *new_rule;
    struct str sender; /* for users; else STR_NONE */
};

static int check_entry(const struct map_rules *rules, struct str key, const struct change *change,
                       int64_t own, struct err *err)
{
    bool is_users = rules->sender.p != NULL;
    bool is_own = is_users && str_eq(key, rules->sender);
    if (change->has_old && !is_own &&
        (is_users ? change->old_level >= own : change->old_level > own))
        return auth_deny(err, rules->old_rule,
                         is_users ? "The power of an equal or a superior is fixed"
                                  : "A power level above one's own is fixed");
    if (change->has_new && change->new_level > own)
        return auth_deny(err, rules->new_rule, "A power level above one's own is refused");
    return 0;
}

/* Walks both maps, which are sorted. */
static int check_map(const struct power *power, const struct json *content,
                     const struct map_rules *rules, int64_t own, struct err *err)
{
    static const struct json empty = {.kind = JSON_OBJECT};
    const struct json *old_map = json_find(power->content, rules->name);
    const struct json *new_map = json_find(content, rules->name);
    old_map = json_is(old_map, JSON_OBJECT) ? old_map : &empty;
    new_map = json_is(new_map, JSON_OBJECT) ? new_map : &empty;
    for (size_t i = 0, j = 0;;) {
        const struct json_member *a = i < old_map->object.n ? &old_map->object.members[i] : NULL;
        const struct json_member *b = j < new_map->object.n ? &new_map->object.members[j] : NULL;
        struct change change;
        if (!a && !b)
            return 0;
        int order = !a ? 1 : !b ? -1 : str_cmp(a->key, b->key);
        const struct json_member *first = order <= 0 ? a : b;
        int altered = compare(power->version, order <= 0 ? &a->value : NULL,
                              order >= 0 ? &b->value : NULL, &change);
        if (altered < 0)
            return not_a_level(err);
        if (altered && check_entry(rules, first->key, &change, own, err))
            return -1;
        i += order <= 0;
        j += order >= 0;
    }
}

int power_check_change(const struct power *power, const struct json *content, struct str sender,
                       struct err *err)
{
    /* v12 auth 10.7, 10.8 (v6 auth 9.4, 9.5; v3 knows events alone); v12 auth 10.9, 10.10 */
    const struct map_rules events = {STR("events"), "v12 auth 10.7.1", "v12 auth 10.8.1", STR_NONE};
    const struct map_rules notifications = {STR("notifications"), "v12 auth 10.7.1",
                                            "v12 auth 10.8.1", STR_NONE};
    const struct map_rules users = {STR("users"), "v12 auth 10.9.1", "v12 auth 10.10.1", sender};
    int64_t own = power_of_user(power, sender);
    if (check_scalars(power, content, own, err) || check_map(power, content, &events, own, err))
        return -1;
    if (power->version->power_notifications && check_map(power, content, &notifications, own, err))
        return -1;
    return check_map(power, content, &users, own, err);
}
