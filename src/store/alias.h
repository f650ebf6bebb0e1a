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

/* The rows of listed rooms carry the number of members, so that a page is read in its order. */
int directory_set(struct write *w, int64_t room, bool listed, struct err *err) MUST_USE;
/* The room has that many members now; nothing when it is not listed. In the job that changes it. */
int directory_count(struct write *w, int64_t room, int64_t joined, struct err *err) MUST_USE;
/* 1 listed, 0, -1. */
int directory_has(struct read *r, int64_t room, struct err *err) MUST_USE;
struct listed_room {
    int64_t room, joined;
};
/* Listed rooms, the largest first; after that one when after->room is not 0. */
int directory_list(struct read *r, const struct listed_room *after, size_t limit,
                   struct arena *arena, struct listed_room **ret_rooms, size_t *ret_n,
                   struct err *err) MUST_USE;

#endif
