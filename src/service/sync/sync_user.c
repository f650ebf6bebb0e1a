/* SPDX-License-Identifier: EUPL-1.2 */

/* What a sync says of the user and not of a room's events: account data, receipts and typing,
 * devices. */

#include <stdlib.h>

#include "service/config.h"
#include "service/push/rules.h"
#include "service/sync/sync_private.h"

/* ---- account data ---- */

int sync_load_account_data(struct sync *sync)
{
    struct use *use = sync->use;
    bool wanted =
        sync->initial || !sync->moves.complete || sync->moves.user || sync->request->full_state;
    if (!wanted)
        return 0;
    return account_data_list(&use->read, use->caller.user,
                             sync->request->full_state ? 0 : sync->since.at.pos, use->arena,
                             &sync->account_data, &sync->n_account_data, &use->err);
}

bool sync_wants_account_data(const struct sync *sync, const struct account_data *row, int64_t room)
{
    const struct event_filter *filter =
        room ? &sync->filter.room_account_data : &sync->filter.account_data;
    struct filter_subject subject = {.type = row->type};
    return row->room == room && filter_allows(filter, &subject);
}

bool sync_has_account_data(const struct sync *sync, int64_t room)
{
    for (size_t i = 0; i < sync->n_account_data; i++)
        if (sync_wants_account_data(sync, &sync->account_data[i], room))
            return true;
    return false;
}

void sync_begin_account_data(struct sync *sync)
{
    json_write_key(sync->out, STR("account_data"));
    json_write_object(sync->out);
    json_write_key(sync->out, STR("events"));
    json_write_array(sync->out);
}

int sync_write_account_data_row(struct sync *sync, const struct account_data *row)
{
    struct json_writer *out = sync->out;
    json_write_object(out);
    if (row->room == 0 && str_eq(row->type, STR("m.push_rules"))) {
        json_write_key(out, STR("content"));
        if (push_write_rules(sync->use, row->content, out) < 0)
            return -1;
    } else {
        json_write_member_raw(out, STR("content"), row->content);
    }
    json_write_member_str(out, STR("type"), row->type);
    json_write_end(out);
    sync->wrote_something = true;
    return 0;
}

int sync_write_account_data(struct sync *sync, int64_t room)
{
    if (!sync_has_account_data(sync, room))
        return 0;
    sync_begin_account_data(sync);
    for (size_t i = 0; i < sync->n_account_data; i++)
        if (sync_wants_account_data(sync, &sync->account_data[i], room) &&
            sync_write_account_data_row(sync, &sync->account_data[i]) < 0)
            return -1;
    json_write_end(sync->out);
    json_write_end(sync->out);
    return 0;
}

/* ---- receipts and typing ---- */

/* In a large room nobody is told who has read what. */
static bool is_large(const struct sync_room *room)
{
    unsigned max = room->sync->use->server->config->rooms_receipts_max_members;
    return max && room->view.row.joined > max;
}

static int load_own_receipts(struct sync_room *room, int64_t after)
{
    struct use *use = room->sync->use;
    size_t n, kept = 0;
    if (receipt_list_own(&use->read, room->member.room, use->caller.user, use->arena,
                         &room->receipts, &n, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (room->receipts[i].pos > after && room->receipts[i].pos <= use->read.head.pos)
            room->receipts[kept++] = room->receipts[i];
    room->n_receipts = kept;
    room->has_receipts = kept > 0;
    return 0;
}

int sync_load_receipts(struct sync_room *room, int64_t after)
{
    struct use *use = room->sync->use;
    if (is_large(room))
        return load_own_receipts(room, after);
    if (receipt_list_room(&use->read, room->member.room, use->caller.user, after, use->arena,
                          &room->receipts, &room->n_receipts, &use->err) < 0)
        return -1;
    room->has_receipts = room->n_receipts > 0;
    return 0;
}

static int compare_receipts(const void *a, const void *b)
{
    const struct receipt *x = a, *y = b;
    if (x->event != y->event)
        return x->event < y->event ? -1 : 1;
    if (x->type != y->type)
        return x->type < y->type ? -1 : 1;
    if (x->user != y->user)
        return x->user < y->user ? -1 : 1;
    return x->pos < y->pos ? -1 : x->pos > y->pos;
}

static int write_receipt_user(struct sync_room *room, const struct receipt *receipt)
{
    struct use *use = room->sync->use;
    struct json_writer *out = room->sync->out;
    struct str id;
    if (store_name(use->server->store, receipt->user, use->arena, &id, &use->err) < 0)
        return -1;
    json_write_key(out, id);
    json_write_object(out);
    json_write_member_int(out, STR("ts"), receipt->ts);
    if (receipt->thread.p)
        json_write_member_str(out, STR("thread_id"), receipt->thread);
    json_write_end(out);
    return 0;
}

/* {event: {type: {user: …}}}: rows sorted by event, type and user. A user with several threads at
 * one event has one entry, the last. */
static int write_receipt_content(struct sync_room *room)
{
    struct use *use = room->sync->use;
    struct json_writer *out = room->sync->out;
    for (size_t i = 0; i < room->n_receipts;) {
        CLEANUP(event_cleanup) struct event *event = NULL;
        int64_t id = room->receipts[i].event;
        int found = event_load(&use->read, id, &event, &use->err);
        if (found < 0)
            return -1;
        if (found) {
            json_write_key(out, pdu_event_id(use->arena, room->view.version, event->hash));
            json_write_object(out);
        }
        while (i < room->n_receipts && room->receipts[i].event == id) {
            enum receipt_type type = room->receipts[i].type;
            if (found) {
                json_write_key(out, type == RECEIPT_READ ? STR("m.read") : STR("m.read.private"));
                json_write_object(out);
            }
            for (; i < room->n_receipts && room->receipts[i].event == id &&
                   room->receipts[i].type == type;
                 i++) {
                bool again = i + 1 < room->n_receipts && room->receipts[i + 1].event == id &&
                             room->receipts[i + 1].type == type &&
                             room->receipts[i + 1].user == room->receipts[i].user;
                if (found && !again && write_receipt_user(room, &room->receipts[i]) < 0)
                    return -1;
            }
            if (found)
                json_write_end(out);
        }
        if (found)
            json_write_end(out);
    }
    return 0;
}

bool sync_typing_moved(const struct sync *sync, int64_t room)
{
    for (size_t i = 0; i < sync->n_typing_rooms; i++)
        if (sync->typing_rooms[i] == room)
            return true;
    return false;
}

int sync_write_receipts(struct sync_room *room)
{
    struct json_writer *out = room->sync->out;
    qsort(room->receipts, room->n_receipts, sizeof *room->receipts, compare_receipts);
    json_write_object(out);
    json_write_key(out, STR("content"));
    json_write_object(out);
    if (write_receipt_content(room) < 0)
        return -1;
    json_write_end(out);
    json_write_member_str(out, STR("type"), STR("m.receipt"));
    json_write_end(out);
    return 0;
}

int sync_write_typing(struct sync *sync, const int64_t *users, size_t n)
{
    struct use *use = sync->use;
    struct json_writer *out = sync->out;
    json_write_object(out);
    json_write_key(out, STR("content"));
    json_write_object(out);
    json_write_key(out, STR("user_ids"));
    json_write_array(out);
    for (size_t i = 0; i < n; i++) {
        struct str id;
        if (ignored_has(&sync->reader->ignored, users[i]))
            continue;
        if (store_name(use->server->store, users[i], use->arena, &id, &use->err) < 0)
            return -1;
        json_write_str(out, id);
    }
    json_write_end(out);
    json_write_end(out);
    json_write_member_str(out, STR("type"), STR("m.typing"));
    json_write_end(out);
    return 0;
}

static int write_typing(struct sync_room *room)
{
    struct use *use = room->sync->use;
    int64_t *users;
    size_t n;
    notifier_typing_list(use->server->notifier, room->member.room, use->arena, &users, &n);
    if (!sync_typing_moved(room->sync, room->member.room) && n == 0)
        return 0;
    return sync_write_typing(room->sync, users, n);
}

int sync_write_ephemeral(struct sync_room *room)
{
    struct json_writer *out = room->sync->out;
    const struct event_filter *filter = &room->sync->filter.ephemeral;
    struct filter_subject receipts = {.type = STR("m.receipt")}, typing = {.type = STR("m.typing")};
    json_write_key(out, STR("ephemeral"));
    json_write_object(out);
    json_write_key(out, STR("events"));
    json_write_array(out);
    if (room->n_receipts && filter_allows(filter, &receipts) && sync_write_receipts(room) < 0)
        return -1;
    if (filter_allows(filter, &typing) && write_typing(room) < 0)
        return -1;
    json_write_end(out);
    json_write_end(out);
    return 0;
}
