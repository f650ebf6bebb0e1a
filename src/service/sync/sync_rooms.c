/* SPDX-License-Identifier: EUPL-1.2 */

/* The rooms of a sync: which are in it, in which section, and each section's shape. */

#include "base/limits.h"
#include "service/rooms/membership.h"
#include "service/sync/sync_private.h"

static const struct str section_names[] = {STR_INIT("join"), STR_INIT("invite"), STR_INIT("knock"),
                                           STR_INIT("leave")};

enum sync_section sync_section_of(enum membership membership)
{
    switch (membership) {
    case MEMBERSHIP_JOIN:
        return SYNC_SECTION_JOIN;
    case MEMBERSHIP_INVITE:
        return SYNC_SECTION_INVITE;
    case MEMBERSHIP_KNOCK:
        return SYNC_SECTION_KNOCK;
    case MEMBERSHIP_LEAVE:
    case MEMBERSHIP_BAN:
    case MEMBERSHIP_NONE:
        break;
    }
    return SYNC_SECTION_LEAVE;
}

struct str sync_section_name(enum sync_section section)
{
    return section_names[section];
}

/* ---- which rooms ---- */

bool sync_knows_moves(const struct sync *sync)
{
    return !sync->initial && sync->moves.complete && !sync->request->full_state;
}

unsigned sync_room_moves(const struct sync *sync, int64_t room)
{
    for (size_t i = 0; i < sync->moves.n; i++)
        if (sync->moves.rooms[i].room == room)
            return sync->moves.rooms[i].kinds;
    return 0;
}

int sync_load_member(struct sync *sync, int64_t room, struct membership_row *ret_row)
{
    struct use *use = sync->use;
    int found = notifier_find_member(use->server->notifier, use->caller.user, room,
                                     sync->next.at.pos, ret_row);
    if (!found)
        found = membership_load(&use->read, use->caller.user, room, ret_row, &use->err);
    return found;
}

static int load_one(struct sync *sync, int64_t room, struct membership_row *rows, size_t *n)
{
    int found = sync_load_member(sync, room, &rows[*n]);
    *n += found > 0;
    return found < 0 ? -1 : 0;
}

static int load_moved(struct sync *sync, struct membership_row **ret_rows, size_t *ret_n)
{
    size_t n = 0, most = sync->moves.n + sync->n_typing_rooms;
    struct membership_row *rows = ARENA_NEW_N(sync->use->arena, most, struct membership_row);
    for (size_t i = 0; i < sync->moves.n; i++)
        if (load_one(sync, sync->moves.rooms[i].room, rows, &n) < 0)
            return -1;
    for (size_t i = 0; i < sync->n_typing_rooms; i++)
        if (!sync_room_moves(sync, sync->typing_rooms[i]) &&
            load_one(sync, sync->typing_rooms[i], rows, &n) < 0)
            return -1;
    *ret_rows = rows;
    *ret_n = n;
    return 0;
}

static int load_memberships(struct sync *sync, struct membership_row **ret_rows, size_t *ret_n)
{
    struct use *use = sync->use;
    if (sync_knows_moves(sync))
        return load_moved(sync, ret_rows, ret_n);
    return membership_list_rooms(&use->read, use->caller.user, MEMBERSHIP_ANY, use->arena, ret_rows,
                                 ret_n, &use->err);
}

/* The snapshot may hold what is later than the head: then the user is where the head has them. */
int sync_load_rooms(struct sync *sync, struct membership_row **ret_rows, size_t *ret_n)
{
    struct use *use = sync->use;
    if (load_memberships(sync, ret_rows, ret_n) < 0)
        return -1;
    for (size_t i = 0; i < *ret_n; i++)
        if ((*ret_rows)[i].pos > use->read.head.pos &&
            sync_member_at_head(sync, &(*ret_rows)[i]) < 0)
            return -1;
    return 0;
}

bool sync_wants_room(const struct sync *sync, const struct membership_row *row)
{
    if (row->kind == MEMBERSHIP_NONE)
        return false;
    switch (sync_section_of(row->kind)) {
    case SYNC_SECTION_JOIN:
        return true;
    case SYNC_SECTION_INVITE:
        if (sync->reader->blocks_invites || ignored_has(&sync->reader->ignored, row->sender))
            return false;
        return row->pos > sync->since.at.pos;
    case SYNC_SECTION_KNOCK:
        return row->pos > sync->since.at.pos;
    case SYNC_SECTION_LEAVE:
    case SYNC_SECTION_COUNT:
        break;
    }
    if (row->flags & MEMBERSHIP_FORGOTTEN)
        return false;
    return sync->initial ? sync->filter.include_leave : row->pos > sync->since.at.pos;
}

/* ---- shapes ---- */

void sync_begin_timeline(struct sync_room *room)
{
    struct json_writer *out = room->sync->out;
    json_write_key(out, STR("timeline"));
    json_write_object(out);
    json_write_key(out, STR("events"));
    json_write_array(out);
}

void sync_end_timeline(struct sync_room *room)
{
    struct json_writer *out = room->sync->out;
    json_write_end(out);
    json_write_member_bool(out, STR("limited"), room->limited);
    json_write_member_str(out, STR("prev_batch"),
                          place_token_format(room->sync->use, room->first_place));
    json_write_end(out);
}

static int write_timeline(struct sync_room *room)
{
    struct format format = {.view = &room->view};
    sync_begin_timeline(room);
    for (size_t i = 0; i < room->n_timeline; i++)
        if (format_event(room->sync->out, &format, room->timeline[i]) < 0)
            return -1;
    sync_end_timeline(room);
    return 0;
}

static int write_left(struct sync_room *room)
{
    if (sync_write_state(room) < 0 || write_timeline(room) < 0)
        return -1;
    return sync_write_account_data(room->sync, room->member.room);
}

static int write_joined(struct sync_room *room)
{
    if (sync_write_summary(room) < 0 || sync_write_state(room) < 0 || write_timeline(room) < 0 ||
        sync_write_ephemeral(room) < 0 || sync_write_counts(room) < 0)
        return -1;
    return sync_write_account_data(room->sync, room->member.room);
}

/* Nothing that the client does not know: left out. Receipts are looked at when the room is written,
 * so a room in which only they moved is known by its position. */
static bool is_empty(const struct sync_room *room)
{
    const struct sync *sync = room->sync;
    return !room->is_new && !sync->request->full_state && room->n_timeline == 0 &&
           room->n_state == 0 && !sync_typing_moved(sync, room->member.room) &&
           !sync_has_account_data(sync, room->member.room) && !room->has_receipts;
}

int sync_write_stripped_section(struct sync_room *room, enum sync_section section)
{
    struct json_writer *out = room->sync->out;
    json_write_key(out, section == SYNC_SECTION_INVITE ? STR("invite_state") : STR("knock_state"));
    json_write_object(out);
    json_write_key(out, STR("events"));
    json_write_array(out);
    int status = sync_write_stripped(room);
    json_write_end(out);
    json_write_end(out);
    return status;
}

static int write_section(struct sync_room *room, enum sync_section section)
{
    struct json_writer *out = room->sync->out;
    int status;
    json_write_key(out, room->view.room_id);
    json_write_object(out);
    if (section == SYNC_SECTION_INVITE || section == SYNC_SECTION_KNOCK)
        status = sync_write_stripped_section(room, section);
    else
        status = section == SYNC_SECTION_JOIN ? write_joined(room) : write_left(room);
    json_write_end(out);
    return status;
}

static int load_receipts(struct sync_room *room)
{
    const struct sync *sync = room->sync;
    bool all = room->is_new || sync->request->full_state;
    if (!all && sync_knows_moves(sync) &&
        !(sync_room_moves(sync, room->member.room) & MOVED(LOG_KIND_RECEIPT)))
        return 0;
    return sync_load_receipts(room, all ? 0 : sync->since.at.pos);
}

static int prepare(struct sync_room *room, enum sync_section section)
{
    if (section == SYNC_SECTION_INVITE || section == SYNC_SECTION_KNOCK)
        return 0;
    if (sync_room_timeline(room) < 0 || sync_room_state(room) < 0)
        return -1;
    return section == SYNC_SECTION_JOIN ? load_receipts(room) : 0;
}

/* Opens the section's object when its first room comes. */
static int write_opened(struct sync *sync, const struct membership_row *row,
                        enum sync_section section, bool *open)
{
    struct sync_room room;
    int found = sync_room_open(sync, row, sync->since.at.pos, &room);
    if (found <= 0)
        return found;
    bool allowed = filter_allows_room(&sync->filter, room.view.room_id);
    int status = allowed ? prepare(&room, section) : 0;
    if (status == 0 && allowed && !(section == SYNC_SECTION_JOIN && is_empty(&room))) {
        if (!*open) {
            json_write_key(sync->out, sync_section_name(section));
            json_write_object(sync->out);
            *open = true;
        }
        status = write_section(&room, section);
        sync->wrote_something = true;
    }
    sync_room_done(&room);
    return status;
}

/* A room in memory of its own, given back after it: an initial sync has thousands. */
static int write_room(struct sync *sync, const struct membership_row *row,
                      enum sync_section section, bool *open)
{
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA);
    struct arena *arena = sync->use->arena;
    sync->use->arena = scratch;
    int status = write_opened(sync, row, section, open);
    sync->use->arena = arena;
    return status;
}

int sync_write_rooms(struct sync *sync)
{
    struct membership_row *rows;
    size_t n;
    if (sync_load_rooms(sync, &rows, &n) < 0)
        return -1;
    json_write_key(sync->out, STR("rooms"));
    json_write_object(sync->out);
    for (int section = 0; section < SYNC_SECTION_COUNT; section++) {
        bool open = false;
        for (size_t i = 0; i < n; i++) {
            if ((int)sync_section_of(rows[i].kind) != section || !sync_wants_room(sync, &rows[i]))
                continue;
            if (write_room(sync, &rows[i], (enum sync_section)section, &open) < 0)
                return -1;
        }
        if (open)
            json_write_end(sync->out);
    }
    json_write_end(sync->out);
    return 0;
}
