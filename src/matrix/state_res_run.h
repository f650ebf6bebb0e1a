/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_MATRIX_STATE_RES_RUN_H
#define CHAPPE_MATRIX_STATE_RES_RUN_H

/* The inside of state_res.c: one resolution at work. Each event that it meets is a node, loaded
 * when it is first looked at. Private to the state_res_*.c files. */

#include "base/map.h"
#include "base/vec.h"
#include "matrix/pdu.h"
#include "matrix/state_res.h"

/* What a node was found to be. */
enum {
    NODE_CONFLICTED = 1 << 0, /* in the conflicted state set */
    NODE_FULL = 1 << 1,       /* in the full conflicted set */
    NODE_SEEN = 1 << 2,       /* by the walk that is going on */
    NODE_REACHES = 1 << 3,    /* an auth path leads to a conflicted event */
    NODE_POWER_LIST = 1 << 4, /* in the set X of step 1 */
    NODE_HEIGHT_OPEN = 1 << 5,
    NODE_POSITION = 1 << 6, /* position is known */
};

enum node_part { NODE_UNREAD, NODE_READ, NODE_ABSENT };

struct node {
    int64_t id;
    unsigned marks;
    enum node_part auth_part, event_part;
    struct state_res_auth auth;
    struct state_res_event event;
    struct node **parents; /* the nodes of auth, made when they are first asked for */
    size_t n_parents;
    int64_t power;    /* of its sender, by its auth events */
    size_t waits_for; /* Kahn: how many auth events in the list have not come yet */
    int64_t position; /* mainline: at or below this power levels event */
    uint64_t *sets;   /* auth difference: which states reach it */
};

struct node_list {
    struct node **p;
    size_t n, capacity;
};

struct run {
    const struct room_version *version;
    const struct state_res_source *source;
    const struct state_res_conflict *conflict;
    struct arena *arena;
    struct int_map nodes;
    struct node *create;  /* of the room, where auth events do not name it; or NULL */
    struct str_map state; /* (type, state_key) → node: what iterative auth checks built */
};

void run_init(struct run *run, const struct state_res_source *source,
              const struct state_res_conflict *conflict, struct arena *arena);
void run_done(struct run *run);

struct node *run_node(struct run *run, int64_t id);

/* Loads what is not loaded. 1 there, 0 absent, -1. */
int run_load(struct run *run, struct node *node, struct err *err) MUST_USE;
/* Same for the edges, and the nodes at their ends; absent ones have none. An edge that does not go
 * down is left out, so that nothing turns in a circle. 0, -1. */
int run_load_parents(struct run *run, struct node *node, struct err *err) MUST_USE;

/* The auth event of a node at (type, ""), NULL when there is none that is known. 0, -1. */
int run_find_cited(struct run *run, struct node *node, struct str type, struct node **ret_cited,
                   struct err *err) MUST_USE;

/* Adds the nodes below `from` that are not lower than `floor`, itself included, to the list, each
 * once; they are left with NODE_SEEN. */
int run_walk(struct run *run, struct node *from, int64_t floor, struct node_list *list,
             struct err *err) MUST_USE;

/* ---- state_res_set.c: which events are replayed ---- */

/* The full conflicted set, as nodes that are there. */
int run_full_conflicted(struct run *run, struct node_list *ret_full, struct err *err) MUST_USE;
/* The set X of step 1: power events of the set, and those of their auth chains that are in it. */
int run_power_set(struct run *run, const struct node_list *full, struct node_list *ret_powers,
                  struct err *err) MUST_USE;

/* ---- state_res_order.c: in which order ---- */

int run_sort_by_power(struct run *run, const struct node_list *set, struct node_list *ret_sorted,
                      struct err *err) MUST_USE;
int run_sort_by_mainline(struct run *run, struct node *power_levels, struct node_list *set,
                         struct err *err) MUST_USE;

/* ---- state_res_replay.c: what stands in the end ---- */

int run_replay(struct run *run, const struct node_list *events, struct err *err) MUST_USE;
/* Of what was replayed; NULL when nothing of that key was allowed. */
struct node *run_state_find(const struct run *run, int64_t type, int64_t state_key);

#endif
