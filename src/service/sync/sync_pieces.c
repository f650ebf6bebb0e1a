/* SPDX-License-Identifier: EUPL-1.2 */

/* A sync that holds everything, an initial one or with full_state, in pieces: server memory does
 * not grow with the account (docs/design/pieces.md). The rooms and their order are fixed in the
 * first piece, as of the head; each room is then written in steps of bounded size. */

#include "base/limits.h"
#include "service/pieces.h"
#include "service/rooms/membership.h"
#include "service/rooms/state_list.h"
#include "service/sync/sync_private.h"

/* Rows of account data in one step: a MiB at most. */
#define DATA_PAGE 4

enum phase {
    PHASE_USER_DATA, /* the user's own account data */
    PHASE_DEVICES,
    PHASE_NEXT_ROOM,
    PHASE_STATE,
    PHASE_TIMELINE,
    PHASE_ROOM_DATA,
};

struct whole {
    struct sync sync;
    struct sync_request request;
    enum phase phase;
    struct membership_row *rows;
    size_t n_rows, row; /* the next one to look at */
    enum sync_section section;
    bool section_open;

    /* account data: the last type that was written */
    char after[LIMIT_EVENT_FIELD_BYTES];
    size_t n_after;
    bool data_open, saw_push_rules;

    struct sync_pages pages; /* of the room that is being written */
};

static void whole_done(void *arg)
{
    struct whole *whole = arg;
    sync_pages_done(&whole->pages);
    shared_filter_unref(whole->sync.shared);
    reader_unref(whole->sync.reader);
}

/* ---- account data ---- */

static void begin_data(struct whole *whole)
{
    whole->n_after = 0;
    whole->data_open = false;
}

static void open_data(struct whole *whole)
{
    if (!whole->data_open)
        sync_begin_account_data(&whole->sync);
    whole->data_open = true;
}

static int write_row(struct whole *whole, const struct account_data *row, int64_t room)
{
    whole->n_after = str_first(row->type, sizeof whole->after).n;
    memcpy(whole->after, row->type.p, whole->n_after);
    whole->saw_push_rules |= room == 0 && str_eq(row->type, STR("m.push_rules"));
    if (!sync_wants_account_data(&whole->sync, row, room))
        return 0;
    open_data(whole);
    return sync_write_account_data_row(&whole->sync, row);
}

/* The next page: 1 there is more, 0, -1. */
static int write_rows(struct whole *whole, int64_t room)
{
    struct use *use = whole->sync.use;
    struct account_data *rows;
    size_t n;
    if (account_data_list_room(&use->read, use->caller.user, room,
                               str_make(whole->after, whole->n_after), DATA_PAGE, use->arena, &rows,
                               &n, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (write_row(whole, &rows[i], room) < 0)
            return -1;
    return n == DATA_PAGE;
}

static void close_data(struct whole *whole)
{
    if (!whole->data_open)
        return;
    json_write_end(whole->sync.out);
    json_write_end(whole->sync.out);
}

/* A user who never changed the push rules has the server's; a client must be told them once. */
static int write_push_rules(struct whole *whole)
{
    const struct account_data standard = {.type = STR("m.push_rules")};
    if (!whole->sync.initial || whole->saw_push_rules)
        return 0;
    return write_row(whole, &standard, 0);
}

static int write_user_data(struct whole *whole)
{
    int more = write_rows(whole, 0);
    if (more != 0)
        return more;
    if (write_push_rules(whole) < 0)
        return -1;
    close_data(whole);
    whole->phase = PHASE_DEVICES;
    return 1;
}

/* ---- a room ---- */

static void open_section(struct whole *whole)
{
    if (whole->section_open)
        return;
    json_write_key(whole->sync.out, sync_section_name(whole->section));
    json_write_object(whole->sync.out);
    whole->section_open = true;
}

/* An invitation or a knock: whole, as it is small. */
static int write_stripped(struct whole *whole)
{
    struct json_writer *out = whole->sync.out;
    open_section(whole);
    json_write_key(out, whole->pages.room.view.room_id);
    json_write_object(out);
    int status = sync_write_stripped_section(&whole->pages.room, whole->section);
    json_write_end(out);
    return status;
}

static int begin_room(struct whole *whole)
{
    struct sync_room *room = &whole->pages.room;
    if (sync_room_timeline(room) < 0 || sync_room_state(room) < 0)
        return -1;
    open_section(whole);
    json_write_key(whole->sync.out, room->view.room_id);
    json_write_object(whole->sync.out);
    if (whole->section == SYNC_SECTION_JOIN && sync_write_summary(room) < 0)
        return -1;
    sync_begin_state(room);
    whole->phase = PHASE_STATE;
    sync_pages_keep(&whole->pages);
    return 0;
}

static int open_room(struct whole *whole, const struct membership_row *row)
{
    struct sync_room *room = &whole->pages.room;
    int found = sync_room_open(&whole->sync, row, whole->sync.since.at.pos, room);
    if (found <= 0 || !filter_allows_room(&whole->sync.filter, room->view.room_id))
        return found < 0 ? -1 : 0;
    if (whole->section == SYNC_SECTION_INVITE || whole->section == SYNC_SECTION_KNOCK)
        return write_stripped(whole);
    int status = begin_room(whole);
    sync_room_done(room);
    return status;
}

static int end_sections(struct whole *whole)
{
    struct json_writer *out = whole->sync.out;
    json_write_end(out);
    json_write_member_str(out, STR("next_batch"),
                          sync_token_format(whole->sync.use, &whole->sync.next));
    json_write_end(out);
    return 0;
}

/* 1, or 0 when there is none left and the answer is complete, or -1. */
static int next_room(struct whole *whole)
{
    while (whole->row < whole->n_rows) {
        const struct membership_row *row = &whole->rows[whole->row++];
        if (sync_section_of(row->kind) == whole->section && sync_wants_room(&whole->sync, row))
            return open_room(whole, row) < 0 ? -1 : 1;
    }
    if (whole->section_open)
        json_write_end(whole->sync.out);
    whole->section_open = false;
    whole->row = 0;
    whole->section++;
    return whole->section == SYNC_SECTION_COUNT ? end_sections(whole) : 1;
}

static int write_state(struct whole *whole)
{
    struct state_choice choice = {.filter = &whole->sync.filter.state};
    int more = sync_pages_state(&whole->pages, &choice);
    if (more != 0)
        return more;
    json_write_end(whole->sync.out);
    json_write_end(whole->sync.out);
    sync_begin_timeline(&whole->pages.room);
    whole->phase = PHASE_TIMELINE;
    return 1;
}

static int write_timeline(struct whole *whole)
{
    struct sync_room *room = &whole->pages.room;
    int more = sync_pages_timeline(&whole->pages);
    if (more != 0)
        return more;
    sync_end_timeline(room);
    if (whole->section == SYNC_SECTION_JOIN &&
        (sync_load_receipts(
             room, room->is_new || whole->request.full_state ? 0 : whole->sync.since.at.pos) < 0 ||
         sync_write_ephemeral(room) < 0 || sync_write_counts(room) < 0))
        return -1;
    begin_data(whole);
    whole->phase = PHASE_ROOM_DATA;
    return 1;
}

static int write_room_data(struct whole *whole)
{
    int more = write_rows(whole, whole->pages.room.member.room);
    if (more != 0)
        return more;
    close_data(whole);
    json_write_end(whole->sync.out);
    sync_pages_done(&whole->pages);
    whole->phase = PHASE_NEXT_ROOM;
    return 1;
}

/* ---- the answer ---- */

static int write_devices(struct whole *whole)
{
    if (sync_write_presence(&whole->sync) < 0 || sync_write_devices(&whole->sync) < 0)
        return -1;
    json_write_key(whole->sync.out, STR("rooms"));
    json_write_object(whole->sync.out);
    whole->phase = PHASE_NEXT_ROOM;
    return 1;
}

static int write_step(struct use *use, struct json_writer *out, void *arg)
{
    static int (*const phases[])(struct whole * whole) = {
        [PHASE_USER_DATA] = write_user_data, [PHASE_DEVICES] = write_devices,
        [PHASE_NEXT_ROOM] = next_room,       [PHASE_STATE] = write_state,
        [PHASE_TIMELINE] = write_timeline,   [PHASE_ROOM_DATA] = write_room_data,
    };
    struct whole *whole = arg;
    whole->sync.use = use;
    whole->sync.out = out;
    view_go_on(&whole->pages.room.view, use);
    return phases[whole->phase](whole);
}

/* Who was in which room at the head is asked before anything is written. */
int sync_write_whole(const struct sync *sync)
{
    struct use *use = sync->use;
    struct whole *whole = ARENA_NEW(use->arena, struct whole);
    whole->sync = *sync;
    whole->request = *sync->request;
    whole->sync.request = &whole->request;
    if (sync_load_rooms(&whole->sync, &whole->rows, &whole->n_rows) < 0)
        return -1;
    if (whole->sync.shared)
        whole->sync.shared = shared_filter_ref(whole->sync.shared);
    whole->sync.reader = reader_ref(whole->sync.reader);
    json_write_object(sync->out);
    return pieces_run(use, sync->out, write_step, whole_done, whole);
}
