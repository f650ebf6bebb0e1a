/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_TESTS_STATERES_GRAPH_H
#define CHAPPE_TESTS_STATERES_GRAPH_H

/* A room's events in memory, with the state before and after each, for tests of state resolution.
 * Ids of events and names are given in order of arrival, so that another order gives others. */

#include "base/map.h"
#include "matrix/pdu.h"
#include "matrix/state_res.h"

struct graph_event {
    struct pdu pdu;
    int64_t id, type, state_key;
    int64_t *auth, *prev;
    size_t n_auth, n_prev;
    int64_t height;
    bool rejected, soft_failed;
    struct state_map before, after;
};

struct graph {
    struct arena *arena;
    const struct room_version *version;
    struct graph_event **p; /* p[id - 1] */
    size_t n, capacity;
    struct str_map names, by_event_id;
    int64_t n_names;
    bool with_heights;
    struct state_res_source source;
    struct str room_id;
    struct ed25519_key key;
};

struct graph *graph_new(const char *version);
void graph_free(struct graph *graph);

struct graph_event *graph_event(const struct graph *graph, int64_t id);
int64_t graph_name(struct graph *graph, struct str text);
int64_t graph_find(struct graph *graph, struct state_map map, const char *type, const char *key);

/* What an event is made of. auth_state is the state whose events it cites. */
struct graph_draft {
    const char *sender, *type, *state_key; /* state_key NULL: a message */
    const char *content;
    const int64_t *prev;
    size_t n_prev;
    struct state_map auth_state;
    int64_t ts;
};

/* Signed and hashed, not yet part of the graph. */
struct pdu graph_build(struct graph *graph, const struct graph_draft *draft);

/* May it be sent in that state? */
bool graph_allows(struct graph *graph, const struct pdu *pdu, struct state_map state);

/* Takes an event in: its prev and auth events are there. Finds the states before and after it. */
struct graph_event *graph_add(struct graph *graph, const struct pdu *pdu, bool rejected,
                              bool soft_failed);

/* By the code under test. */
struct state_map graph_resolve(struct graph *graph, const struct state_map *maps, size_t n);
struct state_map graph_resolve_events(struct graph *graph, const int64_t *events, size_t n);

/* The same, with one entry more or another. */
struct state_map graph_state_with(struct graph *graph, struct state_map map, int64_t event);

/* By a second reading of the specification, slow and plain (oracle.c). */
struct state_map oracle_resolve(struct graph *graph, const struct state_map *maps, size_t n);

/* generate.c: a random room. The same seed gives the same room. */
struct graph *generate(uint64_t seed, const char *version);
uint64_t random_next(uint64_t *seed);
size_t random_index(uint64_t *seed, size_t below);

#endif
