/* SPDX-License-Identifier: EUPL-1.2 */

/* State resolution written a second time, from the text of the specification alone and without any
 * care for speed: sets are arrays of bools over all events of the graph. It shares the
 * authorisation rules and power levels with the code under test, and nothing else. */

#include "base/check.h"
#include "graph.h"
#include "matrix/auth.h"
#include "matrix/power.h"

#define MAX_EVENTS 128

struct set {
    bool has[MAX_EVENTS + 1]; /* by event id */
};

struct oracle {
    struct graph *graph;
    const struct state_map *maps;
    size_t n_maps;
    struct set chains[MAX_EVENTS + 1]; /* auth chain of each event */
    struct set conflicted, full, powers;
    struct state_map unconflicted, state;
};

static const struct pdu *pdu(const struct oracle *o, int64_t id)
{
    return &graph_event(o->graph, id)->pdu;
}

/* Ids grow from auth events to those that cite them. */
static void find_chains(struct oracle *o)
{
    for (int64_t id = 1; id <= (int64_t)o->graph->n; id++) {
        const struct graph_event *event = graph_event(o->graph, id);
        for (size_t i = 0; i < event->n_auth; i++) {
            o->chains[id].has[event->auth[i]] = true;
            for (int64_t x = 1; x < id; x++)
                o->chains[id].has[x] |= o->chains[event->auth[i]].has[x];
        }
    }
}

static void divide(struct oracle *o)
{
    for (size_t m = 0; m < o->n_maps; m++)
        for (size_t i = 0; i < o->maps[m].n; i++) {
            struct state_entry e = o->maps[m].p[i];
            bool everywhere = true;
            for (size_t k = 0; k < o->n_maps; k++)
                everywhere &= state_map_find(o->maps[k], e.type, e.state_key) == e.event;
            if (!everywhere)
                o->conflicted.has[e.event] = true;
            else if (m == 0)
                o->unconflicted = graph_state_with(o->graph, o->unconflicted, e.event);
        }
}

static void find_full(struct oracle *o)
{
    o->full = o->conflicted;
    for (int64_t x = 1; x <= (int64_t)o->graph->n; x++) {
        bool in_some = false, in_all = true, from = o->conflicted.has[x], to = from;
        for (size_t m = 0; m < o->n_maps; m++) { /* auth difference */
            bool in_chain = false;
            for (size_t i = 0; i < o->maps[m].n; i++)
                in_chain |= o->chains[o->maps[m].p[i].event].has[x];
            in_some |= in_chain;
            in_all &= in_chain;
        }
        for (int64_t c = 1; c <= (int64_t)o->graph->n; c++) { /* conflicted state subgraph */
            from |= o->conflicted.has[c] && o->chains[c].has[x];
            to |= o->conflicted.has[c] && o->chains[x].has[c];
        }
        if ((in_some && !in_all) || (o->graph->version->number >= 12 && from && to))
            o->full.has[x] = true;
    }
}

static bool is_power_event(const struct pdu *e)
{
    struct str membership = json_find_str(e->content, STR("membership"));
    if (str_eq(e->type, STR("m.room.member")))
        return !str_eq(e->sender, e->state_key) &&
               (str_eq(membership, STR("leave")) || str_eq(membership, STR("ban")));
    return str_eq(e->type, STR("m.room.power_levels")) || str_eq(e->type, STR("m.room.join_rules"));
}

static void find_powers(struct oracle *o)
{
    for (int64_t p = 1; p <= (int64_t)o->graph->n; p++) {
        if (!o->full.has[p] || !is_power_event(pdu(o, p)))
            continue;
        o->powers.has[p] = true;
        for (int64_t x = 1; x < p; x++)
            if (o->full.has[x] && o->chains[p].has[x])
                o->powers.has[x] = true;
    }
}

static int64_t cited(const struct oracle *o, int64_t id, struct str type)
{
    const struct graph_event *event = graph_event(o->graph, id);
    for (size_t i = 0; i < event->n_auth; i++)
        if (str_eq(pdu(o, event->auth[i])->type, type))
            return event->auth[i];
    return 0;
}

static int64_t power_of(const struct oracle *o, int64_t id)
{
    struct power power;
    int64_t levels = cited(o, id, STR("m.room.power_levels"));
    /* The first event of the graph is m.room.create; all but itself cite it, or its id. */
    power_init(&power, o->graph->version,
               id == 1 && o->graph->version->number < 12 ? NULL : pdu(o, 1),
               levels ? pdu(o, levels) : NULL);
    return power_of_user(&power, pdu(o, id)->sender);
}

static bool is_older(const struct oracle *o, int64_t x, int64_t y)
{
    if (pdu(o, x)->origin_server_ts != pdu(o, y)->origin_server_ts)
        return pdu(o, x)->origin_server_ts < pdu(o, y)->origin_server_ts;
    return str_cmp(pdu(o, x)->event_id, pdu(o, y)->event_id) < 0;
}

static bool is_smaller(const struct oracle *o, int64_t x, int64_t y)
{
    if (power_of(o, x) != power_of(o, y))
        return power_of(o, x) > power_of(o, y);
    return is_older(o, x, y);
}

static int find_for_auth(void *context, struct str type, struct str key,
                         const struct pdu **ret_event, struct err *err)
{
    struct {
        struct oracle *o;
        int64_t id;
    } *trial = context;
    struct oracle *o = trial->o;
    const struct graph_event *event = graph_event(o->graph, trial->id);
    (void)err;
    int64_t found = state_map_find(o->state, graph_name(o->graph, type), graph_name(o->graph, key));
    for (size_t i = 0; i < event->n_auth && !found; i++)
        if (!graph_event(o->graph, event->auth[i])->rejected &&
            pdu_is_state(pdu(o, event->auth[i]), type, key))
            found = event->auth[i];
    if (!found && str_eq(type, STR("m.room.create")) && o->graph->version->number >= 12)
        found = 1;
    if (found)
        *ret_event = pdu(o, found);
    return found != 0;
}

static void apply(struct oracle *o, int64_t id)
{
    struct {
        struct oracle *o;
        int64_t id;
    } trial = {o, id};
    struct auth_input input = {o->graph->version, pdu(o, id), {find_for_auth, &trial}, false};
    struct err err = ERR_INIT;
    if (auth_check(&input, &err) == 0)
        o->state = graph_state_with(o->graph, o->state, id);
}

/* Steps 1 and 2. */
static void replay_powers(struct oracle *o)
{
    struct set done = {0};
    for (;;) {
        int64_t next = 0;
        for (int64_t x = 1; x <= (int64_t)o->graph->n; x++) {
            bool ready = o->powers.has[x] && !done.has[x];
            const struct graph_event *event = graph_event(o->graph, x);
            for (size_t i = 0; i < event->n_auth; i++)
                ready &= !o->powers.has[event->auth[i]] || done.has[event->auth[i]];
            if (ready && (!next || is_smaller(o, x, next)))
                next = x;
        }
        if (!next)
            return;
        done.has[next] = true;
        apply(o, next);
    }
}

/* 0 for P0, 1 for P1…; MAX_EVENTS for infinity. */
static int mainline_position(const struct oracle *o, int64_t p0, int64_t e)
{
    for (int64_t j = cited(o, e, STR("m.room.power_levels")); j;
         j = cited(o, j, STR("m.room.power_levels"))) {
        int i = 0;
        for (int64_t p = p0; p; p = cited(o, p, STR("m.room.power_levels")), i++)
            if (p == j)
                return i;
    }
    return MAX_EVENTS;
}

/* Steps 3 and 4. */
static void replay_others(struct oracle *o)
{
    struct set done = o->powers;
    int64_t p0 = graph_find(o->graph, o->state, "m.room.power_levels", "");
    for (;;) {
        int64_t next = 0;
        for (int64_t x = 1; x <= (int64_t)o->graph->n; x++) {
            if (!o->full.has[x] || done.has[x])
                continue;
            int here = mainline_position(o, p0, x);
            int there = next ? mainline_position(o, p0, next) : -1;
            if (!next || here > there || (here == there && is_older(o, x, next)))
                next = x;
        }
        if (!next)
            return;
        done.has[next] = true;
        apply(o, next);
    }
}

struct state_map oracle_resolve(struct graph *graph, const struct state_map *maps, size_t n)
{
    struct oracle *o = ARENA_NEW(graph->arena, struct oracle);
    CHECK(graph->n <= MAX_EVENTS);
    *o = (struct oracle){.graph = graph, .maps = maps, .n_maps = n};
    find_chains(o);
    divide(o);
    find_full(o);
    find_powers(o);
    if (graph->version->number < 12)
        o->state = o->unconflicted;
    replay_powers(o);
    replay_others(o);
    for (size_t i = 0; i < o->unconflicted.n; i++) /* step 5 */
        o->state = graph_state_with(graph, o->state, o->unconflicted.p[i].event);
    return o->state;
}
