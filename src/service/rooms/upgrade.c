/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/upgrade.h"

#include "base/limits.h"
#include "matrix/id.h"
#include "service/rooms/access.h"
#include "service/rooms/create_room.h"
#include "service/rooms/follow.h"
#include "service/rooms/membership.h"
#include "store/account.h"
#include "store/alias.h"
#include "store/invitation.h"
#include "json/write.h"

/* Bans and rooms of a space that are carried over; more stay behind. */
#define CARRIED_MAX 1000

struct plan {
    struct use *use;
    const struct upgrade *asked;
    const struct room_version *version;
    const struct str *creators; /* user ids, the caller first */
    size_t n_creators;
    struct room *old_room, *new_room;
    struct change old, new;
    const struct pdu *create, *levels; /* of the old room; levels may be NULL */
    int64_t own;                       /* the caller's level in the old room */
};

/* ---- may they? ---- */

static int check_allowed(struct plan *plan)
{
    struct use *use = plan->use;
    struct power power;
    if (room_power(use, plan->old_room, &power) < 0)
        return -1;
    if (room_membership(plan->old_room, use->caller.user) != MEMBERSHIP_JOIN ||
        !power_can_send(&power, use->caller.user_id, STR("m.room.tombstone"), true))
        return err_client(&use->err, 403, "M_FORBIDDEN", "You may not upgrade this room");
    plan->own = power_of_user(&power, use->caller.user_id);
    return 0;
}

static int plan_creators(struct plan *plan)
{
    struct use *use = plan->use;
    const struct json *asked = plan->asked->additional_creators;
    size_t n = 0, n_asked = asked ? asked->array.n : 0;
    struct str *creators = ARENA_NEW_N(use->arena, n_asked + 1, struct str);
    creators[n++] = use->caller.user_id;
    for (size_t i = 0; plan->version->privileged_creators && i < n_asked; i++) {
        struct str id = json_as_str(&asked->array.items[i]);
        bool twice = false;
        if (!id.p || !user_id_is_valid(id))
            return err_client(&use->err, 400, "M_INVALID_PARAM",
                              "additional_creators holds user ids");
        for (size_t k = 0; k < n; k++)
            twice |= str_eq(creators[k], id);
        if (!twice)
            creators[n++] = id;
    }
    plan->creators = creators;
    plan->n_creators = n;
    return 0;
}

static int make_plan(struct plan *plan)
{
    struct use *use = plan->use;
    const struct room_names *names = rooms_names(use->server);
    if (check_allowed(plan) < 0)
        return -1;
    plan->version = room_version_find(plan->asked->new_version);
    if (!plan->version)
        return err_client(&use->err, 400, "M_UNSUPPORTED_ROOM_VERSION",
                          "This server does not know that room version");
    if (room_state_pdu(use, plan->old_room, names->create, names->empty, &plan->create) < 0 ||
        room_state_pdu(use, plan->old_room, names->power_levels, names->empty, &plan->levels) < 0)
        return -1;
    return plan_creators(plan);
}

/* ---- contents ---- */

static struct str text_done(struct use *use, struct buf *text)
{
    struct str copy = arena_str(use->arena, buf_str(text));
    buf_done(text);
    return copy;
}

static void write_predecessor(struct json_writer *out, const struct plan *plan,
                              struct str tombstone)
{
    json_write_key(out, STR("predecessor"));
    json_write_object(out);
    if (tombstone.p)
        json_write_member_str(out, STR("event_id"), tombstone);
    json_write_member_str(out, STR("room_id"), room_id_of(plan->old_room));
    json_write_end(out);
}

/* What the old room's create event says, but for what is the new room's own. */
static struct str create_content(const struct plan *plan, struct str tombstone)
{
    static const struct str ours[] = {STR_INIT("additional_creators"), STR_INIT("creator"),
                                      STR_INIT("predecessor"), STR_INIT("room_version")};
    const struct json *old = plan->create->content;
    struct buf text;
    struct json_writer out;
    buf_init(&text, LIMIT_EVENT_BYTES * 2);
    json_writer_init(&out, &text);
    json_write_object(&out);
    for (size_t i = 0; i < old->object.n; i++) {
        bool is_ours = false;
        for (size_t k = 0; k < ARRAY_LEN(ours); k++)
            is_ours |= str_eq(old->object.members[i].key, ours[k]);
        if (!is_ours)
            json_write_member_raw(&out, old->object.members[i].key,
                                  old->object.members[i].value.raw);
    }
    if (plan->n_creators > 1) {
        json_write_key(&out, STR("additional_creators"));
        json_write_array(&out);
        for (size_t i = 1; i < plan->n_creators; i++)
            json_write_str(&out, plan->creators[i]);
        json_write_end(&out);
    }
    if (!plan->version->creator_is_sender)
        json_write_member_str(&out, STR("creator"), plan->creators[0]);
    write_predecessor(&out, plan, tombstone);
    json_write_member_str(&out, STR("room_version"), plan->version->name);
    json_write_end(&out);
    return text_done(plan->use, &text);
}

static struct str tombstone_content(const struct plan *plan)
{
    struct buf text;
    struct json_writer out;
    buf_init(&text, LIMIT_EVENT_BYTES);
    json_writer_init(&out, &text);
    json_write_object(&out);
    json_write_member_str(&out, STR("body"),
                          STR("Ce salon a été remplacé. / This room has been replaced."));
    json_write_member_str(&out, STR("replacement_room"), room_id_of(plan->new_room));
    json_write_end(&out);
    return text_done(plan->use, &text);
}

/* ---- the two rooms ---- */

/* State that is good to have: what the new room's rules, or the old one's levels, do not allow is
 * left out. */
static int try_state(struct change *change, struct str type, struct str key, struct str content)
{
    if (change_state(change, type, key, content) == 0)
        return 0;
    if (change->use->err.kind != ERR_KIND_CLIENT)
        return -1;
    change->use->err = ERR_INIT;
    return 0;
}

static int decide_tombstone(struct plan *plan)
{
    return change_state(&plan->old, STR("m.room.tombstone"), STR(""), tombstone_content(plan));
}

/* A room id that is a hash is not known before its create event: then that one comes first, and
 * names no event of the old room. */
static int decide_link(struct plan *plan)
{
    struct str tombstone = STR_NONE;
    bool tombstone_first = !plan->version->room_id_is_hash;
    if (tombstone_first) {
        if (decide_tombstone(plan) < 0)
            return -1;
        tombstone = change_event_id(&plan->old.events.p[0]);
    }
    if (change_state(&plan->new, STR("m.room.create"), STR(""), create_content(plan, tombstone)) <
        0)
        return -1;
    return tombstone_first ? 0 : decide_tombstone(plan);
}

static int decide_creator(struct plan *plan)
{
    struct use *use = plan->use;
    struct str content;
    if (member_content(use, use->caller.user, MEMBERSHIP_JOIN, STR_NONE, STR_NONE, &content) < 0 ||
        change_member(&plan->new, use->caller.user_id, content) < 0)
        return -1;
    return follow_room(&plan->new, room_row_id(plan->old_room), room_id_of(plan->old_room));
}

static int decide_levels(struct plan *plan, int64_t own)
{
    struct use *use = plan->use;
    struct str content = plan->levels
                             ? upgrade_levels(use, plan->version, plan->levels, plan->creators,
                                              plan->n_creators, own)
                             : default_power_levels(use, plan->version, plan->creators,
                                                    !plan->version->privileged_creators, NULL);
    return change_state(&plan->new, STR("m.room.power_levels"), STR(""), content);
}

static int carry_event(struct plan *plan, int64_t event_id)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    struct use *use = plan->use;
    struct pdu pdu;
    int found = room_event(use, plan->old_room, event_id, &event);
    if (found != 1)
        return found;
    if (pdu_open(use->arena, room_version_of(plan->old_room), arena_str(use->arena, event->json),
                 event->hash, &pdu, &use->err) < 0)
        return -1;
    if (str_eq(pdu.type, STR("m.space.child")) && !json_find(pdu.content, STR("via")))
        return 0; /* taken out of the space */
    if (str_eq(pdu.type, STR("m.room.third_party_invite")) && !pdu.content->object.n)
        return 0; /* taken back */
    return try_state(&plan->new, pdu.type, pdu.state_key, pdu.content->raw);
}

/* The state that makes the room what it is, in an order that its rules allow. */
static int carry_state(struct plan *plan)
{
    const struct room_names *names = rooms_names(plan->use->server);
    const int64_t types[] = {names->encryption,   names->history_visibility,
                             names->guest_access, names->server_acl,
                             names->name,         names->topic,
                             names->avatar,       names->canonical_alias,
                             names->join_rules};
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        int64_t event = room_state_id(plan->old_room, types[i], names->empty);
        if (event && carry_event(plan, event) < 0)
            return -1;
    }
    return 0;
}

/* What the room is comes first, as the rest is judged by it, and is never left out: an open room
 * stays open, a forum a forum. */
static int carry_kind(struct plan *plan)
{
    const struct room_names *names = rooms_names(plan->use->server);
    const struct pdu *rules;
    int found =
        room_state_pdu(plan->use, plan->old_room, names->access_rules, names->empty, &rules);
    if (found != 1)
        return found;
    return change_state(&plan->new, STR(ACCESS_TYPE), STR(""), rules->content->raw);
}

/* All events of one type. */
static int carry_type(struct plan *plan, int64_t type)
{
    struct use *use = plan->use;
    struct state_entry *entries;
    size_t n, carried = 0;
    if (state_load(&use->read, room_head(plan->old_room)->state, use->arena, &entries, &n,
                   &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n && carried < CARRIED_MAX; i++) {
        if (entries[i].type != type)
            continue;
        if (carry_event(plan, entries[i].event) < 0)
            return -1;
        carried++;
    }
    return 0;
}

/* The rooms of a space; and addresses that were invited into the old room: they are invited into
 * the new one by the caller now, who is in it and answers for them (write_move, arrival.h). */
static int carry_lists(struct plan *plan)
{
    const struct room_names *names = rooms_names(plan->use->server);
    return carry_type(plan, names->space_child) < 0 ? -1
                                                    : carry_type(plan, names->third_party_invite);
}

/* Who was banned stays so, or the new room would be open to them. */
static int carry_bans(struct plan *plan)
{
    struct use *use = plan->use;
    struct str content, user_id;
    int64_t *users;
    size_t n;
    room_members(use, plan->old_room, MEMBERSHIP_BAN, &users, &n);
    if (member_content(use, 0, MEMBERSHIP_BAN, STR_NONE, STR_NONE, &content) < 0)
        return -1;
    for (size_t i = 0; i < n && i < CARRIED_MAX; i++)
        if (store_name(use->server->store, users[i], use->arena, &user_id, &use->err) < 0 ||
            try_state(&plan->new, STR("m.room.member"), user_id, content) < 0)
            return -1;
    return 0;
}

/* Agents follow by the join rule, or are invited by their clients; a partner who came in by
 * invitation is invited again here, or would be lost without a word. */
static int invite_external(struct plan *plan, int64_t user)
{
    struct use *use = plan->use;
    struct str content, user_id;
    bool external;
    if (account_is_external(&use->read, user, &external, &use->err) < 0)
        return -1;
    if (!external)
        return 0;
    if (store_name(use->server->store, user, use->arena, &user_id, &use->err) < 0 ||
        member_content(use, user, MEMBERSHIP_INVITE, STR_NONE, STR_NONE, &content) < 0)
        return -1;
    return try_state(&plan->new, STR("m.room.member"), user_id, content);
}

static int invite_externals(struct plan *plan)
{
    struct access_kind kind;
    int64_t *users;
    size_t n;
    if (!access_is_on(plan->use->server))
        return 0;
    if (change_access_kind(&plan->new, &kind) < 0)
        return -1;
    if (kind.rule != ACCESS_UNRESTRICTED && kind.rule != ACCESS_DIRECT)
        return 0;
    room_members(plan->use, plan->old_room, MEMBERSHIP_JOIN, &users, &n);
    for (size_t i = 0; i < n && i < CARRIED_MAX; i++)
        if (invite_external(plan, users[i]) < 0)
            return -1;
    return 0;
}

/* Before version 12 the caller may need more power to write the state than they have: they are
 * given it for that long. */
static int decide_new_room(struct plan *plan)
{
    bool lent = false;
    int64_t needed = plan->levels ? upgrade_level_needed(plan->levels) : 0;
    int64_t own = plan->own < needed ? plan->own : needed;
    lent = plan->levels && !plan->version->privileged_creators && own < needed;
    if (decide_creator(plan) < 0 || carry_kind(plan) < 0 || decide_levels(plan, needed) < 0 ||
        carry_state(plan) < 0 || carry_lists(plan) < 0 || carry_bans(plan) < 0 ||
        invite_externals(plan) < 0)
        return -1;
    return lent ? decide_levels(plan, own) : 0;
}

static int close_old_room(struct plan *plan)
{
    const struct room_names *names = rooms_names(plan->use->server);
    if (room_state_id(plan->old_room, names->canonical_alias, names->empty) &&
        try_state(&plan->old, STR("m.room.canonical_alias"), STR(""), STR("{}")) < 0)
        return -1;
    if (!plan->levels)
        return 0;
    return try_state(&plan->old, STR("m.room.power_levels"), STR(""),
                     upgrade_closed_levels(plan->use, plan->levels));
}

/* ---- what is written with them ---- */

struct move {
    int64_t from, to, by;
    bool listed;
};

static int write_move(struct write *w, void *arg, struct err *err)
{
    const struct move *move = arg;
    if (alias_move(w, move->from, move->to, err) < 0 ||
        invitation_move(w, move->from, move->to, move->by, err) < 0)
        return -1;
    if (!move->listed)
        return 0;
    return directory_set(w, move->from, false, err) < 0 ? -1
                                                        : directory_set(w, move->to, true, err);
}

static int add_move(struct plan *plan)
{
    struct use *use = plan->use;
    struct move *move = ARENA_NEW(use->arena, struct move);
    int listed = directory_has(&use->read, room_row_id(plan->old_room), &use->err);
    if (listed < 0)
        return -1;
    *move = (struct move){room_row_id(plan->old_room), room_row_id(plan->new_room),
                          use->caller.user, listed};
    change_also(&plan->new, write_move, move);
    return 0;
}

static int decide_all(struct plan *plan)
{
    if (decide_link(plan) < 0 || decide_new_room(plan) < 0 || close_old_room(plan) < 0 ||
        add_move(plan) < 0)
        return -1;
    if (arena_is_over(plan->use->arena))
        return err_client(&plan->use->err, 413, "M_TOO_LARGE",
                          "This room holds too much to be upgraded");
    struct change *both[] = {&plan->new, &plan->old};
    return change_submit_all(both, ARRAY_LEN(both));
}

int rooms_upgrade(struct use *use, const struct upgrade *upgrade, struct str *ret_room_id)
{
    CLEANUP(room_cleanup) struct room *old_room = NULL;
    CLEANUP(room_cleanup) struct room *new_room = NULL;
    struct plan plan = {.use = use, .asked = upgrade};
    int64_t id;
    int found = rooms_find(use, upgrade->room_id, &id);
    if (found < 0)
        return -1;
    if (!found)
        return err_client(&use->err, 403, "M_FORBIDDEN", "You may not upgrade this room");
    if (room_enter(use, id, &old_room) < 0)
        return -1;
    plan.old_room = old_room;
    if (make_plan(&plan) < 0)
        return -1;
    plan.new_room = new_room = room_enter_new(use, plan.version);
    change_begin(&plan.old, use, old_room);
    change_begin(&plan.new, use, new_room);
    int status = decide_all(&plan);
    if (status == 0)
        *ret_room_id = arena_str(use->arena, room_id_of(new_room));
    change_end(&plan.old);
    change_end(&plan.new);
    return status;
}
