/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/appservice/transaction.h"

#include "base/limits.h"
#include "base/vec.h"
#include "service/appservice/devices.h"
#include "service/rooms/view.h"
#include "store/log.h"
#include "json/write.h"

/* Entries of the log in one look. */
#define PAGE 1000

struct composing {
    struct use *use;
    struct interest *interest;
    struct devices devices;
    struct ephemeral ephemeral;
    struct buf events;
    struct json_writer events_out;
    size_t n_events;
    int64_t from; /* what came after it is news */
};

static bool is_full(const struct composing *c)
{
    return c->n_events >= LIMIT_APPSERVICE_EVENTS || c->events.n >= LIMIT_APPSERVICE_BODY ||
           devices_is_full(&c->devices) || ephemeral_is_full(&c->ephemeral);
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

/* ---- all of it ---- */

static int take_entry(struct composing *c, const struct log_entry *entry)
{
    if (interest_see(c->interest, c->use, entry) < 0 || devices_see(&c->devices, entry) < 0 ||
        ephemeral_see(&c->ephemeral, entry) < 0)
        return -1;
    return entry->kind == LOG_KIND_EVENT && entry->ref ? take_event(c, entry) : 0;
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
    ephemeral_write(&c->ephemeral, &text);
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
    json_writer_init(&c->events_out, &c->events);
    json_write_array(&c->events_out);
    ephemeral_begin(&c->ephemeral, c->use, c->interest);
    devices_begin(&c->devices, c->use, c->interest);
}

static int compose(struct composing *c, struct told *told, struct composed *composed)
{
    int more = take_log(c, &composed->upto);
    if (more == 0)
        interest_settle(c->interest);
    int rest = more < 0 ? -1 : ephemeral_look(&c->ephemeral, told);
    if (rest < 0)
        return -1;
    more = more || rest;
    json_write_end(&c->events_out);
    if (!c->n_events && !c->ephemeral.n && devices_is_empty(&c->devices))
        return more;
    composed->taken = c->devices.taken.p;
    composed->n_taken = c->devices.taken.n;
    return write_body(c, &composed->body) < 0 ? -1 : more;
}

int appservice_compose(struct use *use, struct interest *interest, struct told *told, int64_t from,
                       struct composed *ret)
{
    struct composing c = {.use = use, .interest = interest, .from = from};
    struct composed composed = {.upto = from};
    interest_begin(interest);
    begin(&c);
    int more = compose(&c, told, &composed);
    buf_done(&c.events);
    ephemeral_done(&c.ephemeral);
    devices_done(&c.devices);
    *ret = composed;
    return more;
}
