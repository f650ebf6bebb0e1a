/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/send.h"
#include "service/accounts/profile.h"

#include "base/check.h"
#include "base/limits.h"
#include "matrix/id.h"
#include "matrix/relations.h"
#include "service/config.h"
#include "service/rooms/access.h"
#include "service/rooms/aliases.h"
#include "service/rooms/change.h"
#include "service/rooms/membership.h"
#include "service/rooms/notices.h"
#include "service/rooms/offer.h"
#include "service/rooms/redact.h"
#include "service/rooms/restricted.h"
#include "service/rooms/retention.h"
#include "service/rooms/succession.h"
#include "service/rooms/transaction.h"
#include "store/relation.h"
#include "json/write.h"

/* ---- relations, checked before they are sent ---- */

static int load_parent(struct use *use, struct room *room, struct str event_id,
                       struct event **ret_event)
{
    unsigned char hash[SHA256_BYTES];
    if (pdu_event_hash(room_version_of(room), event_id, hash) < 0)
        return 0;
    int found = event_load_by_hash(&use->read, hash, ret_event, &use->err);
    if (found == 1 && (*ret_event)->room != room_row_id(room)) {
        event_unref(*ret_event);
        *ret_event = NULL;
        return 0;
    }
    return found;
}

static int check_duplicate(struct use *use, const struct relation *relation,
                           const struct event *parent, struct str type)
{
    int64_t name;
    if (relation->kind != RELATION_ANNOTATION || !relation->key.p)
        return 0;
    if (store_intern(use->server->store, type, &name, &use->err) < 0)
        return -1;
    int found = relation_has_annotation(&use->read, parent->hash, name, use->caller.user,
                                        relation->key, &use->err);
    if (found < 0)
        return -1;
    if (found)
        return err_client(&use->err, 400, "M_DUPLICATE_ANNOTATION",
                          "You have reacted in this way already");
    return 0;
}

static int check_relation(struct use *use, struct room *room, const struct sending *sending)
{
    CLEANUP(event_cleanup) struct event *parent = NULL;
    struct relation relation;
    struct pdu pdu;
    relation_parse(sending->content, &relation);
    if (relation.kind == RELATION_NONE || !relation.event_id.p)
        return 0;
    if (relation.key_is_no_text)
        return err_client(&use->err, 400, "M_BAD_JSON", "The key of an annotation is a string");
    int found = load_parent(use, room, relation.event_id, &parent);
    if (found <= 0)
        return found;
    if (pdu_open(use->arena, room_version_of(room), arena_str(use->arena, parent->json),
                 parent->hash, &pdu, &use->err) < 0)
        return -1;
    struct relation_event facts = {
        .type = pdu.type,
        .sender = pdu.sender,
        .room_id = room_id_of(room),
        .is_state = pdu.state_key.p != NULL,
        .is_redacted = parent->redacted_by != 0,
        .content = pdu.content,
    };
    if (relation_check_send(&relation, &facts, &use->err) < 0)
        return -1;
    return check_duplicate(use, &relation, parent, sending->type);
}

/* ---- sending ---- */

/* What stands in the state already, by the same sender: its id is the answer. */
static int find_same_state(struct use *use, struct room *room, const struct sending *sending,
                           struct str *ret_event_id)
{
    const struct pdu *current = NULL;
    int64_t type, key;
    struct store *store = use->server->store;
    int found = store_find_name(store, sending->type, &type, &use->err);
    if (found == 1)
        found = store_find_name(store, sending->state_key, &key, &use->err);
    if (found == 1)
        found = room_state_pdu(use, room, type, key, &current);
    if (found != 1)
        return found;
    if (!str_eq(current->sender, use->caller.user_id) ||
        !json_eq(current->content, sending->content))
        return 0;
    *ret_event_id = current->event_id;
    return 1;
}

/* Nothing is sent, and what was to send it has ended all the same. */
static int settle_same(struct use *use, const struct room *room, const struct sending *sending)
{
    int64_t type, key;
    struct store *store = use->server->store;
    if (!sending->delayed)
        return 0;
    if (store_intern(store, sending->type, &type, &use->err) < 0 ||
        store_intern(store, sending->state_key, &key, &use->err) < 0)
        return -1;
    return transaction_settle_delayed(use, sending->delayed, room_state_id(room, type, key));
}

/* Clients may name only aliases that lead here. */
static int check_aliases(struct use *use, struct room *room, const struct sending *sending)
{
    const struct room_names *names = rooms_names(use->server);
    const struct pdu *current = NULL;
    if (!str_eq(sending->type, STR("m.room.canonical_alias")) || sending->state_key.n)
        return 0;
    if (room_state_pdu(use, room, names->canonical_alias, names->empty, &current) < 0)
        return -1;
    return aliases_check_canonical(use, room_row_id(room), current ? current->content : NULL,
                                   sending->content);
}

/* The theme of a room is one of the operator's list, or none. */
static int check_theme(struct use *use, const struct sending *sending)
{
    if (!str_eq(sending->type, STR("org.chappe.room.theme")) || sending->state_key.n)
        return 0;
    const struct json *theme = json_find(sending->content, STR("theme"));
    if (!theme || config_has_theme(use->server->config, json_as_str(theme)))
        return 0;
    (void)err_client(&use->err, 400, "M_INVALID_PARAM", "This theme is not in the list");
    return err_reason(&use->err, "theme_unknown");
}

static int check_retention(struct use *use, const struct sending *sending)
{
    return retention_check(use, sending->type, sending->state_key, sending->content);
}

static int check_levels(struct use *use, struct room *room, const struct sending *sending)
{
    if (!str_eq(sending->type, STR("m.room.power_levels")) || sending->state_key.n)
        return 0;
    return succession_check_levels(use, room, sending->content);
}

static bool is_member_event(const struct sending *sending)
{
    return sending->state_key.p && str_eq(sending->type, STR("m.room.member"));
}

/* A membership set as state meets the checks of the endpoints made for it: whom one may invite, and
 * that nobody says for themselves that a restricted room lets them in. (That a user of ours
 * authorised a join is signed with our key, so the authorisation rules believe it.) */
static int check_member(struct use *use, struct room *room, const struct sending *sending)
{
    enum membership wanted = membership_parse(json_find_str(sending->content, STR("membership")));
    struct user_id id;
    struct str extra;
    if (user_id_parse(sending->state_key, &id, &use->err) < 0)
        return -1;
    if (wanted == MEMBERSHIP_INVITE &&
        access_refuse_external(use, "external_invite", "An external may not invite") < 0)
        return -1;
    if (wanted == MEMBERSHIP_INVITE)
        return check_invitable(use, &id);
    if (wanted != MEMBERSHIP_JOIN || room_membership(room, use->caller.user) == MEMBERSHIP_JOIN ||
        !json_find(sending->content, STR("join_authorised_via_users_server")))
        return 0;
    if (restricted_authorise(use, room, &extra) < 0)
        return -1;
    return extra.p ? 0 : rooms_refuse_entry(use);
}

/* User content in clear in an encrypted room, where the operator forbids it. */
static int check_clear(struct use *use, struct room *room, const struct sending *sending)
{
    const struct room_names *names = rooms_names(use->server);
    if (!use->server->config->rooms_enforce_encryption || sending->state_key.p)
        return 0;
    if (!access_is_clear_content(sending->type, sending->content) ||
        !room_state_id(room, names->encryption, names->empty))
        return 0;
    (void)err_client(&use->err, 403, "M_FORBIDDEN", "This room takes encrypted messages only");
    return err_reason(&use->err, "encryption_enforced");
}

static bool is_own_leave(const struct use *use, const struct sending *sending)
{
    struct str membership = json_find_str(sending->content, STR("membership"));
    return is_member_event(sending) && str_eq(sending->state_key, use->caller.user_id) &&
           membership_parse(membership) == MEMBERSHIP_LEAVE;
}

static int decide(struct use *use, struct room *room, const struct sending *sending,
                  struct str *ret_event_id)
{
    struct change change;
    const struct decided *decided;
    struct draft draft = {
        .type = sending->type,
        .state_key = sending->state_key,
        .content = sending->content->raw,
        .sender = use->caller.user_id,
        .sender_name = use->caller.user,
        .origin_server_ts = sending->origin_server_ts,
        .flags = sending->delayed ? EVENT_DELAYED : 0,
    };
    change_begin(&change, use, room);
    int status = is_own_leave(use, sending) ? succession_decide(&change) : 0;
    if (status == 0)
        status = change_decide(&change, &draft, &decided);
    if (status == 0) {
        *ret_event_id = change_event_id(decided);
        transaction_add(&change, sending->txn, sending->type, decided->event);
        transaction_end_delayed(&change, sending->delayed, decided->event->id);
        change_follow_offer(&change, sending->type, sending->state_key, sending->content);
        status = change_submit(&change);
    }
    change_end(&change);
    return status;
}

/* Who is not in the room may change their own membership at most; a refusal tells nothing of it. */
static int send_as_outsider(struct use *use, struct room *room, const struct sending *sending,
                            struct str *ret_event_id)
{
    bool was_near = room_membership(room, use->caller.user) != MEMBERSHIP_NONE;
    if (!is_member_event(sending))
        return rooms_refuse_outsider(use);
    if (check_member(use, room, sending) < 0 ||
        (is_own_leave(use, sending) && notices_check_leave(use, room) < 0))
        return -1;
    int status = decide(use, room, sending, ret_event_id);
    return status < 0 && use->err.status == 403 && !was_near ? rooms_refuse_outsider(use) : status;
}

static int send_into(struct use *use, int64_t id, const struct sending *sending,
                     struct str *ret_event_id)
{
    CLEANUP(room_cleanup) struct room *room = NULL;
    if (room_enter(use, id, &room) < 0)
        return -1;
    if (room_membership(room, use->caller.user) != MEMBERSHIP_JOIN)
        return send_as_outsider(use, room, sending, ret_event_id);
    if (is_member_event(sending) && check_member(use, room, sending) < 0)
        return -1;
    if (sending->state_key.p) {
        int same = find_same_state(use, room, sending, ret_event_id);
        if (same != 0)
            return same < 0 ? -1 : settle_same(use, room, sending);
        if (check_aliases(use, room, sending) < 0 || check_theme(use, sending) < 0 ||
            check_levels(use, room, sending) < 0 || check_retention(use, sending) < 0)
            return -1;
    } else if (check_clear(use, room, sending) < 0 || check_relation(use, room, sending) < 0) {
        return -1;
    }
    return decide(use, room, sending, ret_event_id);
}

int rooms_check_sizes(struct use *use, const struct sending *sending)
{
    if (sending->type.n == 0 || sending->type.n > LIMIT_EVENT_FIELD_BYTES ||
        sending->state_key.n > LIMIT_EVENT_FIELD_BYTES)
        return err_client(&use->err, 400, "M_INVALID_PARAM",
                          "An event's type and state key have at most %d bytes",
                          LIMIT_EVENT_FIELD_BYTES);
    if (sending->txn.n > LIMIT_TXN_ID_BYTES)
        return err_client(&use->err, 400, "M_INVALID_PARAM",
                          "A transaction id has at most %d bytes", LIMIT_TXN_ID_BYTES);
    return 0;
}

static int redact(struct use *use, const struct sending *sending, struct str *ret_event_id)
{
    struct redacting redacting = {
        .room_id = sending->room_id,
        .target = json_find_str(sending->content, STR("redacts")),
        .reason = json_find_str(sending->content, STR("reason")),
        .txn = sending->txn,
        .delayed = sending->delayed,
    };
    return rooms_redact(use, &redacting, ret_event_id);
}

/* Before the room is looked at: what is refused here says nothing of it. */
static int settle_member(struct use *use, struct sending *sending)
{
    if (profile_check_member(use, sending->state_key, sending->content) < 0)
        return -1;
    return member_written_content(use, sending->state_key, sending->content, &sending->content);
}

int rooms_send(struct use *use, const struct sending *sending, struct str *ret_event_id)
{
    struct sending own = *sending;
    int64_t id;
    if (rooms_check_sizes(use, sending) < 0)
        return -1;
    if (str_eq(sending->type, STR("m.room.redaction")) && !sending->state_key.p)
        return redact(use, sending, ret_event_id);
    if (is_member_event(sending) && settle_member(use, &own) < 0)
        return -1;
    int found = rooms_find(use, sending->room_id, &id);
    if (found < 0)
        return -1;
    if (!found)
        return rooms_refuse_outsider(use);
    const struct transaction_name name = {id, sending->txn, sending->type};
    found = transaction_find(use, &name, ret_event_id);
    if (found != 0)
        return found < 0 ? -1 : 0;
    int status = send_into(use, id, &own, ret_event_id);
    return status < 0 ? transaction_excuse(use, &name, ret_event_id) : status;
}
