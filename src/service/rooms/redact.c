/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/redact.h"

#include <stddef.h>
#include <string.h>

#include "base/limits.h"
#include "service/rooms/access.h"
#include "service/rooms/offer.h"
#include "service/rooms/send.h"
#include "service/rooms/transaction.h"
#include "store/relation.h"
#include "json/write.h"

struct application {
    struct event target; /* a copy in the arena */
    struct pdu pdu;      /* as it was */
    struct str redacted;
    int64_t redaction;
};

static int write_application(struct write *w, void *arg, struct err *err)
{
    const struct application *application = arg;
    if (relation_delete(w, &application->target, &application->pdu, err) < 0)
        return -1;
    return event_redact(w, &application->target, application->redacted, application->redaction,
                        err);
}

int redact_apply(struct change *change, const struct event *target, int64_t redaction)
{
    struct use *use = change->use;
    const struct room_version *version = room_version_of(change->room);
    struct application *application = ARENA_NEW(use->arena, struct application);
    /* All but the references, which others count meanwhile. */
    memcpy(&application->target, target, offsetof(struct event, refs));
    application->target.json = arena_str(use->arena, target->json);
    application->redaction = redaction;
    if (event_find_members(application->target.json, &application->target.members) < 0)
        return err_internal(&use->err, "event %lld is no PDU", (long long)target->id);
    if (pdu_open(use->arena, version, application->target.json, target->hash, &application->pdu,
                 &use->err) < 0 ||
        pdu_redact(use->arena, version, application->pdu.doc, &application->redacted, &use->err) <
            0)
        return -1;
    change_also(change, write_application, application);
    return 0;
}

/* ---- the use case ---- */

static int find_target(struct use *use, struct room *room, struct str target,
                       struct event **ret_event)
{
    unsigned char hash[SHA256_BYTES];
    int found = 0;
    if (pdu_event_hash(room_version_of(room), target, hash) == 0)
        found = event_load_by_hash(&use->read, hash, ret_event, &use->err);
    if (found == 1 && (*ret_event)->room != room_row_id(room)) {
        event_unref(*ret_event);
        *ret_event = NULL;
        found = 0;
    }
    if (found < 0)
        return -1;
    return found ? 0 : err_client(&use->err, 404, "M_NOT_FOUND", "No such event in this room");
}

static int check_kept(struct use *use, const struct event *target)
{
    struct str type;
    if (!access_is_on(use->server) || !target->state_key)
        return 0;
    if (store_name(use->server->store, target->type, use->arena, &type, &use->err) < 0)
        return -1;
    if (access_may_redact(type))
        return 0;
    (void)err_client(&use->err, 403, "M_FORBIDDEN", "What a room is cannot be redacted");
    return err_reason(&use->err, "state_fixed");
}

static int check_may_redact(struct use *use, struct room *room, const struct event *target)
{
    struct power power;
    if (check_kept(use, target) < 0)
        return -1;
    if (target->sender == use->caller.user)
        return 0;
    if (use->caller.suspended)
        return err_client(&use->err, 403, "M_USER_SUSPENDED", "This account is suspended");
    if (room_power(use, room, &power) < 0)
        return -1;
    if (power_can(&power, use->caller.user_id, POWER_REDACT))
        return 0;
    return err_client(&use->err, 403, "M_FORBIDDEN", "You may not redact the events of others");
}

static struct str redaction_content(struct use *use, struct str reason)
{
    struct buf text;
    struct json_writer out;
    buf_init(&text, LIMIT_EVENT_BYTES);
    json_writer_init(&out, &text);
    json_write_object(&out);
    if (reason.p)
        json_write_member_str(&out, STR("reason"), reason);
    json_write_end(&out);
    struct str content = arena_str(use->arena, buf_str(&text));
    bool full = buf_is_full(&text);
    buf_done(&text);
    return full ? STR_NONE : content;
}

/* A redacted offer is one that was taken back. */
static int follow(struct change *change, const struct event *target)
{
    struct use *use = change->use;
    struct str token;
    if (target->type != rooms_names(use->server)->third_party_invite || !target->state_key)
        return 0;
    if (store_name(use->server->store, target->state_key, use->arena, &token, &use->err) < 0)
        return -1;
    change_revoke_offer(change, token);
    return 0;
}

static int decide(struct use *use, struct room *room, const struct event *target,
                  const struct redacting *redacting, struct str *ret_event_id)
{
    struct change change;
    const struct decided *decided;
    struct draft draft = {
        .type = STR("m.room.redaction"),
        .content = redaction_content(use, redacting->reason),
        .sender = use->caller.user_id,
        .sender_name = use->caller.user,
        .redacts = redacting->target,
        .flags = redacting->delayed ? EVENT_DELAYED : 0,
    };
    if (!draft.content.p)
        return err_client(&use->err, 413, "M_TOO_LARGE", "The reason is too long");
    change_begin(&change, use, room);
    int status = change_decide(&change, &draft, &decided);
    if (status == 0 && !target->redacted_by)
        status = redact_apply(&change, target, decided->event->id);
    if (status == 0)
        status = follow(&change, target);
    if (status == 0) {
        *ret_event_id = change_event_id(decided);
        transaction_add(&change, redacting->txn, STR("redact"), decided->event);
        transaction_end_delayed(&change, redacting->delayed, decided->event->id);
        status = change_submit(&change);
    }
    change_end(&change);
    return status;
}

static int redact_in(struct use *use, int64_t id, const struct redacting *redacting,
                     struct str *ret_event_id)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    CLEANUP(room_cleanup) struct room *room = NULL;
    if (room_enter(use, id, &room) < 0)
        return -1;
    /* Before its events are looked at. */
    if (room_membership(room, use->caller.user) != MEMBERSHIP_JOIN)
        return rooms_refuse_outsider(use);
    if (find_target(use, room, redacting->target, &event) < 0 ||
        check_may_redact(use, room, event) < 0)
        return -1;
    return decide(use, room, event, redacting, ret_event_id);
}

int rooms_redact(struct use *use, const struct redacting *redacting, struct str *ret_event_id)
{
    int64_t id;
    int found = rooms_find(use, redacting->room_id, &id);
    if (found < 0)
        return -1;
    if (!found)
        return rooms_refuse_outsider(use);
    const struct transaction_name name = {id, redacting->txn, STR("redact")};
    found = transaction_find(use, &name, ret_event_id);
    if (found != 0)
        return found < 0 ? -1 : 0;
    int status = redact_in(use, id, redacting, ret_event_id);
    return status < 0 ? transaction_excuse(use, &name, ret_event_id) : status;
}
