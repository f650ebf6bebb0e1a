/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_TESTS_BENCH_PLAN_H
#define CHAPPE_TESTS_BENCH_PLAN_H

/* Who will be in which room, and how busy each room is: decided before anything is written, from
 * the numbers on the command line alone. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/preload/draw.h"

/* The forum's members, when there are as many users. */
#define PLAN_FORUM_MEMBERS 10000

enum plan_shape {
    PLAN_SHAPE_USUAL, /* half direct rooms, groups by an 80/20 law, one forum */
    PLAN_SHAPE_WIDE,  /* groups, of which the first users are in the first 10, 50, 500, 5,000… */
    PLAN_SHAPE_FORUM, /* one forum of all users, and direct rooms */
};

enum plan_kind { PLAN_KIND_DIRECT, PLAN_KIND_GROUP, PLAN_KIND_FORUM };

struct plan_room {
    enum plan_kind kind;
    uint32_t *members; /* indexes of users; the first creates it */
    size_t n_members;
    double until; /* its weight and that of all rooms before it */
    /* Filled when it is made: */
    int64_t room;      /* the store's id */
    char room_id[264]; /* terminated */
};

struct plan {
    enum plan_shape shape;
    size_t n_users;
    struct plan_room *rooms;
    size_t n_rooms;
};

/* At least two users and one room. */
struct plan *plan_new(enum plan_shape shape, size_t n_users, size_t n_rooms);
void plan_free(struct plan *plan);

/* How many rooms the i-th user of the wide shape is in (the last one is in all); 0: in no more than
 * anybody. */
size_t plan_wide_rooms(size_t user);

/* A room, the busier the likelier. */
struct plan_room *plan_draw_room(const struct plan *plan, struct draw *draw);

/* The part of all events that the busiest fifth of the rooms will hold. */
double plan_busy_fifth(const struct plan *plan);

#endif
