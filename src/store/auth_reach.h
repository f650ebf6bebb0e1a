/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_AUTH_REACH_H
#define CHAPPE_STORE_AUTH_REACH_H

/* What places of the auth chain index reach, for auth_chain.c. */

#include "base/map.h"
#include "base/vec.h"
#include "db/db.h"

struct auth_place {
    int64_t event, chain, seq;
};

/* Of one chain: up to where its events are reached, and up to where its links count. */
struct auth_mark {
    int64_t chain, reached, links, links_done;
    bool waits;
};

struct auth_reach {
    struct arena *arena;
    struct int_map marks; /* by chain */
    VEC(struct auth_mark *) waiting;
};

void auth_reach_init(struct auth_reach *reach, struct arena *arena);
void auth_reach_done(struct auth_reach *reach);

/* Where these events are; those that are not in the index are left out. */
int auth_places_load(struct db_conn *conn, const int64_t *events, size_t n, struct arena *arena,
                     struct auth_place **ret_places, size_t *ret_n, struct err *err) MUST_USE;

/* What is reached from a place, with the place itself or without. auth_reach_follow does the
 * work. */
void auth_reach_from(struct auth_reach *reach, const struct auth_place *place, bool itself);
int auth_reach_follow(struct auth_reach *reach, struct db_conn *conn, struct err *err) MUST_USE;

/* The highest seq of a chain that is reached, or 0. */
int64_t auth_reach_seq(const struct auth_reach *reach, int64_t chain);

#endif
