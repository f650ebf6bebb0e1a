/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_MATRIX_STATE_RES_H
#define CHAPPE_MATRIX_STATE_RES_H

/* State resolution: version 2 (rooms 2 to 11, rooms/v2 "State resolution") and version 2.1 (rooms
 * 12 and later, rooms/v12 "State resolution", MSC4297). It works on integers and costs what
 * conflicts: the events are loaded that are in the full conflicted set, or are needed to check
 * those; everything is linear or n log n in their number, and nothing recurses.
 *
 * Events come from a source given by the caller. What the source does not have (an auth event that
 * never arrived) counts as not being there; auth events that turn in a circle, which hashes make
 * impossible, are left out. Memory comes from the arena of the call. One call is one thread. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"
#include "matrix/state_map.h"

struct pdu;
struct room_version;

/* What the walks over the auth graph need of an event; cheap to give, nothing is parsed. */
struct state_res_auth {
    const int64_t *auth; /* ids of its auth events; 0 for one that never arrived */
    size_t n_auth;
    int64_t height; /* more than the height of each of its auth events; 0: not known, and then the
                       walks cannot stop early */
};

/* The event itself. Strings of the pdu stay valid as long as the arena given to load. */
struct state_res_event {
    const struct pdu *pdu;
    int64_t type, state_key; /* names, as in the state maps */
    bool rejected; /* for whatever reason: never used to authorise others (rooms/v12, "Rejected
                      events") */
};

/* States in conflict, cut to what matters. A state's map holds its entries at the conflicted keys
 * only: those that are not in every state with the same event. */
struct state_res_conflict {
    const struct state_map *states;
    size_t n_states;

    /* The event on which all states agree: 1 found, 0 none (or a conflicted key), -1. */
    int (*find_common)(void *arg, int64_t type, int64_t state_key, int64_t *ret_event,
                       struct err *err);
    void *arg;

    /* The whole unconflicted map, for state_res_auth_difference alone; empty when the source has a
     * difference of its own. */
    struct state_map common;
};

struct state_res_source {
    void *arg;

    /* 1 found, 0 not there, -1. */
    int (*load_auth)(void *arg, int64_t event, struct arena *arena, struct state_res_auth *ret_auth,
                     struct err *err);
    int (*load)(void *arg, int64_t event, struct arena *arena, struct state_res_event *ret_event,
                struct err *err);

    /* The id of an event type or state key: 1 known, 0 never seen (so no state has it), -1. */
    int (*find_name)(void *arg, struct str text, int64_t *ret_id, struct err *err);

    /* The auth difference (rooms/v12 "Auth difference"): every event that is in the full auth chain
     * of some states but not of all. The chain of a state holds the chains of its unconflicted
     * events too, so what those reach is in no difference. Order is free; no event twice. NULL:
     * state_res_auth_difference. */
    int (*auth_difference)(void *arg, const struct state_res_conflict *conflict,
                           struct arena *arena, int64_t **ret_events, size_t *ret_n,
                           struct err *err);
};

/* From version 12 on, all states have one m.room.create, the one that the room id names: the caller
 * has refused events of other rooms. */

/* Resolves whole maps: partitions them, resolves, lays the rest over. States given twice count
 * once. n_maps 0 gives the empty map. */
int state_res_resolve(const struct room_version *version, const struct state_res_source *source,
                      const struct state_map *maps, size_t n_maps, struct arena *arena,
                      struct state_map *ret_map, struct err *err) MUST_USE;

/* Resolves a conflict already cut out, for a caller that compares states without loading them. The
 * result holds the keys on which the states do not agree (with what won; a key nobody won is
 * absent), and is to be laid on the unconflicted map. It may hold a key that no state had: an event
 * of an auth chain that passed (rooms/v12, algorithm, steps 2 and 4). */
int state_res_resolve_conflict(const struct room_version *version,
                               const struct state_res_source *source,
                               const struct state_res_conflict *conflict, struct arena *arena,
                               struct state_map *ret_won, struct err *err) MUST_USE;

/* Divides maps into what all have (ret_common) and what differs (ret_conflicted, one map a state).
 * Linear in the maps together. */
void state_res_partition(const struct state_map *maps, size_t n_maps, struct arena *arena,
                         struct state_map *ret_common, struct state_map **ret_conflicted);

/* The auth difference by walking the auth chains, down to where the heights tell that all is
 * common. Without heights it walks the whole of them. For tests and small stores. */
int state_res_auth_difference(const struct state_res_source *source,
                              const struct state_res_conflict *conflict, struct arena *arena,
                              int64_t **ret_events, size_t *ret_n, struct err *err) MUST_USE;

#endif
