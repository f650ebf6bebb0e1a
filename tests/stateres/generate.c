/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/check.h"
#include "base/vec.h"
#include "graph.h"

/* Six users of three servers quarrel: they join, leave, invite, kick, ban, change powers, join
 * rules and topics, at the ends of the graph or on old events (forks), with clocks that disagree.
 * Some events cite a state that is gone, and are rejected; some are allowed where they stand but
 * not in the state of now, and fail softly. */

#define EVENTS 34

static const char *const users[] = {"@alice:a.example", "@bob:a.example",  "@carol:b.example",
                                    "@dave:b.example",  "@erin:c.example", "@frank:c.example"};
#define USERS (sizeof users / sizeof users[0])

uint64_t random_next(uint64_t *seed)
{
    uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

size_t random_index(uint64_t *seed, size_t below)
{
    return (size_t)(random_next(seed) % below);
}

struct generator {
    struct graph *graph;
    uint64_t seed;
    int64_t clock;
    struct {
        int64_t *p;
        size_t n, capacity;
    } ends; /* forward extremities */
};

/* True in so many of a hundred cases. */
static bool chance(struct generator *g, size_t percent)
{
    return random_index(&g->seed, 100) < percent;
}

/* Clocks differ by more than an event takes, and sometimes stand still. */
static int64_t timestamp(struct generator *g)
{
    g->clock += chance(g, 20) ? 0 : 10;
    return chance(g, 25) ? g->clock - (int64_t)random_index(&g->seed, 30) * 10 : g->clock;
}

static struct graph_event *add(struct generator *g, const struct pdu *pdu, bool rejected,
                               bool soft_failed)
{
    struct graph_event *event = graph_add(g->graph, pdu, rejected, soft_failed);
    if (rejected || soft_failed)
        return event;
    size_t n = 0;
    for (size_t i = 0; i < g->ends.n; i++) {
        bool is_prev = false;
        for (size_t j = 0; j < event->n_prev; j++)
            is_prev = is_prev || event->prev[j] == g->ends.p[i];
        if (!is_prev)
            g->ends.p[n++] = g->ends.p[i];
    }
    g->ends.n = n;
    ARENA_VEC_ADD(g->graph->arena, &g->ends, event->id);
    return event;
}

/* ---- the beginning of the room ---- */

static void add_first(struct generator *g, const char *sender, const char *type, const char *key,
                      const char *content)
{
    struct graph_draft draft = {sender, type, key, content, g->ends.p, g->ends.n, {0}, 0};
    if (g->ends.n > 0)
        draft.auth_state = graph_event(g->graph, g->ends.p[0])->after;
    draft.ts = timestamp(g);
    struct pdu pdu = graph_build(g->graph, &draft);
    CHECK(graph_allows(g->graph, &pdu, draft.auth_state));
    (void)add(g, &pdu, false, false);
}

static void begin_room(struct generator *g)
{
    bool v12 = g->graph->version->room_id_is_hash;
    const char *create = v12 ? "{\"room_version\":\"12\"}"
                             : "{\"room_version\":\"10\",\"creator\":\"@alice:a.example\"}";
    if (!v12)
        g->graph->room_id = STR("!room:a.example");
    else if (chance(g, 30))
        create = "{\"room_version\":\"12\",\"additional_creators\":[\"@carol:b.example\"]}";
    add_first(g, users[0], "m.room.create", "", create);
    add_first(g, users[0], "m.room.member", users[0], "{\"membership\":\"join\"}");
    add_first(g, users[0], "m.room.power_levels", "",
              v12 ? "{\"users\":{\"@bob:a.example\":100,\"@dave:b.example\":50}}"
                  : "{\"users\":{\"@alice:a.example\":100,\"@bob:a.example\":100,"
                    "\"@dave:b.example\":50}}");
    add_first(g, users[0], "m.room.join_rules", "", "{\"join_rule\":\"public\"}");
    for (size_t i = 1; i < USERS - 1; i++)
        add_first(g, users[i], "m.room.member", users[i], "{\"membership\":\"join\"}");
}

/* ---- what they do ---- */

/* The levels of now, with a change. */
static const char *new_levels(struct generator *g, struct state_map state)
{
    static const int levels[] = {0, 25, 50, 100};
    int64_t id = graph_find(g->graph, state, "m.room.power_levels", "");
    const struct json *old = id ? graph_event(g->graph, id)->pdu.content : NULL;
    const struct json *old_users = json_find(old, STR("users"));
    const char *changed = users[random_index(&g->seed, USERS)];
    struct buf buf;
    const char *comma = "";
    buf_init(&buf, 4096);
    buf_add(&buf, STR("{\"users\":{"));
    for (size_t i = 0; i < USERS; i++) {
        int64_t level = -1;
        (void)json_as_int(json_find(old_users, str_from(users[i])), &level);
        if (users[i] == changed)
            level = levels[random_index(&g->seed, 4)];
        if (level < 0)
            continue;
        buf_printf(&buf, "%s\"%s\":%d", comma, users[i], (int)level);
        comma = ",";
    }
    buf_printf(&buf, "},\"users_default\":%d,\"invite\":%d}", chance(g, 10) ? 50 : 0,
               chance(g, 20) ? 50 : 0);
    struct str text = arena_str(g->graph->arena, buf_str(&buf));
    buf_done(&buf);
    return text.p;
}

static void choose_action(struct generator *g, struct graph_draft *draft)
{
    static const char *const memberships[] = {"join", "leave", "invite", "ban", "leave", "knock"};
    static const char *const rules[] = {"public", "invite", "knock"};
    const char *target = users[random_index(&g->seed, USERS)];
    size_t what = random_index(&g->seed, 20);
    draft->sender = users[random_index(&g->seed, USERS)];
    draft->state_key = "";
    if (what < 3) { /* of oneself */
        draft->type = "m.room.member";
        draft->state_key = draft->sender;
        draft->content = chance(g, 60) ? "{\"membership\":\"join\",\"displayname\":\"x\"}"
                                       : "{\"membership\":\"leave\"}";
    } else if (what < 9) {
        draft->type = "m.room.member";
        draft->state_key = target;
        draft->content = arena_printf(g->graph->arena, "{\"membership\":\"%s\"}",
                                      memberships[random_index(&g->seed, 6)])
                             .p;
    } else if (what < 13) {
        draft->type = "m.room.power_levels";
        draft->content = new_levels(g, draft->auth_state);
    } else if (what < 16) {
        draft->type = "m.room.join_rules";
        draft->content = arena_printf(g->graph->arena, "{\"join_rule\":\"%s\"}",
                                      rules[random_index(&g->seed, 3)])
                             .p;
    } else if (what < 19) {
        draft->type = what < 18 ? "m.room.topic" : "m.room.name";
        draft->content =
            arena_printf(g->graph->arena, "{\"topic\":\"%d\"}", (int)random_index(&g->seed, 1000))
                .p;
    } else {
        draft->type = "m.room.message";
        draft->state_key = NULL;
        draft->content = "{\"body\":\"x\"}";
    }
}

/* ---- where they do it ---- */

static bool has(const int64_t *ids, size_t n, int64_t id)
{
    for (size_t i = 0; i < n; i++)
        if (ids[i] == id)
            return true;
    return false;
}

/* At all ends, at one, or on old events. */
static size_t choose_prev(struct generator *g, int64_t prev[4])
{
    size_t n = 0;
    if (chance(g, 45)) {
        for (size_t i = 0; i < g->ends.n && n < 4; i++)
            prev[n++] = g->ends.p[i];
        return n;
    }
    if (chance(g, 50)) {
        prev[n++] = g->ends.p[random_index(&g->seed, g->ends.n)];
        return n;
    }
    size_t want = 1 + random_index(&g->seed, 3);
    for (size_t tries = 0; tries < 8 && n < want; tries++) {
        int64_t id = 4 + (int64_t)random_index(&g->seed, g->graph->n - 3);
        const struct graph_event *event = graph_event(g->graph, id);
        if (!event->soft_failed && !has(prev, n, id))
            prev[n++] = id;
    }
    if (n == 0)
        prev[n++] = g->ends.p[0];
    return n;
}

/* True when something was added. */
static bool act(struct generator *g)
{
    int64_t prev[4];
    struct graph_draft draft = {.prev = prev, .n_prev = choose_prev(g, prev)};
    struct state_map before = graph_resolve_events(g->graph, prev, draft.n_prev);
    draft.auth_state = before;
    if (chance(g, 12)) /* cites a state that is gone */
        draft.auth_state =
            graph_event(g->graph, 4 + (int64_t)random_index(&g->seed, g->graph->n - 3))->after;
    choose_action(g, &draft);
    draft.ts = timestamp(g);
    struct pdu pdu = graph_build(g->graph, &draft);
    if (!graph_allows(g->graph, &pdu, draft.auth_state))
        return false; /* nobody would take it */
    bool rejected = !graph_allows(g->graph, &pdu, before);
    struct state_map now = graph_resolve_events(g->graph, g->ends.p, g->ends.n);
    bool soft_failed = !rejected && !graph_allows(g->graph, &pdu, now);
    (void)add(g, &pdu, rejected, soft_failed);
    return true;
}

struct graph *generate(uint64_t seed, const char *version)
{
    struct generator g = {.graph = graph_new(version), .seed = seed * 2 + 1, .clock = 1000000};
    g.graph->with_heights = seed & 1;
    begin_room(&g);
    for (size_t tries = 0; g.graph->n < EVENTS && tries < EVENTS * 20; tries++)
        (void)act(&g);
    return g.graph;
}
