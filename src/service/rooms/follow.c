/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/follow.h"

#include "base/limits.h"
#include "matrix/push.h"
#include "service/push/rules.h"
#include "service/rooms/view.h"
#include "store/account_data.h"
#include "json/write.h"

struct following {
    int64_t user, room;
    struct str tags, push_rules, direct; /* STR_NONE: nothing changes */
};

static int put_if(struct write *w, const struct following *following, int64_t room, struct str type,
                  struct str content, struct err *err)
{
    return content.p ? account_data_put(w, following->user, room, type, content, err) : 0;
}

static int write_following(struct write *w, void *arg, struct err *err)
{
    const struct following *following = arg;
    if (put_if(w, following, following->room, STR("m.tag"), following->tags, err) < 0 ||
        put_if(w, following, 0, STR("m.direct"), following->direct, err) < 0)
        return -1;
    return put_if(w, following, 0, STR("m.push_rules"), following->push_rules, err);
}

/* ---- tags ---- */

/* Those of the new room stand, when it has some already. */
static int copy_tags(struct use *use, int64_t from, struct following *following)
{
    struct str content;
    int found = account_data_load(&use->read, use->caller.user, following->room, STR("m.tag"),
                                  use->arena, &content, &use->err);
    if (found != 0)
        return found < 0 ? -1 : 0;
    found = account_data_load(&use->read, use->caller.user, from, STR("m.tag"), use->arena,
                              &content, &use->err);
    if (found == 1)
        following->tags = content;
    return found < 0 ? -1 : 0;
}

/* ---- direct chats ---- */

static bool list_has(const struct json *list, struct str text)
{
    for (size_t i = 0; json_is(list, JSON_ARRAY) && i < list->array.n; i++)
        if (str_eq(json_as_str(&list->array.items[i]), text))
            return true;
    return false;
}

/* The document with the new room beside the old one in each list; STR_NONE when nothing changes. */
static struct str with_room(struct arena *arena, const struct json *doc, struct str from,
                            struct str to)
{
    struct buf text;
    struct json_writer out;
    bool changed = false;
    buf_init(&text, LIMIT_EVENT_BYTES * 2);
    json_writer_init(&out, &text);
    json_write_object(&out);
    for (size_t i = 0; i < doc->object.n; i++) {
        const struct json_member *member = &doc->object.members[i];
        bool adds = list_has(&member->value, from) && !list_has(&member->value, to);
        json_write_key(&out, member->key);
        if (!adds) {
            json_write_raw(&out, member->value.raw);
            continue;
        }
        json_write_array(&out);
        for (size_t k = 0; k < member->value.array.n; k++)
            json_write_raw(&out, member->value.array.items[k].raw);
        json_write_str(&out, to);
        json_write_end(&out);
        changed = true;
    }
    json_write_end(&out);
    changed = changed && !buf_is_full(&text);
    struct str copy = changed ? arena_str(arena, buf_str(&text)) : STR_NONE;
    buf_done(&text);
    return copy;
}

static int copy_direct(struct use *use, struct str from, struct str to, struct following *following)
{
    const struct json *doc;
    struct err ignored = ERR_INIT;
    struct str content;
    int found = account_data_load(&use->read, use->caller.user, 0, STR("m.direct"), use->arena,
                                  &content, &use->err);
    if (found < 0)
        return -1;
    if (found && json_parse(use->arena, content, &doc, &ignored) == 0 && json_is(doc, JSON_OBJECT))
        following->direct = with_room(use->arena, doc, from, to);
    return 0;
}

/* ---- push rules ---- */

static int copy_push_rule(struct use *use, struct str from, struct str to,
                          struct following *following)
{
    CLEANUP(arena_cleanup) struct arena *own = push_rules_arena();
    struct push_rules *rules;
    struct buf text;
    if (push_load_rules(use, own, &rules) < 0)
        return -1;
    if (!push_rules_copy_room(rules, from, to))
        return 0;
    buf_init(&text, MIB(1));
    push_rules_format(rules, &text);
    following->push_rules = arena_str(use->arena, buf_str(&text));
    buf_done(&text);
    return 0;
}

/* ---- following ---- */

int follow_room(struct change *change, int64_t old_room, struct str old_room_id)
{
    struct use *use = change->use;
    struct following *following = ARENA_NEW(use->arena, struct following);
    struct str to = arena_str(use->arena, room_id_of(change->room));
    following->user = use->caller.user;
    following->room = room_row_id(change->room);
    if (copy_tags(use, old_room, following) < 0 ||
        copy_direct(use, old_room_id, to, following) < 0 ||
        copy_push_rule(use, old_room_id, to, following) < 0)
        return -1;
    if (following->tags.p || following->direct.p || following->push_rules.p)
        change_also(change, write_following, following);
    return 0;
}

/* Does the tombstone of the old room lead here? 1, 0, -1. */
static int leads_here(struct use *use, int64_t old_room, struct str room_id)
{
    const struct room_names *names = rooms_names(use->server);
    const struct pdu *tombstone = NULL;
    struct view view;
    int found = view_open(use, old_room, &view);
    if (found == 1 && view.membership == MEMBERSHIP_NONE)
        return 0; /* nothing of theirs is there */
    if (found == 1)
        found = view_state_pdu(&view, view.row.state, names->tombstone, names->empty, &tombstone);
    if (found != 1)
        return found;
    return str_eq(json_find_str(tombstone->content, STR("replacement_room")), room_id);
}

int follow_predecessor(struct change *change)
{
    struct use *use = change->use;
    const struct room_names *names = rooms_names(use->server);
    const struct pdu *create = NULL;
    int64_t old_room;
    if (change_state_pdu(change, names->create, names->empty, &create) < 0)
        return -1;
    const struct json *predecessor = create ? json_find(create->content, STR("predecessor")) : NULL;
    struct str id = json_find_str(predecessor, STR("room_id"));
    int found = id.p ? rooms_find(use, id, &old_room) : 0;
    if (found == 1)
        found = leads_here(use, old_room, room_id_of(change->room));
    return found == 1 ? follow_room(change, old_room, id) : found;
}
