/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/upgrade.h"

#include "base/limits.h"
#include "matrix/power.h"
#include "json/write.h"

static struct str text_done(struct use *use, struct buf *text)
{
    struct str copy = arena_str(use->arena, buf_str(text));
    buf_done(text);
    return copy;
}

static bool is_one_of(struct str text, const struct str *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(list[i], text))
            return true;
    return false;
}

/* ---- the new room ---- */

struct levels {
    const struct room_version *from, *to;
    const struct str *creators; /* the caller first */
    size_t n_creators;
    int64_t own;
};

/* A level as the new room takes it; one that is none in the old room is left out. */
static void write_level(struct json_writer *out, const struct levels *levels, struct str key,
                        const struct json *value)
{
    int64_t level;
    if (power_level_parse(levels->from, value, &level) == 0)
        json_write_member_int(out, key, level);
}

static void write_users(struct json_writer *out, const struct levels *levels,
                        const struct json *users)
{
    struct str caller = levels->creators[0];
    int64_t level = 0;
    json_write_key(out, STR("users"));
    json_write_object(out);
    for (size_t i = 0; json_is(users, JSON_OBJECT) && i < users->object.n; i++) {
        const struct json_member *user = &users->object.members[i];
        bool apart = levels->to->privileged_creators
                         ? is_one_of(user->key, levels->creators, levels->n_creators)
                         : str_eq(user->key, caller);
        if (!apart)
            write_level(out, levels, user->key, &user->value);
        else if (str_eq(user->key, caller) &&
                 power_level_parse(levels->from, &user->value, &level) < 0)
            level = 0;
    }
    if (!levels->to->privileged_creators)
        json_write_member_int(out, caller, level > levels->own ? level : levels->own);
    json_write_end(out);
}

static void write_map(struct json_writer *out, const struct levels *levels,
                      const struct json_member *member)
{
    json_write_key(out, member->key);
    json_write_object(out);
    for (size_t i = 0; i < member->value.object.n; i++)
        write_level(out, levels, member->value.object.members[i].key,
                    &member->value.object.members[i].value);
    json_write_end(out);
}

static void write_member(struct json_writer *out, const struct levels *levels,
                         const struct json_member *member)
{
    static const struct str plain[] = {
        STR_INIT("ban"),    STR_INIT("events_default"), STR_INIT("invite"),       STR_INIT("kick"),
        STR_INIT("redact"), STR_INIT("state_default"),  STR_INIT("users_default")};
    bool is_map = str_eq(member->key, STR("events")) || str_eq(member->key, STR("notifications"));
    if (is_one_of(member->key, plain, ARRAY_LEN(plain)))
        write_level(out, levels, member->key, &member->value);
    else if (is_map && member->value.kind == JSON_OBJECT)
        write_map(out, levels, member);
    else if (!is_map && !str_eq(member->key, STR("users")))
        json_write_member_raw(out, member->key, member->value.raw);
}

struct str upgrade_levels(struct use *use, const struct room_version *version,
                          const struct pdu *old, const struct str *creators, size_t n_creators,
                          int64_t own)
{
    struct levels levels = {old->version, version, creators, n_creators, own};
    struct buf text;
    struct json_writer out;
    buf_init(&text, LIMIT_EVENT_BYTES * 2);
    json_writer_init(&out, &text);
    json_write_object(&out);
    for (size_t i = 0; i < old->content->object.n; i++)
        write_member(&out, &levels, &old->content->object.members[i]);
    write_users(&out, &levels, json_find(old->content, STR("users")));
    json_write_end(&out);
    return text_done(use, &text);
}

static int64_t greatest(const struct room_version *version, const struct json *map, int64_t least)
{
    int64_t level;
    for (size_t i = 0; json_is(map, JSON_OBJECT) && i < map->object.n; i++)
        if (power_level_parse(version, &map->object.members[i].value, &level) == 0 && level > least)
            least = level;
    return least;
}

int64_t upgrade_level_needed(const struct pdu *old)
{
    int64_t needed = greatest(old->version, old->content, 100);
    needed = greatest(old->version, json_find(old->content, STR("events")), needed);
    needed = greatest(old->version, json_find(old->content, STR("notifications")), needed);
    return greatest(old->version, json_find(old->content, STR("users")), needed);
}

/* ---- the old room ---- */

struct str upgrade_closed_levels(struct use *use, const struct pdu *old)
{
    static const struct str raised[] = {STR_INIT("events_default"), STR_INIT("invite")};
    const struct json *content = old->content;
    int64_t users = 0, floor = 50;
    struct buf text;
    struct json_writer out;
    const struct json *users_default = json_find(content, STR("users_default"));
    if (users_default && power_level_parse(old->version, users_default, &users) < 0)
        users = 0;
    if (users >= floor && users < LIMIT_SAFE_INTEGER)
        floor = users + 1;
    buf_init(&text, LIMIT_EVENT_BYTES * 2);
    json_writer_init(&out, &text);
    json_write_object(&out);
    for (size_t i = 0; i < content->object.n; i++)
        if (!is_one_of(content->object.members[i].key, raised, ARRAY_LEN(raised)))
            json_write_member_raw(&out, content->object.members[i].key,
                                  content->object.members[i].value.raw);
    for (size_t i = 0; i < ARRAY_LEN(raised); i++) {
        const struct json *value = json_find(content, raised[i]);
        int64_t level = 0;
        if (value && power_level_parse(old->version, value, &level) < 0)
            level = 0;
        json_write_member_int(&out, raised[i], level > floor ? level : floor);
    }
    json_write_end(&out);
    return text_done(use, &text);
}
