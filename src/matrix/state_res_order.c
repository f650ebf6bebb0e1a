/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdlib.h>

#include "matrix/power.h"
#include "matrix/state_res_run.h"

/* Both orders end with the same two comparisons. */
static int compare_age(const struct node *x, const struct node *y)
{
    const struct pdu *a = x->event.pdu, *b = y->event.pdu;
    if (a->origin_server_ts != b->origin_server_ts)
        return a->origin_server_ts < b->origin_server_ts ? -1 : 1;
    return str_cmp(a->event_id, b->event_id);
}

/* ---- reverse topological power ordering (rooms/v12) ---- */

static int compare_power(const struct node *x, const struct node *y)
{
    if (x->power != y->power)
        return x->power > y->power ? -1 : 1;
    return compare_age(x, y);
}

/* "…when looking at their respective auth_events". */
static int load_power(struct run *run, struct node *node, struct err *err)
{
    struct node *create = run->create, *levels;
    struct power power;
    if ((!create && run_find_cited(run, node, STR("m.room.create"), &create, err) != 0) ||
        run_find_cited(run, node, STR("m.room.power_levels"), &levels, err) != 0)
        return -1;
    power_init(&power, run->version, create ? create->event.pdu : NULL,
               levels ? levels->event.pdu : NULL);
    node->power = power_of_user(&power, node->event.pdu->sender);
    return 0;
}

static void heap_push(struct node_list *heap, struct node *node)
{
    size_t i = heap->n++;
    while (i > 0 && compare_power(node, heap->p[(i - 1) / 2]) < 0) {
        heap->p[i] = heap->p[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    heap->p[i] = node;
}

static struct node *heap_pop(struct node_list *heap)
{
    struct node *top = heap->p[0], *last = heap->p[--heap->n];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < heap->n; i = child) {
        if (child + 1 < heap->n && compare_power(heap->p[child + 1], heap->p[child]) < 0)
            child++;
        if (compare_power(heap->p[child], last) >= 0)
            break;
        heap->p[i] = heap->p[child];
    }
    heap->p[i] = last;
    return top;
}

/* Who cites whom within the list, seen from the one that is cited. */
struct edge {
    struct node *from, *to;
};
struct edges {
    struct edge *p;
    size_t n, capacity;
};

static int by_cited(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;
    return (x->from->id > y->from->id) - (x->from->id < y->from->id);
}

static int find_edges(struct run *run, const struct node_list *set, struct edges *edges,
                      struct err *err)
{
    for (size_t i = 0; i < set->n; i++) {
        struct node *node = set->p[i];
        if (load_power(run, node, err) != 0)
            return -1;
        node->waits_for = 0;
        for (size_t j = 0; j < node->n_parents; j++)
            if (node->parents[j]->marks & NODE_POWER_LIST) {
                ARENA_VEC_ADD(run->arena, edges, (struct edge){node->parents[j], node});
                node->waits_for++;
            }
    }
    if (edges->n > 0)
        qsort(edges->p, edges->n, sizeof *edges->p, by_cited);
    return 0;
}

static size_t first_edge(const struct edges *edges, int64_t from)
{
    size_t low = 0, high = edges->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (edges->p[middle].from->id < from)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Kahn's algorithm: of the events whose auth events in the set have all come, the smallest is
 * next. */
int run_sort_by_power(struct run *run, const struct node_list *set, struct node_list *ret_sorted,
                      struct err *err)
{
    struct edges edges = {0};
    struct node_list heap = {ARENA_NEW_N(run->arena, set->n + 1, struct node *), 0, set->n + 1};
    *ret_sorted = (struct node_list){0};
    if (find_edges(run, set, &edges, err) != 0)
        return -1;
    for (size_t i = 0; i < set->n; i++)
        if (set->p[i]->waits_for == 0)
            heap_push(&heap, set->p[i]);
    while (heap.n > 0) {
        struct node *node = heap_pop(&heap);
        ARENA_VEC_ADD(run->arena, ret_sorted, node);
        for (size_t i = first_edge(&edges, node->id); i < edges.n && edges.p[i].from == node; i++)
            if (--edges.p[i].to->waits_for == 0)
                heap_push(&heap, edges.p[i].to);
    }
    return 0;
}

/* ---- mainline ordering (rooms/v12) ---- */

#define OFF_MAINLINE INT64_MAX /* "a sentinel value greater than any integer" */

static int find_levels(struct run *run, struct node *node, struct node **ret_levels,
                       struct err *err)
{
    return run_find_cited(run, node, STR("m.room.power_levels"), ret_levels, err);
}

/* P0 and what it rests on, numbered from 0, no further down than is asked. The rest of it is
 * followed when something as low is looked for. A height falls at each step, so it ends. */
struct mainline {
    struct node *next; /* not numbered yet, or NULL at the end */
    int64_t position;
};

static int follow_mainline(struct run *run, struct mainline *line, int64_t height, struct err *err)
{
    while (line->next && line->next->auth.height >= height) {
        struct node *node = line->next;
        node->position = line->position++;
        node->marks |= NODE_POSITION;
        if (find_levels(run, node, &line->next, err) != 0)
            return -1;
    }
    return 0;
}

/* The position of the first power levels event at or below `levels` that is on the mainline. Each
 * event on the way learns it, so that none is passed twice. */
static int find_position(struct run *run, struct mainline *line, struct node *levels,
                         int64_t *ret_position, struct err *err)
{
    struct node_list path = {0};
    struct node *node = levels;
    while (node) {
        if (follow_mainline(run, line, node->auth.height, err) != 0)
            return -1;
        if (node->marks & NODE_POSITION)
            break;
        ARENA_VEC_ADD(run->arena, &path, node);
        if (find_levels(run, node, &node, err) != 0)
            return -1;
    }
    *ret_position = node ? node->position : OFF_MAINLINE;
    for (size_t i = 0; i < path.n; i++) {
        path.p[i]->position = *ret_position;
        path.p[i]->marks |= NODE_POSITION;
    }
    return 0;
}

struct place {
    struct node *node;
    int64_t position;
};

static int by_mainline(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->position != y->position)
        return x->position > y->position ? -1 : 1;
    return compare_age(x->node, y->node);
}

int run_sort_by_mainline(struct run *run, struct node *power_levels, struct node_list *set,
                         struct err *err)
{
    struct place *places = ARENA_NEW_N(run->arena, set->n + 1, struct place);
    struct mainline line = {power_levels, 0};
    if (power_levels && run_load_parents(run, power_levels, err) != 0)
        return -1;
    for (size_t i = 0; i < set->n; i++) {
        struct node *levels;
        places[i].node = set->p[i];
        /* Its own place on the mainline does not count: the list of e begins with e1. */
        if (find_levels(run, set->p[i], &levels, err) != 0 ||
            find_position(run, &line, levels, &places[i].position, err) != 0)
            return -1;
    }
    if (set->n > 1)
        qsort(places, set->n, sizeof *places, by_mainline);
    for (size_t i = 0; i < set->n; i++)
        set->p[i] = places[i].node;
    return 0;
}
