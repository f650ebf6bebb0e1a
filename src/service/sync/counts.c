/* SPDX-License-Identifier: EUPL-1.2 */

/* Unread counts (client-server API, "Receiving notifications"), computed when their reader syncs:
 * what came after their receipts, by their own push rules. Nothing is written per member. */

#include <stdlib.h>

#include "base/limits.h"
#include "matrix/relations.h"
#include "service/push/rules.h"
#include "service/sync/sync_private.h"

/* Unread events evaluated in one room; what lies further back is not counted. */
#define EVALUATED_MAX 500

struct thread_count {
    struct str root; /* event id; STR_NONE: the main timeline */
    int64_t read_place;
    int64_t notify, highlight;
};

struct counting {
    struct sync_room *room;
    struct push_program *program;
    int64_t read_place; /* by an unthreaded receipt */
    VEC(struct thread_count) threads;
    struct power power;
    struct str display_name;
};

/* ---- receipts ---- */

static struct thread_count *thread_of(struct counting *counting, struct str root)
{
    for (size_t i = 0; i < counting->threads.n; i++)
        if (str_eq(counting->threads.p[i].root, root) && !counting->threads.p[i].root.p == !root.p)
            return &counting->threads.p[i];
    ARENA_VEC_ADD(counting->room->sync->use->arena, &counting->threads,
                  ((struct thread_count){
                      .root = root.p ? arena_str(counting->room->sync->use->arena, root) : root,
                      .read_place = INT64_MIN,
                  }));
    return &counting->threads.p[counting->threads.n - 1];
}

static int load_receipts(struct counting *counting)
{
    struct use *use = counting->room->sync->use;
    struct receipt *rows;
    size_t n;
    if (receipt_list_own(&use->read, counting->room->member.room, use->caller.user, use->arena,
                         &rows, &n, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (!rows[i].thread.p) {
            if (rows[i].place > counting->read_place)
                counting->read_place = rows[i].place;
            continue;
        }
        bool main = str_eq(rows[i].thread, STR("main"));
        struct thread_count *thread = thread_of(counting, main ? STR_NONE : rows[i].thread);
        if (rows[i].place > thread->read_place)
            thread->read_place = rows[i].place;
    }
    return 0;
}

/* Nothing counts that came before the user's own membership. */
static int joined_place(struct counting *counting, int64_t *ret_place)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    struct use *use = counting->room->sync->use;
    int found = event_load(&use->read, counting->room->member.event, &event, &use->err);
    *ret_place = found == 1 ? event->place : 0;
    return found < 0 ? -1 : 0;
}

/* ---- evaluating ---- */

static int load_power(struct counting *counting)
{
    struct sync_room *room = counting->room;
    const struct room_names *names = rooms_names(room->sync->use->server);
    const struct pdu *create = NULL, *levels = NULL, *member = NULL;
    if (view_state_pdu(&room->view, room->end_state, names->create, names->empty, &create) < 0 ||
        view_state_pdu(&room->view, room->end_state, names->power_levels, names->empty, &levels) <
            0 ||
        view_state_pdu(&room->view, room->end_state, names->member, room->sync->use->caller.user,
                       &member) < 0)
        return -1;
    power_init(&counting->power, room->view.version, create, levels);
    counting->display_name = member ? json_find_str(member->content, STR("displayname")) : STR_NONE;
    return 0;
}

static struct str thread_root(const struct pdu *pdu)
{
    struct relation relation;
    relation_parse(pdu->content, &relation);
    return relation.kind == RELATION_THREAD && !pdu->state_key.p ? relation.event_id : STR_NONE;
}

/* In memory of its own: there may be hundreds of large events in each of thousands of rooms. */
static int count_event(struct counting *counting, const struct event *event)
{
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA);
    struct sync_room *room = counting->room;
    struct use *use = room->sync->use;
    struct push_verdict verdict;
    struct pdu pdu;
    bool own = event->sender == use->caller.user;
    if (ignored_has(&room->sync->reader->ignored, event->sender) || event->redacted_by ||
        (own && event->state_key))
        return 0;
    if (pdu_open(scratch, room->view.version, event->json, event->hash, &pdu, &use->err) < 0)
        return -1;
    struct thread_count *thread = thread_of(counting, thread_root(&pdu));
    /* Who answers has read what came before; events come newest first. */
    if (own && event->place > thread->read_place)
        thread->read_place = event->place;
    if (event->place <= thread->read_place)
        return 0;
    struct push_facts facts = {
        .event = pdu.doc,
        .room_id = room->view.room_id,
        .joined_members = room->view.row.joined,
        .power = &counting->power,
    };
    struct push_reader reader = {use->caller.user_id, counting->display_name};
    push_evaluate(counting->program, push_event_new(scratch, &facts), &reader, &verdict);
    thread->notify += verdict.notify;
    thread->highlight += verdict.highlight;
    return 0;
}

static int count_events(struct counting *counting)
{
    struct sync_room *room = counting->room;
    struct use *use = room->sync->use;
    int64_t *ids, from, joined;
    size_t n;
    if (load_receipts(counting) < 0 || joined_place(counting, &joined) < 0)
        return -1;
    from = joined > counting->read_place ? joined : counting->read_place;
    if (event_list_room(&use->read, room->view.row.id, room->end_place + 1, EVENT_BACKWARD,
                        EVALUATED_MAX, use->arena, &ids, &n, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        CLEANUP(event_cleanup) struct event *event = NULL;
        int found = event_load(&use->read, ids[i], &event, &use->err);
        if (found < 0)
            return -1;
        if (!found || event->place <= from)
            break;
        if (!counting->program &&
            (push_load_program(use, &counting->program) < 0 || load_power(counting) < 0))
            return -1;
        if (count_event(counting, event) < 0)
            return -1;
    }
    return 0;
}

/* ---- writing ---- */

static void write_pair(struct json_writer *out, int64_t notify, int64_t highlight)
{
    json_write_object(out);
    json_write_member_int(out, STR("highlight_count"), highlight);
    json_write_member_int(out, STR("notification_count"), notify);
    json_write_end(out);
}

/* With threads asked for, the room's own count is the main timeline's; without, it is all of them.
 */
static void write_counts(const struct counting *counting)
{
    struct json_writer *out = counting->room->sync->out;
    bool threads = counting->room->sync->filter.timeline.unread_thread_notifications;
    int64_t notify = 0, highlight = 0;
    for (size_t i = 0; i < counting->threads.n; i++) {
        if (threads && counting->threads.p[i].root.p)
            continue;
        notify += counting->threads.p[i].notify;
        highlight += counting->threads.p[i].highlight;
    }
    json_write_key(out, STR("unread_notifications"));
    write_pair(out, notify, highlight);
    if (!threads)
        return;
    json_write_key(out, STR("unread_thread_notifications"));
    json_write_object(out);
    for (size_t i = 0; i < counting->threads.n; i++) {
        const struct thread_count *thread = &counting->threads.p[i];
        if (!thread->root.p)
            continue;
        json_write_key(out, thread->root);
        write_pair(out, thread->notify, thread->highlight);
    }
    json_write_end(out);
}

int sync_write_counts(struct sync_room *room)
{
    struct counting counting = {.room = room, .read_place = INT64_MIN};
    int status = count_events(&counting);
    push_program_unref(counting.program);
    if (status == 0)
        write_counts(&counting);
    return status;
}
