/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/room_kind.h"

#include "base/limits.h"
#include "matrix/power.h"
#include "service/config.h"
#include "json/write.h"

static int refuse(struct use *use, int status, const char *reason, const char *text)
{
    (void)err_client(&use->err, status, status == 403 ? "M_FORBIDDEN" : "M_INVALID_PARAM", "%s",
                     text);
    return err_reason(&use->err, reason);
}

/* ---- what is asked ---- */

/* The content of a state event asked for with an empty state key; NULL: none. */
static const struct json *asked_state(const struct new_room *new_room, struct str type)
{
    const struct json *events = new_room->initial_state;
    for (size_t i = 0; events && i < events->array.n; i++) {
        const struct json *event = &events->array.items[i];
        if (str_eq(json_find_str(event, STR("type")), type) &&
            json_find_str(event, STR("state_key")).n == 0)
            return json_find(event, STR("content"));
    }
    return NULL;
}

static bool is_by_space(const struct new_room *new_room)
{
    const struct json *join_rules = asked_state(new_room, STR("m.room.join_rules"));
    struct str rule = json_find_str(join_rules, STR("join_rule"));
    return str_eq(rule, STR("restricted")) || str_eq(rule, STR("knock_restricted"));
}

static int plan_rule(struct use *use, const struct new_room *new_room, const struct json *asked,
                     struct access_kind *kind)
{
    const struct json *rule = json_find(asked, STR("rule"));
    kind->rule = new_room->is_direct ? ACCESS_DIRECT : ACCESS_RESTRICTED;
    if (!rule)
        return 0;
    kind->rule = access_rule_parse(json_as_str(rule));
    if (kind->rule == ACCESS_UNKNOWN)
        return refuse(use, 400, "access_rule_unknown", "Invalid access rule");
    if ((kind->rule == ACCESS_DIRECT) != new_room->is_direct)
        return refuse(use, 400, "access_rule_direct", "The rule is direct in direct rooms only");
    return 0;
}

static int plan_forum(struct use *use, const struct new_room *new_room, const struct json *asked,
                      struct str preset, struct access_kind *kind)
{
    struct str visibility = json_find_str(asked, STR("visibility"));
    bool public_preset = str_eq(preset, STR("public_chat"));
    kind->listed = str_eq(new_room->visibility, STR("public"));
    kind->in_space = !kind->listed && public_preset && is_by_space(new_room);
    if (visibility.p && !str_eq(visibility, kind->listed ? STR("public") : STR("private")))
        return refuse(use, 400, "visibility_mismatch", "Incompatible visibility");
    if (public_preset != access_is_forum(kind))
        return refuse(use, 400, "forum_unlisted",
                      "A forum is made with visibility public and the preset public_chat, or with "
                      "that preset and the join rule of its space");
    if (access_is_forum(kind) && kind->rule != ACCESS_RESTRICTED)
        return refuse(use, 400, "access_rule_forum", "A forum is for agents");
    return 0;
}

static int plan_encryption(struct use *use, const struct new_room *new_room,
                           const struct json *asked, struct access_kind *kind)
{
    kind->unencrypted =
        json_as_bool(json_find(asked, STR("force_unencrypted_at_creation")), false) &&
        !access_is_forum(kind);
    if (!kind->unencrypted)
        return 0;
    if (new_room->notices_of)
        return 0;
    if (kind->rule == ACCESS_DIRECT || !use->server->config->rooms_unencrypted_private)
        return refuse(use, 403, "unencrypted_private", "Private rooms are encrypted here");
    return 0;
}

int room_kind_plan(struct use *use, const struct new_room *new_room, struct str preset,
                   struct room_kind *ret_kind)
{
    const struct json *asked = asked_state(new_room, STR(ACCESS_TYPE));
    struct room_kind kind = {0};
    kind.is_space = str_eq(json_find_str(new_room->creation_content, STR("type")), STR("m.space"));
    if (plan_rule(use, new_room, asked, &kind.access) < 0 ||
        plan_forum(use, new_room, asked, preset, &kind.access) < 0 ||
        plan_encryption(use, new_room, asked, &kind.access) < 0)
        return -1;
    *ret_kind = kind;
    return 0;
}

struct str room_kind_history(const struct room_kind *kind)
{
    return access_is_forum(&kind->access) ? STR("shared") : STR("invited");
}

bool room_kind_is_encrypted(const struct room_kind *kind)
{
    return !kind->is_space && !access_is_forum(&kind->access) && !kind->access.unencrypted;
}

/* ---- contents ---- */

static struct str text_done(struct use *use, struct buf *text)
{
    struct str copy = arena_str(use->arena, buf_str(text));
    buf_done(text);
    return copy;
}

struct str room_kind_content(struct use *use, const struct room_kind *kind)
{
    struct buf text;
    struct json_writer out;
    buf_init(&text, LIMIT_EVENT_BYTES);
    json_writer_init(&out, &text);
    json_write_object(&out);
    if (kind->access.unencrypted)
        json_write_member_bool(&out, STR("force_unencrypted_at_creation"), true);
    if (kind->access.in_space)
        json_write_member_bool(&out, STR("org.chappe.space_forum"), true);
    json_write_member_str(&out, STR("rule"), access_rule_text(kind->access.rule));
    json_write_member_str(&out, STR("visibility"),
                          kind->access.listed ? STR("public") : STR("private"));
    json_write_end(&out);
    return text_done(use, &text);
}

struct level {
    struct str key;
    int64_t level;
};

/* The asked level of a key, or the default; not below the default where that is a floor. */
static void write_level(struct json_writer *out, const struct json *asked,
                        const struct level *otherwise, bool is_floor)
{
    const struct json *value = json_find(asked, otherwise->key);
    int64_t level;
    if (value && (!is_floor || (json_as_int(value, &level) && level >= otherwise->level)))
        json_write_member_raw(out, otherwise->key, value->raw);
    else
        json_write_member_int(out, otherwise->key, otherwise->level);
}

static bool is_one_of(struct str key, const struct level *levels, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(levels[i].key, key))
            return true;
    return false;
}

/* What is asked for beside the defaults; users and events are written apart. */
static void write_others(struct json_writer *out, const struct json *asked,
                         const struct level *levels, size_t n)
{
    for (size_t i = 0; json_is(asked, JSON_OBJECT) && i < asked->object.n; i++) {
        const struct json_member *member = &asked->object.members[i];
        if (!is_one_of(member->key, levels, n) && !str_eq(member->key, STR("users")) &&
            !str_eq(member->key, STR("events")))
            json_write_member_raw(out, member->key, member->value.raw);
    }
}

static void write_events(struct json_writer *out, const struct room_version *version,
                         const struct json *asked)
{
    const struct level levels[] = {
        {STR("m.beacon_info"), 0},
        {STR("m.call.member"), 0},
        {STR("m.room.avatar"), 50},
        {STR("m.room.canonical_alias"), 50},
        {STR("m.room.encryption"), 100},
        {STR("m.room.history_visibility"), 100},
        {STR("m.room.name"), 50},
        {STR("m.room.power_levels"), 100},
        {STR("m.room.retention"), 100},
        {STR("m.room.server_acl"), 100},
        /* Creators alone may end a room of version 12. */
        {STR("m.room.tombstone"), version->privileged_creators ? 150 : 100},
        {STR("org.matrix.msc3401.call.member"), 0},
        {STR("org.matrix.msc3672.beacon_info"), 0},
    };
    json_write_key(out, STR("events"));
    json_write_object(out);
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        write_level(out, asked, &levels[i], false);
    write_others(out, asked, levels, ARRAY_LEN(levels));
    json_write_end(out);
}

static void write_users(struct json_writer *out, const struct str *admins, size_t n_admins,
                        const struct json *asked)
{
    json_write_key(out, STR("users"));
    if (asked) {
        json_write_raw(out, asked->raw);
        return;
    }
    json_write_object(out);
    for (size_t i = 0; i < n_admins; i++)
        json_write_member_int(out, admins[i], 100);
    json_write_end(out);
}

struct str room_kind_levels(struct use *use, const struct room_version *version,
                            const struct room_kind *kind, const struct str *admins, size_t n_admins,
                            const struct json *asked)
{
    const struct level levels[] = {
        {STR("ban"), 50},
        {STR("events_default"), 0},
        {STR("invite"), access_is_forum(&kind->access) ? 0 : 50},
        {STR("kick"), 50},
        {STR("redact"), 50},
        {STR("state_default"), 100},
        {STR("users_default"), 0},
    };
    struct buf text;
    struct json_writer out;
    buf_init(&text, LIMIT_EVENT_BYTES * 2);
    json_writer_init(&out, &text);
    json_write_object(&out);
    for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
        bool is_floor =
            str_eq(levels[i].key, STR("invite")) || str_eq(levels[i].key, STR("state_default"));
        write_level(&out, asked, &levels[i], is_floor);
    }
    write_events(&out, version, json_find(asked, STR("events")));
    write_users(&out, admins, n_admins, json_find(asked, STR("users")));
    write_others(&out, asked, levels, ARRAY_LEN(levels));
    json_write_end(&out);
    return text_done(use, &text);
}
