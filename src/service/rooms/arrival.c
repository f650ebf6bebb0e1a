/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/arrival.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "service/background.h"
#include "service/identity/inviting.h"
#include "service/rooms/access.h"
#include "service/rooms/membership.h"
#include "store/account.h"
#include "json/write.h"

/* A room that others write into at the same time: decided again at once, then a minute later. */
#define TRIES 10

#define TYPE "m.room.third_party_invite"

static int write_done(struct write *w, void *arg, struct err *err)
{
    const struct invitation *invitation = arg;
    return invitation_done(w, invitation->id, err);
}

static int write_revoked(struct write *w, void *arg, struct err *err)
{
    const struct invitation *invitation = arg;
    return invitation_revoke(w, invitation->token, err);
}

/* ---- the real invitation ---- */

static struct str text_done(struct use *use, struct buf *text)
{
    struct str copy = arena_str(use->arena, buf_str(text));
    buf_done(text);
    return copy;
}

/* What the room's rules want to see: the offer's name, and that its key signed for this user. */
static int member_extra(struct use *use, const struct invitation *invitation,
                        const struct pdu *offer, struct str user_id, bool direct,
                        struct str *ret_extra)
{
    struct str signed_text, name = json_find_str(offer->content, STR("display_name"));
    struct buf escaped;
    if (invitation_sign(use, invitation, user_id, &signed_text) < 0)
        return -1;
    buf_init(&escaped, LIMIT_EVENT_BYTES);
    json_escape(&escaped, name.p ? name : STR(""));
    *ret_extra = arena_printf(
        use->arena, "%s\"third_party_invite\":{\"display_name\":%.*s,\"signed\":%.*s}",
        direct ? "\"is_direct\":true," : "", STR_ARG(buf_str(&escaped)), STR_ARG(signed_text));
    buf_done(&escaped);
    return 0;
}

/* The server's key was changed since the offer was made: the offer names the new one first. */
static int renew_key(struct change *change, const struct pdu *offer)
{
    struct use *use = change->use;
    struct str key = identity_public_key(use->server, use->arena);
    struct buf text;
    struct json_writer out;
    if (str_eq(json_find_str(offer->content, STR("public_key")), key))
        return 0;
    buf_init(&text, LIMIT_EVENT_BYTES);
    json_writer_init(&out, &text);
    json_write_object(&out);
    for (size_t i = 0; i < offer->content->object.n; i++) {
        const struct json_member *member = &offer->content->object.members[i];
        if (!str_eq(member->key, STR("public_key")) && !str_eq(member->key, STR("public_keys")))
            json_write_member_raw(&out, member->key, member->value.raw);
    }
    json_write_member_str(&out, STR("public_key"), key);
    json_write_end(&out);
    struct draft draft = {
        .type = STR(TYPE),
        .state_key = offer->state_key,
        .content = text_done(use, &text),
        .sender = use->caller.user_id,
        .sender_name = use->caller.user,
    };
    return change_decide(change, &draft, NULL);
}

static int decide(struct change *change, const struct invitation *invitation,
                  const struct pdu *offer)
{
    struct use *use = change->use;
    struct access_kind kind;
    struct str user_id, extra, content;
    if (change_access_kind(change, &kind) < 0 ||
        store_name(use->server->store, invitation->user, use->arena, &user_id, &use->err) < 0 ||
        member_extra(use, invitation, offer, user_id, kind.rule == ACCESS_DIRECT, &extra) < 0 ||
        member_content(use, invitation->user, MEMBERSHIP_INVITE, STR_NONE, extra, &content) < 0)
        return -1;
    if (renew_key(change, offer) < 0)
        return -1;
    return change_member(change, user_id, content);
}

/* Nobody to answer for it any more, taken back, or in the room already: nothing to do. */
static int find_offer(struct use *use, struct room *room, const struct invitation *invitation,
                      const struct pdu **ret_offer)
{
    int64_t token;
    enum membership now = room_membership(room, invitation->user);
    if (room_membership(room, invitation->inviter) != MEMBERSHIP_JOIN || now == MEMBERSHIP_JOIN ||
        now == MEMBERSHIP_INVITE || now == MEMBERSHIP_BAN)
        return 0;
    int found = store_find_name(use->server->store, invitation->token, &token, &use->err);
    if (found == 1)
        found = room_state_pdu(use, room, rooms_names(use->server)->third_party_invite, token,
                               ret_offer);
    return found == 1 ? (*ret_offer)->content->object.n > 0 : found;
}

static int submit_done(struct use *use, struct invitation *invitation)
{
    return use_commit(use, write_done, NULL, invitation);
}

static int invite(struct use *use, struct invitation *invitation)
{
    CLEANUP(room_cleanup) struct room *room = NULL;
    const struct pdu *offer;
    struct change change;
    if (room_enter(use, invitation->room, &room) < 0)
        return -1;
    int found = find_offer(use, room, invitation, &offer);
    if (found <= 0)
        return found < 0 ? -1 : submit_done(use, invitation);
    change_begin(&change, use, room);
    int status = decide(&change, invitation, offer);
    if (status == 0) {
        change_also(&change, write_done, invitation);
        status = change_submit(&change);
    }
    change_end(&change);
    return status;
}

/* ---- taking back ---- */

static int take_back(struct use *use, struct invitation *invitation)
{
    CLEANUP(room_cleanup) struct room *room = NULL;
    const struct pdu *offer;
    struct change change;
    if (room_enter(use, invitation->room, &room) < 0)
        return -1;
    int found = find_offer(use, room, invitation, &offer);
    if (found < 0)
        return -1;
    if (!found)
        return use_commit(use, write_revoked, NULL, invitation);
    struct draft draft = {
        .type = STR(TYPE),
        .state_key = invitation->token,
        .content = STR("{}"),
        .sender = use->caller.user_id,
        .sender_name = use->caller.user,
    };
    change_begin(&change, use, room);
    int status = change_decide(&change, &draft, NULL);
    if (status == 0) {
        change_also(&change, write_revoked, invitation);
        status = change_submit(&change);
    }
    change_end(&change);
    return status;
}

/* ---- one after the other ---- */

struct task {
    int (*act)(struct use *use, struct invitation *invitation);
    int (*give_up)(struct write *w, void *arg, struct err *err);
    const char *event; /* of the log */
};

/* In the name of who invited. 1: decided on what has moved; 0; -1. */
static int act_once(struct server *server, const struct task *task, struct invitation *invitation,
                    struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA);
    struct use use = {.server = server, .arena = arena, .caller = {.user = invitation->inviter}};
    read_begin(server->store, &use.read);
    int status =
        store_name(server->store, invitation->inviter, arena, &use.caller.user_id, &use.err);
    if (status == 0)
        status =
            account_is_external(&use.read, invitation->inviter, &use.caller.external, &use.err);
    if (status == 0)
        status = task->act(&use, invitation);
    if (status < 0 && use.err.kind == ERR_KIND_CLIENT)
        status = use_commit(&use, task->give_up, NULL, invitation); /* the rules say no: for ever */
    read_end(&use.read);
    *err = use.err;
    return status < 0 && use.err.kind == ERR_KIND_MOVED ? 1 : status;
}

static void act(struct server *server, const struct task *task, struct invitation *invitation)
{
    struct err err = ERR_INIT;
    int status = 1;
    for (int i = 0; i < TRIES && status == 1; i++)
        status = act_once(server, task, invitation, &err);
    if (err.kind != ERR_KIND_NONE)
        log_line(status == 0 ? LOG_LEVEL_INFO : LOG_LEVEL_WARN, task->event, "why",
                 LOG_Z(err.detail[0] ? err.detail : err.text), NULL);
}

static void run(struct server *server, const struct task *task, bool expired)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(4));
    struct invitation *invitations;
    struct err err = ERR_INIT;
    struct read read;
    size_t n = 0;
    read_begin(server->store, &read);
    int status =
        expired ? invitation_list_expired(&read, clock_wall_ms(), arena, &invitations, &n, &err)
                : invitation_list_state(&read, INVITATION_TAKEN, arena, &invitations, &n, &err);
    read_end(&read);
    if (status < 0) {
        log_line(LOG_LEVEL_ERROR, task->event, "detail", LOG_Z(err.detail), NULL);
        return;
    }
    for (size_t i = 0; i < n && !background_is_stopping(server->background); i++)
        act(server, task, &invitations[i]);
}

void rooms_take_in(struct server *server)
{
    static const struct task task = {invite, write_done, "invitation_by_address"};
    run(server, &task, false);
}

void rooms_take_back(struct server *server)
{
    static const struct task task = {take_back, write_revoked, "invitation_expired"};
    run(server, &task, true);
}
