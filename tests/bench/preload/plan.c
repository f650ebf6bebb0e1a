/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/preload/plan.h"

#include <stdlib.h>

#include "base/attr.h"
#include "base/mem.h"

#define PLAN_SEED   20260101
#define GROUP_LEAST 3
#define GROUP_MOST  500
#define STRIDE_MOST 7
#define WIDE_GROUP  4
/* No room is busier than this many of the quietest. */
#define WEIGHT_MOST 5000

static const size_t wide_rooms[] = {10, 50, 500, 5000, SIZE_MAX};

size_t plan_wide_rooms(size_t user)
{
    return user < ARRAY_LEN(wide_rooms) ? wide_rooms[user] : 0;
}

/* ---- members ---- */

/* Neighbours by a stride: who shares one room is likely to share others, as in an office. */
static void take_neighbours(struct plan_room *room, size_t from, size_t n_users, size_t n,
                            struct draw *draw)
{
    size_t first = draw_below(draw, n_users), stride = 1;
    if (n * STRIDE_MOST <= n_users)
        stride += draw_below(draw, STRIDE_MOST);
    for (size_t i = 0; i < n; i++)
        room->members[room->n_members++] = (uint32_t)(from + (first + i * stride) % n_users);
}

static void fill_room(struct plan_room *room, enum plan_kind kind, size_t n_users, size_t n,
                      struct draw *draw)
{
    if (n > n_users)
        n = n_users;
    room->kind = kind;
    room->members = MEM_NEW_N(n, uint32_t);
    take_neighbours(room, 0, n_users, n, draw);
}

/* The users of whom the shape speaks are in the rooms before all others; the rest are drawn. */
static void fill_wide(struct plan_room *room, size_t at, size_t n_users, struct draw *draw)
{
    size_t reserved = ARRAY_LEN(wide_rooms) < n_users ? ARRAY_LEN(wide_rooms) : 0;
    size_t others = n_users - reserved;
    size_t n = WIDE_GROUP < others ? WIDE_GROUP : others;
    room->kind = PLAN_KIND_GROUP;
    room->members = MEM_NEW_N(n + reserved, uint32_t);
    take_neighbours(room, reserved, others, n, draw);
    for (size_t user = 0; user < reserved; user++)
        if (at < wide_rooms[user])
            room->members[room->n_members++] = (uint32_t)user;
}

static void choose(struct plan *plan, size_t at, struct draw *draw)
{
    struct plan_room *room = &plan->rooms[at];
    if (plan->shape == PLAN_SHAPE_WIDE)
        fill_wide(room, at, plan->n_users, draw);
    else if (at == 0 && plan->shape == PLAN_SHAPE_FORUM)
        fill_room(room, PLAN_KIND_FORUM, plan->n_users, plan->n_users, draw);
    else if (at == 0)
        fill_room(room, PLAN_KIND_FORUM, plan->n_users, PLAN_FORUM_MEMBERS, draw);
    else if (at % 2 || plan->shape == PLAN_SHAPE_FORUM)
        fill_room(room, PLAN_KIND_DIRECT, plan->n_users, 2, draw);
    else
        fill_room(room, PLAN_KIND_GROUP, plan->n_users,
                  (size_t)draw_pareto(draw, GROUP_LEAST, GROUP_MOST), draw);
}

/* ---- the whole ---- */

struct plan *plan_new(enum plan_shape shape, size_t n_users, size_t n_rooms)
{
    struct plan *plan = MEM_NEW(struct plan);
    struct draw draw = {PLAN_SEED};
    double total = 0;
    plan->shape = shape;
    plan->n_users = n_users;
    plan->n_rooms = n_rooms;
    plan->rooms = MEM_NEW_N(n_rooms, struct plan_room);
    for (size_t i = 0; i < n_rooms; i++) {
        choose(plan, i, &draw);
        total += draw_pareto(&draw, 1, WEIGHT_MOST);
        plan->rooms[i].until = total;
    }
    return plan;
}

void plan_free(struct plan *plan)
{
    if (!plan)
        return;
    for (size_t i = 0; i < plan->n_rooms; i++)
        mem_free(plan->rooms[i].members);
    mem_free(plan->rooms);
    mem_free(plan);
}

struct plan_room *plan_draw_room(const struct plan *plan, struct draw *draw)
{
    double wanted = draw_unit(draw) * plan->rooms[plan->n_rooms - 1].until;
    size_t low = 0, high = plan->n_rooms - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (plan->rooms[middle].until < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return &plan->rooms[low];
}

static int compare_weights(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

double plan_busy_fifth(const struct plan *plan)
{
    double *weights = MEM_NEW_N(plan->n_rooms, double), sum = 0;
    for (size_t i = 0; i < plan->n_rooms; i++)
        weights[i] = plan->rooms[i].until - (i ? plan->rooms[i - 1].until : 0);
    qsort(weights, plan->n_rooms, sizeof *weights, compare_weights);
    for (size_t i = 0; i < plan->n_rooms / 5; i++)
        sum += weights[i];
    mem_free(weights);
    return sum / plan->rooms[plan->n_rooms - 1].until;
}
