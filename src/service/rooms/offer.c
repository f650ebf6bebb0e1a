/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/offer.h"

#include "base/clock.h"
#include "base/limits.h"
#include "service/config.h"
#include "service/identity/identity.h"
#include "service/identity/inviting.h"
#include "service/rooms/access.h"
#include "service/rooms/membership.h"
#include "store/email.h"
#include "json/write.h"

/* ---- whose address ---- */

static int refuse(struct use *use, const char *reason, const char *text)
{
    (void)err_client(&use->err, 403, "M_FORBIDDEN", "%s", text);
    return err_reason(&use->err, reason);
}

int offer_find_addressee(struct use *use, struct str medium, struct str address,
                         struct addressee *ret_addressee)
{
    struct addressee found = {0};
    int64_t user;
    if (!str_eq(medium, STR("email")))
        return err_client(&use->err, 400, "M_INVALID_PARAM", "medium must be email");
    if (email_parse(use->arena, address, &found.email, &use->err) < 0)
        return -1;
    int known = email_find_user(&use->read, &found.email, &user, &use->err);
    if (known == 1 &&
        store_name(use->server->store, user, use->arena, &found.user_id, &use->err) < 0)
        return -1;
    if (known < 0)
        return -1;
    struct placement place = identity_place(use->server, &found.email, use->arena);
    found.class = place.external ? ACCESS_ADDRESS_EXTERNAL : ACCESS_ADDRESS_AGENT;
    *ret_addressee = found;
    if (!place.here)
        return refuse(use, "other_server", "This address belongs to another server");
    if (known)
        return 1;
    if (use->server->config->registration_mode != CONFIG_REGISTRATION_EMAIL)
        return refuse(use, "no_sign_up", "Nobody signs up by e-mail here");
    return 0;
}

/* ---- the offer ---- */

/* An account was made for the address meanwhile: decided again, it is that account's invitation. */
static int write_offer(struct write *w, void *arg, struct err *err)
{
    if (invitation_write(w, arg, err) == 0)
        return 0;
    bool taken =
        err->kind == ERR_KIND_CLIENT && str_eq(str_from(err->errcode), STR("M_THREEPID_IN_USE"));
    return taken ? err_moved(err, "the address has an account now") : -1;
}

static void write_key(struct json_writer *out, struct str key, struct str validity_url)
{
    json_write_member_str(out, STR("key_validity_url"), validity_url);
    json_write_member_str(out, STR("public_key"), key);
}

static struct str offer_content(struct use *use, const struct stored_invitation *stored,
                                struct str own_url)
{
    struct str url =
        arena_printf(use->arena, "%.*s/_matrix/identity/v2/pubkey/isvalid", STR_ARG(own_url));
    struct buf text;
    struct json_writer out;
    buf_init(&text, LIMIT_EVENT_BYTES);
    json_writer_init(&out, &text);
    json_write_object(&out);
    json_write_member_str(&out, STR("display_name"), stored->display_name);
    write_key(&out, stored->public_key, url);
    json_write_key(&out, STR("public_keys"));
    json_write_array(&out);
    json_write_object(&out);
    write_key(&out, stored->public_key, url);
    json_write_end(&out);
    json_write_end(&out);
    json_write_end(&out);
    struct str copy = arena_str(use->arena, buf_str(&text));
    buf_done(&text);
    return copy;
}

int change_offer(struct change *change, const struct addressee *addressee, struct str own_url)
{
    struct use *use = change->use;
    struct stored_invitation stored;
    struct invitation_draft *draft;
    if (invitation_draft(use, &addressee->email, room_row_id(change->room),
                         addressee->user_id.p != NULL, &draft, &stored) < 0)
        return -1;
    struct draft event = {
        .type = STR("m.room.third_party_invite"),
        .state_key = stored.token,
        .content = offer_content(use, &stored, own_url),
        .sender = use->caller.user_id,
        .sender_name = use->caller.user,
        .address = addressee->class,
    };
    if (change_decide(change, &event, NULL) < 0)
        return -1;
    change_also(change, write_offer, draft);
    change_after(change, invitation_after, draft);
    return 0;
}

/* ---- asked for ---- */

/* One that waits already is not made twice, nor mailed twice. */
static int is_offered(struct use *use, int64_t room, const struct email *email)
{
    struct invitation *waiting;
    size_t n;
    if (invitation_list_address(&use->read, email, clock_wall_ms(), use->arena, &waiting, &n,
                                &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (waiting[i].room == room)
            return 1;
    return 0;
}

static int offer_to(struct use *use, int64_t id, const struct addressee *addressee,
                    struct str own_url)
{
    CLEANUP(room_cleanup) struct room *room = NULL;
    struct change change;
    struct power power;
    if (room_enter(use, id, &room) < 0)
        return -1;
    if (room_membership(room, use->caller.user) != MEMBERSHIP_JOIN)
        return rooms_refuse_outsider(use);
    if (room_power(use, room, &power) < 0)
        return -1;
    /* Before it is seen who waits. */
    if (!power_can(&power, use->caller.user_id, POWER_INVITE))
        return err_client(&use->err, 403, "M_FORBIDDEN", "You may not invite into this room");
    int offered = is_offered(use, id, &addressee->email);
    if (offered != 0)
        return offered < 0 ? -1 : 0;
    change_begin(&change, use, room);
    int status = change_offer(&change, addressee, own_url);
    if (status == 0)
        status = change_submit(&change);
    change_end(&change);
    return status;
}

/* 1 invited; 0 not: a person who takes no invitations, or is in or banned from the room, is offered
 * a place as if the address were nobody's, and what the room refuses is refused in the words of an
 * offer: the answer does not tell that there is an account. */
static int invite_account(struct use *use, int64_t room, const struct addressee *addressee,
                          struct str reason)
{
    struct member_act act = {
        .room = room,
        .target = addressee->user_id,
        .membership = MEMBERSHIP_INVITE,
        .reason = reason,
    };
    if (rooms_act_on_member(use, &act) == 0)
        return 1;
    if (use->err.kind != ERR_KIND_CLIENT)
        return -1;
    use->err = ERR_INIT;
    return 0;
}

int rooms_invite_address(struct use *use, int64_t room, const struct address_invite *invite)
{
    struct addressee addressee;
    if (access_refuse_external(use, "external_invite", "An external may not invite") < 0)
        return -1;
    int known = offer_find_addressee(use, invite->medium, invite->address, &addressee);
    if (known < 0)
        return -1;
    int invited = known ? invite_account(use, room, &addressee, invite->reason) : 0;
    if (invited)
        return invited < 0 ? -1 : 0;
    return offer_to(use, room, &addressee, invite->own_url);
}

/* ---- taken back ---- */

static int write_revoked(struct write *w, void *arg, struct err *err)
{
    const struct str *token = arg;
    return invitation_revoke(w, *token, err);
}

void change_revoke_offer(struct change *change, struct str token)
{
    struct str *kept = ARENA_NEW(change->use->arena, struct str);
    *kept = arena_str(change->use->arena, token);
    change_also(change, write_revoked, kept);
}

void change_follow_offer(struct change *change, struct str type, struct str state_key,
                         const struct json *content)
{
    if (str_eq(type, STR("m.room.third_party_invite")) && state_key.p && !content->object.n)
        change_revoke_offer(change, state_key);
}
