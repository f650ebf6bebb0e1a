/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SYNC_SLIDING_CONTENT_H
#define CHAPPE_SERVICE_SYNC_SLIDING_CONTENT_H

/* What a client of sliding sync knows, as of one pos. A copy is changed while an answer is written;
 * once published it is immutable, shared by references, any thread. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "base/vec.h"
#include "matrix/membership.h"

/* Of a position up to which something was told: up to that of the generation itself. */
#define SLIDING_LIVE (-1)

#define SLIDING_ENCRYPTED 1u
#define SLIDING_DIRECT    2u  /* by m.direct, as it was last told */
#define SLIDING_TYPED     4u  /* type is known */
#define SLIDING_UNLISTED  8u  /* left: there for who asks for the room itself */
#define SLIDING_INSIDE    16u /* the user has been joined: its events may be shown */

/* 80 bytes a room of the user; kept small. */
struct sliding_room {
    int64_t room;
    int64_t activity;    /* position of what the list goes by */
    int64_t sent;        /* up to where the room was told; 0: never; or SLIDING_LIVE */
    int64_t data;        /* the same, of its account data */
    int64_t receipts;    /* the same */
    int64_t floor_place; /* the client has all events from there on */
    uint64_t type;       /* hash of m.room.create's type; 0: none */
    int64_t create_event;
    uint32_t notify, highlight; /* as they were told */
    uint16_t config;            /* of what was asked of it: an index */
    uint16_t limit;             /* events asked for */
    uint8_t kind;               /* enum membership */
    uint8_t flags;
};

/* The membership of `user` was told in that room. user 0: those before were forgotten. */
struct sliding_member {
    int64_t room, user;
};

struct sliding_content {
    int refs;                       /* atomic */
    uint64_t asked;                 /* hash of lists, subscriptions and extensions */
    bool listed;                    /* rooms holds all rooms of the user */
    VEC(struct sliding_room) rooms; /* by activity, the last first */
    VEC(struct sliding_member) members;
    VEC(struct str) configs; /* texts of required_state, owned */
    VEC(int64_t) counts;     /* of each list */
    int64_t data;            /* as in struct sliding_room, of the user's own account data */
    int64_t inbox; /* all to-device messages were given to who comes with this; else INT64_MAX */
};

struct sliding_content *sliding_content_new(void);
/* Of a published one, to be changed. */
struct sliding_content *sliding_content_copy(const struct sliding_content *content);
struct sliding_content *sliding_content_ref(struct sliding_content *content);
void sliding_content_unref(struct sliding_content *content); /* NULL is allowed */
/* What it takes, the same from when it is published on. */
size_t sliding_content_bytes(const struct sliding_content *content);

/* NULL: not there. */
struct sliding_room *sliding_content_find(const struct sliding_content *content, int64_t room);
/* Before configs are asked for: makes room among them. Indices change. */
void sliding_content_tidy(struct sliding_content *content);
/* The index of a text, which is copied; -1: there are LIMIT_SLIDING_CONFIGS. */
int sliding_content_config(struct sliding_content *content, struct str text);
bool sliding_content_knows_member(const struct sliding_content *content, int64_t room,
                                  int64_t user);
void sliding_content_add_member(struct sliding_content *content, int64_t room, int64_t user);

#endif
