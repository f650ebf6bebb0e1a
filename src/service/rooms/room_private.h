/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_ROOM_PRIVATE_H
#define CHAPPE_SERVICE_ROOMS_ROOM_PRIVATE_H

/* What the files of the deciding side share. */

#include <pthread.h>

#include "base/limits.h"
#include "base/map.h"
#include "base/vec.h"
#include "service/rooms/change.h"
#include "service/rooms/opened.h"
#include "service/rooms/room_state.h"

/* Bytes of rooms kept in memory; of those that nobody uses, the ones unused for longest go. */
#define ROOMS_BYTES MIB(192)

struct room {
    struct rooms *rooms;
    int64_t id;
    struct str room_id; /* owned; STR_NONE until a version 12 room has its create event */
    const struct room_version *version;
    pthread_mutex_t lock;
    /* under rooms.lock */
    int refs;                   /* users of the pointer */
    struct room *newer, *older; /* by their last use; of those in the table */
    size_t bytes;               /* as counted when it was last left */
    bool is_known;              /* it was loaded when it was last left */

    bool loaded;         /* under lock */
    int stale;           /* atomic: what is loaded is no longer true */
    struct room_row row; /* as of the pending head */
    struct room_head head;
    struct room_state state;
    pthread_mutex_t pending_lock; /* never taken before lock is released… it is a leaf */
    struct int_map pending;       /* event id → struct event, referenced, not committed yet */
};

struct rooms {
    struct server *server;
    struct room_names names;
    pthread_mutex_t lock;
    struct int_map by_id;
    struct opened_table *opened;
    struct room *newest, *oldest;
    size_t bytes, bytes_max;
    int64_t birth_ms; /* of the newest room */
};

/* Fills the room from what is committed. 1, 0 unknown, -1. */
int room_fill(struct use *use, struct room *room) MUST_USE;

/* As room_state_pdu, but shared with other changes; the caller unrefs it. */
int room_state_opened(struct use *use, struct room *room, int64_t type, int64_t state_key,
                      struct opened **ret_opened) MUST_USE;
void room_head_set(struct room *room, const struct room_head *head);
void room_pending_add(struct room *room, struct event *event);
void room_pending_remove(struct room *room, int64_t event);
void room_mark_stale(struct room *room);
void room_ref(struct room *room);
void room_unref(struct room *room);
/* The wall clock, but never the same twice: the id of a room of version 12 is the hash of its
 * create event, and two that are asked for in one millisecond differ in nothing else. */
int64_t rooms_birth_ms(struct rooms *rooms);
bool rooms_holds(struct rooms *rooms, int64_t id);
/* A new room, into the table, at its first change_submit. Nobody else holds its id. */
void rooms_add(struct room *room);
/* A new room of version 12 learns its id from its create event. */
void room_set_id(struct room *room, struct str room_id);

#endif
