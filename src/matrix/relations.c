/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/relations.h"

#include "base/limits.h"
#include "base/map.h"
#include "base/vec.h"

static const struct {
    struct str rel_type;
    enum relation_kind kind;
} kinds[] = {
    {STR_INIT("m.annotation"), RELATION_ANNOTATION},
    {STR_INIT("m.replace"), RELATION_REPLACE},
    {STR_INIT("m.thread"), RELATION_THREAD},
    {STR_INIT("m.reference"), RELATION_REFERENCE},
};

static enum relation_kind kind_of(struct str rel_type)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_eq(kinds[i].rel_type, rel_type))
            return kinds[i].kind;
    return RELATION_OTHER;
}

/* A string as an identifier would be; anything longer names nothing. */
static struct str short_str(const struct json *object, struct str key)
{
    struct str s = json_find_str(object, key);
    return s.n > LIMIT_EVENT_FIELD_BYTES ? STR_NONE : s;
}

void relation_parse(const struct json *content, struct relation *ret_relation)
{
    const struct json *relates = json_find(content, STR("m.relates_to"));
    struct str rel_type = short_str(relates, STR("rel_type"));
    struct str event_id = short_str(relates, STR("event_id"));
    *ret_relation = (struct relation){
        .reply_to = short_str(json_find(relates, STR("m.in_reply_to")), STR("event_id")),
        .is_falling_back = json_as_bool(json_find(relates, STR("is_falling_back")), false),
    };
    if (!rel_type.p || !event_id.p)
        return;
    ret_relation->kind = kind_of(rel_type);
    ret_relation->rel_type = rel_type;
    ret_relation->event_id = event_id;
    if (ret_relation->kind != RELATION_ANNOTATION)
        return;
    ret_relation->key = json_find_str(relates, STR("key"));
    ret_relation->key_is_no_text = json_find(relates, STR("key")) && !ret_relation->key.p;
}

bool relation_replaces(const struct relation_event *edit, const struct relation_event *original)
{
    struct relation relation, of_original;
    relation_parse(edit->content, &relation);
    relation_parse(original->content, &of_original);
    if (relation.kind != RELATION_REPLACE || edit->is_redacted)
        return false;
    if (!str_eq(edit->room_id, original->room_id) || !str_eq(edit->sender, original->sender) ||
        !str_eq(edit->type, original->type))
        return false;
    if (edit->is_state || original->is_state || of_original.kind == RELATION_REPLACE)
        return false;
    /* In an encrypted event, m.new_content is inside, where only clients see it. */
    return str_eq(edit->type, STR("m.room.encrypted")) ||
           json_is(json_find(edit->content, STR("m.new_content")), JSON_OBJECT);
}

int relation_check_send(const struct relation *relation, const struct relation_event *parent,
                        struct err *err)
{
    struct relation of_parent;
    relation_parse(parent->content, &of_parent);
    if (relation->kind == RELATION_THREAD && of_parent.kind != RELATION_NONE)
        return err_client(err, 400, "M_UNKNOWN",
                          "A thread cannot start on an event that relates to another");
    return 0;
}

enum relation_thread relation_thread_step(const struct relation *relation, struct str *ret_event_id)
{
    if (relation->kind == RELATION_NONE)
        return RELATION_THREAD_MAIN;
    *ret_event_id = relation->event_id;
    return relation->kind == RELATION_THREAD ? RELATION_THREAD_ROOT : RELATION_THREAD_NEXT;
}

int relation_find_thread(const struct relation *relation,
                         int (*find)(void *arg, struct str event_id, struct relation *ret_relation,
                                     struct err *err),
                         void *arg, struct str *ret_root, struct err *err)
{
    struct relation here = *relation;
    for (int hop = 0;; hop++) {
        struct str event_id;
        enum relation_thread step = relation_thread_step(&here, &event_id);
        if (step == RELATION_THREAD_ROOT) {
            *ret_root = event_id;
            return 1;
        }
        if (step == RELATION_THREAD_MAIN || hop == RELATION_THREAD_HOPS)
            return 0;
        int rc = find(arg, event_id, &here, err);
        if (rc <= 0)
            return rc;
    }
}

void mentions_parse(const struct json *content, struct arena *arena, struct mentions *ret_mentions)
{
    const struct json *mentions = json_find(content, STR("m.mentions"));
    const struct json *list = json_find(mentions, STR("user_ids"));
    VEC(struct str) users = {0};
    struct str_map seen = {0};
    *ret_mentions = (struct mentions){
        .present = json_is(mentions, JSON_OBJECT),
        .room = json_as_bool(json_find(mentions, STR("room")), false),
    };
    for (size_t i = 0; json_is(list, JSON_ARRAY) && i < list->array.n; i++) {
        struct str user = json_as_str(&list->array.items[i]);
        if (users.n == LIMIT_MENTIONS)
            break;
        if (!user.p || user.n == 0 || user.n > LIMIT_EVENT_FIELD_BYTES || str_map_find(&seen, user))
            continue;
        (void)str_map_put(&seen, user, &seen);
        ARENA_VEC_ADD(arena, &users, user);
    }
    str_map_done(&seen);
    ret_mentions->user_ids = users.p;
    ret_mentions->n = users.n;
}
