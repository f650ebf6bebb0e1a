/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_ALIAS_H
#define CHAPPE_STORE_ALIAS_H

/* Room aliases of this server, and which rooms its public directory lists. */

#include "store/store.h"

struct alias {
    struct str alias;
    int64_t room, creator; /* names */
};

/* Refused with 409 M_ROOM_IN_USE when it exists. */
int alias_insert(struct write *w, const struct alias *alias, struct err *err) MUST_USE;
int alias_delete(struct write *w, struct str alias, struct err *err) MUST_USE;
/* 1, 0, -1. */
int alias_find(struct read *r, struct str alias, struct alias *ret_alias, struct err *err) MUST_USE;
/* The aliases of a room, in order. */
int alias_list(struct read *r, int64_t room, struct arena *arena, struct str **ret_aliases,
               size_t *ret_n, struct err *err) MUST_USE;
/* All aliases of a room go to another (a room upgrade). */
int alias_move(struct write *w, int64_t from, int64_t to, struct err *err) MUST_USE;

int directory_set(struct write *w, int64_t room, bool listed, struct err *err) MUST_USE;
/* 1 listed, 0, -1. */
int directory_has(struct read *r, int64_t room, struct err *err) MUST_USE;
/* Listed rooms, the largest first; after (joined, room) when after_room is not 0. */
int directory_list(struct read *r, int64_t after_joined, int64_t after_room, size_t limit,
                   struct arena *arena, int64_t **ret_rooms, size_t *ret_n,
                   struct err *err) MUST_USE;

#endif
