/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/membership.h"

#include "base/limits.h"
#include "matrix/id.h"
#include "service/accounts/profile.h"
#include "service/rooms/access.h"
#include "service/rooms/follow.h"
#include "service/rooms/notices.h"
#include "service/rooms/restricted.h"
#include "service/rooms/succession.h"
#include "store/account.h"
#include "store/account_data.h"
#include "store/membership.h"
#include "json/write.h"

/* ---- contents ---- */

#define EXTERNAL     "org.chappe.external"
#define ORGANISATION "org.chappe.organisation"

static void write_organisation(struct json_writer *out, const struct account *account)
{
    if (account->flags & ACCOUNT_EXTERNAL)
        json_write_member_bool(out, STR(EXTERNAL), true);
    if (account->organisation.p)
        json_write_member_str(out, STR(ORGANISATION), account->organisation);
}

/* Of who is in, or is to be, the profile is shown. */
static bool is_shown(enum membership membership)
{
    return membership == MEMBERSHIP_JOIN || membership == MEMBERSHIP_INVITE ||
           membership == MEMBERSHIP_KNOCK;
}

int member_content(struct use *use, int64_t user, enum membership membership, struct str reason,
                   struct str extra, struct str *ret_content)
{
    struct account account = {0};
    struct buf text;
    struct json_writer out;
    if (is_shown(membership) && account_load(&use->read, user, use->arena, &account, &use->err) < 0)
        return -1;
    buf_init(&text, LIMIT_EVENT_BYTES);
    json_writer_init(&out, &text);
    json_write_object(&out);
    if (account.avatar_url.p)
        json_write_member_str(&out, STR("avatar_url"), account.avatar_url);
    if (account.display_name.p)
        json_write_member_str(&out, STR("displayname"), account.display_name);
    json_write_member_str(&out, STR("membership"), membership_format(membership));
    write_organisation(&out, &account);
    if (reason.p)
        json_write_member_str(&out, STR("reason"), reason);
    if (extra.p) {
        buf_add_byte(&text, ',');
        buf_add(&text, extra);
    }
    json_write_end(&out);
    bool full = buf_is_full(&text);
    *ret_content = arena_str(use->arena, buf_str(&text));
    buf_done(&text);
    return full ? err_client(&use->err, 413, "M_TOO_LARGE", "The reason is too long") : 0;
}

/* What a client's words about a member are replaced by. */
struct rewriting {
    const struct json *content;
    struct account account; /* zeroed: nothing is said of it */
    bool fixed;             /* name and avatar too */
};

static bool is_servers(const struct rewriting *rewriting, struct str key)
{
    return str_eq(key, STR(EXTERNAL)) || str_eq(key, STR(ORGANISATION)) ||
           (rewriting->fixed &&
            (str_eq(key, STR("displayname")) || str_eq(key, STR("avatar_url"))));
}

static struct str rewrite(struct use *use, const struct rewriting *rewriting)
{
    const struct json *content = rewriting->content;
    const struct account *account = &rewriting->account;
    struct buf text;
    struct json_writer out;
    buf_init(&text, LIMIT_EVENT_BYTES);
    json_writer_init(&out, &text);
    json_write_object(&out);
    for (size_t i = 0; i < content->object.n; i++) {
        const struct json_member *member = &content->object.members[i];
        if (!is_servers(rewriting, member->key))
            json_write_member_raw(&out, member->key, member->value.raw);
    }
    if (rewriting->fixed && account->display_name.p)
        json_write_member_str(&out, STR("displayname"), account->display_name);
    if (rewriting->fixed && account->avatar_url.p)
        json_write_member_str(&out, STR("avatar_url"), account->avatar_url);
    write_organisation(&out, account);
    json_write_end(&out);
    struct str copy = buf_is_full(&text) ? STR_NONE : arena_str(use->arena, buf_str(&text));
    buf_done(&text);
    return copy;
}

int member_written_content(struct use *use, struct str target, const struct json *content,
                           const struct json **ret_content)
{
    enum membership membership = membership_parse(json_find_str(content, STR("membership")));
    struct rewriting rewriting = {.content = content};
    int64_t user;
    int found =
        is_shown(membership) ? store_find_name(use->server->store, target, &user, &use->err) : 0;
    if (found == 1)
        found = account_load(&use->read, user, use->arena, &rewriting.account, &use->err);
    if (found < 0)
        return -1;
    rewriting.fixed = profile_name_is_fixed(use, target, &rewriting.account);
    struct str text = rewrite(use, &rewriting);
    if (!text.p)
        return err_client(&use->err, 413, "M_TOO_LARGE", "The content is too long");
    return json_parse(use->arena, text, ret_content, &use->err);
}

int change_member(struct change *change, struct str target, struct str content)
{
    struct draft draft = {
        .type = STR("m.room.member"),
        .state_key = target,
        .content = content,
        .sender = change->use->caller.user_id,
        .sender_name = change->use->caller.user,
    };
    return change_decide(change, &draft, NULL);
}

/* One member event, as a change of its own; whoever leaves as the last administrator is followed.
 */
static int change_one(struct use *use, struct room *room, struct str target,
                      enum membership membership, struct str content)
{
    struct change change;
    change_begin(&change, use, room);
    bool leaves = membership == MEMBERSHIP_LEAVE && str_eq(target, use->caller.user_id);
    int status = leaves ? succession_decide(&change) : 0;
    if (status == 0)
        status = change_member(&change, target, content);
    if (status == 0 && membership == MEMBERSHIP_JOIN)
        status = follow_predecessor(&change);
    if (status == 0)
        status = change_submit(&change);
    change_end(&change);
    return status;
}

static int change_self(struct use *use, struct room *room, enum membership membership,
                       struct str reason, struct str extra)
{
    struct str content;
    if (member_content(use, use->caller.user, membership, reason, extra, &content) < 0)
        return -1;
    return change_one(use, room, use->caller.user_id, membership, content);
}

/* ---- oneself ---- */

int rooms_refuse_entry(struct use *use)
{
    return err_client(&use->err, 403, "M_FORBIDDEN",
                      "You may not enter this room, or it does not exist");
}

/* A refusal says nothing of a room to who was never near it, but for a reason: that is given only
 * once the authorisation rules would have let them in. */
static int hide_room(struct use *use, enum membership now, int status)
{
    if (status < 0 && use->err.status == 403 && now == MEMBERSHIP_NONE && !use->err.extra_key)
        return rooms_refuse_entry(use);
    return status;
}

int rooms_join(struct use *use, int64_t id, struct str reason)
{
    CLEANUP(room_cleanup) struct room *room = NULL;
    struct str extra = STR_NONE;
    if (room_enter(use, id, &room) < 0)
        return -1;
    enum membership now = room_membership(room, use->caller.user);
    if (now == MEMBERSHIP_JOIN)
        return 0;
    if (now != MEMBERSHIP_INVITE && restricted_authorise(use, room, &extra) < 0)
        return -1;
    return hide_room(use, now, change_self(use, room, MEMBERSHIP_JOIN, reason, extra));
}

int rooms_knock(struct use *use, int64_t id, struct str reason)
{
    CLEANUP(room_cleanup) struct room *room = NULL;
    if (room_enter(use, id, &room) < 0)
        return -1;
    if (room_membership(room, use->caller.user) == MEMBERSHIP_KNOCK)
        return 0;
    return hide_room(use, room_membership(room, use->caller.user),
                     change_self(use, room, MEMBERSHIP_KNOCK, reason, STR_NONE));
}

int rooms_leave(struct use *use, int64_t id, struct str reason)
{
    CLEANUP(room_cleanup) struct room *room = NULL;
    if (room_enter(use, id, &room) < 0)
        return -1;
    enum membership now = room_membership(room, use->caller.user);
    if (now == MEMBERSHIP_LEAVE)
        return 0;
    if (now == MEMBERSHIP_NONE || now == MEMBERSHIP_BAN)
        return rooms_refuse_outsider(use);
    if (notices_check_leave(use, room) < 0)
        return -1;
    return change_self(use, room, MEMBERSHIP_LEAVE, reason, STR_NONE);
}

struct forgetting {
    int64_t user, room;
};

static int write_forgotten(struct write *w, void *arg, struct err *err)
{
    const struct forgetting *forgetting = arg;
    return membership_forget(w, forgetting->user, forgetting->room, err);
}

int rooms_forget(struct use *use, int64_t room)
{
    struct membership_row row;
    int found = membership_load(&use->read, use->caller.user, room, &row, &use->err);
    if (found < 0)
        return -1;
    if (found && row.kind != MEMBERSHIP_LEAVE && row.kind != MEMBERSHIP_BAN)
        return err_client(&use->err, 400, "M_UNKNOWN", "Leave the room before you forget it");
    if (!found)
        return err_client(&use->err, 403, "M_FORBIDDEN",
                          "You were never in this room, or it does not exist");
    struct forgetting *forgetting = ARENA_NEW(use->arena, struct forgetting);
    *forgetting = (struct forgetting){use->caller.user, room};
    return use_commit(use, write_forgotten, NULL, forgetting);
}

/* ---- others ---- */

int invites_are_blocked(struct use *use, int64_t user)
{
    const struct json *doc = NULL;
    struct err ignored = ERR_INIT;
    struct str content;
    int found = account_data_load(&use->read, user, 0, STR("m.invite_permission_config"),
                                  use->arena, &content, &use->err);
    if (found < 0)
        return -1;
    if (!found || json_parse(use->arena, content, &doc, &ignored) < 0)
        return 0;
    return str_eq(json_find_str(doc, STR("default_action")), STR("block"));
}

static int check_blocked(struct use *use, int64_t user)
{
    int blocked = invites_are_blocked(use, user);
    if (blocked == 1)
        return err_client(&use->err, 403, "M_INVITE_BLOCKED", "This user takes no invitations");
    return blocked;
}

int check_invitable(struct use *use, const struct user_id *id)
{
    int64_t user;
    if (!str_eq(id->server, use->server->name))
        return err_client(&use->err, 403, "M_FORBIDDEN", "This server does not federate");
    int found = store_find_name(use->server->store, id->full, &user, &use->err);
    if (found == 1)
        found = account_exists(&use->read, user, &use->err);
    if (found < 0)
        return -1;
    if (!found)
        return err_client(&use->err, 404, "M_NOT_FOUND", "This user does not exist");
    return check_blocked(use, user);
}

/* What the target's membership must be for an act, besides what the authorisation rules say. */
static int check_target(struct use *use, const struct member_act *act, enum membership now)
{
    if (act->from_ban && now != MEMBERSHIP_BAN)
        return err_client(&use->err, 403, "M_FORBIDDEN", "This user is not banned");
    if (act->membership == MEMBERSHIP_LEAVE && !act->from_ban &&
        (now == MEMBERSHIP_NONE || now == MEMBERSHIP_LEAVE || now == MEMBERSHIP_BAN))
        return err_client(&use->err, 403, "M_FORBIDDEN", "This user is not in the room");
    return 0;
}

static int content_for(struct use *use, const struct member_act *act, int64_t target,
                       struct str *ret_content)
{
    bool invite = act->membership == MEMBERSHIP_INVITE;
    return member_content(use, invite ? target : 0, act->membership, act->reason, STR_NONE,
                          ret_content);
}

int rooms_act_on_member(struct use *use, const struct member_act *act)
{
    CLEANUP(room_cleanup) struct room *room = NULL;
    struct user_id id;
    struct str content;
    int64_t target;
    if (user_id_parse(act->target, &id, &use->err) < 0)
        return -1;
    if (store_find_name(use->server->store, id.full, &target, &use->err) != 1)
        target = 0;
    if (act->membership == MEMBERSHIP_INVITE &&
        (access_refuse_external(use, "external_invite", "An external may not invite") < 0 ||
         check_invitable(use, &id) < 0))
        return -1;

    if (room_enter(use, act->room, &room) < 0)
        return -1;
    enum membership now = target ? room_membership(room, target) : MEMBERSHIP_NONE;
    if (room_membership(room, use->caller.user) != MEMBERSHIP_JOIN)
        return rooms_refuse_outsider(use);
    if (check_target(use, act, now) < 0 || content_for(use, act, target, &content) < 0)
        return -1;
    return change_one(use, room, id.full, act->membership, content);
}
