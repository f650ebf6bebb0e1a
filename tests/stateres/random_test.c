/* SPDX-License-Identifier: EUPL-1.2 */

/* random_test [SEEDS]                   every seed, room versions 10 and 12; exit 0: no difference
 * random_test --expect-difference N     exit 0 when some seed shows one: for mutants
 * random_test --dump SEED VERSION       the room as JSON, with our answers, for another reader */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/vec.h"
#include "graph.h"
#include "json/write.h"

/* ---- arrival in another order ---- */

static bool is_ready(const struct graph *graph, const bool *taken, int64_t id)
{
    const struct graph_event *event = graph_event(graph, id);
    if (taken[id])
        return false;
    for (size_t i = 0; i < event->n_prev; i++)
        if (!taken[event->prev[i]])
            return false;
    for (size_t i = 0; i < event->n_auth; i++)
        if (!taken[event->auth[i]])
            return false;
    return true;
}

/* The same events, each when those before it have come; which of these is drawn. */
static struct graph *arrive_again(const struct graph *graph, uint64_t seed)
{
    struct graph *copy = graph_new(graph->version->name.p);
    bool *taken = ARENA_NEW_N(copy->arena, graph->n + 1, bool);
    int64_t *ready = ARENA_NEW_N(copy->arena, graph->n + 1, int64_t);
    copy->with_heights = !graph->with_heights;
    while (copy->n < graph->n) {
        size_t n = 0;
        for (int64_t id = 1; id <= (int64_t)graph->n; id++)
            if (is_ready(graph, taken, id))
                ready[n++] = id;
        int64_t id = ready[random_index(&seed, n)];
        const struct graph_event *event = graph_event(graph, id);
        (void)graph_add(copy, &event->pdu, event->rejected, event->soft_failed);
        taken[id] = true;
    }
    return copy;
}

/* The same events in both, each at its key. */
static bool same_map(const struct graph *graph, struct state_map map, const struct graph *copy,
                     struct state_map other)
{
    for (size_t i = 0; i < map.n; i++) {
        const struct graph_event *event = graph_event(graph, map.p[i].event);
        const int64_t *id = str_map_find(&copy->by_event_id, event->pdu.event_id);
        const struct graph_event *there = graph_event(copy, *id);
        if (state_map_find(other, there->type, there->state_key) != *id)
            return false;
    }
    return map.n == other.n;
}

static bool same_states(const struct graph *graph, uint64_t seed)
{
    struct graph *copy = arrive_again(graph, seed);
    bool same = true;
    for (int64_t id = 1; id <= (int64_t)graph->n && same; id++) {
        const struct graph_event *event = graph_event(graph, id);
        const int64_t *other = str_map_find(&copy->by_event_id, event->pdu.event_id);
        same = same_map(graph, event->after, copy, graph_event(copy, *other)->after);
    }
    graph_free(copy);
    return same;
}

/* ---- against the oracle ---- */

#define MERGES     6
#define MAX_STATES 4

struct merge {
    struct state_map states[MAX_STATES];
    size_t n;
};

/* States of a few events, some with an older event put in, as a partial synchronisation or a faulty
 * server would give them (MSC4297). */
static void draw_merge(struct graph *graph, uint64_t *seed, struct merge *merge)
{
    merge->n = 2 + random_index(seed, MAX_STATES - 1);
    for (size_t i = 0; i < merge->n; i++) {
        size_t last = graph->n - random_index(seed, graph->n - 5);
        merge->states[i] = graph_event(graph, (int64_t)last)->after;
        for (size_t k = random_index(seed, 3); k > 0; k--) {
            int64_t old = 1 + (int64_t)random_index(seed, graph->n);
            const struct graph_event *event = graph_event(graph, old);
            if (event->pdu.state_key.p && !event->rejected)
                merge->states[i] = graph_state_with(graph, merge->states[i], old);
        }
    }
}

static bool agree(struct graph *graph, const struct state_map *states, size_t n)
{
    struct state_map ours = graph_resolve(graph, states, n);
    struct state_map theirs = oracle_resolve(graph, states, n);
    return same_map(graph, ours, graph, theirs);
}

static bool agree_on_events(struct graph *graph)
{
    struct state_map states[MAX_STATES];
    for (int64_t id = 1; id <= (int64_t)graph->n; id++) {
        const struct graph_event *event = graph_event(graph, id);
        if (event->n_prev < 2)
            continue;
        for (size_t i = 0; i < event->n_prev; i++)
            states[i] = graph_event(graph, event->prev[i])->after;
        if (!agree(graph, states, event->n_prev))
            return false;
    }
    return true;
}

static bool agree_on_merges(struct graph *graph, uint64_t seed)
{
    struct merge merge;
    for (int i = 0; i < MERGES; i++) {
        draw_merge(graph, &seed, &merge);
        if (!agree(graph, merge.states, merge.n))
            return false;
    }
    return true;
}

static const char *find_difference(uint64_t seed, const char *version)
{
    struct graph *graph = generate(seed, version);
    const char *what = NULL;
    if (!agree_on_events(graph))
        what = "the state before an event";
    else if (!agree_on_merges(graph, seed))
        what = "the resolution of drawn states";
    else if (!same_states(graph, seed + 1) || !same_states(graph, seed + 2))
        what = "another order of arrival";
    graph_free(graph);
    return what;
}

static int run(uint64_t seeds, bool expect_difference)
{
    static const char *const versions[] = {"10", "12"};
    for (uint64_t seed = 1; seed <= seeds; seed++)
        for (size_t v = 0; v < ARRAY_LEN(versions); v++) {
            const char *what = find_difference(seed, versions[v]);
            if (!what)
                continue;
            printf("seed %llu version %s: %s\n", (unsigned long long)seed, versions[v], what);
            return expect_difference ? 0 : 1;
        }
    printf("%llu seeds, no difference\n", (unsigned long long)seeds);
    return expect_difference ? 1 : 0;
}

/* ---- dump ---- */

static void write_ids(struct json_writer *w, struct graph *graph, struct state_map map)
{
    json_write_array(w);
    for (size_t i = 0; i < map.n; i++)
        json_write_str(w, graph_event(graph, map.p[i].event)->pdu.event_id);
    json_write_end(w);
}

static void write_event(struct json_writer *w, struct graph *graph, const struct graph_event *event)
{
    json_write_object(w);
    json_write_member_str(w, STR("event_id"), event->pdu.event_id);
    json_write_member_raw(w, STR("pdu"), event->pdu.json);
    json_write_member_bool(w, STR("rejected"), event->rejected);
    json_write_member_bool(w, STR("soft_failed"), event->soft_failed);
    json_write_key(w, STR("state_before"));
    write_ids(w, graph, event->before);
    json_write_end(w);
}

static struct state_map final_state(struct graph *graph)
{
    VEC(struct state_map) ends = {0};
    for (int64_t id = 1; id <= (int64_t)graph->n; id++) {
        bool is_end = !graph_event(graph, id)->rejected && !graph_event(graph, id)->soft_failed;
        for (int64_t later = id + 1; later <= (int64_t)graph->n && is_end; later++) {
            const struct graph_event *event = graph_event(graph, later);
            for (size_t i = 0; i < event->n_prev && !event->rejected && !event->soft_failed; i++)
                is_end = is_end && event->prev[i] != id;
        }
        if (is_end)
            ARENA_VEC_ADD(graph->arena, &ends, graph_event(graph, id)->after);
    }
    return graph_resolve(graph, ends.p, ends.n);
}

static void write_merges(struct json_writer *w, struct graph *graph, uint64_t seed)
{
    struct merge merge;
    json_write_array(w);
    for (int i = 0; i < MERGES; i++) {
        draw_merge(graph, &seed, &merge);
        json_write_object(w);
        json_write_key(w, STR("resolved"));
        write_ids(w, graph, graph_resolve(graph, merge.states, merge.n));
        json_write_key(w, STR("states"));
        json_write_array(w);
        for (size_t k = 0; k < merge.n; k++)
            write_ids(w, graph, merge.states[k]);
        json_write_end(w);
        json_write_end(w);
    }
    json_write_end(w);
}

static int dump(uint64_t seed, const char *version)
{
    struct graph *graph = generate(seed, version);
    struct json_writer w;
    struct buf buf;
    buf_init(&buf, MIB(16));
    json_writer_init(&w, &buf);
    json_write_object(&w);
    json_write_key(&w, STR("events"));
    json_write_array(&w);
    for (int64_t id = 1; id <= (int64_t)graph->n; id++)
        write_event(&w, graph, graph_event(graph, id));
    json_write_end(&w);
    json_write_member_str(&w, STR("room_id"), graph->room_id);
    json_write_member_str(&w, STR("room_version"), str_from(version));
    json_write_key(&w, STR("resolutions"));
    write_merges(&w, graph, seed);
    json_write_member_int(&w, STR("seed"), (int64_t)seed);
    json_write_key(&w, STR("state"));
    write_ids(&w, graph, final_state(graph));
    json_write_end(&w);
    printf("%.*s\n", STR_ARG(buf_str(&buf)));
    buf_done(&buf);
    graph_free(graph);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "--dump") == 0)
        return dump(strtoull(argv[2], NULL, 10), argv[3]);
    if (argc == 3 && strcmp(argv[1], "--expect-difference") == 0)
        return run(strtoull(argv[2], NULL, 10), true);
    return run(argc == 2 ? strtoull(argv[1], NULL, 10) : 500, false);
}
