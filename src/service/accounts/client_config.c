/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/accounts/client_config.h"

#include "base/limits.h"
#include "service/rooms/view.h"
#include "store/account.h"
#include "store/account_data.h"
#include "json/write.h"

#define TAGS_MAX 200

/* The red list of Tchap's clients: {"hide_profile": true} (docs/design/directory.md). */
#define HIDE_PROFILE "im.vector.hide_profile"

struct putting {
    int64_t user, room;
    struct str type, content;
    bool is_red_list, hide;
};

static int write_data(struct write *w, void *arg, struct err *err)
{
    const struct putting *putting = arg;
    if (account_data_put(w, putting->user, putting->room, putting->type, putting->content, err) < 0)
        return -1;
    if (!putting->is_red_list)
        return 0;
    return account_set_flags(w, putting->user, putting->hide ? ACCOUNT_HIDDEN : 0,
                             putting->hide ? 0 : ACCOUNT_HIDDEN, err);
}

/* 0 for the user's own. Account data of a room that one has left is kept and may be read. */
static int find_room(struct use *use, struct str room_id, int64_t *ret_room)
{
    struct view view;
    *ret_room = 0;
    if (!room_id.p)
        return 0;
    int found = rooms_find(use, room_id, ret_room);
    if (found == 1)
        found = view_open(use, *ret_room, &view);
    if (found < 0)
        return -1;
    if (!found || view.membership == MEMBERSHIP_NONE)
        return rooms_refuse_outsider(use);
    return 0;
}

static int put(struct use *use, int64_t room, struct str type, struct str content, bool hide)
{
    struct putting *putting = ARENA_NEW(use->arena, struct putting);
    *putting = (struct putting){
        .user = use->caller.user,
        .room = room,
        .type = type,
        .content = content,
        .is_red_list = !room && str_eq(type, STR(HIDE_PROFILE)),
        .hide = hide,
    };
    return use_commit(use, write_data, NULL, putting);
}

int config_put(struct use *use, struct str room_id, struct str type, const struct json *content)
{
    int64_t room;
    if (!json_is(content, JSON_OBJECT))
        return err_client(&use->err, 400, "M_BAD_JSON", "Account data is an object");
    if (type.n == 0 || type.n > LIMIT_EVENT_FIELD_BYTES)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "The type is empty or too long");
    if (content->raw.n > LIMIT_EVENT_BYTES)
        return err_client(&use->err, 413, "M_TOO_LARGE", "Account data has at most %d bytes",
                          LIMIT_EVENT_BYTES);
    if (str_eq(type, STR("m.push_rules")) || str_eq(type, STR("m.fully_read")))
        return err_client(&use->err, 405, "M_BAD_JSON", "Cannot set %.*s through this API",
                          STR_ARG(type));
    if (find_room(use, room_id, &room) < 0)
        return -1;
    return put(use, room, type, content->raw,
               json_as_bool(json_find(content, STR("hide_profile")), false));
}

int config_get(struct use *use, struct str room_id, struct str type, struct str *ret_content)
{
    int64_t room;
    if (find_room(use, room_id, &room) < 0)
        return -1;
    int found = account_data_load(&use->read, use->caller.user, room, type, use->arena, ret_content,
                                  &use->err);
    if (found < 0)
        return -1;
    return found ? 0 : err_client(&use->err, 404, "M_NOT_FOUND", "No such account data");
}

/* ---- tags ---- */

static int load_tags(struct use *use, int64_t room, const struct json **ret_tags)
{
    const struct json *doc = NULL;
    struct err ignored = ERR_INIT;
    struct str content;
    int found = account_data_load(&use->read, use->caller.user, room, STR("m.tag"), use->arena,
                                  &content, &use->err);
    if (found < 0)
        return -1;
    if (found && json_parse(use->arena, content, &doc, &ignored) < 0)
        doc = NULL;
    *ret_tags = json_find(doc, STR("tags"));
    return 0;
}

/* The tags as they are, but for one: replaced, added or (value STR_NONE) left out. */
static struct str write_tags(struct use *use, const struct json *tags, struct str name,
                             struct str value)
{
    struct buf text;
    struct json_writer out;
    bool has = json_is(tags, JSON_OBJECT);
    buf_init(&text, LIMIT_EVENT_BYTES);
    json_writer_init(&out, &text);
    json_write_object(&out);
    json_write_key(&out, STR("tags"));
    json_write_object(&out);
    for (size_t i = 0; has && i < tags->object.n; i++)
        if (!str_eq(tags->object.members[i].key, name))
            json_write_member_raw(&out, tags->object.members[i].key,
                                  tags->object.members[i].value.raw);
    if (value.p)
        json_write_member_raw(&out, name, value);
    json_write_end(&out);
    json_write_end(&out);
    struct str copy = buf_is_full(&text) ? STR_NONE : arena_str(use->arena, buf_str(&text));
    buf_done(&text);
    return copy;
}

int config_get_tags(struct use *use, struct str room_id, struct str *ret_content)
{
    const struct json *tags;
    int64_t room;
    if (find_room(use, room_id, &room) < 0 || load_tags(use, room, &tags) < 0)
        return -1;
    *ret_content = write_tags(use, tags, STR_NONE, STR_NONE);
    return 0;
}

int config_set_tag(struct use *use, struct str room_id, struct str name, const struct json *tag)
{
    const struct json *tags;
    int64_t room;
    if (tag && tag->kind != JSON_OBJECT)
        return err_client(&use->err, 400, "M_BAD_JSON", "A tag is an object");
    const struct json *order = json_find(tag, STR("order"));
    if (order && order->kind != JSON_INT && order->kind != JSON_NUMBER)
        return err_client(&use->err, 400, "M_BAD_JSON", "order must be a number");
    if (name.n == 0 || name.n > LIMIT_EVENT_FIELD_BYTES)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "A tag's name has 1 to %d bytes",
                          LIMIT_EVENT_FIELD_BYTES);
    if (find_room(use, room_id, &room) < 0 || load_tags(use, room, &tags) < 0)
        return -1;
    if (tag && json_is(tags, JSON_OBJECT) && tags->object.n >= TAGS_MAX && !json_find(tags, name))
        return err_client(&use->err, 400, "M_TOO_LARGE", "A room has at most %d tags", TAGS_MAX);
    struct str content = write_tags(use, tags, name, tag ? tag->raw : STR_NONE);
    if (!content.p)
        return err_client(&use->err, 413, "M_TOO_LARGE", "The tags are too large");
    return put(use, room, STR("m.tag"), content, false);
}
