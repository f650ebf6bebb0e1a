/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/room_private.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include "crypto/token.h"
#include "matrix/access_rules.h"

/* Of a drawn room id: 130 bits. */
#define ROOM_ID_CHARS 22

/* The table of rooms, and their lives. */

static int intern_names(struct rooms *rooms, struct err *err)
{
    const struct {
        struct str text;
        int64_t *id;
    } wanted[] = {
        {STR("m.room.create"), &rooms->names.create},
        {STR("m.room.member"), &rooms->names.member},
        {STR("m.room.power_levels"), &rooms->names.power_levels},
        {STR("m.room.join_rules"), &rooms->names.join_rules},
        {STR("m.room.history_visibility"), &rooms->names.history_visibility},
        {STR("m.room.encryption"), &rooms->names.encryption},
        {STR("m.room.redaction"), &rooms->names.redaction},
        {STR("m.room.canonical_alias"), &rooms->names.canonical_alias},
        {STR("m.room.name"), &rooms->names.name},
        {STR("m.room.topic"), &rooms->names.topic},
        {STR("m.room.avatar"), &rooms->names.avatar},
        {STR("m.room.guest_access"), &rooms->names.guest_access},
        {STR("m.room.tombstone"), &rooms->names.tombstone},
        {STR("m.room.third_party_invite"), &rooms->names.third_party_invite},
        {STR("m.room.server_acl"), &rooms->names.server_acl},
        {STR("m.space.child"), &rooms->names.space_child},
        {STR(ACCESS_TYPE), &rooms->names.access_rules},
        {STR("org.chappe.room.theme"), &rooms->names.theme},
        {STR("m.room.retention"), &rooms->names.retention},
        {STR(""), &rooms->names.empty},
    };
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
        if (store_intern(rooms->server->store, wanted[i].text, wanted[i].id, err) < 0)
            return -1;
    return 0;
}

int rooms_new(struct server *server, struct rooms **ret_rooms, struct err *err)
{
    struct rooms *rooms = MEM_NEW(struct rooms);
    rooms->server = server;
    rooms->bytes_max = ROOMS_BYTES;
    rooms->opened = opened_table_new();
    pthread_mutex_init(&rooms->lock, NULL);
    if (intern_names(rooms, err) < 0) {
        rooms_free(rooms);
        return -1;
    }
    *ret_rooms = rooms;
    return 0;
}

static void room_free(struct room *room)
{
    size_t at = 0;
    int64_t id;
    void *event;
    room_state_done(&room->state);
    while (int_map_next(&room->pending, &at, &id, &event))
        event_unref(event);
    int_map_done(&room->pending);
    room_head_set(room, &(struct room_head){0});
    mem_free((void *)(uintptr_t)room->room_id.p);
    pthread_mutex_destroy(&room->lock);
    pthread_mutex_destroy(&room->pending_lock);
    mem_free(room);
}

void rooms_free(struct rooms *rooms)
{
    size_t at = 0;
    int64_t id;
    void *room;
    if (!rooms)
        return;
    while (int_map_next(&rooms->by_id, &at, &id, &room))
        room_free(room);
    int_map_done(&rooms->by_id);
    opened_table_free(rooms->opened);
    pthread_mutex_destroy(&rooms->lock);
    mem_free(rooms);
}

const struct room_names *rooms_names(const struct server *server)
{
    return &server->rooms->names;
}

/* ---- lives ---- */

static void unlink_room(struct rooms *rooms, struct room *room)
{
    *(room->newer ? &room->newer->older : &rooms->newest) = room->older;
    *(room->older ? &room->older->newer : &rooms->oldest) = room->newer;
    room->newer = room->older = NULL;
}

static void link_newest(struct rooms *rooms, struct room *room)
{
    room->older = rooms->newest;
    *(rooms->newest ? &rooms->newest->newer : &rooms->oldest) = room;
    rooms->newest = room;
}

/* Under the rooms' lock. Those in use are passed over; there are few. */
static void forget_old(struct rooms *rooms)
{
    struct room *room = rooms->oldest;
    while (room && rooms->bytes > rooms->bytes_max) {
        struct room *newer = room->newer;
        if (room->refs == 0) {
            unlink_room(rooms, room);
            int_map_remove(&rooms->by_id, room->id);
            rooms->bytes -= room->bytes;
            room_free(room);
        }
        room = newer;
    }
}

/* What it takes, with its places in tables. Under its own lock. */
static size_t measure(const struct room *room)
{
    return sizeof *room + room->room_id.n + room_state_bytes(&room->state) +
           room->head.n_extremities * 64 + 128;
}

static struct room *room_new(struct rooms *rooms, int64_t id)
{
    struct room *room = MEM_NEW(struct room);
    room->rooms = rooms;
    room->id = id;
    pthread_mutex_init(&room->lock, NULL);
    pthread_mutex_init(&room->pending_lock, NULL);
    return room;
}

/* The room's object, made when needed, with a reference. */
static struct room *take(struct rooms *rooms, int64_t id)
{
    pthread_mutex_lock(&rooms->lock);
    struct room *room = int_map_find(&rooms->by_id, id);
    if (room) {
        unlink_room(rooms, room);
    } else {
        room = room_new(rooms, id);
        int_map_put(&rooms->by_id, id, room);
    }
    link_newest(rooms, room);
    room->refs++;
    pthread_mutex_unlock(&rooms->lock);
    return room;
}

void room_ref(struct room *room)
{
    pthread_mutex_lock(&room->rooms->lock);
    room->refs++;
    pthread_mutex_unlock(&room->rooms->lock);
}

/* A room that is not in the table (a new one that was given up) ends with its last reference. */
void room_unref(struct room *room)
{
    struct rooms *rooms = room->rooms;
    pthread_mutex_lock(&rooms->lock);
    bool last = --room->refs == 0 && int_map_find(&rooms->by_id, room->id) != room;
    pthread_mutex_unlock(&rooms->lock);
    if (last)
        room_free(room);
}

int room_enter(struct use *use, int64_t id, struct room **ret_room)
{
    struct room *room = take(use->server->rooms, id);
    int status = 1;
    /* Whoever is in the room may need a reader to leave it. */
    if (pthread_mutex_trylock(&room->lock) != 0) {
        read_renew(&use->read);
        pthread_mutex_lock(&room->lock);
    }
    if (__atomic_exchange_n(&room->stale, 0, __ATOMIC_ACQ_REL))
        room->loaded = false;
    if (!room->loaded)
        status = room_fill(use, room);
    if (status == 1) {
        *ret_room = room;
        return 0;
    }
    room_leave(room);
    return status < 0 ? -1 : err_client(&use->err, 404, "M_NOT_FOUND", "Unknown room");
}

struct room *room_enter_new(struct use *use, const struct room_version *version)
{
    struct room *room = room_new(use->server->rooms, 0);
    room->version = version;
    room->refs = 1;
    room->loaded = true;
    pthread_mutex_lock(&room->lock);
    if (!version->room_id_is_hash)
        room_set_id(room, arena_printf(use->arena, "!%.*s:%.*s",
                                       STR_ARG(token_new(use->arena, ROOM_ID_CHARS)),
                                       STR_ARG(use->server->name)));
    return room;
}

int64_t rooms_birth_ms(struct rooms *rooms)
{
    int64_t now_ms = clock_wall_ms();
    pthread_mutex_lock(&rooms->lock);
    rooms->birth_ms = now_ms > rooms->birth_ms ? now_ms : rooms->birth_ms + 1;
    int64_t birth_ms = rooms->birth_ms;
    pthread_mutex_unlock(&rooms->lock);
    return birth_ms;
}

bool rooms_holds(struct rooms *rooms, int64_t id)
{
    pthread_mutex_lock(&rooms->lock);
    bool holds = int_map_find(&rooms->by_id, id) != NULL;
    pthread_mutex_unlock(&rooms->lock);
    return holds;
}

/* Once its first change is submitted others may find it. */
void rooms_add(struct room *room)
{
    struct rooms *rooms = room->rooms;
    pthread_mutex_lock(&rooms->lock);
    CHECK(!int_map_put(&rooms->by_id, room->id, room));
    link_newest(rooms, room);
    pthread_mutex_unlock(&rooms->lock);
}

void room_set_id(struct room *room, struct str room_id)
{
    CHECK(!room->room_id.p);
    room->room_id = str_make(mem_copy(room_id.p, room_id.n), room_id.n);
}

void room_leave(struct room *room)
{
    if (!room)
        return;
    struct rooms *rooms = room->rooms;
    size_t bytes = measure(room);
    bool loaded = room->loaded;
    pthread_mutex_unlock(&room->lock);
    pthread_mutex_lock(&rooms->lock);
    room->is_known = loaded;
    if (int_map_find(&rooms->by_id, room->id) == room) {
        rooms->bytes += bytes - room->bytes;
        room->bytes = bytes;
    }
    forget_old(rooms);
    pthread_mutex_unlock(&rooms->lock);
    room_unref(room);
}

void room_cleanup(struct room **room)
{
    room_leave(*room);
}

void room_mark_stale(struct room *room)
{
    __atomic_store_n(&room->stale, 1, __ATOMIC_RELEASE);
}

/* An event that this process did not decide: another node's. */
void rooms_listen(struct rooms *rooms, const struct log_entry *entries, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (entries[i].kind != LOG_KIND_EVENT && entries[i].kind != LOG_KIND_STATE)
            continue;
        pthread_mutex_lock(&rooms->lock);
        struct room *room = int_map_find(&rooms->by_id, entries[i].room);
        if (room) {
            pthread_mutex_lock(&room->pending_lock);
            if (!int_map_find(&room->pending, entries[i].ref))
                room_mark_stale(room);
            pthread_mutex_unlock(&room->pending_lock);
        }
        pthread_mutex_unlock(&rooms->lock);
    }
}

int rooms_refuse_outsider(struct use *use)
{
    return err_client(&use->err, 403, "M_FORBIDDEN",
                      "You are not in this room, or it does not exist");
}

/* Whether it is a room, without asking the store; rooms do not go. */
static bool is_known(struct rooms *rooms, int64_t id)
{
    pthread_mutex_lock(&rooms->lock);
    const struct room *room = int_map_find(&rooms->by_id, id);
    bool known = room && room->is_known;
    pthread_mutex_unlock(&rooms->lock);
    return known;
}

int rooms_find(struct use *use, struct str room_id, int64_t *ret_room)
{
    struct room_row row;
    int64_t id;
    int found = store_find_name(use->server->store, room_id, &id, &use->err);
    if (found != 1)
        return found;
    found = is_known(use->server->rooms, id) ? 1 : room_load(&use->read, id, &row, &use->err);
    if (found == 1)
        *ret_room = id;
    return found;
}
