/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_ROOM_H
#define CHAPPE_SERVICE_ROOMS_ROOM_H

/* Rooms in memory, as the deciding side sees them: the pending head (decided, perhaps not committed
 * yet) with its state. Deciding is serial in a room: room_enter locks it, room_leave unlocks it,
 * and neither spans the fsync. Reading needs none of this: it goes to the store with the request's
 * snapshot (see view.h).
 *
 * When a job fails, or another node has written to the room, the memory of it is stale: the next
 * room_enter loads it again from what is committed. Jobs that were decided on what failed are
 * refused by the store, as the room's head is not the one they carry, and are decided again. */

#include <stdbool.h>

#include "matrix/create.h"
#include "matrix/member.h"
#include "matrix/pdu.h"
#include "matrix/power.h"
#include "service/use.h"
#include "store/event.h"
#include "store/room.h"
#include "store/state.h"

struct room;

/* Names that the server itself looks for; interned at start. */
struct room_names {
    int64_t create, member, power_levels, join_rules, history_visibility, encryption, redaction,
        canonical_alias, name, topic, avatar, guest_access, tombstone, third_party_invite,
        server_acl, space_child, access_rules, theme, retention,
        empty; /* empty: the state key "" */
};

/* The table of rooms. */
int rooms_new(struct server *server, struct rooms **ret_rooms, struct err *err) MUST_USE;
void rooms_free(struct rooms *rooms);
const struct room_names *rooms_names(const struct server *server);
/* The store's listener: another node has written. */
void rooms_listen(struct rooms *rooms, const struct log_entry *entries, size_t n);

/* The room of that id: 1 found, 0 unknown, -1. */
int rooms_find(struct use *use, struct str room_id, int64_t *ret_room) MUST_USE;

/* What is told to who is not in a room, whether it exists or not: 403. */
int rooms_refuse_outsider(struct use *use);

/* Locks a room, loading it when needed. -1: 404 M_NOT_FOUND, or the store's fault. */
int room_enter(struct use *use, int64_t id, struct room **ret_room) MUST_USE;
/* A new room, locked, without any event. version 12: room_id is told by its create event. */
struct room *room_enter_new(struct use *use, const struct room_version *version);
void room_leave(struct room *room); /* NULL is allowed */
void room_cleanup(struct room **room);

int64_t room_row_id(const struct room *room);
struct str room_id_of(const struct room *room);
const struct room_version *room_version_of(const struct room *room);

/* ---- the pending state; only between enter and leave ---- */

/* The event at a key of the current state; 0: none. */
int64_t room_state_id(const struct room *room, int64_t type, int64_t state_key);
/* Loads it as a pdu in the use's arena: 1, 0 absent, -1. */
int room_state_pdu(struct use *use, struct room *room, int64_t type, int64_t state_key,
                   const struct pdu **ret_pdu) MUST_USE;
enum membership room_membership(const struct room *room, int64_t user);
/* Users of one membership in the pending state, in the arena. */
void room_members(struct use *use, const struct room *room, enum membership membership,
                  int64_t **ret_users, size_t *ret_n);
int room_power(struct use *use, struct room *room, struct power *ret_power) MUST_USE;

/* An event of the room, pending or committed: 1 (the caller unrefs), 0, -1. */
int room_event(struct use *use, struct room *room, int64_t id, struct event **ret_event) MUST_USE;

/* ---- for change.c ---- */

struct room_head {
    int64_t head;  /* id of the last change; what the store must hold when the job runs */
    int64_t state; /* state id */
    int64_t last_place, depth;
    struct str *extremities; /* event ids, in the room's memory */
    int64_t *extremity_ids;
    size_t n_extremities;
    bool extremities_kept; /* as rows, which the next change deletes (store/room.h) */
};
const struct room_head *room_head(const struct room *room);

#endif
