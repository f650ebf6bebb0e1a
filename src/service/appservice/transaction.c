/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/appservice/transaction.h"

#include "base/limits.h"
#include "base/vec.h"
#include "service/appservice/devices.h"
#include "service/rooms/view.h"
#include "service/sync/notifier.h"
#include "store/log.h"
#include "store/receipt.h"
#include "json/write.h"

/* Entries of the log in one look. */
#define PAGE 1000

struct composing {
    struct use *use;
    struct interest *interest;
    struct devices devices;
    struct buf events, ephemeral;
    struct json_writer events_out, ephemeral_out;
    size_t n_events, n_ephemeral;
    int64_t from;          /* what came after it is news */
    VEC(int64_t) receipts; /* rooms whose receipts were told */
};

static bool is_full(const struct composing *c)
{
    return c->n_events >= LIMIT_APPSERVICE_EVENTS || c->events.n >= LIMIT_APPSERVICE_BODY ||
           devices_is_full(&c->devices);
}

/* ---- events ---- */

static int write_event(struct composing *c, const struct event *event)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(4));
    struct use *use = c->use;
    struct arena *whole = use->arena;
    struct view view;
    struct format format = {.view = &view, .with_room_id = true, .listed = true};
    use->arena = arena;
    int found = view_open(use, event->room, &view);
    int status = found == 1 ? format_event(&c->events_out, &format, event) : found;
    use->arena = whole;
    if (found == 1)
        c->n_events++;
    return status < 0 ? -1 : 0;
}

static int take_event(struct composing *c, const struct log_entry *entry)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    int found = event_load(&c->use->read, entry->ref, &event, &c->use->err);
    if (found != 1)
        return found;
    if (event->flags & (EVENT_OUTLIER | EVENT_REJECTED | EVENT_SOFT_FAILED))
        return 0;
    int concerns = interest_has_event(c->interest, c->use, event);
    return concerns == 1 ? write_event(c, event) : concerns;
}

/* ---- what is ephemeral ---- */

static int begin_ephemeral(struct composing *c, struct str type, int64_t room)
{
    struct json_writer *out = &c->ephemeral_out;
    struct str room_id;
    if (store_name(c->use->server->store, room, c->use->arena, &room_id, &c->use->err) < 0)
        return -1;
    json_write_object(out);
    json_write_member_str(out, STR("type"), type);
    json_write_member_str(out, STR("room_id"), room_id);
    json_write_key(out, STR("content"));
    json_write_object(out);
    c->n_ephemeral++;
    return 0;
}

static void end_ephemeral(struct composing *c)
{
    json_write_end(&c->ephemeral_out);
    json_write_end(&c->ephemeral_out);
}

/* {"$event": {"m.read": {"@user": {"ts": …}}}}; one user an object, as keys may repeat no type. */
static int write_receipt(struct composing *c, struct view *view, const struct receipt *receipt)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    struct json_writer *out = &c->ephemeral_out;
    struct use *use = c->use;
    struct str user_id;
    int found = event_load(&use->read, receipt->event, &event, &use->err);
    if (found != 1)
        return found;
    if (store_name(use->server->store, receipt->user, use->arena, &user_id, &use->err) < 0 ||
        begin_ephemeral(c, STR("m.receipt"), receipt->room) < 0)
        return -1;
    json_write_key(out, pdu_event_id(use->arena, view->version, event->hash));
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
    end_ephemeral(c);
    return 0;
}

static bool was_told(const struct composing *c, int64_t room)
{
    for (size_t i = 0; i < c->receipts.n; i++)
        if (c->receipts.p[i] == room)
            return true;
    return false;
}

/* All of a room that are new since the last transaction, at the first entry of one. */
static int take_receipt(struct composing *c, const struct log_entry *entry)
{
    struct use *use = c->use;
    struct receipt *rows;
    struct view view;
    size_t n;
    if (!c->interest->as->receive_ephemeral || was_told(c, entry->room) ||
        c->ephemeral.n >= LIMIT_APPSERVICE_BODY)
        return 0;
    int concerns = interest_has_room(c->interest, use, entry->room, entry->pos);
    if (concerns != 1)
        return concerns;
    ARENA_VEC_ADD(use->arena, &c->receipts, entry->room);
    if (view_open(use, entry->room, &view) < 0 ||
        receipt_list_room(&use->read, entry->room, use->caller.user, c->from, use->arena, &rows, &n,
                          &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (write_receipt(c, &view, &rows[i]) < 0)
            return -1;
    return 0;
}

static int write_typing(struct composing *c, int64_t room)
{
    struct use *use = c->use;
    struct json_writer *out = &c->ephemeral_out;
    struct str user_id;
    int64_t *users;
    size_t n;
    notifier_typing_list(use->server->notifier, room, use->arena, &users, &n);
    if (begin_ephemeral(c, STR("m.typing"), room) < 0)
        return -1;
    json_write_key(out, STR("user_ids"));
    json_write_array(out);
    for (size_t i = 0; i < n; i++) {
        if (store_name(use->server->store, users[i], use->arena, &user_id, &use->err) < 0)
            return -1;
        json_write_str(out, user_id);
    }
    json_write_end(out);
    end_ephemeral(c);
    return 0;
}

static int take_typing(struct composing *c, struct told *told)
{
    struct use *use = c->use;
    int64_t *rooms, head = notifier_typing_head(use->server->notifier);
    size_t n;
    notifier_typing_changed(use->server->notifier, told->typing, use->arena, &rooms, &n);
    for (size_t i = 0; i < n; i++) {
        int concerns = interest_has_room(c->interest, use, rooms[i], use->read.head.pos);
        if (concerns < 0 || (concerns && write_typing(c, rooms[i]) < 0))
            return -1;
    }
    told->typing = head;
    return 0;
}

/* ---- all of it ---- */

static int take_entry(struct composing *c, const struct log_entry *entry)
{
    if (interest_see(c->interest, c->use, entry) < 0 || devices_see(&c->devices, entry) < 0)
        return -1;
    if (entry->kind == LOG_KIND_EVENT && entry->ref)
        return take_event(c, entry);
    return entry->kind == LOG_KIND_RECEIPT ? take_receipt(c, entry) : 0;
}

static int take_log(struct composing *c, int64_t *ret_upto)
{
    struct log_entry *entries;
    size_t n;
    if (log_list(&c->use->read, c->from, PAGE, c->use->arena, &entries, &n, &c->use->err) < 0)
        return -1;
    for (size_t i = 0; i < n && !is_full(c); i++) {
        if (take_entry(c, &entries[i]) < 0)
            return -1;
        *ret_upto = entries[i].pos;
    }
    return n == PAGE || is_full(c);
}

/* -1: it is too long. */
static int write_body(struct composing *c, struct str *ret_body)
{
    CLEANUP(buf_done) struct buf text;
    buf_init(&text, 8 * LIMIT_APPSERVICE_BODY);
    buf_add(&text, STR("{\"events\":"));
    buf_add(&text, buf_str(&c->events));
    if (c->interest->as->receive_ephemeral) {
        buf_add(&text, STR(",\"ephemeral\":"));
        buf_add(&text, buf_str(&c->ephemeral));
        /* As clients and older services know it: MSC2409. */
        buf_add(&text, STR(",\"de.sorunome.msc2409.ephemeral\":"));
        buf_add(&text, buf_str(&c->ephemeral));
    }
    if (devices_write(&c->devices, &text) < 0)
        return -1;
    buf_add(&text, STR("}"));
    if (buf_is_full(&text))
        return err_internal(&c->use->err, "a transaction is too large");
    *ret_body = arena_str(c->use->arena, buf_str(&text));
    return 0;
}

static void begin(struct composing *c)
{
    buf_init(&c->events, 2 * LIMIT_APPSERVICE_BODY);
    buf_init(&c->ephemeral, LIMIT_APPSERVICE_BODY / 2);
    json_writer_init(&c->events_out, &c->events);
    json_writer_init(&c->ephemeral_out, &c->ephemeral);
    json_write_array(&c->events_out);
    json_write_array(&c->ephemeral_out);
    devices_begin(&c->devices, c->use, c->interest);
}

static int compose(struct composing *c, struct told *told, struct composed *composed)
{
    int more = take_log(c, &composed->upto);
    if (more < 0 || (c->interest->as->receive_ephemeral && take_typing(c, told) < 0))
        return -1;
    json_write_end(&c->events_out);
    json_write_end(&c->ephemeral_out);
    if (!c->n_events && !c->n_ephemeral && devices_is_empty(&c->devices))
        return more;
    /* What is ephemeral is left out when there is too much of it. */
    if (buf_is_full(&c->ephemeral)) {
        buf_clear(&c->ephemeral);
        buf_add(&c->ephemeral, STR("[]"));
    }
    composed->taken = c->devices.taken.p;
    composed->n_taken = c->devices.taken.n;
    return write_body(c, &composed->body) < 0 ? -1 : more;
}

int appservice_compose(struct use *use, struct interest *interest, struct told *told, int64_t from,
                       struct composed *ret)
{
    struct composing c = {.use = use, .interest = interest, .from = from};
    struct composed composed = {.upto = from};
    begin(&c);
    int more = compose(&c, told, &composed);
    buf_done(&c.events);
    buf_done(&c.ephemeral);
    devices_done(&c.devices);
    *ret = composed;
    return more;
}
