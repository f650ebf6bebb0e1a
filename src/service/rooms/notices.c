/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/notices.h"

#include "base/limits.h"
#include "service/accounts/server_account.h"
#include "service/config.h"
#include "service/rooms/change.h"
#include "service/rooms/create_room.h"
#include "service/rooms/membership.h"
#include "store/account.h"
#include "store/account_data.h"
#include "store/notice_room.h"
#include "json/write.h"

/* Another node, or the user, may change the room at the same time. */
#define TRIES 10

/* ---- the room ---- */

struct noticed {
    int64_t user, room;
};

static int write_noticed(struct write *w, void *arg, struct err *err)
{
    const struct noticed *noticed = arg;
    if (notice_room_insert(w, noticed->user, noticed->room, err) < 0)
        return -1;
    return account_data_put(w, noticed->user, noticed->room, STR("m.tag"),
                            STR("{\"tags\":{\"m.server_notice\":{}}}"), err);
}

void notices_add_room(struct change *change, int64_t user)
{
    struct noticed *noticed = ARENA_NEW(change->use->arena, struct noticed);
    *noticed = (struct noticed){user, room_row_id(change->room)};
    change_also(change, write_noticed, noticed);
}

int notices_check_leave(struct use *use, const struct room *room)
{
    struct account account;
    int64_t id;
    if (room_membership(room, use->caller.user) != MEMBERSHIP_INVITE)
        return 0;
    int found = notice_room_find(&use->read, use->caller.user, &id, &use->err);
    if (found == 1 && id == room_row_id(room))
        found = account_load(&use->read, use->caller.user, use->arena, &account, &use->err);
    else if (found == 1)
        return 0;
    if (found != 1)
        return found;
    if (account.flags & ACCOUNT_DEACTIVATED)
        return 0;
    return err_client(&use->err, 403, "M_CANNOT_LEAVE_SERVER_NOTICE_ROOM",
                      "The room of the service's announcements cannot be refused");
}

/* Nobody but the server speaks, calls, invites or changes anything. */
#define LEVELS                                                                                     \
    "{\"events_default\":50,\"state_default\":100,\"invite\":100,\"events\":{"                     \
    "\"m.beacon_info\":100,\"m.call.member\":100,\"org.matrix.msc3401.call.member\":100,"          \
    "\"org.matrix.msc3672.beacon_info\":100}}"
#define KIND                                                                                       \
    "[{\"type\":\"im.vector.room.access_rules\",\"state_key\":\"\",\"content\":"                   \
    "{\"rule\":\"unrestricted\",\"visibility\":\"private\","                                       \
    "\"force_unencrypted_at_creation\":true}}]"

static int make_room(struct use *use, int64_t user, struct str user_id, struct str content,
                     struct str *ret_room_id)
{
    struct new_room room = {
        .preset = STR("private_chat"),
        .name = use->server->config->notices_name,
        .message = content,
        .notices_of = user,
    };
    struct str invite = arena_printf(use->arena, "[\"%.*s\"]", STR_ARG(user_id));
    if (json_parse(use->arena, invite, &room.invite, &use->err) < 0 ||
        json_parse(use->arena, STR(KIND), &room.initial_state, &use->err) < 0 ||
        json_parse(use->arena, STR(LEVELS), &room.power_level_content_override, &use->err) < 0)
        return -1;
    return rooms_create(use, &room, ret_room_id);
}

/* ---- a notice ---- */

static int decide(struct change *change, int64_t user, struct str user_id, struct str content)
{
    struct use *use = change->use;
    enum membership now = change_membership(change, user);
    struct str member;
    struct draft message = {
        .type = STR("m.room.message"),
        .content = content,
        .sender = use->caller.user_id,
        .sender_name = use->caller.user,
    };
    if (now != MEMBERSHIP_JOIN && now != MEMBERSHIP_INVITE &&
        (member_content(use, user, MEMBERSHIP_INVITE, STR_NONE, STR_NONE, &member) < 0 ||
         change_member(change, user_id, member) < 0))
        return -1;
    return change_decide(change, &message, NULL);
}

static int add_notice(struct use *use, int64_t id, int64_t user, struct str user_id,
                      struct str content, struct str *ret_room_id)
{
    CLEANUP(room_cleanup) struct room *room = NULL;
    struct change change;
    if (room_enter(use, id, &room) < 0)
        return -1;
    *ret_room_id = arena_str(use->arena, room_id_of(room));
    change_begin(&change, use, room);
    int status = decide(&change, user, user_id, content);
    if (status == 0)
        status = change_submit(&change);
    change_end(&change);
    return status;
}

static struct str notice_content(struct use *use, struct str body)
{
    struct buf text;
    struct json_writer out;
    buf_init(&text, LIMIT_EVENT_BYTES);
    json_writer_init(&out, &text);
    json_write_object(&out);
    json_write_member_str(&out, STR("msgtype"), STR("m.server_notice"));
    json_write_member_str(&out, STR("body"), body);
    json_write_member_str(&out, STR("server_notice_type"), STR("org.chappe.notice"));
    json_write_end(&out);
    struct str content = buf_is_full(&text) ? STR_NONE : arena_str(use->arena, buf_str(&text));
    buf_done(&text);
    return content;
}

static int send_once(struct use *use, int64_t user, struct str body, struct str *ret_room_id)
{
    struct str user_id, content = notice_content(use, body);
    int64_t room;
    if (!content.p)
        return err_client(&use->err, 413, "M_TOO_LARGE", "The text is too long");
    if (server_account_become(use, use->server->config->notices_localpart) < 0 ||
        store_name(use->server->store, user, use->arena, &user_id, &use->err) < 0)
        return -1;
    int found = notice_room_find(&use->read, user, &room, &use->err);
    if (found < 0)
        return -1;
    return found ? add_notice(use, room, user, user_id, content, ret_room_id)
                 : make_room(use, user, user_id, content, ret_room_id);
}

static int make_sender(struct use *use, struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA);
    const struct config *config = use->server->config;
    struct use step = {.server = use->server, .arena = arena, .err = ERR_INIT};
    read_begin(use->server->store, &step.read);
    int status = server_account_make(&step, config->notices_localpart, config->notices_name);
    read_end(&step.read);
    *err = step.err;
    return status;
}

static int take_step(struct use *use, int64_t user, struct str body, struct str *ret_room_id)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(4));
    struct use step = {.server = use->server, .arena = arena, .audit = use->audit, .err = ERR_INIT};
    struct str room_id;
    read_begin(use->server->store, &step.read);
    int status = send_once(&step, user, body, &room_id);
    if (status == 0)
        *ret_room_id = arena_str(use->arena, room_id);
    read_end(&step.read);
    use->err = step.err;
    return status;
}

int notices_send(struct use *use, int64_t user, struct str body, struct str *ret_room_id)
{
    read_renew(&use->read); /* each step has its own */
    int status = make_sender(use, &use->err);
    if (status < 0)
        return -1;
    for (int i = 0; i < TRIES; i++) {
        status = take_step(use, user, body, ret_room_id);
        if (status == 0 || use->err.kind != ERR_KIND_MOVED)
            return status;
    }
    return -1;
}
