/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_ROOM_H
#define CHAPPE_STORE_ROOM_H

/* Rooms: one row each, rewritten with every change of the room. A room's integer is the name of its
 * room id. What the row holds is as of the last commit; a room that is being written has its
 * pending row in memory (service/rooms). */

#include "store/store.h"

#define ROOM_ENCRYPTED      1u /* has an m.room.encryption state event */
#define ROOM_PUBLIC         2u /* join rule public */
#define ROOM_WORLD_READABLE 4u /* history visibility world_readable */
#define ROOM_UNFEDERATED    8u
#define ROOM_GONE           16u /* upgraded: has a tombstone */
#define ROOM_BLOCKED        32u /* by an administrator */

struct room_row {
    int64_t id;
    int64_t version;                 /* name of the room version's text */
    int64_t creator;                 /* name */
    int64_t create_event;            /* event; 0 until it is known */
    int64_t head;                    /* changes with every write; what decisions are made on */
    int64_t pos;                     /* position of the last event that clients see */
    int64_t state;                   /* the current one */
    int64_t first_place, last_place; /* of its events; 1 and 0 when there is none */
    int64_t depth;                   /* the greatest, for the next event */
    int64_t flags;
    int64_t joined, invited, knocked; /* members */
    int64_t local_joined;             /* of them, those of this server */
    int64_t events;                   /* live events so far */
    int64_t notices;                  /* of them, those that count as unread by default */
};

/* The row on which a change was decided. */
struct room_was {
    int64_t head, flags;
};

int room_insert(struct write *w, const struct room_row *row, struct err *err) MUST_USE;
/* Precondition: the stored head is the one that was, else ERR_KIND_MOVED (on PostgreSQL the job is
 * told when its batch ends). */
int room_update(struct write *w, const struct room_row *row, struct room_was was,
                struct err *err) MUST_USE;
/* 1, 0 unknown, -1. */
int room_load(struct read *r, int64_t id, struct room_row *ret_row, struct err *err) MUST_USE;
/* Rooms with an id above `after`, in order. */
int room_list(struct read *r, int64_t after, size_t limit, struct arena *arena,
              struct room_row **ret_rows, size_t *ret_n, struct err *err) MUST_USE;
/* The rooms that anybody may join or read, the newest first. 0, -1. */
int room_list_open(struct read *r, size_t limit, struct arena *arena, int64_t **ret_rooms,
                   size_t *ret_n, struct err *err) MUST_USE;

/* ---- forward extremities: the events that the next one stands on ----
 * A room that has no row here has one: the event at its last place. Rows are for what the places do
 * not say, which is several, or one that came late. */

/* Those of `gone` leave, those of `added` come as rows; one that is there already is no fault. */
int extremity_change(struct write *w, int64_t room, const int64_t *gone, size_t n_gone,
                     const int64_t *added, size_t n_added, struct err *err) MUST_USE;
/* In ascending order, whether they are rows (*ret_kept: then the next event makes them leave) or
 * the last event. 0, also when the room has no event; -1. */
int extremity_list(struct read *r, int64_t room, struct arena *arena, int64_t **ret_events,
                   size_t *ret_n, bool *ret_kept, struct err *err) MUST_USE;

#endif
