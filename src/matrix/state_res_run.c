/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/state_res_run.h"

void run_init(struct run *run, const struct state_res_source *source,
              const struct state_res_conflict *conflict, struct arena *arena)
{
    *run = (struct run){.source = source, .conflict = conflict, .arena = arena};
}

void run_done(struct run *run)
{
    int_map_done(&run->nodes);
    str_map_done(&run->state);
}

struct node *run_node(struct run *run, int64_t id)
{
    struct node *node = int_map_find(&run->nodes, id);
    if (!node) {
        node = ARENA_NEW(run->arena, struct node);
        node->id = id;
        (void)int_map_put(&run->nodes, id, node);
    }
    return node;
}

int run_load(struct run *run, struct node *node, struct err *err)
{
    if (node->event_part == NODE_UNREAD) {
        int rc = run->source->load(run->source->arg, node->id, run->arena, &node->event, err);
        if (rc < 0)
            return -1;
        node->event_part = rc ? NODE_READ : NODE_ABSENT;
    }
    return node->event_part == NODE_READ;
}

static int load_auth(struct run *run, struct node *node, struct err *err)
{
    if (node->auth_part != NODE_UNREAD)
        return 0;
    int rc = run->source->load_auth(run->source->arg, node->id, run->arena, &node->auth, err);
    if (rc < 0)
        return -1;
    if (rc == 0) /* as low as can be: it hides nothing and holds nothing up */
        node->auth = (struct state_res_auth){.height = 1};
    node->auth_part = rc ? NODE_READ : NODE_ABSENT;
    return 0;
}

/* A node whose height is being computed, and how far. */
struct climb {
    struct node *node;
    size_t next;
};

/* Finds the height of a node for which the source has none: one more than the highest auth event.
 * Depth first, on a stack of our own. An edge to a node that is still open closes a circle; that
 * node ends up at least as high, and the edge is left out. */
static int find_height(struct run *run, struct node *node, struct err *err)
{
    VEC(struct climb) stack = {0};
    node->marks |= NODE_HEIGHT_OPEN;
    ARENA_VEC_ADD(run->arena, &stack, (struct climb){node, 0});
    while (stack.n > 0) {
        struct climb *top = &stack.p[stack.n - 1];
        if (top->next == top->node->auth.n_auth) {
            int64_t highest = 0;
            for (size_t i = 0; i < top->node->auth.n_auth; i++) {
                const struct node *parent = run_node(run, top->node->auth.auth[i]);
                if (!(parent->marks & NODE_HEIGHT_OPEN) && parent->auth.height > highest)
                    highest = parent->auth.height;
            }
            top->node->auth.height = highest + 1;
            top->node->marks &= ~(unsigned)NODE_HEIGHT_OPEN;
            stack.n--;
            continue;
        }
        int64_t id = top->node->auth.auth[top->next++];
        struct node *parent = run_node(run, id);
        if (id == 0 || (parent->marks & NODE_HEIGHT_OPEN))
            continue;
        if (load_auth(run, parent, err) != 0)
            return -1;
        if (parent->auth.height == 0) {
            parent->marks |= NODE_HEIGHT_OPEN;
            ARENA_VEC_ADD(run->arena, &stack, (struct climb){parent, 0});
        }
    }
    return 0;
}

static int load_height(struct run *run, struct node *node, struct err *err)
{
    if (load_auth(run, node, err) != 0)
        return -1;
    return node->auth.height ? 0 : find_height(run, node, err);
}

int run_load_parents(struct run *run, struct node *node, struct err *err)
{
    if (node->parents)
        return 0;
    if (load_height(run, node, err) != 0)
        return -1;
    struct node **parents =
        ARENA_NEW_N(run->arena, node->auth.n_auth ? node->auth.n_auth : 1, struct node *);
    for (size_t i = 0; i < node->auth.n_auth; i++) {
        if (node->auth.auth[i] == 0)
            continue;
        struct node *parent = run_node(run, node->auth.auth[i]);
        if (load_height(run, parent, err) != 0)
            return -1;
        if (parent->auth_part == NODE_READ && parent->auth.height < node->auth.height)
            parents[node->n_parents++] = parent;
    }
    node->parents = parents;
    return 0;
}

int run_find_cited(struct run *run, struct node *node, struct str type, struct node **ret_cited,
                   struct err *err)
{
    *ret_cited = NULL;
    if (run_load_parents(run, node, err) != 0)
        return -1;
    for (size_t i = 0; i < node->n_parents && !*ret_cited; i++) {
        struct node *parent = node->parents[i];
        int rc = run_load(run, parent, err);
        if (rc < 0)
            return -1;
        if (rc > 0 && pdu_is_state(parent->event.pdu, type, STR("")))
            *ret_cited = parent;
    }
    return 0;
}

int run_walk(struct run *run, struct node *from, int64_t floor, struct node_list *list,
             struct err *err)
{
    struct node_list stack = {0};
    if (from->marks & NODE_SEEN)
        return 0;
    from->marks |= NODE_SEEN;
    ARENA_VEC_ADD(run->arena, &stack, from);
    while (stack.n > 0) {
        struct node *node = stack.p[--stack.n];
        ARENA_VEC_ADD(run->arena, list, node);
        if (run_load_parents(run, node, err) != 0)
            return -1;
        for (size_t i = 0; i < node->n_parents; i++) {
            struct node *parent = node->parents[i];
            if ((parent->marks & NODE_SEEN) || parent->auth.height < floor)
                continue;
            parent->marks |= NODE_SEEN;
            ARENA_VEC_ADD(run->arena, &stack, parent);
        }
    }
    return 0;
}
