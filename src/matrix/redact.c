/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/redact.h"

#include "base/buf.h"
#include "base/limits.h"
#include "matrix/edit.h"
#include "matrix/pdu.h"
#include "json/write.h"

/* Rooms v1 to v11, "Redactions": which members of the event, and of its content, stay. */

static const struct str top_level[] = {
    STR_INIT("auth_events"),
    STR_INIT("content"),
    STR_INIT("depth"),
    STR_INIT("event_id"),
    STR_INIT("hashes"),
    STR_INIT("origin_server_ts"),
    STR_INIT("prev_events"),
    STR_INIT("room_id"),
    STR_INIT("sender"),
    STR_INIT("signatures"),
    STR_INIT("state_key"),
    STR_INIT("type"),
    /* Up to version 10 only; last, so that a count leaves them out. */
    STR_INIT("membership"),
    STR_INIT("origin"),
    STR_INIT("prev_state"),
};
#define TOP_LEVEL_OLD_ONLY 3

#define KEYS_MAX 9

struct kept {
    struct str type;
    enum redaction_rules from, to; /* inclusive */
    struct str keys[KEYS_MAX];     /* up to the first empty one */
};

/* The first row that fits is taken. */
static const struct kept kept[] = {
    {STR_INIT("m.room.member"),
     REDACTION_RULES_V9,
     REDACTION_RULES_V11,
     {STR_INIT("membership"), STR_INIT("join_authorised_via_users_server")}},
    {STR_INIT("m.room.member"), REDACTION_RULES_V1, REDACTION_RULES_V8, {STR_INIT("membership")}},
    {STR_INIT("m.room.create"), REDACTION_RULES_V1, REDACTION_RULES_V9, {STR_INIT("creator")}},
    {STR_INIT("m.room.join_rules"),
     REDACTION_RULES_V8,
     REDACTION_RULES_V11,
     {STR_INIT("allow"), STR_INIT("join_rule")}},
    {STR_INIT("m.room.join_rules"),
     REDACTION_RULES_V1,
     REDACTION_RULES_V6,
     {STR_INIT("join_rule")}},
    {STR_INIT("m.room.power_levels"),
     REDACTION_RULES_V11,
     REDACTION_RULES_V11,
     {STR_INIT("ban"), STR_INIT("events"), STR_INIT("events_default"), STR_INIT("invite"),
      STR_INIT("kick"), STR_INIT("redact"), STR_INIT("state_default"), STR_INIT("users"),
      STR_INIT("users_default")}},
    {STR_INIT("m.room.power_levels"),
     REDACTION_RULES_V1,
     REDACTION_RULES_V9,
     {STR_INIT("ban"), STR_INIT("events"), STR_INIT("events_default"), STR_INIT("kick"),
      STR_INIT("redact"), STR_INIT("state_default"), STR_INIT("users"), STR_INIT("users_default")}},
    {STR_INIT("m.room.history_visibility"),
     REDACTION_RULES_V1,
     REDACTION_RULES_V11,
     {STR_INIT("history_visibility")}},
    {STR_INIT("m.room.aliases"), REDACTION_RULES_V1, REDACTION_RULES_V1, {STR_INIT("aliases")}},
    {STR_INIT("m.room.redaction"), REDACTION_RULES_V11, REDACTION_RULES_V11, {STR_INIT("redacts")}},
};

static const struct kept *find_kept(const struct room_version *version, struct str type)
{
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        if (str_eq(kept[i].type, type) && version->redaction >= kept[i].from &&
            version->redaction <= kept[i].to)
            return &kept[i];
    return NULL;
}

/* Version 11: `signed` stays below third_party_invite. One that is an object without it leaves an
 * empty object, as in the servers that rooms are shared with: the hash depends on it. */
static const struct json *keep_third_party(struct arena *arena, const struct json *content,
                                           const struct json *redacted)
{
    const struct str key = STR("third_party_invite"), keys[] = {STR("signed")};
    const struct json *invite = json_find(content, key);
    if (!json_is(invite, JSON_OBJECT))
        return redacted;
    return edit_put(arena, redacted, key, edit_keep(arena, invite, keys, ARRAY_LEN(keys)));
}

static const struct json *redact_content(struct arena *arena, const struct room_version *version,
                                         struct str type, const struct json *content)
{
    bool v11 = version->redaction >= REDACTION_RULES_V11;
    const struct kept *row = find_kept(version, type);
    size_t n = 0;
    if (!json_is(content, JSON_OBJECT))
        return edit_object(arena);
    if (v11 && str_eq(type, STR("m.room.create")))
        return content;
    if (!row)
        return edit_object(arena);
    while (n < KEYS_MAX && row->keys[n].n > 0)
        n++;
    const struct json *redacted = edit_keep(arena, content, row->keys, n);
    if (v11 && str_eq(type, STR("m.room.member")))
        redacted = keep_third_party(arena, content, redacted);
    return redacted;
}

const struct json *redact_event(struct arena *arena, const struct room_version *version,
                                const struct json *doc)
{
    size_t n = ARRAY_LEN(top_level);
    if (version->redaction >= REDACTION_RULES_V11)
        n -= TOP_LEVEL_OLD_ONLY;
    struct str type = json_find_str(doc, STR("type"));
    const struct json *content = json_find(doc, STR("content"));
    return edit_put(arena, edit_keep(arena, doc, top_level, n), STR("content"),
                    redact_content(arena, version, type, content));
}

int pdu_redact(struct arena *arena, const struct room_version *version, const struct json *doc,
               struct str *ret_json, struct err *err)
{
    struct buf CLEANUP(buf_done) out;
    buf_init(&out, LIMIT_EVENT_BYTES);
    if (!json_is(doc, JSON_OBJECT))
        return err_client(err, 400, "M_BAD_JSON", "An event must be an object");
    if (json_canonical(redact_event(arena, version, doc), &out, err))
        return -1;
    if (buf_is_full(&out))
        return err_client(err, 413, "M_TOO_LARGE", "The event is too large");
    *ret_json = arena_str(arena, buf_str(&out));
    return 0;
}
