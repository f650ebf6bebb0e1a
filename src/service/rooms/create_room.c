/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/create_room.h"

#include "base/limits.h"
#include "matrix/id.h"
#include "service/config.h"
#include "service/rooms/access.h"
#include "service/rooms/aliases.h"
#include "service/rooms/membership.h"
#include "service/rooms/notices.h"
#include "service/rooms/offer.h"
#include "service/rooms/retention.h"
#include "service/rooms/room_kind.h"
#include "store/account.h"
#include "store/alias.h"
#include "json/write.h"

/* ---- presets ---- */

struct preset {
    struct str name, join_rule, history_visibility, guest_access;
    bool invited_are_trusted;
};

static const struct preset presets[] = {
    {STR_INIT("private_chat"), STR_INIT("invite"), STR_INIT("shared"), STR_INIT("can_join"), false},
    {STR_INIT("trusted_private_chat"), STR_INIT("invite"), STR_INIT("shared"), STR_INIT("can_join"),
     true},
    {STR_INIT("public_chat"), STR_INIT("public"), STR_INIT("shared"), STR_INIT("forbidden"), false},
};

static int find_preset(struct use *use, const struct new_room *new_room,
                       const struct preset **ret_preset)
{
    struct str name = new_room->preset;
    if (!name.p)
        name =
            str_eq(new_room->visibility, STR("public")) ? STR("public_chat") : STR("private_chat");
    for (size_t i = 0; i < ARRAY_LEN(presets); i++) {
        if (!str_eq(presets[i].name, name))
            continue;
        *ret_preset = &presets[i];
        return 0;
    }
    return err_client(&use->err, 400, "M_INVALID_PARAM", "Unknown preset");
}

/* ---- what is asked, checked before anything is made ---- */

struct plan {
    const struct new_room *asked;
    const struct room_version *version;
    const struct preset *preset;
    struct room_kind kind; /* under rooms.access_rules */
    struct str alias;      /* whole; STR_NONE */
    struct str *invited;
    size_t n_invited;
    struct addressee *offered; /* addresses without an account */
    size_t n_offered;
    struct str *trusted; /* those invited who get the creator's power: never an external */
    size_t n_trusted;
};

static int plan_version(struct use *use, struct plan *plan)
{
    struct str name = plan->asked->room_version;
    if (!name.p)
        name = use->server->config->rooms_default_version;
    plan->version = room_version_find(name);
    if (plan->version)
        return 0;
    return err_client(&use->err, 400, "M_UNSUPPORTED_ROOM_VERSION",
                      "This server does not know that room version");
}

static int plan_alias(struct use *use, struct plan *plan)
{
    struct room_alias alias;
    if (!plan->asked->room_alias_name.p)
        return 0;
    struct str text = arena_printf(use->arena, "#%.*s:%.*s", STR_ARG(plan->asked->room_alias_name),
                                   STR_ARG(use->server->name));
    if (room_alias_parse(text, &alias, &use->err) < 0)
        return -1;
    if (!str_eq(alias.server, use->server->name))
        return err_client(&use->err, 400, "M_INVALID_PARAM", "room_alias_name has no colon");
    if (aliases_check_free(use, text) < 0)
        return -1;
    plan->alias = text;
    return 0;
}

/* Whom the server has something to tell is asked nothing. */
static int check_invited(struct use *use, const struct plan *plan, struct str text)
{
    struct user_id id;
    if (user_id_parse(text, &id, &use->err) < 0)
        return -1;
    return plan->asked->notices_of ? 0 : check_invitable(use, &id);
}

static int plan_trusted(struct use *use, struct plan *plan)
{
    plan->trusted = ARENA_NEW_N(use->arena, plan->n_invited, struct str);
    for (size_t i = 0; i < plan->n_invited; i++) {
        bool external = false;
        int64_t user;
        if (store_find_name(use->server->store, plan->invited[i], &user, &use->err) < 0 ||
            account_is_external(&use->read, user, &external, &use->err) < 0)
            return -1;
        if (!external || !access_is_on(use->server))
            plan->trusted[plan->n_trusted++] = plan->invited[i];
    }
    return 0;
}

static int add_invited(struct use *use, struct plan *plan, struct str id)
{
    bool twice = str_eq(id, use->caller.user_id);
    if (check_invited(use, plan, id) < 0)
        return -1;
    for (size_t k = 0; k < plan->n_invited; k++)
        twice |= str_eq(plan->invited[k], id);
    if (!twice)
        plan->invited[plan->n_invited++] = id;
    return 0;
}

/* An address that has an account is that user. */
static int add_address(struct use *use, struct plan *plan, const struct json *item)
{
    struct addressee *addressee = &plan->offered[plan->n_offered];
    int known = offer_find_addressee(use, json_find_str(item, STR("medium")),
                                     json_find_str(item, STR("address")), addressee);
    if (known < 0)
        return -1;
    if (known && add_invited(use, plan, addressee->user_id) == 0)
        return 0;
    if (known && use->err.kind != ERR_KIND_CLIENT)
        return -1;
    use->err = ERR_INIT; /* who takes no invitations: offer.h */
    for (size_t k = 0; k < plan->n_offered; k++)
        if (str_eq(plan->offered[k].email.full, addressee->email.full))
            return 0;
    plan->n_offered++;
    return 0;
}

static int plan_invites(struct use *use, struct plan *plan)
{
    const struct json *invite = plan->asked->invite, *addresses = plan->asked->invite_3pid;
    size_t n = invite ? invite->array.n : 0, n_addresses = addresses ? addresses->array.n : 0;
    plan->invited = ARENA_NEW_N(use->arena, n + n_addresses, struct str);
    plan->offered = ARENA_NEW_N(use->arena, n_addresses, struct addressee);
    for (size_t i = 0; i < n; i++) {
        struct str id = json_as_str(&invite->array.items[i]);
        if (!id.p)
            return err_client(&use->err, 400, "M_BAD_JSON", "invite must hold user ids");
        if (add_invited(use, plan, id) < 0)
            return -1;
    }
    for (size_t i = 0; i < n_addresses; i++)
        if (add_address(use, plan, &addresses->array.items[i]) < 0)
            return -1;
    return plan->preset->invited_are_trusted ? plan_trusted(use, plan) : 0;
}

static int check_initial_state(struct use *use, const struct json *events)
{
    for (size_t i = 0; events && i < events->array.n; i++) {
        const struct json *event = &events->array.items[i];
        const struct json *key = json_find(event, STR("state_key"));
        if (!json_find_str(event, STR("type")).p ||
            !json_is(json_find(event, STR("content")), JSON_OBJECT) ||
            (key && key->kind != JSON_STRING))
            return err_client(&use->err, 400, "M_BAD_JSON",
                              "initial_state must hold events with type and content");
        if (str_eq(json_find_str(event, STR("type")), STR("m.room.member")))
            return err_client(&use->err, 400, "M_INVALID_PARAM",
                              "Members are named in invite, not in initial_state");
    }
    return 0;
}

static int make_plan(struct use *use, const struct new_room *new_room, struct plan *plan)
{
    *plan = (struct plan){.asked = new_room};
    if (access_refuse_external(use, "external_create_room", "An external may not create rooms") < 0)
        return -1;
    if (new_room->visibility.p && !str_eq(new_room->visibility, STR("public")) &&
        !str_eq(new_room->visibility, STR("private")))
        return err_client(&use->err, 400, "M_INVALID_PARAM",
                          "visibility must be public or private");
    if (plan_version(use, plan) < 0 || find_preset(use, new_room, &plan->preset) < 0 ||
        plan_alias(use, plan) < 0 || check_initial_state(use, new_room->initial_state) < 0)
        return -1;
    if (access_is_on(use->server) &&
        room_kind_plan(use, new_room, plan->preset->name, &plan->kind) < 0)
        return -1;
    return plan_invites(use, plan);
}

/* ---- contents ---- */

static struct str text_done(struct use *use, struct buf *text)
{
    struct str copy = arena_str(use->arena, buf_str(text));
    buf_done(text);
    return copy;
}

struct str content_of_one(struct use *use, struct str key, struct str value)
{
    struct buf text;
    struct json_writer out;
    buf_init(&text, LIMIT_EVENT_BYTES * 2);
    json_writer_init(&out, &text);
    json_write_object(&out);
    json_write_member_str(&out, key, value);
    json_write_end(&out);
    return text_done(use, &text);
}

/* In both forms: "topic", and "m.topic" with its plain text. */
static struct str topic_content(struct use *use, struct str topic)
{
    struct buf text;
    struct json_writer out;
    buf_init(&text, LIMIT_EVENT_BYTES * 3);
    json_writer_init(&out, &text);
    json_write_object(&out);
    json_write_key(&out, STR("m.topic"));
    json_write_object(&out);
    json_write_key(&out, STR("m.text"));
    json_write_array(&out);
    json_write_object(&out);
    json_write_member_str(&out, STR("body"), topic);
    json_write_end(&out);
    json_write_end(&out);
    json_write_end(&out);
    json_write_member_str(&out, STR("topic"), topic);
    json_write_end(&out);
    return text_done(use, &text);
}

/* additional_creators of version 12: those asked for, and with a trusted preset those invited. */
static void write_creators(struct json_writer *out, const struct plan *plan)
{
    const struct json *asked = json_find(plan->asked->creation_content, STR("additional_creators"));
    if (!plan->n_trusted) {
        if (asked)
            json_write_member_raw(out, STR("additional_creators"), asked->raw);
        return;
    }
    json_write_key(out, STR("additional_creators"));
    json_write_array(out);
    for (size_t i = 0; json_is(asked, JSON_ARRAY) && i < asked->array.n; i++) {
        bool twice = false;
        for (size_t k = 0; k < plan->n_trusted; k++)
            twice |= str_eq(json_as_str(&asked->array.items[i]), plan->trusted[k]);
        if (!twice)
            json_write_raw(out, asked->array.items[i].raw);
    }
    for (size_t i = 0; i < plan->n_trusted; i++)
        json_write_str(out, plan->trusted[i]);
    json_write_end(out);
}

/* What is asked for, with the keys that are the server's to set. */
static struct str create_content(struct use *use, const struct plan *plan)
{
    const struct json *asked = plan->asked->creation_content;
    struct buf text;
    struct json_writer out;
    buf_init(&text, LIMIT_EVENT_BYTES * 2);
    json_writer_init(&out, &text);
    json_write_object(&out);
    for (size_t i = 0; asked && i < asked->object.n; i++) {
        struct str key = asked->object.members[i].key;
        bool ours = str_eq(key, STR("creator")) || str_eq(key, STR("room_version")) ||
                    (plan->version->privileged_creators && str_eq(key, STR("additional_creators")));
        if (!ours)
            json_write_member_raw(&out, key, asked->object.members[i].value.raw);
    }
    json_write_member_str(&out, STR("room_version"), plan->version->name);
    if (!plan->version->creator_is_sender)
        json_write_member_str(&out, STR("creator"), use->caller.user_id);
    if (plan->version->privileged_creators)
        write_creators(&out, plan);
    json_write_end(&out);
    return text_done(use, &text);
}

static void write_levels(struct json_writer *out, const struct room_version *version,
                         const struct str *admins, size_t n_admins)
{
    static const struct {
        struct str type;
        int level;
    } events[] = {
        {STR_INIT("m.room.avatar"), 50},      {STR_INIT("m.room.canonical_alias"), 50},
        {STR_INIT("m.room.encryption"), 100}, {STR_INIT("m.room.history_visibility"), 100},
        {STR_INIT("m.room.name"), 50},        {STR_INIT("m.room.power_levels"), 100},
        {STR_INIT("m.room.retention"), 100},  {STR_INIT("m.room.server_acl"), 100},
    };
    json_write_key(out, STR("events"));
    json_write_object(out);
    for (size_t i = 0; i < ARRAY_LEN(events); i++)
        json_write_member_int(out, events[i].type, events[i].level);
    /* Creators alone may end a room of version 12. */
    json_write_member_int(out, STR("m.room.tombstone"), version->privileged_creators ? 150 : 100);
    json_write_end(out);
    json_write_key(out, STR("users"));
    json_write_object(out);
    for (size_t i = 0; i < n_admins; i++)
        json_write_member_int(out, admins[i], 100);
    json_write_end(out);
}

struct str default_power_levels(struct use *use, const struct room_version *version,
                                const struct str *admins, size_t n_admins,
                                const struct json *override)
{
    static const struct {
        struct str key;
        int level;
    } plain[] = {
        {STR_INIT("ban"), 50},          {STR_INIT("events_default"), 0},
        {STR_INIT("invite"), 0},        {STR_INIT("kick"), 50},
        {STR_INIT("redact"), 50},       {STR_INIT("state_default"), 50},
        {STR_INIT("users_default"), 0},
    };
    struct buf levels, text;
    struct json_writer out;
    const struct json *defaults;
    struct err ignored = ERR_INIT;
    buf_init(&levels, LIMIT_EVENT_BYTES);
    json_writer_init(&out, &levels);
    json_write_object(&out);
    for (size_t i = 0; i < ARRAY_LEN(plain); i++)
        json_write_member_int(&out, plain[i].key, plain[i].level);
    write_levels(&out, version, admins, n_admins);
    json_write_end(&out);
    struct str base = text_done(use, &levels);
    if (!override || json_parse(use->arena, base, &defaults, &ignored) < 0)
        return base;
    /* Top-level keys of the override replace ours. */
    buf_init(&text, LIMIT_EVENT_BYTES * 2);
    json_writer_init(&out, &text);
    json_write_object(&out);
    for (size_t i = 0; i < defaults->object.n; i++)
        if (!json_find(override, defaults->object.members[i].key))
            json_write_member_raw(&out, defaults->object.members[i].key,
                                  defaults->object.members[i].value.raw);
    for (size_t i = 0; i < override->object.n; i++)
        json_write_member_raw(&out, override->object.members[i].key,
                              override->object.members[i].value.raw);
    json_write_end(&out);
    return text_done(use, &text);
}

/* ---- the events, in the order of the specification ---- */

int change_state(struct change *change, struct str type, struct str state_key, struct str content)
{
    struct draft draft = {
        .type = type,
        .state_key = state_key,
        .content = content,
        .sender = change->use->caller.user_id,
        .sender_name = change->use->caller.user,
    };
    return change_decide(change, &draft, NULL);
}

static bool is_in_initial_state(const struct plan *plan, struct str type)
{
    const struct json *events = plan->asked->initial_state;
    for (size_t i = 0; events && i < events->array.n; i++)
        if (str_eq(json_find_str(&events->array.items[i], STR("type")), type) &&
            json_find_str(&events->array.items[i], STR("state_key")).n == 0)
            return true;
    return false;
}

static int decide_power_levels(struct use *use, struct change *change, const struct plan *plan)
{
    struct str *admins = ARENA_NEW_N(use->arena, plan->n_trusted + 1, struct str);
    const struct json *override = plan->asked->power_level_content_override;
    size_t n = 0;
    if (!plan->version->privileged_creators) {
        admins[n++] = use->caller.user_id;
        for (size_t i = 0; i < plan->n_trusted; i++)
            admins[n++] = plan->trusted[i];
    }
    return change_state(change, STR("m.room.power_levels"), STR(""),
                        access_is_on(use->server)
                            ? room_kind_levels(use, plan->version, &plan->kind, admins, n, override)
                            : default_power_levels(use, plan->version, admins, n, override));
}

/* What the room is, before anything that depends on it. */
static int decide_kind(struct use *use, struct change *change, const struct plan *plan)
{
    if (!access_is_on(use->server))
        return 0;
    return change_state(change, STR(ACCESS_TYPE), STR(""), room_kind_content(use, &plan->kind));
}

static int decide_preset(struct use *use, struct change *change, const struct plan *plan)
{
    bool on = access_is_on(use->server);
    const struct {
        struct str type, key, value;
    } events[] = {
        {STR("m.room.join_rules"), STR("join_rule"), plan->preset->join_rule},
        {STR("m.room.history_visibility"), STR("history_visibility"),
         on ? room_kind_history(&plan->kind) : plan->preset->history_visibility},
        {STR("m.room.guest_access"), STR("guest_access"),
         on ? STR("forbidden") : plan->preset->guest_access},
    };
    for (size_t i = 0; i < ARRAY_LEN(events); i++)
        if (!is_in_initial_state(plan, events[i].type) &&
            change_state(change, events[i].type, STR(""),
                         content_of_one(use, events[i].key, events[i].value)) < 0)
            return -1;
    return 0;
}

/* Private rooms are encrypted from the start where the operator wants it. */
static int decide_encryption(struct use *use, struct change *change, const struct plan *plan)
{
    bool private = access_is_on(use->server) ? room_kind_is_encrypted(&plan->kind)
                                             : !str_eq(plan->preset->name, STR("public_chat"));
    if (plan->asked->notices_of || !use->server->config->rooms_enforce_encryption || !private ||
        is_in_initial_state(plan, STR("m.room.encryption")))
        return 0;
    return change_state(change, STR("m.room.encryption"), STR(""),
                        STR("{\"algorithm\":\"m.megolm.v1.aes-sha2\"}"));
}

static int decide_initial_state(struct change *change, const struct plan *plan)
{
    const struct json *events = plan->asked->initial_state;
    for (size_t i = 0; events && i < events->array.n; i++) {
        const struct json *event = &events->array.items[i];
        struct str type = json_find_str(event, STR("type"));
        struct str key = json_find_str(event, STR("state_key"));
        if (access_is_on(change->use->server) && str_eq(type, STR(ACCESS_TYPE)) && !key.n)
            continue; /* read by room_kind_plan, sent by decide_kind */
        if (retention_check(change->use, type, key, json_find(event, STR("content"))) < 0 ||
            change_state(change, type, key.p ? key : STR(""),
                         json_find(event, STR("content"))->raw) < 0)
            return -1;
    }
    return 0;
}

static int decide_names(struct use *use, struct change *change, const struct plan *plan)
{
    if (plan->asked->name.p &&
        change_state(change, STR("m.room.name"), STR(""),
                     content_of_one(use, STR("name"), plan->asked->name)) < 0)
        return -1;
    if (!plan->asked->topic.p)
        return 0;
    return change_state(change, STR("m.room.topic"), STR(""),
                        topic_content(use, plan->asked->topic));
}

static int decide_message(struct change *change, const struct plan *plan)
{
    struct draft draft = {
        .type = STR("m.room.message"),
        .content = plan->asked->message,
        .sender = change->use->caller.user_id,
        .sender_name = change->use->caller.user,
    };
    return plan->asked->message.p ? change_decide(change, &draft, NULL) : 0;
}

static int decide_invites(struct use *use, struct change *change, const struct plan *plan)
{
    struct str extra = plan->asked->is_direct ? STR("\"is_direct\":true") : STR_NONE;
    struct str content;
    for (size_t i = 0; i < plan->n_invited; i++) {
        int64_t user = 0;
        if (store_find_name(use->server->store, plan->invited[i], &user, &use->err) < 0 ||
            member_content(use, user, MEMBERSHIP_INVITE, STR_NONE, extra, &content) < 0 ||
            change_member(change, plan->invited[i], content) < 0)
            return -1;
    }
    for (size_t i = 0; i < plan->n_offered; i++)
        if (change_offer(change, &plan->offered[i], plan->asked->own_url) < 0)
            return -1;
    return 0;
}

static int decide_all(struct use *use, struct change *change, const struct plan *plan)
{
    struct str content;
    if (change_state(change, STR("m.room.create"), STR(""), create_content(use, plan)) < 0 ||
        member_content(use, use->caller.user, MEMBERSHIP_JOIN, STR_NONE, STR_NONE, &content) < 0 ||
        change_member(change, use->caller.user_id, content) < 0 ||
        decide_kind(use, change, plan) < 0 || decide_power_levels(use, change, plan) < 0)
        return -1;
    if (plan->alias.p && change_state(change, STR("m.room.canonical_alias"), STR(""),
                                      content_of_one(use, STR("alias"), plan->alias)) < 0)
        return -1;
    if (decide_preset(use, change, plan) < 0 || decide_encryption(use, change, plan) < 0 ||
        decide_initial_state(change, plan) < 0 || decide_names(use, change, plan) < 0)
        return -1;
    /* A notice is for who is invited, and may not see what came before. */
    if (plan->asked->notices_of)
        return decide_invites(use, change, plan) < 0 ? -1 : decide_message(change, plan);
    return decide_message(change, plan) < 0 ? -1 : decide_invites(use, change, plan);
}

/* ---- what is written with them ---- */

struct listing {
    struct alias alias;
    bool listed;
};

static int write_listing(struct write *w, void *arg, struct err *err)
{
    const struct listing *listing = arg;
    if (listing->alias.alias.p && alias_insert(w, &listing->alias, err) < 0) {
        if (err->status == 409) /* createRoom says it with a 400 */
            err->status = 400;
        return -1;
    }
    return listing->listed ? directory_set(w, listing->alias.room, true, err) : 0;
}

int rooms_create(struct use *use, const struct new_room *new_room, struct str *ret_room_id)
{
    CLEANUP(room_cleanup) struct room *room = NULL;
    struct change change;
    struct plan plan;
    if (make_plan(use, new_room, &plan) < 0)
        return -1;
    room = room_enter_new(use, plan.version);
    change_begin(&change, use, room);
    int status = decide_all(use, &change, &plan);
    /* What the authorisation rules refuse here contradicts itself; a reason is a refusal. */
    if (status < 0 && use->err.status == 403 && !use->err.extra_key) {
        use->err.status = 400;
        use->err.errcode = "M_INVALID_ROOM_STATE";
    }
    if (status == 0) {
        struct listing *listing = ARENA_NEW(use->arena, struct listing);
        listing->alias = (struct alias){plan.alias, room_row_id(room), use->caller.user};
        listing->listed = str_eq(new_room->visibility, STR("public"));
        change_also(&change, write_listing, listing);
        if (new_room->notices_of)
            notices_add_room(&change, new_room->notices_of);
        *ret_room_id = arena_str(use->arena, room_id_of(room));
        status = change_submit(&change);
    }
    change_end(&change);
    return status;
}
