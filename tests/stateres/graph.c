/* SPDX-License-Identifier: EUPL-1.2 */
#include "graph.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/vec.h"
#include "matrix/auth.h"

/* ---- the source ---- */

static int load_auth(void *arg, int64_t id, struct arena *arena, struct state_res_auth *ret_auth,
                     struct err *err)
{
    const struct graph *graph = arg;
    (void)arena, (void)err;
    if (id < 1 || id > (int64_t)graph->n)
        return 0;
    const struct graph_event *event = graph_event(graph, id);
    *ret_auth = (struct state_res_auth){event->auth, event->n_auth,
                                        graph->with_heights ? event->height : 0};
    return 1;
}

static int load(void *arg, int64_t id, struct arena *arena, struct state_res_event *ret_event,
                struct err *err)
{
    const struct graph *graph = arg;
    (void)arena, (void)err;
    if (id < 1 || id > (int64_t)graph->n)
        return 0;
    const struct graph_event *event = graph_event(graph, id);
    *ret_event =
        (struct state_res_event){&event->pdu, event->type, event->state_key, event->rejected};
    return 1;
}

static int find_name(void *arg, struct str text, int64_t *ret_id, struct err *err)
{
    const struct graph *graph = arg;
    (void)err;
    const int64_t *id = str_map_find(&graph->names, text);
    if (id)
        *ret_id = *id;
    return id != NULL;
}

/* ---- the graph ---- */

struct graph *graph_new(const char *version)
{
    struct graph *graph = MEM_NEW(struct graph);
    ed25519_key_from_seed(&graph->key, (const unsigned char[ED25519_SEED_BYTES]){1});
    graph->arena = arena_new(MIB(64));
    graph->version = room_version_find(str_from(version));
    CHECK(graph->version);
    graph->source = (struct state_res_source){graph, load_auth, load, find_name, NULL};
    return graph;
}

void graph_free(struct graph *graph)
{
    str_map_done(&graph->names);
    str_map_done(&graph->by_event_id);
    arena_free(graph->arena);
    mem_free(graph);
}

struct graph_event *graph_event(const struct graph *graph, int64_t id)
{
    CHECK(id >= 1 && id <= (int64_t)graph->n);
    return graph->p[id - 1];
}

int64_t graph_name(struct graph *graph, struct str text)
{
    int64_t *id = str_map_find(&graph->names, text);
    if (!id) {
        id = ARENA_NEW(graph->arena, int64_t);
        *id = ++graph->n_names;
        (void)str_map_put(&graph->names, text, id);
    }
    return *id;
}

int64_t graph_find(struct graph *graph, struct state_map map, const char *type, const char *key)
{
    return state_map_find(map, graph_name(graph, str_from(type)), graph_name(graph, str_from(key)));
}

struct state_map graph_state_with(struct graph *graph, struct state_map map, int64_t id)
{
    const struct graph_event *event = graph_event(graph, id);
    struct state_entry *out = ARENA_NEW_N(graph->arena, map.n + 1, struct state_entry);
    struct state_entry added = {event->type, event->state_key, id};
    size_t n = 0;
    for (size_t i = 0; i < map.n; i++)
        if (state_entry_cmp(&map.p[i], &added) != 0)
            out[n++] = map.p[i];
    out[n++] = added;
    state_entries_sort(out, n);
    return (struct state_map){out, n};
}

struct state_map graph_resolve(struct graph *graph, const struct state_map *maps, size_t n)
{
    struct state_map result = {0};
    struct err err = ERR_INIT;
    CHECK(state_res_resolve(graph->version, &graph->source, maps, n, graph->arena, &result, &err) ==
          0);
    return result;
}

struct state_map graph_resolve_events(struct graph *graph, const int64_t *events, size_t n)
{
    struct state_map *maps = ARENA_NEW_N(graph->arena, n + 1, struct state_map);
    for (size_t i = 0; i < n; i++)
        maps[i] = graph_event(graph, events[i])->after;
    return graph_resolve(graph, maps, n);
}

/* ---- making events ---- */

static size_t cite(struct graph *graph, const struct graph_draft *draft, const struct json *content,
                   struct str ids[AUTH_SELECT_MAX])
{
    struct auth_key keys[AUTH_SELECT_MAX];
    struct auth_subject subject = {str_from(draft->type), str_from(draft->sender),
                                   str_from(draft->state_key), content};
    size_t n_keys = auth_select(graph->version, &subject, keys), n = 0;
    for (size_t i = 0; i < n_keys; i++) {
        int64_t id = state_map_find(draft->auth_state, graph_name(graph, keys[i].type),
                                    graph_name(graph, keys[i].state_key));
        if (id)
            ids[n++] = graph_event(graph, id)->pdu.event_id;
    }
    return n;
}

struct pdu graph_build(struct graph *graph, const struct graph_draft *draft)
{
    const struct json *content = NULL;
    struct err err = ERR_INIT;
    struct str auth[AUTH_SELECT_MAX],
        *prev = ARENA_NEW_N(graph->arena, draft->n_prev + 1, struct str);
    struct str local, server;
    struct pdu pdu;
    int64_t depth = 0;
    CHECK(json_parse(graph->arena, str_from(draft->content), &content, &err) == 0);
    for (size_t i = 0; i < draft->n_prev; i++) {
        const struct pdu *p = &graph_event(graph, draft->prev[i])->pdu;
        prev[i] = p->event_id;
        depth = p->depth > depth ? p->depth : depth;
    }
    struct pdu_template fields = {
        .room_id = graph->room_id,
        .type = str_from(draft->type),
        .sender = str_from(draft->sender),
        .state_key = str_from(draft->state_key),
        .content = str_from(draft->content),
        .auth_events = auth,
        .prev_events = prev,
        .n_auth_events = cite(graph, draft, content, auth),
        .n_prev_events = draft->n_prev,
        .depth = depth + 1,
        .origin_server_ts = draft->ts,
    };
    str_cut(fields.sender, ':', &local, &server);
    if (pdu_build(graph->arena, graph->version, &fields, &graph->key, STR("ed25519:1"), server,
                  &pdu, &err) != 0) {
        fprintf(stderr, "%s (%s)\n", err.text, err.detail);
        CHECK(false);
    }
    return pdu;
}

struct lookup {
    struct graph *graph;
    struct state_map state;
};

static int find_in_state(void *context, struct str type, struct str key,
                         const struct pdu **ret_event, struct err *err)
{
    struct lookup *lookup = context;
    (void)err;
    int64_t id = state_map_find(lookup->state, graph_name(lookup->graph, type),
                                graph_name(lookup->graph, key));
    if (id)
        *ret_event = &graph_event(lookup->graph, id)->pdu;
    return id != 0;
}

bool graph_allows(struct graph *graph, const struct pdu *pdu, struct state_map state)
{
    struct lookup lookup = {graph, state};
    struct auth_input input = {graph->version, pdu, {find_in_state, &lookup}, false};
    struct err err = ERR_INIT;
    return auth_check(&input, &err) == 0;
}

static int64_t *ids_of(struct graph *graph, const struct str *event_ids, size_t n)
{
    int64_t *ids = ARENA_NEW_N(graph->arena, n + 1, int64_t);
    for (size_t i = 0; i < n; i++) {
        const int64_t *id = str_map_find(&graph->by_event_id, event_ids[i]);
        CHECK(id);
        ids[i] = *id;
    }
    return ids;
}

struct graph_event *graph_add(struct graph *graph, const struct pdu *pdu, bool rejected,
                              bool soft_failed)
{
    struct graph_event *event = ARENA_NEW(graph->arena, struct graph_event);
    *event = (struct graph_event){.pdu = *pdu, .rejected = rejected, .soft_failed = soft_failed};
    event->type = graph_name(graph, pdu->type);
    event->state_key = pdu->state_key.p ? graph_name(graph, pdu->state_key) : 0;
    event->prev = ids_of(graph, pdu->prev_events, pdu->n_prev_events);
    event->n_prev = pdu->n_prev_events;
    event->auth = ids_of(graph, pdu->auth_events, pdu->n_auth_events);
    event->n_auth = pdu->n_auth_events;
    for (size_t i = 0; i < event->n_auth; i++)
        if (graph_event(graph, event->auth[i])->height > event->height)
            event->height = graph_event(graph, event->auth[i])->height;
    event->height++;
    ARENA_VEC_ADD(graph->arena, graph, event);
    event->id = (int64_t)graph->n;
    (void)str_map_put(&graph->by_event_id, pdu->event_id, &event->id);
    if (!graph->room_id.p)
        graph->room_id = pdu->room_id;
    event->before = graph_resolve_events(graph, event->prev, event->n_prev);
    event->after = event->before;
    if (pdu->state_key.p && !rejected)
        event->after = graph_state_with(graph, event->before, event->id);
    return event;
}
