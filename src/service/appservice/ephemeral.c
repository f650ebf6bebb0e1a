/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/appservice/ephemeral.h"

#include "base/clock.h"
#include "base/limits.h"
#include "service/sync/notifier.h"
#include "service/sync/presence.h"
#include "store/receipt.h"

/* Presence may lag: what changes twice meanwhile is told once. */
#define LOOK_PRESENCE_MS 2000
/* Changes of presence in one look, and of these in one question. */
#define PRESENCE_PAGES 10
#define PRESENCE_PAGE  50

void ephemeral_begin(struct ephemeral *ephemeral, struct use *use, struct interest *interest)
{
    *ephemeral = (struct ephemeral){.use = use, .interest = interest};
    buf_init(&ephemeral->text, LIMIT_APPSERVICE_BODY);
    json_writer_init(&ephemeral->out, &ephemeral->text);
    json_write_array(&ephemeral->out);
}

void ephemeral_done(struct ephemeral *ephemeral)
{
    buf_done(&ephemeral->text);
}

static int begin_of_room(struct ephemeral *ephemeral, struct str type, int64_t room)
{
    struct json_writer *out = &ephemeral->out;
    struct use *use = ephemeral->use;
    struct str room_id;
    if (store_name(use->server->store, room, use->arena, &room_id, &use->err) < 0)
        return -1;
    json_write_object(out);
    json_write_member_str(out, STR("type"), type);
    json_write_member_str(out, STR("room_id"), room_id);
    json_write_key(out, STR("content"));
    json_write_object(out);
    ephemeral->n++;
    return 0;
}

static void end_of_room(struct ephemeral *ephemeral)
{
    json_write_end(&ephemeral->out);
    json_write_end(&ephemeral->out);
}

/* ---- receipts ---- */

/* {"$event": {"m.read": {"@user": {"ts": …}}}}; one user an object, as keys may repeat no type. */
static int write_receipt(struct ephemeral *ephemeral, const struct receipt *receipt)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    struct json_writer *out = &ephemeral->out;
    struct use *use = ephemeral->use;
    struct str user_id;
    int found = event_load(&use->read, receipt->event, &event, &use->err);
    if (found != 1)
        return found;
    if (store_name(use->server->store, receipt->user, use->arena, &user_id, &use->err) < 0 ||
        begin_of_room(ephemeral, STR("m.receipt"), receipt->room) < 0)
        return -1;
    json_write_key(out, pdu_event_id(use->arena, ephemeral->view.version, event->hash));
    json_write_object(out);
    json_write_key(out, receipt->type == RECEIPT_READ ? STR("m.read") : STR("m.read.private"));
    json_write_object(out);
    json_write_key(out, user_id);
    json_write_object(out);
    json_write_member_int(out, STR("ts"), receipt->ts);
    if (receipt->thread.p)
        json_write_member_str(out, STR("thread_id"), receipt->thread);
    json_write_end(out);
    json_write_end(out);
    json_write_end(out);
    end_of_room(ephemeral);
    return 0;
}

/* Receipts of a room often come together. */
static int open_view(struct ephemeral *ephemeral, int64_t room)
{
    if (ephemeral->view.row.id == room)
        return 1;
    return view_open(ephemeral->use, room, &ephemeral->view);
}

/* One that was overwritten since comes with its later entry. What is private is its own users'
 * alone. */
static int take_receipt(struct ephemeral *ephemeral, const struct log_entry *entry)
{
    struct use *use = ephemeral->use;
    struct receipt receipt;
    int go_on = receipt_find(&use->read, entry, use->arena, &receipt, &use->err);
    if (go_on == 1 && receipt.type == RECEIPT_READ_PRIVATE)
        go_on = interest_has_user(ephemeral->interest, use, receipt.user);
    if (go_on == 1)
        go_on = interest_has_room(ephemeral->interest, use, entry->room, entry->pos);
    if (go_on == 1)
        go_on = open_view(ephemeral, entry->room);
    return go_on == 1 ? write_receipt(ephemeral, &receipt) : go_on;
}

/* ---- typing ---- */

static int write_typing(struct ephemeral *ephemeral, int64_t room)
{
    struct use *use = ephemeral->use;
    struct json_writer *out = &ephemeral->out;
    struct str user_id;
    int64_t *users;
    size_t n;
    notifier_typing_list(use->server->notifier, room, use->arena, &users, &n);
    if (begin_of_room(ephemeral, STR("m.typing"), room) < 0)
        return -1;
    json_write_key(out, STR("user_ids"));
    json_write_array(out);
    for (size_t i = 0; i < n; i++) {
        if (store_name(use->server->store, users[i], use->arena, &user_id, &use->err) < 0)
            return -1;
        json_write_str(out, user_id);
    }
    json_write_end(out);
    end_of_room(ephemeral);
    return 0;
}

static int take_typing(struct ephemeral *ephemeral, struct told *told)
{
    struct use *use = ephemeral->use;
    int64_t *rooms, head = notifier_typing_head(use->server->notifier);
    size_t n;
    notifier_typing_changed(use->server->notifier, told->typing, use->arena, &rooms, &n);
    for (size_t i = 0; i < n; i++) {
        int concerns = interest_has_room(ephemeral->interest, use, rooms[i], use->read.head.pos);
        if (concerns < 0 || (concerns && write_typing(ephemeral, rooms[i]) < 0))
            return -1;
    }
    told->typing = head;
    return 0;
}

/* ---- presence ---- */

void told_look(struct told *told, struct server *server)
{
    int64_t now_ms = clock_monotonic_ms();
    if (told->before || (told->looked_ms && now_ms - told->looked_ms < LOOK_PRESENCE_MS))
        return;
    told->looked_ms = now_ms;
    told->upto = notifier_typing_head(server->notifier);
    if (told->upto > told->presence)
        told->before = told->upto + 1;
}

static int write_presence(struct ephemeral *ephemeral, const struct presence_shown *shown)
{
    struct use *use = ephemeral->use;
    struct json_writer *out = &ephemeral->out;
    struct str user_id;
    if (store_name(use->server->store, shown->user, use->arena, &user_id, &use->err) < 0)
        return -1;
    json_write_object(out);
    json_write_member_str(out, STR("type"), STR("m.presence"));
    json_write_member_str(out, STR("sender"), user_id);
    json_write_key(out, STR("content"));
    presence_write(shown, out);
    json_write_end(out);
    ephemeral->n++;
    return 0;
}

static int take_page(struct ephemeral *ephemeral, struct told *told)
{
    struct use *use = ephemeral->use;
    struct presence_shown *shown;
    size_t n;
    bool more = presence_moves(use->server->presence, told->presence, &told->before, PRESENCE_PAGE,
                               use->arena, &shown, &n);
    for (size_t i = 0; i < n; i++) {
        int meets = interest_meets_user(ephemeral->interest, use, shown[i].user);
        if (meets < 0 || (meets && write_presence(ephemeral, &shown[i]) < 0))
            return -1;
    }
    if (!more) {
        told->presence = told->upto;
        told->before = 0;
    }
    return 0;
}

/* The newest first: 1 there is more, 0, -1. */
static int take_presence(struct ephemeral *ephemeral, struct told *told)
{
    if (!ephemeral->use->server->presence)
        return 0;
    for (int i = 0; i < PRESENCE_PAGES && told->before && !ephemeral_is_full(ephemeral); i++)
        if (take_page(ephemeral, told) < 0)
            return -1;
    return told->before != 0;
}

/* ---- all of it ---- */

bool ephemeral_is_full(const struct ephemeral *ephemeral)
{
    return ephemeral->text.n >= LIMIT_APPSERVICE_BODY / 4;
}

int ephemeral_see(struct ephemeral *ephemeral, const struct log_entry *entry)
{
    if (entry->kind != LOG_KIND_RECEIPT || !ephemeral->interest->as->receive_ephemeral)
        return 0;
    return take_receipt(ephemeral, entry);
}

int ephemeral_look(struct ephemeral *ephemeral, struct told *told)
{
    if (!ephemeral->interest->as->receive_ephemeral)
        return 0;
    if (take_typing(ephemeral, told) < 0)
        return -1;
    return ephemeral->interest->settled ? take_presence(ephemeral, told) : 0;
}

void ephemeral_write(struct ephemeral *ephemeral, struct buf *to)
{
    if (!ephemeral->interest->as->receive_ephemeral)
        return;
    json_write_end(&ephemeral->out);
    /* It is left out when there is too much of it. */
    struct str text = buf_is_full(&ephemeral->text) ? STR("[]") : buf_str(&ephemeral->text);
    buf_add(to, STR(",\"ephemeral\":"));
    buf_add(to, text);
    /* As clients and older services know it: MSC2409. */
    buf_add(to, STR(",\"de.sorunome.msc2409.ephemeral\":"));
    buf_add(to, text);
}
