/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/clock.h"
#include "base/limits.h"
#include "service/rooms/view.h"

/* An event's text as clients get it. The values are slices of the stored PDU; only what is not in
 * it is written here. */

static void member_if(struct json_writer *out, struct str key, struct str raw)
{
    if (raw.p)
        json_write_member_raw(out, key, raw);
}

/* A redaction names its target at the top level before version 11 and in content from then on;
 * clients are given both. */
static int write_redaction(struct json_writer *out, struct view *view, const struct event *event)
{
    struct pdu pdu;
    struct json_writer *w = out;
    if (view_pdu(view, event, &pdu) < 0)
        return -1;
    json_write_key(w, STR("content"));
    json_write_object(w);
    for (size_t i = 0; i < pdu.content->object.n; i++) {
        const struct json_member *member = &pdu.content->object.members[i];
        if (!str_eq(member->key, STR("redacts")))
            json_write_member_raw(w, member->key, member->value.raw);
    }
    if (pdu.redacts.p)
        json_write_member_str(w, STR("redacts"), pdu.redacts);
    json_write_end(w);
    if (pdu.redacts.p)
        json_write_member_str(w, STR("redacts"), pdu.redacts);
    return 0;
}

/* The state event that this one replaced, when the reader may see it. */
static int write_previous(struct json_writer *out, struct view *view, const struct event *event)
{
    CLEANUP(event_cleanup) struct event *previous = NULL;
    int64_t id;
    int found = state_find(&view->use->read, event->state_before, event->type, event->state_key,
                           &id, &view->use->err);
    if (found == 1)
        found = event_load(&view->use->read, id, &previous, &view->use->err);
    if (found != 1)
        return found;
    json_write_member_str(out, STR("replaces_state"),
                          pdu_event_id(view->use->arena, view->version, previous->hash));
    int visible = view_can_see(view, previous);
    if (visible == 1)
        json_write_member_raw(out, STR("prev_content"), previous->members.content);
    return visible < 0 ? -1 : 0;
}

/* The redaction, when the reader may see it: one who has left does not see what came after. */
static int write_redacted_because(struct json_writer *out, const struct format *format,
                                  const struct event *event)
{
    CLEANUP(event_cleanup) struct event *redaction = NULL;
    struct view *view = format->view;
    struct format inside = *format;
    int found = event_load(&view->use->read, event->redacted_by, &redaction, &view->use->err);
    if (found == 1)
        found = view_can_see(view, redaction);
    if (found != 1)
        return found;
    inside.inside = inside.plain = true;
    json_write_key(out, STR("redacted_because"));
    return format_event(out, &inside, redaction);
}

static int write_membership(struct json_writer *out, struct view *view, const struct event *event)
{
    enum membership membership;
    if (view_membership_at(view, event, &membership) < 0)
        return -1;
    json_write_member_str(out, STR("membership"), membership_format(membership));
    if (event->sender == view->user && event->sender != 0) {
        format_transaction_id(out, view, event);
        if (format_delay_id(out, view, event) < 0)
            return -1;
    }
    return event->state_key ? write_previous(out, view, event) : 0;
}

static int write_unsigned(struct json_writer *out, const struct format *format,
                          const struct event *event)
{
    int64_t age = clock_wall_ms() - event->origin_server_ts;
    json_write_key(out, STR("unsigned"));
    json_write_object(out);
    json_write_member_int(out, STR("age"), age > 0 ? age : 0);
    if (!format->listed && write_membership(out, format->view, event) < 0)
        return -1;
    if (event->redacted_by && !format->inside && write_redacted_because(out, format, event) < 0)
        return -1;
    if (!format->listed && format_relations(out, format, event) < 0)
        return -1;
    json_write_end(out);
    return 0;
}

static int write_event(struct json_writer *out, const struct format *format,
                       const struct event *event)
{
    struct view *view = format->view;
    const struct event_members *members = &event->members;
    json_write_object(out);
    if (event->type == rooms_names(view->use->server)->redaction) {
        if (write_redaction(out, view, event) < 0)
            return -1;
    } else {
        json_write_member_raw(out, STR("content"), members->content);
        member_if(out, STR("redacts"), members->redacts);
    }
    json_write_member_str(out, STR("event_id"),
                          pdu_event_id(view->use->arena, view->version, event->hash));
    json_write_member_raw(out, STR("origin_server_ts"), members->origin_server_ts);
    if (format->with_room_id)
        json_write_member_str(out, STR("room_id"), view->room_id);
    json_write_member_raw(out, STR("sender"), members->sender);
    member_if(out, STR("state_key"), members->state_key);
    json_write_member_raw(out, STR("type"), members->type);
    if (write_unsigned(out, format, event) < 0)
        return -1;
    json_write_end(out);
    return 0;
}

/* What is read on the way is in memory of its own: an answer may hold thousands of events. */
int format_event(struct json_writer *out, const struct format *format, const struct event *event)
{
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA);
    struct use *use = format->view->use;
    struct arena *arena = use->arena;
    use->arena = scratch;
    int status = write_event(out, format, event);
    use->arena = arena;
    return status;
}

int format_stripped(struct json_writer *out, struct view *view, const struct event *event)
{
    const struct event_members *members = &event->members;
    (void)view;
    json_write_object(out);
    json_write_member_raw(out, STR("content"), members->content);
    json_write_member_raw(out, STR("sender"), members->sender);
    member_if(out, STR("state_key"), members->state_key);
    json_write_member_raw(out, STR("type"), members->type);
    json_write_end(out);
    return 0;
}
