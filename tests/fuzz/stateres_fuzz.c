/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/harness.h"

#include "base/check.h"
#include "base/limits.h"
#include "base/vec.h"
#include "matrix/pdu.h"
#include "matrix/state_res.h"

/* An auth graph of views without JSON, drawn by the bytes: six an event. Edges go anywhere, also
 * up, to the event itself and to events that are not there. */

#define MAX_EVENTS 60

static const struct str types[] = {
    STR_INIT("m.room.create"),     STR_INIT("m.room.member"), STR_INIT("m.room.power_levels"),
    STR_INIT("m.room.join_rules"), STR_INIT("m.room.topic"),
};
static const struct str users[] = {STR_INIT("@a:x"), STR_INIT("@b:x"), STR_INIT("@c:y")};
static const struct str contents[][4] = {
    {STR_INIT("{\"creator\":\"@a:x\"}"), STR_INIT("{}"),
     STR_INIT("{\"additional_creators\":[\"@b:x\"]}"), STR_INIT("{\"m.federate\":false}")},
    {STR_INIT("{\"membership\":\"join\"}"), STR_INIT("{\"membership\":\"leave\"}"),
     STR_INIT("{\"membership\":\"ban\"}"), STR_INIT("{\"membership\":\"invite\"}")},
    {STR_INIT("{\"users\":{\"@a:x\":100}}"), STR_INIT("{\"users\":{\"@a:x\":100,\"@b:x\":50}}"),
     STR_INIT("{\"users\":{\"@b:x\":100},\"ban\":0}"), STR_INIT("{\"users\":7}")},
    {STR_INIT("{\"join_rule\":\"public\"}"), STR_INIT("{\"join_rule\":\"invite\"}"),
     STR_INIT("{\"join_rule\":\"knock\"}"), STR_INIT("{}")},
    {STR_INIT("{}"), STR_INIT("{\"topic\":\"a\"}"), STR_INIT("{}"), STR_INIT("{}")},
};

struct event {
    struct pdu pdu;
    int64_t type, state_key, auth[2];
    size_t n_auth;
    bool rejected;
};

struct room {
    const struct room_version *version;
    struct event events[MAX_EVENTS + 1];
    int64_t n;
    bool goes_down; /* every edge does */
};

/* Names: types from 1, users from 11, "" is 20. */
static int find_name(void *arg, struct str text, int64_t *ret_id, struct err *err)
{
    (void)arg, (void)err;
    *ret_id = text.n == 0 ? 20 : 0;
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (str_eq(types[i], text))
            *ret_id = (int64_t)i + 1;
    for (size_t i = 0; i < ARRAY_LEN(users); i++)
        if (str_eq(users[i], text))
            *ret_id = (int64_t)i + 11;
    return *ret_id != 0;
}

static int load_auth(void *arg, int64_t id, struct arena *arena, struct state_res_auth *ret_auth,
                     struct err *err)
{
    struct room *room = arg;
    (void)arena, (void)err;
    if (id < 1 || id > room->n)
        return 0;
    *ret_auth = (struct state_res_auth){room->events[id].auth, room->events[id].n_auth, 0};
    return 1;
}

static int load(void *arg, int64_t id, struct arena *arena, struct state_res_event *ret_event,
                struct err *err)
{
    struct room *room = arg;
    (void)arena, (void)err;
    if (id < 1 || id > room->n)
        return 0;
    const struct event *e = &room->events[id];
    *ret_event = (struct state_res_event){&e->pdu, e->type, e->state_key, e->rejected};
    return 1;
}

static void add_event(struct arena *arena, struct room *room, const uint8_t *b)
{
    /* From version 12 on, the room id names the one m.room.create. */
    bool is_first = room->n == 0, may_create = is_first || !room->version->room_id_is_hash;
    size_t type = may_create ? b[0] % ARRAY_LEN(types) : 1 + b[0] % (ARRAY_LEN(types) - 1);
    struct event *event = &room->events[++room->n];
    const struct json *content;
    struct err err = ERR_INIT;
    CHECK(json_parse(arena, contents[type][b[1] & 3], &content, &err) == 0);
    *event = (struct event){
        .pdu = {.version = room->version,
                .event_id = arena_printf(arena, "$%02d", (int)room->n),
                .room_id = STR("!r:x"),
                .type = types[type],
                .sender = users[(b[1] >> 2) % 3],
                .state_key = type == 1 ? users[(b[1] >> 4) % 3] : STR(""),
                .content = content,
                .doc = content,
                .origin_server_ts = b[2]},
        .auth = {b[3], b[4]},
        .n_auth = b[5] % 3,
        .rejected = b[5] > 250,
    };
    (void)find_name(NULL, event->pdu.type, &event->type, &err);
    (void)find_name(NULL, event->pdu.state_key, &event->state_key, &err);
    for (size_t i = 0; i < event->n_auth; i++)
        room->goes_down = room->goes_down && event->auth[i] < room->n;
}

/* Every event whose number has that bit; of a key the last one. */
static struct state_map draw_state(struct arena *arena, const struct room *room, unsigned bit)
{
    struct {
        struct state_entry *p;
        size_t n, capacity;
    } entries = {0};
    for (int64_t id = room->n; id >= 1; id--) {
        const struct event *e = &room->events[id];
        bool taken = false;
        for (size_t i = 0; i < entries.n; i++)
            taken |= entries.p[i].type == e->type && entries.p[i].state_key == e->state_key;
        if (!taken && (((id * 37) >> bit & 1) || id == 1))
            ARENA_VEC_ADD(arena, &entries, (struct state_entry){e->type, e->state_key, id});
    }
    state_entries_sort(entries.p, entries.n);
    return (struct state_map){entries.p, entries.n};
}

static void check_result(const struct state_map *maps, size_t n, struct state_map result)
{
    for (size_t i = 1; i < result.n; i++)
        CHECK(state_entry_cmp(&result.p[i - 1], &result.p[i]) < 0);
    for (size_t i = 0; i < maps[0].n; i++) { /* what all have stays */
        bool common = true;
        for (size_t m = 1; m < n; m++)
            common &= state_map_find(maps[m], maps[0].p[i].type, maps[0].p[i].state_key) ==
                      maps[0].p[i].event;
        if (common)
            CHECK(state_map_find(result, maps[0].p[i].type, maps[0].p[i].state_key) ==
                  maps[0].p[i].event);
    }
}

static struct state_map resolve(struct arena *arena, struct room *room,
                                const struct state_map *maps, size_t n)
{
    struct state_res_source source = {room, load_auth, load, find_name, NULL};
    struct state_map result;
    struct err err = ERR_INIT;
    CHECK(state_res_resolve(room->version, &source, maps, n, arena, &result, &err) == 0);
    check_result(maps, n, result);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(512));
    struct room room = {.goes_down = true};
    if (size < 7)
        return 0;
    room.version = room_version_find(data[0] & 1 ? STR("12") : STR("10"));
    for (size_t at = 1; at + 6 <= size && room.n < MAX_EVENTS; at += 6)
        add_event(arena, &room, data + at);
    struct state_map maps[3], turned[3];
    for (unsigned i = 0; i < 3; i++)
        turned[2 - i] = maps[i] = draw_state(arena, &room, i + (data[0] >> 1) % 4);
    struct state_map a = resolve(arena, &room, maps, 3), b = resolve(arena, &room, turned, 3);
    if (!room.goes_down)
        return 0; /* which edge of a circle is left out hangs on where the walk began */
    CHECK(a.n == b.n);
    for (size_t i = 0; i < a.n; i++)
        CHECK(a.p[i].event == b.p[i].event);
    return 0;
}
