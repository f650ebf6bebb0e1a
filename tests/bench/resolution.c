/* SPDX-License-Identifier: EUPL-1.2 */

/* usage: resolution [STATE_ENTRIES]
 * How long state resolution takes on large rooms, in memory: see tests/bench/README.md. Each line:
 * what, room version, number of events in the room, milliseconds of processor
 * time (the median of RUNS). */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/vec.h"
#include "matrix/auth.h"
#include "matrix/state_res.h"

#define ENTRIES       30000
#define BRANCH        1000   /* events of each branch */
#define CONFLICTS     500    /* keys on which they differ */
#define LEVELS_ONE_IN 50     /* of a branch's events, changes of the power levels */
#define CHAIN         100000 /* power levels events, each citing the one before */
#define RUNS          5

/* ---- a room in memory ---- */

struct big_event {
    struct pdu pdu;
    int64_t type, state_key;
    int64_t auth[AUTH_SELECT_MAX];
    size_t n_auth;
    int64_t height;
};

struct big_room {
    struct arena *arena;
    const struct room_version *version;
    struct ed25519_key key;
    struct str room_id;
    VEC(struct big_event *) events; /* id - 1 */
    struct str_map names, by_event_id;
    int64_t n_names, clock;
};

static int64_t name_of(struct big_room *room, struct str text)
{
    int64_t *id = str_map_find(&room->names, text);
    if (!id) {
        id = ARENA_NEW(room->arena, int64_t);
        *id = ++room->n_names;
        (void)str_map_put(&room->names, text, id);
    }
    return *id;
}

static struct big_event *event_of(const struct big_room *room, int64_t id)
{
    return room->events.p[id - 1];
}

/* ---- a state that can be changed ---- */

struct branch {
    struct big_room *room;
    struct str_map at; /* (type, key) → struct state_entry, in the arena */
};

struct key {
    int64_t type, state_key;
};

static struct state_entry *branch_find(struct branch *branch, int64_t type, int64_t state_key)
{
    struct key key = {type, state_key};
    return str_map_find(&branch->at, str_make(&key, sizeof key));
}

static void branch_put(struct branch *branch, int64_t type, int64_t state_key, int64_t event)
{
    struct key key = {type, state_key};
    struct state_entry *entry = ARENA_NEW(branch->room->arena, struct state_entry);
    *entry = (struct state_entry){type, state_key, event};
    (void)str_map_put(&branch->at, str_make(&key, sizeof key), entry);
}

static void branch_copy(struct branch *branch, const struct branch *from)
{
    struct str key;
    void *value;
    *branch = (struct branch){.room = from->room};
    for (size_t at = 0; str_map_next(&from->at, &at, &key, &value);) {
        const struct state_entry *entry = value;
        branch_put(branch, entry->type, entry->state_key, entry->event);
    }
}

static struct state_map branch_map(struct branch *branch)
{
    struct state_entry *entries =
        ARENA_NEW_N(branch->room->arena, branch->at.n + 1, struct state_entry);
    struct str key;
    void *value;
    size_t n = 0;
    for (size_t at = 0; str_map_next(&branch->at, &at, &key, &value);)
        entries[n++] = *(const struct state_entry *)value;
    state_entries_sort(entries, n);
    return (struct state_map){entries, n};
}

/* ---- making events ---- */

static size_t cite(struct branch *branch, const struct auth_subject *subject, struct str *ret_ids)
{
    struct auth_key keys[AUTH_SELECT_MAX];
    struct big_room *room = branch->room;
    size_t n_keys = auth_select(room->version, subject, keys), n = 0;
    for (size_t i = 0; i < n_keys; i++) {
        const struct state_entry *entry =
            branch_find(branch, name_of(room, keys[i].type), name_of(room, keys[i].state_key));
        if (entry)
            ret_ids[n++] = event_of(room, entry->event)->pdu.event_id;
    }
    return n;
}

static void place(struct big_room *room, struct big_event *event)
{
    event->type = name_of(room, event->pdu.type);
    event->state_key = name_of(room, event->pdu.state_key);
    for (size_t i = 0; i < event->pdu.n_auth_events; i++) {
        const int64_t *id = str_map_find(&room->by_event_id, event->pdu.auth_events[i]);
        CHECK(id);
        event->auth[event->n_auth++] = *id;
        if (event_of(room, *id)->height > event->height)
            event->height = event_of(room, *id)->height;
    }
    event->height++;
    ARENA_VEC_ADD(room->arena, &room->events, event);
    int64_t *id = ARENA_NEW(room->arena, int64_t);
    *id = (int64_t)room->events.n;
    (void)str_map_put(&room->by_event_id, event->pdu.event_id, id);
}

/* A state event on the branch. */
static void add(struct branch *branch, struct str sender, struct str type, struct str state_key,
                struct str content)
{
    struct big_room *room = branch->room;
    struct big_event *event = ARENA_NEW(room->arena, struct big_event);
    const struct json *doc = NULL;
    struct str auth[AUTH_SELECT_MAX];
    struct err err = ERR_INIT;
    CHECK(json_parse(room->arena, content, &doc, &err) == 0);
    struct auth_subject subject = {type, sender, state_key, doc};
    struct pdu_template fields = {
        .room_id = room->room_id,
        .type = type,
        .sender = sender,
        .state_key = state_key,
        .content = content,
        .auth_events = auth,
        .n_auth_events = cite(branch, &subject, auth),
        .depth = (int64_t)room->events.n + 1,
        .origin_server_ts = ++room->clock,
    };
    CHECK(pdu_build(room->arena, room->version, &fields, &room->key, STR("ed25519:1"), STR("x"),
                    &event->pdu, &err) == 0);
    place(room, event);
    if (!room->room_id.p)
        room->room_id = event->pdu.room_id;
    branch_put(branch, event->type, event->state_key, (int64_t)room->events.n);
}

static struct str user(struct big_room *room, size_t i)
{
    return arena_printf(room->arena, "@user%zu:x", i);
}

#define FOUNDER STR("@founder:x")
#define MEMBER  STR("m.room.member")
#define JOIN    STR("{\"membership\":\"join\"}")

static void set_levels(struct branch *branch, struct str sender, size_t i)
{
    struct big_room *room = branch->room;
    bool v12 = room->version->room_id_is_hash;
    add(branch, sender, STR("m.room.power_levels"), STR(""),
        arena_printf(room->arena,
                     "{\"users\":{%s\"@user0:x\":90,\"@user1:x\":90},\"events\":{\"t%zu\":10}}",
                     v12 ? "" : "\"@founder:x\":100,", i));
}

static void begin_room(struct branch *branch, struct big_room *room, const char *version)
{
    const unsigned char seed[ED25519_SEED_BYTES] = {1};
    *room = (struct big_room){.arena = arena_new(SIZE_MAX / 2),
                              .version = room_version_find(str_from(version))};
    ed25519_key_from_seed(&room->key, seed);
    *branch = (struct branch){.room = room};
    bool v12 = room->version->room_id_is_hash;
    if (!v12)
        room->room_id = STR("!room:x");
    add(branch, FOUNDER, STR("m.room.create"), STR(""),
        v12 ? STR("{\"room_version\":\"12\"}")
            : STR("{\"room_version\":\"10\",\"creator\":\"@founder:x\"}"));
    add(branch, FOUNDER, MEMBER, FOUNDER, JOIN);
    set_levels(branch, FOUNDER, 0);
    add(branch, FOUNDER, STR("m.room.join_rules"), STR(""), STR("{\"join_rule\":\"public\"}"));
}

static void end_room(struct big_room *room)
{
    str_map_done(&room->names);
    str_map_done(&room->by_event_id);
    arena_free(room->arena);
}

/* ---- what the resolution asks ---- */

static int load_auth(void *arg, int64_t id, struct arena *arena, struct state_res_auth *ret_auth,
                     struct err *err)
{
    const struct big_event *event = event_of(arg, id);
    (void)arena, (void)err;
    *ret_auth = (struct state_res_auth){event->auth, event->n_auth, event->height};
    return 1;
}

/* Read from its bytes, as one that comes from the store. */
static int load(void *arg, int64_t id, struct arena *arena, struct state_res_event *ret_event,
                struct err *err)
{
    const struct big_room *room = arg;
    const struct big_event *event = event_of(room, id);
    struct pdu *pdu = ARENA_NEW(arena, struct pdu);
    if (pdu_open(arena, room->version, event->pdu.json, event->pdu.hash, pdu, err) < 0)
        return -1;
    *ret_event = (struct state_res_event){pdu, event->type, event->state_key, false};
    return 1;
}

static int find_name(void *arg, struct str text, int64_t *ret_id, struct err *err)
{
    const struct big_room *room = arg;
    const int64_t *id = str_map_find(&room->names, text);
    (void)err;
    if (id)
        *ret_id = *id;
    return id != NULL;
}

/* ---- measuring ---- */

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* This thread's processor time: what else runs on the machine does not count. */
static int64_t cpu_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void measure(struct big_room *room, const char *what, struct branch *a, struct branch *b)
{
    struct state_map maps[] = {branch_map(a), branch_map(b)}, won;
    struct state_res_source source = {room, load_auth, load, find_name, NULL};
    int64_t times_us[RUNS];
    for (size_t i = 0; i < RUNS; i++) {
        struct arena *arena = arena_new(SIZE_MAX / 2);
        struct err err = ERR_INIT;
        int64_t from = cpu_us();
        CHECK(state_res_resolve(room->version, &source, maps, 2, arena, &won, &err) == 0);
        times_us[i] = cpu_us() - from;
        CHECK(won.n >= maps[0].n);
        arena_free(arena);
    }
    qsort(times_us, RUNS, sizeof *times_us, compare);
    printf("%s\t%.*s\t%zu\t%.1f\n", what, STR_ARG(room->version->name), room->events.n,
           (double)times_us[RUNS / 2] / 1000);
    fflush(stdout);
}

/* ---- scenarios ---- */

/* On this branch: half of its events change what stands at the conflicted keys, once and again; the
 * members do so themselves on one branch, and are removed and come back on the other. */
static void quarrel(struct branch *branch, bool by_moderator)
{
    struct big_room *room = branch->room;
    for (size_t i = 0; i < BRANCH; i++) {
        struct str who = user(room, 2 + i % CONFLICTS);
        if (i % LEVELS_ONE_IN == 0)
            set_levels(branch, FOUNDER, i + (by_moderator ? BRANCH : 0));
        else if (by_moderator && i < CONFLICTS)
            add(branch, user(room, 0), MEMBER, who, STR("{\"membership\":\"leave\"}"));
        else
            add(branch, who, MEMBER, who,
                arena_printf(room->arena, "{\"displayname\":\"%zu\",\"membership\":\"join\"}", i));
    }
}

static void run_branches(const char *version, size_t entries)
{
    struct big_room room;
    struct branch base, left, right;
    begin_room(&base, &room, version);
    for (size_t i = 0; room.events.n < entries; i++)
        add(&base, user(&room, i), MEMBER, user(&room, i), JOIN);
    branch_copy(&left, &base);
    branch_copy(&right, &base);
    quarrel(&left, false);
    quarrel(&right, true);
    measure(&room, "branches", &left, &right);
    str_map_done(&base.at);
    str_map_done(&left.at);
    str_map_done(&right.at);
    end_room(&room);
}

/* A chain of power levels; the other branch leaves it near its end, or at its beginning, when all
 * of it is in the difference. */
static void run_chain(const char *version, const char *what, size_t fork)
{
    struct big_room room;
    struct branch chain, other;
    begin_room(&chain, &room, version);
    for (size_t i = 1; i <= CHAIN; i++) {
        if (i == fork) {
            branch_copy(&other, &chain);
            set_levels(&other, FOUNDER, CHAIN + 1);
        }
        set_levels(&chain, FOUNDER, i);
    }
    measure(&room, what, &chain, &other);
    str_map_done(&chain.at);
    str_map_done(&other.at);
    end_room(&room);
}

int main(int argc, char **argv)
{
    int64_t entries = ENTRIES;
    if (argc > 2 || (argc == 2 && str_parse_uint(str_from(argv[1]), &entries) < 0)) {
        fprintf(stderr, "usage: resolution [STATE_ENTRIES]\n");
        return 64;
    }
    run_branches("10", (size_t)entries);
    run_branches("12", (size_t)entries);
    run_chain("10", "chain, forked near its end", CHAIN - 100);
    run_chain("12", "chain, forked near its end", CHAIN - 100);
    run_chain("10", "chain, forked at its beginning", 1);
    run_chain("12", "chain, forked at its beginning", 1);
    return 0;
}
