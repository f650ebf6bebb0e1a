/* SPDX-License-Identifier: EUPL-1.2 */

/* Named cases of state resolution, each with the answer worked out by hand. */

#include "base/limits.h"
#include "base/unit.h"
#include "base/vec.h"
#include "graph.h"
#include "matrix/auth.h"

#define ALICE   "@alice:a.example"
#define BOB     "@bob:b.example"
#define CHARLIE "@charlie:c.example"
#define EVE     "@eve:e.example"

#define JOIN  "{\"membership\":\"join\"}"
#define LEAVE "{\"membership\":\"leave\"}"
#define BAN   "{\"membership\":\"ban\"}"

static int64_t clock_now;

static int64_t send_at(struct graph *graph, const char *sender, const char *type, const char *key,
                       const char *content, const int64_t *prev, size_t n_prev,
                       struct state_map auth_state)
{
    struct graph_draft draft = {sender, type, key, content, prev, n_prev, auth_state, 0};
    draft.ts = clock_now += 10;
    struct pdu pdu = graph_build(graph, &draft);
    if (!graph_allows(graph, &pdu, auth_state))
        fail_msg("%s of %s is not allowed", type, sender);
    return graph_add(graph, &pdu, false, false)->id;
}

/* After one event, citing the state there. */
static int64_t send(struct graph *graph, int64_t prev, const char *sender, const char *type,
                    const char *key, const char *content)
{
    return send_at(graph, sender, type, key, content, &prev, prev ? 1 : 0,
                   prev ? graph_event(graph, prev)->after : (struct state_map){0});
}

/* Create, Alice's join, levels and public join rules; gives the last. */
static int64_t begin(struct graph *graph, const char *levels)
{
    bool v12 = graph->version->room_id_is_hash;
    clock_now = 1000;
    if (!v12)
        graph->room_id = STR("!room:a.example");
    int64_t at = send(graph, 0, ALICE, "m.room.create", "",
                      v12 ? "{\"room_version\":\"12\"}"
                          : "{\"room_version\":\"11\",\"creator\":\"" ALICE "\"}");
    at = send(graph, at, ALICE, "m.room.member", ALICE, JOIN);
    at = send(graph, at, ALICE, "m.room.power_levels", "", levels);
    return send(graph, at, ALICE, "m.room.join_rules", "", "{\"join_rule\":\"public\"}");
}

#define LEVELS_V11(others) "{\"users\":{\"" ALICE "\":100" others "}}"

/* STA-07, MSC4297 problem A: Alice sets the join rules twice and leaves. One fork's state comes
 * from a partial synchronisation, with the first join rules in it; both forks agree that she left.
 * The unconflicted state then refuses both join rules: version 2 ends without any. */
static int64_t problem_a(const char *version, struct graph **ret_graph, int64_t *ret_newest)
{
    struct graph *graph = *ret_graph = graph_new(version);
    bool v12 = graph->version->room_id_is_hash;
    int64_t old_rules = begin(graph, v12 ? "{}" : LEVELS_V11(""));
    int64_t at = send(graph, old_rules, BOB, "m.room.member", BOB, JOIN);
    at = send(graph, at, CHARLIE, "m.room.member", CHARLIE, JOIN);
    *ret_newest = at = send(graph, at, ALICE, "m.room.join_rules", "", "{\"join_rule\":\"knock\"}");
    at = send(graph, at, ALICE, "m.room.member", ALICE, LEAVE);
    struct state_map right = graph_event(graph, at)->after;
    struct state_map maps[] = {right, graph_state_with(graph, right, old_rules)};
    struct state_map state = graph_resolve(graph, maps, 2);
    return graph_find(graph, state, "m.room.join_rules", "");
}

static void sta_07_problem_a(void **state)
{
    struct graph *graph;
    int64_t newest;
    (void)state;
    assert_int_equal(problem_a("11", &graph, &newest), 0); /* the reset */
    graph_free(graph);
    assert_int_equal(problem_a("12", &graph, &newest), newest);
    graph_free(graph);
}

/* STA-07, MSC4297 problem B: Alice promotes Bob, Bob promotes Charlie, who does something. One
 * fork's state has the levels from before. Bob's promotion is in both auth chains, so version 2
 * does not replay it, and Charlie's promotion by Bob is refused: it falls back to the oldest
 * levels. */
static int64_t problem_b(const char *version, struct graph **ret_graph, int64_t *ret_newest)
{
    struct graph *graph = *ret_graph = graph_new(version);
    bool v12 = graph->version->room_id_is_hash;
    int64_t at = begin(graph, v12 ? "{}" : LEVELS_V11(""));
    int64_t old_levels =
        graph_find(graph, graph_event(graph, at)->after, "m.room.power_levels", "");
    at = send(graph, at, BOB, "m.room.member", BOB, JOIN);
    at = send(graph, at, CHARLIE, "m.room.member", CHARLIE, JOIN);
    at = send(graph, at, EVE, "m.room.member", EVE, JOIN);
    at = send(graph, at, ALICE, "m.room.power_levels", "",
              v12 ? "{\"users\":{\"" BOB "\":100}}" : LEVELS_V11(",\"" BOB "\":100"));
    *ret_newest = at = send(graph, at, BOB, "m.room.power_levels", "",
                            v12 ? "{\"users\":{\"" BOB "\":100,\"" CHARLIE "\":50}}"
                                : LEVELS_V11(",\"" BOB "\":100,\"" CHARLIE "\":50"));
    /* Both forks hold an event that cites the newest levels, so all are in both chains. */
    int64_t left = send(graph, at, CHARLIE, "m.room.topic", "", "{\"topic\":\"t\"}");
    int64_t right = send(graph, at, CHARLIE, "m.room.name", "", "{\"name\":\"n\"}");
    struct state_map maps[] = {
        graph_event(graph, left)->after,
        graph_state_with(graph, graph_event(graph, right)->after, old_levels),
    };
    struct state_map state = graph_resolve(graph, maps, 2);
    return graph_find(graph, state, "m.room.power_levels", "");
}

static void sta_07_problem_b(void **state)
{
    struct graph *graph;
    int64_t newest, found;
    (void)state;
    found = problem_b("11", &graph, &newest);
    assert_int_not_equal(found, newest); /* the reset */
    assert_int_not_equal(found, 0);
    graph_free(graph);
    assert_int_equal(problem_b("12", &graph, &newest), newest);
    graph_free(graph);
}

/* STA-05: Eve cites no power levels event in a fork's first levels of her own. By her auth events
 * nobody has levels yet, and she would be free to make some; the state knows better. */
static void sta_05_levels_are_there_though_not_cited(void **state)
{
    static const char *const versions[] = {"10", "11", "12"};
    (void)state;
    for (size_t v = 0; v < ARRAY_LEN(versions); v++) {
        struct graph *graph = graph_new(versions[v]);
        bool v12 = graph->version->room_id_is_hash;
        int64_t at = begin(graph, v12 ? "{}" : LEVELS_V11(""));
        at = send(graph, at, EVE, "m.room.member", EVE, JOIN);
        struct state_map before = graph_event(graph, at)->after, without = {0};
        for (size_t i = 0; i < before.n; i++)
            if (!str_eq(graph_event(graph, before.p[i].event)->pdu.type,
                        STR("m.room.power_levels")))
                without = graph_state_with(graph, without, before.p[i].event);
        struct graph_draft draft = {
            EVE,
            "m.room.power_levels",
            "",
            v12 ? "{\"users\":{\"" EVE "\":100}}" : "{\"users\":{\"" ALICE "\":0,\"" EVE "\":100}}",
            &at,
            1,
            without,
            clock_now + 1};
        struct pdu pdu = graph_build(graph, &draft);
        assert_false(graph_allows(graph, &pdu, before)); /* by the state: rejected */

        /* A server that took it all the same gives a state with it: resolution refuses it. */
        int64_t theirs = graph_add(graph, &pdu, false, false)->id;
        int64_t ours = graph_find(graph, before, "m.room.power_levels", "");
        struct state_map maps[] = {before, graph_state_with(graph, before, theirs)};
        struct state_map resolved = graph_resolve(graph, maps, 2);
        assert_int_equal(graph_find(graph, resolved, "m.room.power_levels", ""), ours);
        graph_free(graph);
    }
}

/* STA-06: Eve, banned, sends on events from before the ban. It is allowed where it stands, so the
 * soft failure is the caller's to find by the current state; and a fork of hers changes nothing. */
static void sta_06_ban_evasion(void **state)
{
    static const char *const versions[] = {"10", "12"};
    (void)state;
    for (size_t v = 0; v < ARRAY_LEN(versions); v++) {
        struct graph *graph = graph_new(versions[v]);
        bool v12 = graph->version->room_id_is_hash;
        int64_t at =
            begin(graph, v12 ? "{\"users\":{\"" EVE "\":50}}" : LEVELS_V11(",\"" EVE "\":50"));
        int64_t before_ban = send(graph, at, EVE, "m.room.member", EVE, JOIN);
        int64_t ban = send(graph, before_ban, ALICE, "m.room.member", EVE, BAN);
        struct graph_draft draft = {EVE,
                                    "m.room.topic",
                                    "",
                                    "{\"topic\":\"mine\"}",
                                    &before_ban,
                                    1,
                                    graph_event(graph, before_ban)->after,
                                    clock_now - 5000};
        struct pdu pdu = graph_build(graph, &draft);
        assert_true(graph_allows(graph, &pdu, graph_event(graph, before_ban)->after));
        assert_false(graph_allows(graph, &pdu, graph_event(graph, ban)->after));

        /* Were it an extremity, the ban would still come first. */
        int64_t evasion = graph_add(graph, &pdu, false, true)->id;
        int64_t rejoin = send(graph, evasion, EVE, "m.room.member", EVE,
                              "{\"membership\":\"join\",\"displayname\":\"x\"}");
        int64_t ends[] = {ban, rejoin};
        struct state_map resolved = graph_resolve_events(graph, ends, 2);
        assert_int_equal(graph_find(graph, resolved, "m.room.member", EVE), ban);
        assert_int_equal(graph_find(graph, resolved, "m.room.topic", ""), 0);
        graph_free(graph);
    }
}

/* A rejected event authorises nobody, though an event cites it. */
static void rejected_auth_events_do_not_count(void **state)
{
    struct graph *graph = graph_new("12");
    (void)state;
    int64_t at = begin(graph, "{}");
    int64_t join = send(graph, at, BOB, "m.room.member", BOB, JOIN);
    int64_t invite =
        send(graph, join, BOB, "m.room.member", CHARLIE, "{\"membership\":\"invite\"}");
    struct state_map maps[] = {graph_event(graph, at)->after, graph_event(graph, invite)->after};
    struct state_map drop[] = {maps[0], graph_state_with(graph, maps[0], invite)};
    struct state_map resolved = graph_resolve(graph, drop, 2);
    assert_int_equal(graph_find(graph, resolved, "m.room.member", CHARLIE), invite);
    graph_event(graph, join)->rejected = true;
    /* In the list by itself, Bob's join would be tried again: so it is kept out of the way, in both
     * auth chains, by what both states have. */
    int64_t name = send_at(graph, ALICE, "m.room.name", "", "{}", &at, 1, maps[0]);
    graph_event(graph, name)->auth[0] = join;
    struct state_map both[] = {
        graph_state_with(graph, maps[0], name),
        graph_state_with(graph, graph_state_with(graph, maps[0], name), invite),
    };
    resolved = graph_resolve(graph, both, 2);
    assert_int_equal(graph_find(graph, resolved, "m.room.member", CHARLIE), 0);
    graph_event(graph, join)->rejected = false;
    resolved = graph_resolve(graph, both, 2);
    assert_int_equal(graph_find(graph, resolved, "m.room.member", CHARLIE), invite);
    graph_free(graph);
}

static void equal_single_and_no_states(void **state)
{
    struct graph *graph = graph_new("12");
    (void)state;
    int64_t at = begin(graph, "{}");
    struct state_map map = graph_event(graph, at)->after, maps[] = {map, map, map};
    assert_int_equal(graph_resolve(graph, NULL, 0).n, 0);
    assert_ptr_equal(graph_resolve(graph, maps, 1).p, map.p);
    assert_ptr_equal(graph_resolve(graph, maps, 3).p, map.p);
    struct state_map empty[] = {map, {0}};
    assert_int_equal(graph_resolve(graph, empty, 2).n, map.n); /* all of it passes */
    graph_free(graph);
}

/* ---- a long room, made of views without JSON ---- */

struct long_room {
    struct pdu *pdus;
    int64_t (*auth)[3];
    size_t *n_auth;
    int64_t n;
    int64_t missing; /* an event that is not there */
    bool with_heights;
    size_t loads;
};

enum { NAME_CREATE = 1, NAME_MEMBER, NAME_LEVELS, NAME_RULES, NAME_EMPTY, NAME_ALICE, NAME_BOB };
static const struct str long_names[] = {
    [NAME_CREATE] = STR_INIT("m.room.create"),
    [NAME_MEMBER] = STR_INIT("m.room.member"),
    [NAME_LEVELS] = STR_INIT("m.room.power_levels"),
    [NAME_RULES] = STR_INIT("m.room.join_rules"),
    [NAME_EMPTY] = STR_INIT(""),
    [NAME_ALICE] = STR_INIT(ALICE),
    [NAME_BOB] = STR_INIT(BOB),
};

static int long_find_name(void *arg, struct str text, int64_t *ret_id, struct err *err)
{
    (void)arg, (void)err;
    for (size_t i = 1; i < ARRAY_LEN(long_names); i++)
        if (str_eq(long_names[i], text)) {
            *ret_id = (int64_t)i;
            return 1;
        }
    return 0;
}

static int long_load_auth(void *arg, int64_t id, struct arena *arena,
                          struct state_res_auth *ret_auth, struct err *err)
{
    struct long_room *room = arg;
    (void)arena, (void)err;
    if (id < 1 || id > room->n || id == room->missing)
        return 0;
    *ret_auth =
        (struct state_res_auth){room->auth[id], room->n_auth[id], room->with_heights ? id : 0};
    return 1;
}

static int long_load(void *arg, int64_t id, struct arena *arena, struct state_res_event *ret_event,
                     struct err *err)
{
    struct long_room *room = arg;
    int64_t type = 0, key = 0;
    (void)arena;
    if (id < 1 || id > room->n || id == room->missing)
        return 0;
    room->loads++;
    (void)long_find_name(NULL, room->pdus[id].type, &type, err);
    (void)long_find_name(NULL, room->pdus[id].state_key, &key, err);
    *ret_event = (struct state_res_event){&room->pdus[id], type, key, false};
    return 1;
}

static const struct json *content_of(struct arena *arena, const char *text)
{
    const struct json *doc = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(json_parse(arena, str_from(text), &doc, &err), 0);
    return doc;
}

static int64_t long_add(struct long_room *room, struct arena *arena, int64_t type,
                        struct str sender, struct str key, const struct json *content)
{
    int64_t id = ++room->n;
    room->pdus[id] = (struct pdu){
        .version = room_version_find(STR("10")),
        .event_id = arena_printf(arena, "$%08d", (int)id),
        .room_id = STR("!r:a.example"),
        .type = long_names[type],
        .sender = sender,
        .state_key = key,
        .content = content,
        .doc = content,
        .origin_server_ts = id,
        .depth = id,
    };
    return id;
}

static void cite(struct long_room *room, int64_t id, int64_t cited)
{
    room->auth[id][room->n_auth[id]++] = cited;
}

/* Create, Alice, then `length` power levels of hers, each citing the one before. */
static void long_begin(struct long_room *room, struct arena *arena, size_t length)
{
    const struct json *levels = content_of(arena, "{\"users\":{\"" ALICE "\":100,\"" BOB "\":50}}");
    *room = (struct long_room){
        .pdus = ARENA_NEW_N(arena, length + 16, struct pdu),
        .auth = arena_alloc(arena, length + 16, sizeof(int64_t[3])),
        .n_auth = ARENA_NEW_N(arena, length + 16, size_t),
    };
    (void)long_add(room, arena, NAME_CREATE, STR(ALICE), STR(""),
                   content_of(arena, "{\"creator\":\"" ALICE "\"}"));
    (void)long_add(room, arena, NAME_MEMBER, STR(ALICE), STR(ALICE), content_of(arena, JOIN));
    cite(room, 2, 1);
    for (size_t i = 0; i < length; i++) {
        int64_t id = long_add(room, arena, NAME_LEVELS, STR(ALICE), STR(""), levels);
        cite(room, id, 1);
        cite(room, id, 2);
        if (i > 0)
            cite(room, id, id - 1);
    }
}

static struct state_map long_state(struct arena *arena, int64_t levels)
{
    struct state_entry *p = ARENA_NEW_N(arena, 3, struct state_entry);
    p[0] = (struct state_entry){NAME_CREATE, NAME_EMPTY, 1};
    p[1] = (struct state_entry){NAME_MEMBER, NAME_ALICE, 2};
    p[2] = (struct state_entry){NAME_LEVELS, NAME_EMPTY, levels};
    return (struct state_map){p, 3};
}

static int64_t long_resolve(struct long_room *room, struct arena *arena, int64_t a, int64_t b)
{
    struct state_res_source source = {room, long_load_auth, long_load, long_find_name, NULL};
    struct state_map maps[] = {long_state(arena, a), long_state(arena, b)}, result;
    struct err err = ERR_INIT;
    assert_int_equal(
        state_res_resolve(room_version_find(STR("10")), &source, maps, 2, arena, &result, &err), 0);
    return state_map_find(result, NAME_LEVELS, NAME_EMPTY);
}

/* An auth chain of 10^5 events: no recursion, and nothing more than n log n. */
static void deep_auth_chains(void **state)
{
    const int64_t length = 100000;
    (void)state;
    for (int heights = 0; heights < 2; heights++) {
        struct arena *arena = arena_new(MIB(512));
        struct long_room room;
        long_begin(&room, arena, (size_t)length);
        room.with_heights = heights;
        assert_int_equal(long_resolve(&room, arena, room.n, 3), room.n); /* all in conflict */
        assert_true(room.loads >= (size_t)length);

        /* Ends that are near each other load what lies between, and no more. */
        room.loads = 0;
        int64_t other =
            long_add(&room, arena, NAME_LEVELS, STR(ALICE), STR(""), room.pdus[3].content);
        cite(&room, other, 1);
        cite(&room, other, 2);
        cite(&room, other, other - 3);
        assert_int_equal(long_resolve(&room, arena, other - 1, other), other);
        assert_in_range(room.loads, 1, 20);
        arena_free(arena);
    }
}

static void missing_and_circular_auth_events(void **state)
{
    struct arena *arena = arena_new(MIB(64));
    struct long_room room;
    (void)state;
    long_begin(&room, arena, 20);
    room.missing = 12; /* in the middle of the chain */
    assert_int_equal(long_resolve(&room, arena, 22, 8), 22);
    room.missing = 22; /* one of the two in conflict */
    assert_int_equal(long_resolve(&room, arena, 22, 8), 8);
    room.missing = 0;
    cite(&room, 3, 22); /* what hashes forbid: the first levels cite the last */
    int64_t found = long_resolve(&room, arena, 22, 8);
    assert_true(found == 22 || found == 8);
    cite(&room, 2, 2);
    (void)long_resolve(&room, arena, 22, 3);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sta_05_levels_are_there_though_not_cited),
        cmocka_unit_test(sta_06_ban_evasion),
        cmocka_unit_test(sta_07_problem_a),
        cmocka_unit_test(sta_07_problem_b),
        cmocka_unit_test(rejected_auth_events_do_not_count),
        cmocka_unit_test(equal_single_and_no_states),
        cmocka_unit_test(deep_auth_chains),
        cmocka_unit_test(missing_and_circular_auth_events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
