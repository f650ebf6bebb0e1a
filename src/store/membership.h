/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_MEMBERSHIP_H
#define CHAPPE_STORE_MEMBERSHIP_H

/* Who is in which room now: a row a user and room, written with the change of the room's current
 * state. Rows are as of the reader's snapshot, which may be after its head: compare pos. */

#include "matrix/membership.h"
#include "store/store.h"

/* For the sets of kinds below. */
#define MEMBERSHIP_BIT(kind) (1u << (kind))
#define MEMBERSHIP_ANY       0x3eu

#define MEMBERSHIP_FORGOTTEN 1u /* by its user, who has left */
#define MEMBERSHIP_LOCAL     2u /* a user of this server */
#define MEMBERSHIP_DIRECT    4u /* the invitation said is_direct */

struct membership_row {
    int64_t user, room; /* names */
    enum membership kind;
    int64_t event;  /* its m.room.member */
    int64_t sender; /* name */
    int64_t pos;    /* of that event */
    int64_t flags;
};

int membership_put(struct write *w, const struct membership_row *row, struct err *err) MUST_USE;
/* Sets MEMBERSHIP_FORGOTTEN. ERR_KIND_MOVED unless the user has left the room or is banned. */
int membership_forget(struct write *w, int64_t user, int64_t room, struct err *err) MUST_USE;

/* 1, 0 never had one, -1. */
int membership_load(struct read *r, int64_t user, int64_t room, struct membership_row *ret_row,
                    struct err *err) MUST_USE;
/* The rooms of a user, by room. kinds: a set of MEMBERSHIP_BITs. */
int membership_list_rooms(struct read *r, int64_t user, unsigned kinds, struct arena *arena,
                          struct membership_row **ret_rows, size_t *ret_n,
                          struct err *err) MUST_USE;
/* All rooms a user has a membership in, with what of the room's row a list of rooms goes by. By
 * room. */
struct membership_room {
    struct membership_row member;
    int64_t pos, flags, create_event; /* of struct room_row */
};
int membership_list_with_rooms(struct read *r, int64_t user, struct arena *arena,
                               struct membership_room **ret_rooms, size_t *ret_n,
                               struct err *err) MUST_USE;
/* The members of a room of one kind, by user, up to `limit` of them after the user `after`. */
int membership_list_users(struct read *r, int64_t room, enum membership kind, int64_t after,
                          size_t limit, struct arena *arena, struct membership_row **ret_rows,
                          size_t *ret_n, struct err *err) MUST_USE;
/* The position of the newest event of the rooms that a user is joined to, or of the newest
 * invitation; 0: in none. */
int membership_newest(struct read *r, int64_t user, int64_t *ret_pos, struct err *err) MUST_USE;
/* Of two users, the rooms where both have joined. */
int membership_list_shared(struct read *r, int64_t user, int64_t other, struct arena *arena,
                           int64_t **ret_rooms, size_t *ret_n, struct err *err) MUST_USE;

/* Of `others`, those who are joined with the user in a room of at most `most` members, each once.
 */
int membership_list_familiar(struct read *r, int64_t user, const int64_t *others, size_t n_others,
                             int64_t most, struct arena *arena, int64_t **ret_users, size_t *ret_n,
                             struct err *err) MUST_USE;

/* {user, room} of local accounts that were deactivated and are joined, invited or knocking: at
 * most 1000 of them. */
int membership_list_closed(struct read *r, struct arena *arena, int64_t (**ret_pairs)[2],
                           size_t *ret_n, struct err *err) MUST_USE;

#endif
