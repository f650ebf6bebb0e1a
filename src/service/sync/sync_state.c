/* SPDX-License-Identifier: EUPL-1.2 */

/* The state of a room in a sync: what a client must know before (or, with use_state_after, after)
 * the timeline; its summary; and the stripped state of invitations. */

#include "base/limits.h"
#include "service/rooms/state_list.h"
#include "service/sync/sync_private.h"

/* ---- which entries ---- */

/* The state that the section brings the client to. */
static int64_t target_state(const struct sync_room *room)
{
    if (room->sync->request->use_state_after || room->n_timeline == 0)
        return room->end_state;
    return room->timeline[0]->state_before;
}

static bool is_lazy(const struct sync *sync)
{
    return sync->filter.state.lazy_load_members || sync->filter.timeline.lazy_load_members;
}

static bool is_sender(const struct sync_room *room, int64_t user)
{
    for (size_t i = 0; i < room->n_timeline; i++)
        if (room->timeline[i]->sender == user)
            return true;
    return false;
}

static bool is_hero(const struct sync_room *room, int64_t user)
{
    for (size_t i = 0; i < room->n_heroes; i++)
        if (room->heroes[i] == user)
            return true;
    return false;
}

/* With lazy members a full state holds those of the timeline's senders, the heroes, and one's own.
 */
static void drop_members(struct sync_room *room)
{
    struct use *use = room->sync->use;
    int64_t member = rooms_names(use->server)->member;
    size_t kept = 0;
    for (size_t i = 0; i < room->n_state; i++) {
        struct state_entry entry = room->state[i];
        if (entry.type == member && entry.state_key != use->caller.user &&
            !is_sender(room, entry.state_key) && !is_hero(room, entry.state_key))
            continue;
        room->state[kept++] = entry;
    }
    room->n_state = kept;
}

static bool has_entry(const struct sync_room *room, int64_t type, int64_t state_key)
{
    for (size_t i = 0; i < room->n_state; i++)
        if (room->state[i].type == type && room->state[i].state_key == state_key)
            return true;
    return false;
}

/* A difference holds only who has changed; a lazy client may never have seen the senders. */
static int add_senders(struct sync_room *room)
{
    struct use *use = room->sync->use;
    int64_t member = rooms_names(use->server)->member, event;
    VEC(struct state_entry) entries = {room->state, room->n_state, room->n_state};
    for (size_t i = 0; i < room->n_timeline; i++) {
        int64_t sender = room->timeline[i]->sender;
        if (has_entry(room, member, sender))
            continue;
        int found = state_find(&use->read, target_state(room), member, sender, &event, &use->err);
        if (found < 0)
            return -1;
        if (!found)
            continue;
        ARENA_VEC_ADD(use->arena, &entries, (struct state_entry){member, sender, event});
        room->state = entries.p;
        room->n_state = entries.n;
    }
    return 0;
}

static void note_members(struct sync_room *room, const struct state_entry *entries, size_t n)
{
    int64_t member = rooms_names(room->sync->use->server)->member;
    for (size_t i = 0; i < n; i++)
        room->members_changed |= entries[i].type == member;
    for (size_t i = 0; i < room->n_timeline; i++)
        room->members_changed |= room->timeline[i]->state_key && room->timeline[i]->type == member;
}

/* ---- heroes ---- */

static int find_heroes_of(struct sync_room *room, enum membership membership)
{
    struct use *use = room->sync->use;
    struct membership_row *rows;
    size_t n;
    if (room->n_heroes == SYNC_HEROES)
        return 0;
    if (membership_list_users(&use->read, room->view.row.id, membership, 0, SYNC_HEROES + 1,
                              use->arena, &rows, &n, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n && room->n_heroes < SYNC_HEROES; i++)
        if (rows[i].user != use->caller.user)
            room->heroes[room->n_heroes++] = rows[i].user;
    return 0;
}

/* Five others who are in the room or invited; when nobody is, those who were. */
int sync_find_heroes(struct sync_room *room)
{
    if (find_heroes_of(room, MEMBERSHIP_JOIN) < 0 || find_heroes_of(room, MEMBERSHIP_INVITE) < 0)
        return -1;
    if (room->n_heroes)
        return 0;
    if (find_heroes_of(room, MEMBERSHIP_LEAVE) < 0)
        return -1;
    return find_heroes_of(room, MEMBERSHIP_BAN);
}

int sync_room_state(struct sync_room *room)
{
    struct use *use = room->sync->use;
    bool full = room->is_new || room->sync->request->full_state;
    int64_t target = target_state(room);
    if (full) {
        if (state_load(&use->read, target, use->arena, &room->state, &room->n_state, &use->err) < 0)
            return -1;
        room->members_changed = true;
        if (sync_find_heroes(room) < 0)
            return -1;
        if (is_lazy(room->sync))
            drop_members(room);
        return 0;
    }
    if (target != room->since_state && state_diff(&use->read, room->since_state, target, use->arena,
                                                  &room->state, &room->n_state, &use->err) < 0)
        return -1;
    note_members(room, room->state, room->n_state);
    if (room->members_changed && sync_find_heroes(room) < 0)
        return -1;
    return is_lazy(room->sync) ? add_senders(room) : 0;
}

/* ---- writing ---- */

void sync_begin_state(struct sync_room *room)
{
    struct json_writer *out = room->sync->out;
    static const struct str keys[] = {STR_INIT("state"), STR_INIT("state_after"),
                                      STR_INIT("org.matrix.msc4222.state_after")};
    json_write_key(out, keys[room->sync->request->use_state_after]);
    json_write_object(out);
    json_write_key(out, STR("events"));
    json_write_array(out);
}

int sync_write_state(struct sync_room *room)
{
    CLEANUP(state_list_done) struct state_list list = {0};
    struct sync *sync = room->sync;
    struct format format = {.view = &room->view};
    struct state_choice choice = {.filter = &sync->filter.state};
    int more = 1;
    for (size_t i = 0; i < room->n_state; i++)
        if (room->state[i].event)
            VEC_ADD(&list.ids, room->state[i].event);
    sync_begin_state(room);
    while (more > 0)
        more = state_list_next(&list, sync->out, &format, &choice);
    json_write_end(sync->out);
    json_write_end(sync->out);
    return more;
}

/* ---- the summary ---- */

static int write_heroes(struct sync_room *room)
{
    struct use *use = room->sync->use;
    json_write_key(room->sync->out, STR("m.heroes"));
    json_write_array(room->sync->out);
    for (size_t i = 0; i < room->n_heroes; i++) {
        struct str id;
        if (store_name(use->server->store, room->heroes[i], use->arena, &id, &use->err) < 0)
            return -1;
        json_write_str(room->sync->out, id);
    }
    json_write_end(room->sync->out);
    return 0;
}

int sync_write_summary(struct sync_room *room)
{
    struct json_writer *out = room->sync->out;
    if (!room->members_changed)
        return 0;
    json_write_key(out, STR("summary"));
    json_write_object(out);
    if (write_heroes(room) < 0)
        return -1;
    json_write_member_int(out, STR("m.joined_member_count"), room->view.row.joined);
    json_write_member_int(out, STR("m.invited_member_count"), room->view.row.invited);
    json_write_end(out);
    return 0;
}

/* ---- stripped state ---- */

static int write_stripped_key(struct sync_room *room, int64_t state, int64_t type,
                              int64_t state_key)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    struct use *use = room->sync->use;
    int64_t id;
    int found = state_find(&use->read, state, type, state_key, &id, &use->err);
    if (found == 1)
        found = event_load(&use->read, id, &event, &use->err);
    return found == 1 ? format_stripped(room->sync->out, &room->view, event) : found;
}

int sync_write_stripped(struct sync_room *room)
{
    CLEANUP(event_cleanup) struct event *member = NULL;
    struct use *use = room->sync->use;
    struct json_writer *out = room->sync->out;
    const struct room_names *names = rooms_names(use->server);
    const int64_t types[] = {names->create,    names->name,       names->avatar,
                             names->topic,     names->join_rules, names->canonical_alias,
                             names->encryption};
    int found = event_load(&use->read, room->member.event, &member, &use->err);
    if (found <= 0)
        return found;
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (write_stripped_key(room, member->state, types[i], names->empty) < 0)
            return -1;
    if (write_stripped_key(room, member->state, names->member, member->sender) < 0)
        return -1;
    if (member->sender != use->caller.user && format_stripped(out, &room->view, member) < 0)
        return -1;
    return 0;
}
