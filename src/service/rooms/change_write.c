/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/change_write.h"

#include <string.h>

#include "base/check.h"
#include "matrix/visibility.h"
#include "service/rooms/room_private.h"
#include "store/alias.h"
#include "store/auth_chain.h"
#include "store/device_list.h"
#include "store/membership.h"
#include "store/relation.h"

/* ---- preparing, on the worker ---- */

static void count_member(struct room_row *row, enum membership membership, bool local, int by)
{
    row->joined += membership == MEMBERSHIP_JOIN ? by : 0;
    row->local_joined += membership == MEMBERSHIP_JOIN && local ? by : 0;
    row->invited += membership == MEMBERSHIP_INVITE ? by : 0;
    row->knocked += membership == MEMBERSHIP_KNOCK ? by : 0;
}

static bool is_local(const struct change *change, struct str user_id)
{
    struct str localpart, server;
    return str_cut(user_id, ':', &localpart, &server) && str_eq(server, change->use->server->name);
}

static void set_flag(struct room_row *row, int64_t flag, bool on)
{
    row->flags = on ? row->flags | flag : row->flags & ~flag;
}

/* What a state event means for the room's row. */
static void apply_state(struct change *change, struct room_row *row, size_t i)
{
    const struct room_names *names = rooms_names(change->use->server);
    const struct decided *decided = &change->events.p[i];
    const struct event *event = decided->event;
    if (event->type == names->create && event->state_key == names->empty)
        row->create_event = event->id;
    else if (event->type == names->encryption && event->state_key == names->empty)
        row->flags |= ROOM_ENCRYPTED;
    else if (event->type == names->tombstone && event->state_key == names->empty)
        row->flags |= ROOM_GONE;
    else if (event->type == names->join_rules && event->state_key == names->empty) {
        bool public = join_rule_of(decided->pdu.version, &decided->pdu) == JOIN_RULE_PUBLIC;
        set_flag(row, ROOM_PUBLIC, public);
    } else if (event->type == names->history_visibility && event->state_key == names->empty) {
        struct str word = json_find_str(decided->pdu.content, STR("history_visibility"));
        set_flag(row, ROOM_WORLD_READABLE,
                 history_visibility_parse(word) == HISTORY_VISIBILITY_WORLD_READABLE);
    }
}

/* The membership a user had before the i-th event of the change. */
static enum membership membership_before(const struct change *change, size_t i)
{
    int64_t user = change->events.p[i].event->state_key;
    for (size_t k = i; k-- > 0;)
        if (change->events.p[k].membership && change->events.p[k].event->state_key == user)
            return change->events.p[k].membership;
    return room_membership(change->room, user);
}

static int new_row(struct change *change, struct room_row *row)
{
    struct use *use = change->use;
    *row = (struct room_row){.id = change->room->id, .first_place = 1};
    if (store_intern(use->server->store, change->room->version->name, &row->version, &use->err) < 0)
        return -1;
    row->creator = change->events.p[0].event->sender;
    return 0;
}

static int fill_row(struct change *change, struct change_job *job)
{
    struct room_row *row = &job->row;
    job->is_new = change->old_head == 0;
    *row = change->room->row;
    if (job->is_new && new_row(change, row) < 0)
        return -1;
    for (size_t i = 0; i < change->events.n; i++) {
        const struct decided *decided = &change->events.p[i];
        if (decided->membership) {
            bool local = is_local(change, decided->pdu.state_key);
            count_member(row, membership_before(change, i), local, -1);
            count_member(row, decided->membership, local, 1);
        }
        if (decided->event->state_key)
            apply_state(change, row, i);
        row->events++;
    }
    row->head = change->head.head;
    row->state = change->head.state;
    row->last_place = change->head.last_place;
    row->depth = change->head.depth;
    return 0;
}

static void add_turn(struct change_job *job, int64_t user, int64_t what)
{
    job->turns[job->n_turns++] = (struct device_list_turn){user, what};
}

/* Somebody alone in a room shares it with nobody. */
static void fill_turns(struct change *change, struct change_job *job)
{
    bool was_encrypted = !job->is_new && (change->room->row.flags & ROOM_ENCRYPTED);
    if (!(job->row.flags & ROOM_ENCRYPTED))
        return;
    job->turns = ARENA_NEW_N(change->use->arena, change->events.n + 1, struct device_list_turn);
    if (!was_encrypted && job->row.joined > 1)
        add_turn(job, 0, DEVICE_LIST_ENCRYPTED);
    for (size_t i = 0; i < change->events.n; i++) {
        const struct decided *decided = &change->events.p[i];
        bool joins = decided->membership == MEMBERSHIP_JOIN;
        if (!decided->membership || joins == (membership_before(change, i) == MEMBERSHIP_JOIN))
            continue;
        if (!joins)
            add_turn(job, decided->event->state_key, DEVICE_LIST_LEFT);
        else if (job->row.joined > 1)
            add_turn(job, decided->event->state_key, DEVICE_LIST_JOINED);
    }
}

static void fill_extremities(struct change_job *job, const struct room_head *head,
                             struct arena *arena)
{
    if (!head->extremities_kept)
        return;
    job->n_old_extremities = head->n_extremities;
    job->old_extremities = ARENA_NEW_N(arena, head->n_extremities, int64_t);
    memcpy(job->old_extremities, head->extremity_ids,
           head->n_extremities * sizeof *job->old_extremities);
}

struct change_job *change_job_new(struct change *change)
{
    struct arena *arena = change->use->arena;
    struct change_job *job = ARENA_NEW(arena, struct change_job);
    if (fill_row(change, job) < 0)
        return NULL;
    fill_turns(change, job);
    job->server_name = change->use->server->name;
    job->room = change->room;
    job->was = (struct room_was){change->old_head, change->room->row.flags};
    job->names = rooms_names(change->use->server);
    fill_extremities(job, &change->room->head, arena);
    job->events = change->events.p;
    job->n_events = change->events.n;
    job->extras = change->extras.p;
    job->n_extras = change->extras.n;
    job->wakes = change->wakes.p;
    job->n_wakes = change->wakes.n;
    for (size_t i = 0; i < job->n_events; i++)
        event_ref(job->events[i].event);
    room_ref(job->room);
    return job;
}

/* ---- writing, on the appender ---- */

static int write_membership(struct write *w, const struct change_job *job,
                            const struct decided *decided, struct err *err)
{
    struct str localpart, server;
    bool local = str_cut(decided->pdu.state_key, ':', &localpart, &server) &&
                 str_eq(server, job->server_name);
    bool direct = decided->membership == MEMBERSHIP_INVITE &&
                  json_as_bool(json_find(decided->pdu.content, STR("is_direct")), false);
    struct membership_row row = {
        .user = decided->event->state_key,
        .room = decided->event->room,
        .kind = decided->membership,
        .event = decided->event->id,
        .sender = decided->event->sender,
        .pos = decided->event->pos,
        .flags = (local ? MEMBERSHIP_LOCAL : 0) | (direct ? MEMBERSHIP_DIRECT : 0),
    };
    return membership_put(w, &row, err);
}

static bool changes_members(const struct change_job *job)
{
    for (size_t i = 0; i < job->n_events; i++)
        if (job->events[i].membership)
            return true;
    return false;
}

static int write_event(struct write *w, const struct change_job *job, const struct decided *decided,
                       struct err *err)
{
    struct event *event = decided->event;
    if (event->state != event->state_before && state_save(w, event->state, err) < 0)
        return -1;
    if (event_insert(w, event, err) < 0)
        return -1;
    if (event->state_key &&
        auth_chain_insert(w, event->id, decided->auth, decided->n_auth, err) < 0)
        return -1;
    if (decided->membership && write_membership(w, job, decided, err) < 0)
        return -1;
    return relation_write(w, event, &decided->pdu, decided->rel_type, err);
}

/* The row comes after the events, as it carries the position of the last; it is the precondition
 * too, and when it does not hold nothing of the job stays. */
static int write_all(struct write *w, struct change_job *job, struct err *err)
{
    for (size_t i = 0; i < job->n_events; i++)
        if (write_event(w, job, &job->events[i], err) < 0)
            return -1;
    struct room_row row = job->row;
    row.pos = job->events[job->n_events - 1].event->pos;
    if (job->is_new ? room_insert(w, &row, err) : room_update(w, &row, job->was, err))
        return -1;
    if (changes_members(job) && directory_count(w, row.id, row.joined, err) < 0)
        return -1;
    return job->n_old_extremities ? extremity_change(w, row.id, job->old_extremities,
                                                     job->n_old_extremities, NULL, 0, err)
                                  : 0;
}

int change_job_run(struct write *w, void *arg, struct err *err)
{
    struct change_job *job = arg;
    if (write_all(w, job, err) < 0)
        return -1;
    for (size_t i = 0; i < job->n_turns; i++)
        if (device_list_room_changed(w, job->row.id, job->turns[i].user, job->turns[i].what, err))
            return -1;
    for (size_t i = 0; i < job->n_extras; i++)
        if (job->extras[i].run(w, job->extras[i].arg, err) < 0)
            return -1;
    return 0;
}

void change_job_after(void *arg, enum job_result result)
{
    struct change_job *job = arg;
    for (size_t i = 0; i < job->n_events; i++) {
        room_pending_remove(job->room, job->events[i].event->id);
        event_unref(job->events[i].event);
    }
    if (result != JOB_COMMITTED)
        room_mark_stale(job->room);
    for (size_t i = 0; result == JOB_COMMITTED && i < job->n_wakes; i++)
        job->wakes[i].run(job->wakes[i].arg);
    room_unref(job->room);
}
