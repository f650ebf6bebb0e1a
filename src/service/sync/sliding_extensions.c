/* SPDX-License-Identifier: EUPL-1.2 */

/* The extensions of sliding sync: to-device messages, keys, account data, receipts, typing. Each is
 * written a room a step at most. */

#include "service/rooms/membership.h"
#include "service/sync/sliding_private.h"

/* Rows of account data in one step. */
#define DATA_PAGE 4

enum part {
    PART_DEVICES,
    PART_DATA,
    PART_ROOM_DATA,
    PART_RECEIPTS,
    PART_TYPING,
};

static struct str key_of(const struct sliding *sliding, struct str deployed, struct str merged)
{
    return sliding->request->shape == SLIDING_MERGED ? merged : deployed;
}

static int next_part(struct sliding *sliding)
{
    sliding->extension++;
    sliding->next = 0;
    sliding->n_after = 0;
    sliding->opened = false;
    return 1;
}

/* ---- to-device and keys ---- */

/* "d<position>" */
int sliding_inbox_parse(struct sliding *sliding)
{
    struct str since = sliding->request->to_device_since;
    if (!since.p || !since.n)
        return 0;
    if (!str_starts(since, STR("d")) ||
        str_parse_uint(str_skip(since, 1), &sliding->inbox_since) < 0)
        return err_client(&sliding->sync.use->err, 400, "M_INVALID_PARAM",
                          "to_device.since is no token");
    return 0;
}

bool sliding_inbox_waits(const struct sliding *sliding)
{
    const struct moves *moves = &sliding->sync.moves;
    if (!sliding->request->to_device || !sliding->sync.use->caller.device)
        return false;
    return !moves->complete || moves->to_device ||
           sliding->inbox_since < sliding->hold.content->inbox;
}

static int write_inbox(struct sliding *sliding)
{
    struct sync *sync = &sliding->sync;
    struct json_writer *out = sync->out;
    int64_t upto = sliding->inbox_since, head = sync->next.at.pos;
    bool waits = !sliding->hold.content || sliding_inbox_waits(sliding);
    size_t n;
    json_write_key(out, key_of(sliding, STR("to_device"), STR("org.matrix.msc3885.to_device")));
    json_write_object(out);
    json_write_key(out, STR("events"));
    json_write_array(out);
    if (waits && sync->use->caller.device && sliding->inbox_since <= head) {
        if (sync_write_to_device(sync, sliding->inbox_since,
                                 (size_t)sliding->request->to_device_limit, &n, &upto) < 0)
            return -1;
        sliding->work->inbox = upto == head ? upto : INT64_MAX;
    }
    json_write_end(out);
    json_write_member_str(out, STR("next_batch"),
                          arena_printf(sync->use->arena, "d%lld", (long long)upto));
    json_write_end(out);
    return 0;
}

static int write_keys(struct sliding *sliding)
{
    struct sync *sync = &sliding->sync;
    json_write_key(sync->out, key_of(sliding, STR("e2ee"), STR("org.matrix.msc3884.e2ee")));
    json_write_object(sync->out);
    if (sync_write_key_counts(sync) < 0 || sync_write_device_lists(sync) < 0)
        return -1;
    json_write_end(sync->out);
    return 0;
}

static int write_devices(struct sliding *sliding)
{
    if ((sliding->request->to_device && write_inbox(sliding) < 0) ||
        (sliding->request->e2ee && write_keys(sliding) < 0))
        return -1;
    return next_part(sliding);
}

/* ---- account data ---- */

static int write_row(struct sliding *sliding, const struct account_data *row)
{
    sliding->n_after = str_first(row->type, sizeof sliding->after).n;
    memcpy(sliding->after, row->type.p, sliding->n_after);
    sliding->saw_push_rules |= row->room == 0 && str_eq(row->type, STR("m.push_rules"));
    return sync_write_account_data_row(&sliding->sync, row);
}

/* Of a room: the array is opened when there is something in it. */
static int open_room(struct sliding *sliding, int64_t room)
{
    struct use *use = sliding->sync.use;
    struct str id;
    if (room == 0 || sliding->opened)
        return 0;
    if (store_name(use->server->store, room, use->arena, &id, &use->err) < 0)
        return -1;
    json_write_key(sliding->sync.out, id);
    json_write_array(sliding->sync.out);
    sliding->opened = true;
    return 0;
}

static void close_room(struct sliding *sliding)
{
    if (sliding->opened)
        json_write_end(sliding->sync.out);
    sliding->opened = false;
    sliding->n_after = 0;
}

/* A page of what changed after `known`, of a room or the user: 1 there is more, 0, -1. */
static int write_page(struct sliding *sliding, int64_t room, int64_t known)
{
    struct use *use = sliding->sync.use;
    struct account_data *rows;
    size_t n;
    if (account_data_list_room(&use->read, use->caller.user, room,
                               str_make(sliding->after, sliding->n_after), DATA_PAGE, use->arena,
                               &rows, &n, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        sliding->n_after = str_first(rows[i].type, sizeof sliding->after).n;
        memcpy(sliding->after, rows[i].type.p, sliding->n_after);
        if (rows[i].pos > known &&
            (open_room(sliding, room) < 0 || write_row(sliding, &rows[i]) < 0))
            return -1;
    }
    return n == DATA_PAGE;
}

/* The same of those that were listed for the whole sync. */
static int write_changed(struct sliding *sliding, int64_t room)
{
    const struct sync *sync = &sliding->sync;
    for (size_t i = 0; i < sync->n_account_data; i++)
        if (sync->account_data[i].room == room &&
            (open_room(sliding, room) < 0 || write_row(sliding, &sync->account_data[i]) < 0))
            return -1;
    return 0;
}

static int write_data_of(struct sliding *sliding, int64_t room, int64_t told)
{
    return told == SLIDING_LIVE ? write_changed(sliding, room) : write_page(sliding, room, told);
}

/* Who never changed the push rules has the server's, and is told them once. */
static int write_push_rules(struct sliding *sliding)
{
    const struct account_data standard = {.type = STR("m.push_rules")};
    if (sliding->work->data != 0 || sliding->saw_push_rules)
        return 0;
    return write_row(sliding, &standard);
}

static int write_data(struct sliding *sliding)
{
    struct sliding_content *work = sliding->work;
    struct json_writer *out = sliding->sync.out;
    if (!sliding->request->account_data.enabled) {
        work->data = sliding_known(sliding, work->data);
        return next_part(sliding);
    }
    if (!sliding->opened) {
        json_write_key(
            out, key_of(sliding, STR("account_data"), STR("org.matrix.msc3959.account_data")));
        json_write_object(out);
        json_write_key(out, STR("global"));
        json_write_array(out);
        sliding->opened = true;
    }
    int more = write_data_of(sliding, 0, work->data);
    if (more != 0)
        return more;
    if (write_push_rules(sliding) < 0)
        return -1;
    work->data = SLIDING_LIVE;
    json_write_end(out);
    json_write_key(out, STR("rooms"));
    json_write_object(out);
    return next_part(sliding);
}

static int write_room_data(struct sliding *sliding)
{
    const struct sliding_scope *scope = &sliding->request->account_data;
    while (sliding->next < sliding->work->rooms.n) {
        size_t i = sliding->next;
        struct sliding_room *room = &sliding->work->rooms.p[i];
        if (!sliding_scope_holds(sliding, scope, i)) {
            room->data = sliding_known(sliding, room->data);
            sliding->next++;
            continue;
        }
        bool live = room->data == SLIDING_LIVE;
        int more = write_data_of(sliding, room->room, room->data);
        if (more != 0)
            return more;
        close_room(sliding);
        room->data = SLIDING_LIVE;
        sliding->next++;
        if (!live)
            return 1;
    }
    if (scope->enabled) {
        json_write_end(sliding->sync.out);
        json_write_end(sliding->sync.out);
    }
    return next_part(sliding);
}

/* ---- receipts ---- */

static void begin_rooms(struct sliding *sliding, struct str key)
{
    if (sliding->opened)
        return;
    sliding->opened = true;
    json_write_key(sliding->sync.out, key);
    json_write_object(sliding->sync.out);
    json_write_key(sliding->sync.out, STR("rooms"));
    json_write_object(sliding->sync.out);
}

static void end_rooms(struct sliding *sliding)
{
    if (!sliding->opened)
        return;
    json_write_end(sliding->sync.out);
    json_write_end(sliding->sync.out);
}

/* 1, 0 there is no such room, -1. Enough of it for its receipts. */
static int open_receipts(struct sliding *sliding, int64_t id, struct sync_room *room)
{
    struct sync *sync = &sliding->sync;
    struct room_row row;
    *room = (struct sync_room){.sync = sync};
    int found = sync_load_member(sync, id, &room->member);
    if (found == 1)
        found = sync_load_row(sync, &room->member, &row);
    if (found != 1)
        return found;
    return view_open_as(sync->use, &row, &room->member, &room->view) < 0 ? -1 : 1;
}

/* With a timeline told whole come the receipts of its events, and one's own. */
static void keep_shown(struct sliding *sliding, struct sync_room *room, int64_t floor_place)
{
    size_t kept = 0;
    for (size_t i = 0; i < room->n_receipts; i++)
        if (room->receipts[i].user == sliding->sync.use->caller.user ||
            room->receipts[i].place >= floor_place)
            room->receipts[kept++] = room->receipts[i];
    room->n_receipts = kept;
}

/* 1 some were written, 0, -1 */
static int write_receipts_of(struct sliding *sliding, size_t i)
{
    struct sliding_room *told = &sliding->work->rooms.p[i];
    bool whole = sliding->places[i].told_whole || told->receipts == 0;
    struct sync_room room;
    int found = open_receipts(sliding, told->room, &room);
    if (found != 1)
        return found;
    if (sync_load_receipts(&room, whole ? 0 : sliding_known(sliding, told->receipts)) < 0)
        return -1;
    if (sliding->places[i].told_whole)
        keep_shown(sliding, &room, told->floor_place);
    if (!room.n_receipts)
        return 0;
    begin_rooms(sliding, key_of(sliding, STR("receipts"), STR("org.matrix.msc3960.receipts")));
    json_write_key(sliding->sync.out, room.view.room_id);
    sliding->sync.wrote_something = true;
    return sync_write_receipts(&room) < 0 ? -1 : 1;
}

static bool receipts_may_be_new(const struct sliding *sliding, size_t i)
{
    const struct sliding_room *room = &sliding->work->rooms.p[i];
    if (room->receipts != SLIDING_LIVE || sliding->places[i].told_whole)
        return true;
    return !sync_knows_moves(&sliding->sync) ||
           sync_room_moves(&sliding->sync, room->room) & MOVED(LOG_KIND_RECEIPT);
}

static int write_receipts(struct sliding *sliding)
{
    while (sliding->next < sliding->work->rooms.n) {
        size_t i = sliding->next++;
        struct sliding_room *room = &sliding->work->rooms.p[i];
        if (!sliding_scope_holds(sliding, &sliding->request->receipts, i)) {
            room->receipts = sliding_known(sliding, room->receipts);
            continue;
        }
        bool look = room->kind == MEMBERSHIP_JOIN && receipts_may_be_new(sliding, i);
        if (look && write_receipts_of(sliding, i) < 0)
            return -1;
        room->receipts = SLIDING_LIVE;
        if (look)
            return 1;
    }
    end_rooms(sliding);
    return next_part(sliding);
}

/* ---- typing ---- */

static int write_typing_of(struct sliding *sliding, size_t i)
{
    struct sync *sync = &sliding->sync;
    struct use *use = sync->use;
    int64_t room = sliding->work->rooms.p[i].room, *users;
    struct str id;
    size_t n;
    bool moved = sync_typing_moved(sync, room);
    bool entered = sliding->places[i].entered || sliding->asks_other || !sync->moves.complete;
    if (!moved && !entered)
        return 0;
    notifier_typing_list(use->server->notifier, room, use->arena, &users, &n);
    if (!moved && n == 0)
        return 0;
    if (store_name(use->server->store, room, use->arena, &id, &use->err) < 0)
        return -1;
    begin_rooms(sliding, key_of(sliding, STR("typing"), STR("org.matrix.msc4508.typing")));
    json_write_key(sync->out, id);
    sync->wrote_something = true;
    return sync_write_typing(sync, users, n);
}

/* Only who is in a room sees who types. */
static int write_typing(struct sliding *sliding)
{
    for (size_t i = 0; i < sliding->work->rooms.n; i++)
        if (sliding->work->rooms.p[i].kind == MEMBERSHIP_JOIN &&
            sliding_scope_holds(sliding, &sliding->request->typing, i) &&
            write_typing_of(sliding, i) < 0)
            return -1;
    end_rooms(sliding);
    return 0;
}

/* ---- together ---- */

int sliding_extensions_step(struct sliding *sliding)
{
    static int (*const parts[])(struct sliding * sliding) = {
        [PART_DEVICES] = write_devices,     [PART_DATA] = write_data,
        [PART_ROOM_DATA] = write_room_data, [PART_RECEIPTS] = write_receipts,
        [PART_TYPING] = write_typing,
    };
    return parts[sliding->extension](sliding);
}
