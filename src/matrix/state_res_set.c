/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdlib.h>
#include <string.h>

#include "matrix/member.h"
#include "matrix/state_res_run.h"

static int by_height(const void *a, const void *b)
{
    const struct node *x = *(struct node *const *)a, *y = *(struct node *const *)b;
    if (x->auth.height != y->auth.height)
        return x->auth.height < y->auth.height ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static void forget_walk(struct node_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        list->p[i]->marks &= ~(unsigned)NODE_SEEN;
}

/* ---- auth difference (rooms/v12 "Auth difference") ---- */

/* Each node carries the set of states whose full auth chain it is in. From the highest down, a
 * node's set is whole when its turn comes, for only higher ones cite it. When all that wait are in
 * every state's chain, so is everything below, and the walk ends. */
struct difference {
    struct run run;
    size_t n_states, n_words;
    struct node_list heap; /* highest first */
    size_t partial;        /* nodes of the heap that are not in all sets yet */
};

static bool set_is_full(const struct difference *d, const struct node *node)
{
    for (size_t w = 0; w < d->n_words; w++) {
        size_t bits = d->n_states - w * 64;
        uint64_t all = bits >= 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
        if ((node->sets[w] & all) != all)
            return false;
    }
    return true;
}

static void heap_push(struct difference *d, struct node *node)
{
    struct node_list *heap = &d->heap;
    ARENA_VEC_ADD(d->run.arena, heap, node);
    size_t i = heap->n - 1;
    while (i > 0 && heap->p[(i - 1) / 2]->auth.height < node->auth.height) {
        heap->p[i] = heap->p[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    heap->p[i] = node;
}

static struct node *heap_pop(struct difference *d)
{
    struct node_list *heap = &d->heap;
    struct node *top = heap->p[0], *last = heap->p[--heap->n];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < heap->n; i = child) {
        if (child + 1 < heap->n && heap->p[child + 1]->auth.height > heap->p[child]->auth.height)
            child++;
        if (heap->p[child]->auth.height <= last->auth.height)
            break;
        heap->p[i] = heap->p[child];
    }
    heap->p[i] = last;
    return top;
}

/* The node is in these states' chains as well. */
static void add_sets(struct difference *d, struct node *node, const uint64_t *sets)
{
    bool is_new = !node->sets;
    if (is_new)
        node->sets = ARENA_NEW_N(d->run.arena, d->n_words, uint64_t);
    bool was_partial = !is_new && !set_is_full(d, node);
    for (size_t w = 0; w < d->n_words; w++)
        node->sets[w] |= sets[w];
    bool is_partial = !set_is_full(d, node);
    if (is_partial && !was_partial)
        d->partial++;
    if (!is_partial && was_partial)
        d->partial--;
    if (is_new)
        heap_push(d, node);
}

/* The chain of a state begins with the auth events of its events. */
static int seed(struct difference *d, struct state_map map, const uint64_t *sets, struct err *err)
{
    for (size_t i = 0; i < map.n; i++) {
        struct node *node = run_node(&d->run, map.p[i].event);
        if (run_load_parents(&d->run, node, err) != 0)
            return -1;
        for (size_t j = 0; j < node->n_parents; j++)
            add_sets(d, node->parents[j], sets);
    }
    return 0;
}

static int seed_all(struct difference *d, const struct state_res_conflict *conflict,
                    struct err *err)
{
    uint64_t *sets = ARENA_NEW_N(d->run.arena, d->n_words, uint64_t);
    for (size_t i = 0; i < d->n_states; i++) {
        sets[i / 64] = UINT64_C(1) << i % 64;
        if (seed(d, conflict->states[i], sets, err) != 0)
            return -1;
        sets[i / 64] = 0;
    }
    memset(sets, 0xff, d->n_words * sizeof *sets);
    return seed(d, conflict->common, sets, err);
}

static int walk_difference(struct difference *d, int64_t **ret_events, size_t *ret_n,
                           struct err *err)
{
    VEC(int64_t) found = {0};
    while (d->partial > 0) {
        struct node *node = heap_pop(d);
        if (!set_is_full(d, node)) {
            ARENA_VEC_ADD(d->run.arena, &found, node->id);
            d->partial--;
        }
        if (run_load_parents(&d->run, node, err) != 0)
            return -1;
        for (size_t i = 0; i < node->n_parents; i++)
            add_sets(d, node->parents[i], node->sets);
    }
    *ret_events = found.p;
    *ret_n = found.n;
    return 0;
}

int state_res_auth_difference(const struct state_res_source *source,
                              const struct state_res_conflict *conflict, struct arena *arena,
                              int64_t **ret_events, size_t *ret_n, struct err *err)
{
    struct difference d = {.n_states = conflict->n_states,
                           .n_words = (conflict->n_states + 63) / 64};
    *ret_events = NULL;
    *ret_n = 0;
    run_init(&d.run, source, conflict, arena);
    int rc = d.n_states ? seed_all(&d, conflict, err) : 0;
    if (rc == 0)
        rc = walk_difference(&d, ret_events, ret_n, err);
    run_done(&d.run);
    return rc;
}

/* ---- the full conflicted set ---- */

/* An event counts when it is there. */
static int add_full(struct run *run, struct node *node, struct node_list *full, struct err *err)
{
    if (node->marks & NODE_FULL)
        return 0;
    int rc = run_load(run, node, err);
    if (rc < 0)
        return -1;
    if (rc == 0 || !node->event.pdu->state_key.p)
        return 0;
    node->marks |= NODE_FULL;
    ARENA_VEC_ADD(run->arena, full, node);
    return 0;
}

/* The conflicted state set. */
static int add_conflicted(struct run *run, struct node_list *conflicted, struct node_list *full,
                          struct err *err)
{
    for (size_t i = 0; i < run->conflict->n_states; i++) {
        struct state_map map = run->conflict->states[i];
        for (size_t j = 0; j < map.n; j++) {
            struct node *node = run_node(run, map.p[j].event);
            if (node->marks & NODE_CONFLICTED)
                continue;
            node->marks |= NODE_CONFLICTED;
            ARENA_VEC_ADD(run->arena, conflicted, node);
            if (add_full(run, node, full, err) != 0)
                return -1;
        }
    }
    return 0;
}

static int add_difference(struct run *run, struct node_list *full, struct err *err)
{
    int64_t *events;
    size_t n;
    int rc;
    if (run->source->auth_difference)
        rc = run->source->auth_difference(run->source->arg, run->conflict, run->arena, &events, &n,
                                          err);
    else
        rc = state_res_auth_difference(run->source, run->conflict, run->arena, &events, &n, err);
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = add_full(run, run_node(run, events[i]), full, err);
    return rc;
}

/* The height below which none of these stands. */
static int find_floor(struct run *run, const struct node_list *list, int64_t *ret_floor,
                      struct err *err)
{
    *ret_floor = INT64_MAX;
    for (size_t i = 0; i < list->n; i++) {
        if (run_load_parents(run, list->p[i], err) != 0)
            return -1;
        if (list->p[i]->auth.height < *ret_floor)
            *ret_floor = list->p[i]->auth.height;
    }
    return 0;
}

/* rooms/v12 "Conflicted state subgraph": what a path of auth events between two conflicted events
 * passes. All that is below a conflicted event is walked, no lower than the lowest conflicted one;
 * of that, from the lowest up, what leads to a conflicted event is in. */
static int add_subgraph(struct run *run, const struct node_list *conflicted, struct node_list *full,
                        struct err *err)
{
    struct node_list below = {0};
    int64_t floor;
    if (find_floor(run, conflicted, &floor, err) != 0)
        return -1;
    for (size_t i = 0; i < conflicted->n; i++)
        if (run_walk(run, conflicted->p[i], floor, &below, err) != 0)
            return -1;
    if (below.n > 0)
        qsort(below.p, below.n, sizeof(struct node *), by_height);
    for (size_t i = 0; i < below.n; i++) {
        struct node *node = below.p[i];
        bool reaches = node->marks & NODE_CONFLICTED;
        for (size_t j = 0; j < node->n_parents && !reaches; j++)
            reaches = node->parents[j]->marks & NODE_REACHES;
        if (!reaches)
            continue;
        node->marks |= NODE_REACHES;
        if (add_full(run, node, full, err) != 0)
            return -1;
    }
    forget_walk(&below);
    return 0;
}

int run_full_conflicted(struct run *run, struct node_list *ret_full, struct err *err)
{
    struct node_list conflicted = {0};
    *ret_full = (struct node_list){0};
    if (add_conflicted(run, &conflicted, ret_full, err) != 0 ||
        add_difference(run, ret_full, err) != 0)
        return -1;
    if (run->version->state_resolution == STATE_RESOLUTION_2)
        return 0;
    return add_subgraph(run, &conflicted, ret_full, err);
}

/* ---- step 1: power events ---- */

/* rooms/v12 "Power events": those that might take away someone's ability to do something. */
static bool is_power_event(const struct pdu *pdu)
{
    if (pdu_is_state(pdu, STR("m.room.power_levels"), STR("")) ||
        pdu_is_state(pdu, STR("m.room.join_rules"), STR("")))
        return true;
    if (!str_eq(pdu->type, STR("m.room.member")) || str_eq(pdu->sender, pdu->state_key))
        return false;
    enum membership membership = membership_of(pdu);
    return membership == MEMBERSHIP_LEAVE || membership == MEMBERSHIP_BAN;
}

int run_power_set(struct run *run, const struct node_list *full, struct node_list *ret_powers,
                  struct err *err)
{
    struct node_list below = {0};
    int64_t floor;
    *ret_powers = (struct node_list){0};
    if (find_floor(run, full, &floor, err) != 0)
        return -1;
    for (size_t i = 0; i < full->n; i++)
        if (is_power_event(full->p[i]->event.pdu) &&
            run_walk(run, full->p[i], floor, &below, err) != 0)
            return -1;
    for (size_t i = 0; i < below.n; i++)
        if (below.p[i]->marks & NODE_FULL) {
            below.p[i]->marks |= NODE_POWER_LIST;
            ARENA_VEC_ADD(run->arena, ret_powers, below.p[i]);
        }
    forget_walk(&below);
    return 0;
}
