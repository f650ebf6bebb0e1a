/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/map.h"
#include "base/vec.h"
#include "store/check.h"
#include "store/event.h"
#include "store/membership.h"
#include "store/room.h"
#include "store/state.h"
#include "json/doc.h"

#define PIECE 100

static const struct db_stmt CHECK_PLACES = {
    "check_places",
    "SELECT coalesce(min(place), 1), coalesce(max(place), 0) FROM event"
    " WHERE room = :room AND place IS NOT NULL",
};
static const struct db_stmt CHECK_MEMBERS = {
    "check_members",
    "SELECT user_id, event, membership FROM membership WHERE room = :room",
};

/* ---- places ---- */

static int check_places(struct check *check, const struct room_row *room, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    if (db_query(check->conn, &CHECK_PLACES, DB_PARAMS(DB_INT("room", room->id)), &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found <= 0)
        return found;
    int64_t first = db_column_int(query, 0), last = db_column_int(query, 1);
    if (last < 0)
        last = 0;
    if (room->last_place != last || room->first_place != first)
        check_fault(check, "room %lld: its places are %lld to %lld, and it says %lld to %lld",
                    (long long)room->id, (long long)first, (long long)last,
                    (long long)room->first_place, (long long)room->last_place);
    return 0;
}

/* ---- members ---- */

static int load_kind(struct check *check, int64_t id, enum membership *ret_kind, struct err *err)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    const struct json *content;
    int found = event_load(check->r, id, &event, err);
    if (found <= 0)
        return found < 0 ? -1 : err_internal(err, "event %lld is not there", (long long)id);
    if (json_parse(check->arena, event->members.content, &content, err) < 0)
        return -1;
    *ret_kind = membership_parse(json_find_str(content, STR("membership")));
    return 0;
}

struct member {
    int64_t event;
    enum membership kind;
    bool seen;
};

static int check_member_rows(struct check *check, const struct room_row *room,
                             struct int_map *members, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    int more;
    if (db_query(check->conn, &CHECK_MEMBERS, DB_PARAMS(DB_INT("room", room->id)), &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) > 0) {
        int64_t user = db_column_int(query, 0);
        struct member *member = int_map_find(members, user);
        bool sound = member && member->event == db_column_int(query, 1) &&
                     (int64_t)member->kind == db_column_int(query, 2);
        if (member)
            member->seen = true;
        if (!sound)
            check_fault(check, "room %lld: the membership of user %lld is not that of its state",
                        (long long)room->id, (long long)user);
    }
    return more;
}

static void check_counts(struct check *check, const struct room_row *room,
                         const struct int_map *members)
{
    int64_t counts[MEMBERSHIP_KNOCK + 1] = {0}, user;
    size_t at = 0;
    void *value;
    while (int_map_next(members, &at, &user, &value)) {
        const struct member *member = value;
        counts[member->kind]++;
        if (!member->seen)
            check_fault(check, "room %lld: user %lld has no membership and is in its state",
                        (long long)room->id, (long long)user);
    }
    if (room->joined != counts[MEMBERSHIP_JOIN] || room->invited != counts[MEMBERSHIP_INVITE] ||
        room->knocked != counts[MEMBERSHIP_KNOCK])
        check_fault(check, "room %lld: it counts %lld joined, %lld invited, %lld knocking",
                    (long long)room->id, (long long)room->joined, (long long)room->invited,
                    (long long)room->knocked);
}

static int collect_members(struct check *check, const struct room_row *room, int64_t type_member,
                           int64_t type_encryption, struct int_map *members, struct err *err)
{
    struct state_entry *entries;
    size_t n;
    bool encrypted = false;
    if (state_load(check->r, room->state, check->arena, &entries, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        encrypted = encrypted || entries[i].type == type_encryption;
        if (entries[i].type != type_member)
            continue;
        struct member *member = ARENA_NEW(check->arena, struct member);
        member->event = entries[i].event;
        if (load_kind(check, entries[i].event, &member->kind, err) < 0)
            return -1;
        int_map_put(members, entries[i].state_key, member);
    }
    if (encrypted && !(room->flags & ROOM_ENCRYPTED))
        check_fault(check, "room %lld: encrypted by its state, and not marked so",
                    (long long)room->id);
    return 0;
}

static int check_room(struct check *check, const struct room_row *room, struct err *err)
{
    CLEANUP(int_map_done) struct int_map members = {0};
    int64_t type_member = 0, type_encryption = -1;
    struct store *store = check->r->store;
    if (check_places(check, room, err) < 0)
        return -1;
    /* Of a room that is known by an invitation only there is no state. */
    if (!room->state)
        return 0;
    if (store_find_name(store, STR("m.room.member"), &type_member, err) < 0 ||
        store_find_name(store, STR("m.room.encryption"), &type_encryption, err) < 0 ||
        collect_members(check, room, type_member, type_encryption, &members, err) < 0 ||
        check_member_rows(check, room, &members, err) < 0)
        return -1;
    check_counts(check, room, &members);
    return 0;
}

int check_rooms(struct check *check, struct err *err)
{
    int64_t after = 0;
    for (size_t n = PIECE; n == PIECE;) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(1 << 16);
        struct room_row *rooms;
        if (room_list(check->r, after, PIECE, arena, &rooms, &n, err) < 0)
            return -1;
        for (size_t i = 0; i < n; i++) {
            struct err fault = ERR_INIT;
            arena_reset(check->arena);
            if (check_room(check, &rooms[i], &fault) < 0)
                check_fault(check, "room %lld: %s %s", (long long)rooms[i].id, fault.text,
                            fault.detail);
            after = rooms[i].id;
        }
    }
    return 0;
}
