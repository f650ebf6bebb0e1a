/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_ROOM_PRIVATE_H
#define CHAPPE_SERVICE_ROOMS_ROOM_PRIVATE_H

/* What the files of the deciding side share. */

#include <pthread.h>

#include "base/map.h"
#include "base/vec.h"
#include "service/rooms/change.h"

/* Rooms kept in memory without being in use. */
#define ROOMS_KEPT 20000

struct room_state_entry {
    int64_t type, state_key, event;
    enum membership membership; /* of m.room.member */
};

struct room {
    struct rooms *rooms;
    int64_t id;
    struct str room_id; /* owned; STR_NONE until a version 12 room has its create event */
    const struct room_version *version;
    pthread_mutex_t lock;
    int refs;            /* under rooms.lock: users of the pointer */
    int64_t used;        /* under rooms.lock: when last, by a counter */
    bool loaded;         /* under lock */
    int stale;           /* atomic: what is loaded is no longer true */
    struct room_row row; /* as of the pending head */
    struct room_head head;
    struct int_map types; /* type → struct int_map of state_key → struct room_state_entry */
    pthread_mutex_t pending_lock; /* never taken before lock is released… it is a leaf */
    struct int_map pending;       /* event id → struct event, referenced, not committed yet */
};

struct rooms {
    struct server *server;
    struct room_names names;
    pthread_mutex_t lock;
    struct int_map by_id;
    int64_t clock;
    int64_t birth_ms; /* of the newest room */
};

/* The state map. */
struct room_state_entry *room_state_find(const struct room *room, int64_t type, int64_t state_key);
void room_state_put(struct room *room, int64_t type, int64_t state_key, int64_t event,
                    enum membership membership);
void room_state_clear(struct room *room);

/* Fills the room from what is committed. 1, 0 unknown, -1. */
int room_fill(struct use *use, struct room *room) MUST_USE;

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
