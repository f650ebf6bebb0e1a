/* SPDX-License-Identifier: EUPL-1.2 */

/* Bundled aggregations (client-server API, "Aggregations of child events"): what an event's
 * m.relations say of its latest edit, its thread and its references. Annotations are not bundled,
 * state events have none, and ignored users do not count. */

#include <string.h>

#include "service/rooms/ignored.h"
#include "service/rooms/window.h"
#include "store/delayed.h"
#include "store/relation.h"

/* Edits, references and replies looked at, newest first. */
#define EDITS_MAX      50
#define REFERENCES_MAX 100
#define COUNTED_MAX    1000

struct bundle {
    struct json_writer *out;
    const struct format *format;
    const struct event *event;
    const struct ignored *ignored;
    bool open; /* "m.relations" has begun */
};

static void begin(struct bundle *bundle, struct str key)
{
    if (!bundle->open) {
        json_write_key(bundle->out, STR("m.relations"));
        json_write_object(bundle->out);
        bundle->open = true;
    }
    json_write_key(bundle->out, key);
}

/* sender 0: of anybody. In this room: an event of another may claim to relate to any. */
static int list_children(struct bundle *bundle, enum relation_kind kind, int64_t sender,
                         size_t limit, struct relation_row **ret_rows, size_t *ret_n)
{
    const struct view *view = bundle->format->view;
    struct use *use = view->use;
    struct relation_query query = {
        .parent = bundle->event->hash,
        .kind = kind,
        .after_place = view->departed_place,
        .has_place = view->was_joined, /* who has left is told of nothing after that */
        .room = bundle->event->room,
        .sender = sender,
        .direction = EVENT_BACKWARD,
        .limit = limit,
    };
    return relation_list(&use->read, &query, use->arena, ret_rows, ret_n, &use->err);
}

/* An edit names its room wherever it stands ("Event replacements": the room event format), the last
 * event of a thread where its root does ("Threading": the format of the event itself). */
static int write_child(struct bundle *bundle, const struct event *child, bool with_room_id)
{
    struct format plain = *bundle->format;
    plain.plain = true;
    plain.with_room_id = with_room_id;
    return format_event(bundle->out, &plain, child);
}

/* A child that the reader may see: 1 (the caller unrefs), 0, -1. */
static int load_child(struct bundle *bundle, int64_t id, struct event **ret_event)
{
    struct view *view = bundle->format->view;
    struct event *event;
    int found = event_load(&view->use->read, id, &event, &view->use->err);
    if (found != 1)
        return found;
    int visible = view_can_see(view, event);
    if (visible == 1)
        *ret_event = event;
    else
        event_unref(event);
    return visible;
}

/* Once a view: a page has many events. */
static int load_ignored(struct view *view, const struct ignored **ret_ignored)
{
    struct use *use = view->use;
    struct arena *arena = use->arena;
    int status = 0;
    if (!view->ignored) {
        struct ignored *loaded = ARENA_NEW(view->arena, struct ignored);
        use->arena = view->arena;
        status = ignored_load(use, loaded);
        use->arena = arena;
        view->ignored = loaded;
    }
    *ret_ignored = view->ignored;
    return status;
}

/* ---- edits ---- */

static int facts_of(struct view *view, const struct event *event, struct relation_event *ret)
{
    struct pdu *pdu = ARENA_NEW(view->use->arena, struct pdu);
    if (view_pdu(view, event, pdu) < 0)
        return -1;
    *ret = (struct relation_event){
        .type = pdu->type,
        .sender = pdu->sender,
        .room_id = view->room_id,
        .is_state = pdu->state_key.p != NULL,
        .is_redacted = event->redacted_by != 0,
        .content = pdu->content,
    };
    return 0;
}

/* The latest by time, then by id. Edits of others than the sender are none. */
static int find_edit(struct bundle *bundle, struct event **ret_edit)
{
    struct view *view = bundle->format->view;
    struct relation_row *rows;
    struct relation_event original, edit;
    struct event *best = NULL;
    size_t n;
    if (list_children(bundle, RELATION_REPLACE, bundle->event->sender, EDITS_MAX, &rows, &n) < 0)
        return -1;
    if (n && facts_of(view, bundle->event, &original) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        struct event *event = NULL;
        if (rows[i].type != bundle->event->type)
            continue;
        int found = load_child(bundle, rows[i].child, &event);
        if (found == 1 && facts_of(view, event, &edit) < 0)
            found = -1;
        bool better = found == 1 && relation_replaces(&edit, &original) &&
                      (!best || event->origin_server_ts > best->origin_server_ts ||
                       (event->origin_server_ts == best->origin_server_ts &&
                        memcmp(event->hash, best->hash, EVENT_HASH_BYTES) > 0));
        event_unref(better ? best : event);
        if (better)
            best = event;
        if (found < 0) {
            event_unref(best);
            return -1;
        }
    }
    *ret_edit = best;
    return 0;
}

int view_find_edit(struct view *view, const struct event *event, struct event **ret_edit)
{
    struct format format = {.view = view};
    struct bundle bundle = {.format = &format, .event = event};
    return find_edit(&bundle, ret_edit);
}

static int write_edit(struct bundle *bundle)
{
    CLEANUP(event_cleanup) struct event *edit = NULL;
    if (find_edit(bundle, &edit) < 0)
        return -1;
    if (!edit)
        return 0;
    begin(bundle, STR("m.replace"));
    return write_child(bundle, edit, true);
}

/* ---- threads ---- */

/* Who has left counts what came before. */
static int count_thread(struct bundle *bundle, struct relation_counts *ret_counts)
{
    struct view *view = bundle->format->view;
    struct use *use = view->use;
    struct relation_counts counts = {0};
    struct relation_row *rows;
    size_t n;
    if (!view->was_joined)
        return relation_count(&use->read, bundle->event->hash, RELATION_THREAD, view->user,
                              bundle->ignored->users, bundle->ignored->n, ret_counts, &use->err);
    if (list_children(bundle, RELATION_THREAD, 0, COUNTED_MAX, &rows, &n) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        counts.n += !ignored_has(bundle->ignored, rows[i].sender);
        counts.by_user += rows[i].sender == view->user;
    }
    *ret_counts = counts;
    return 0;
}

static int write_thread(struct bundle *bundle)
{
    CLEANUP(event_cleanup) struct event *latest = NULL;
    struct view *view = bundle->format->view;
    struct relation_counts counts;
    struct relation_row *rows;
    size_t n;
    if (count_thread(bundle, &counts) < 0 ||
        list_children(bundle, RELATION_THREAD, 0, EDITS_MAX, &rows, &n) < 0)
        return -1;
    for (size_t i = 0; i < n && !latest; i++)
        if (!ignored_has(bundle->ignored, rows[i].sender) &&
            load_child(bundle, rows[i].child, &latest) < 0)
            return -1;
    if (!latest)
        return 0;
    begin(bundle, STR("m.thread"));
    json_write_object(bundle->out);
    json_write_member_int(bundle->out, STR("count"), counts.n);
    json_write_member_bool(bundle->out, STR("current_user_participated"),
                           counts.by_user > 0 || bundle->event->sender == view->user);
    json_write_key(bundle->out, STR("latest_event"));
    if (write_child(bundle, latest, bundle->format->with_room_id) < 0)
        return -1;
    json_write_end(bundle->out);
    return 0;
}

/* ---- references ---- */

static int write_references(struct bundle *bundle)
{
    struct view *view = bundle->format->view;
    struct use *use = view->use;
    struct relation_row *rows;
    size_t n;
    if (list_children(bundle, RELATION_REFERENCE, 0, REFERENCES_MAX, &rows, &n) < 0)
        return -1;
    if (n == 0)
        return 0;
    begin(bundle, STR("m.reference"));
    json_write_object(bundle->out);
    json_write_key(bundle->out, STR("chunk"));
    json_write_array(bundle->out);
    for (size_t i = n; i-- > 0;) {
        CLEANUP(event_cleanup) struct event *child = NULL;
        int found = ignored_has(bundle->ignored, rows[i].sender)
                        ? 0
                        : load_child(bundle, rows[i].child, &child);
        if (found < 0)
            return -1;
        if (!found)
            continue;
        json_write_object(bundle->out);
        json_write_member_str(bundle->out, STR("event_id"),
                              pdu_event_id(use->arena, view->version, child->hash));
        json_write_end(bundle->out);
    }
    json_write_end(bundle->out);
    json_write_end(bundle->out);
    return 0;
}

/* Asked once for all who share the window. */
static int find_kinds(struct view *view, const struct event *event, unsigned *ret_kinds)
{
    struct use *use = view->use;
    struct window_event *shared = NULL;
    for (size_t i = 0; view->window && i < view->window->n && !shared; i++)
        if (view->window->events[i].event->id == event->id)
            shared = &view->window->events[i];
    int kinds = shared ? __atomic_load_n(&shared->kinds, __ATOMIC_RELAXED) : -1;
    *ret_kinds = (unsigned)kinds;
    if (kinds >= 0)
        return 0;
    if (relation_kinds(&use->read, event->hash, ret_kinds, &use->err) < 0)
        return -1;
    if (shared)
        __atomic_store_n(&shared->kinds, (int)*ret_kinds, __ATOMIC_RELAXED);
    return 0;
}

int format_relations(struct json_writer *out, const struct format *format,
                     const struct event *event)
{
    struct bundle bundle = {.out = out, .format = format, .event = event};
    unsigned kinds;
    if (format->plain || event->state_key || event->redacted_by)
        return 0;
    if (find_kinds(format->view, event, &kinds) < 0)
        return -1;
    kinds &= 1u << RELATION_REPLACE | 1u << RELATION_THREAD | 1u << RELATION_REFERENCE;
    if (!kinds)
        return 0;
    if (load_ignored(format->view, &bundle.ignored) < 0)
        return -1;
    if ((kinds & 1u << RELATION_REPLACE && write_edit(&bundle) < 0) ||
        (kinds & 1u << RELATION_THREAD && write_thread(&bundle) < 0) ||
        (kinds & 1u << RELATION_REFERENCE && write_references(&bundle) < 0))
        return -1;
    if (bundle.open)
        json_write_end(out);
    return 0;
}

/* ---- transaction ids ---- */

void format_transaction_id(struct json_writer *out, struct view *view, const struct event *event)
{
    int64_t device = view->use->caller.device;
    struct str kind, txn;
    if (device && event->device == device && str_cut(event->txn, ' ', &kind, &txn))
        json_write_member_str(out, STR("transaction_id"), txn);
}

int format_delay_id(struct json_writer *out, struct view *view, const struct event *event)
{
    struct use *use = view->use;
    struct str delay_id;
    if (!(event->flags & EVENT_DELAYED))
        return 0;
    int found = delayed_find_event(&use->read, event->id, use->arena, &delay_id, &use->err);
    if (found == 1)
        json_write_member_str(out, STR("org.matrix.msc4140.delay_id"), delay_id);
    return found < 0 ? -1 : 0;
}
