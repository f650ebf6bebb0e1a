/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BENCH_TOWN_H
#define CHAPPE_BENCH_TOWN_H

/* People and the rooms they meet in: those of a preloaded store, or a small town that is made. */

#include "base/map.h"
#include "bench/bench.h"

struct town_room {
    struct str id;
    size_t n_people;      /* of the town */
    size_t n_connected;   /* kept by the scenario */
    char last_event[128]; /* the same; "" when nothing was said */
};

struct town_person {
    size_t account;
    struct town_room **rooms; /* the smallest first */
    size_t n_rooms;
};

struct town {
    struct town_person *people;
    size_t n_people;
    struct str_map by_id; /* struct town_room */
};

/* Up to `wanted` people of the manifest; where it has fewer than `least`, that many are signed up
 * and put into rooms of two, of ten, and into one that all are in. */
int town_make(struct town *town, struct bench *bench, size_t wanted, size_t least,
              struct err *err) MUST_USE;
void town_done(struct town *town);

#endif
