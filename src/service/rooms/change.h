/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_CHANGE_H
#define CHAPPE_SERVICE_ROOMS_CHANGE_H

/* A change to a room: one or more events decided one after the other on the pending head, and what
 * is written with them, in one job. Either all of it is committed, or none.
 *
 *     struct change change;
 *     change_begin(&change, use, room);
 *     change_decide(&change, &draft, &event)   as often as needed; each sees the ones before
 *     change_also(&change, write_alias, alias) other rows of the same job
 *     change_submit(&change)
 *
 * Until change_submit the room is untouched: a change that is given up leaves nothing. */

#include "base/vec.h"
#include "matrix/access_rules.h"
#include "matrix/auth.h"
#include "service/rooms/room.h"

/* An event to be made. Texts are JSON or plain as named; the content is an object. */
struct draft {
    struct str type;
    struct str state_key; /* STR_NONE: a message */
    struct str content;
    struct str sender; /* user id of ours */
    int64_t sender_name;
    struct str redacts;          /* for m.room.redaction */
    int64_t origin_server_ts;    /* 0: now */
    enum access_address address; /* whom an m.room.third_party_invite goes to */
    unsigned flags;              /* EVENT_*, besides those that are found */
};

struct decided {
    struct event *event; /* owned */
    struct pdu pdu;
    int64_t state_before, state_after;
    int64_t rel_type;              /* name; 0: no relation */
    enum membership membership;    /* for m.room.member */
    int64_t auth[AUTH_SELECT_MAX]; /* ids of its auth events */
    size_t n_auth;
};

struct change_extra {
    int (*run)(struct write *w, void *arg, struct err *err);
    void *arg;
};

struct opened; /* service/rooms/opened.h */

/* An event of the room's state that the change stands on. */
struct change_opened {
    int64_t event;
    struct opened *opened; /* owned */
};

struct change_wake {
    void (*run)(void *arg);
    void *arg;
};

struct change {
    struct use *use;
    struct room *room;
    int64_t old_head;
    struct room_head head; /* as it will be */
    VEC(struct decided) events;
    VEC(struct change_extra) extras;
    VEC(struct change_wake) wakes;
    VEC(struct change_opened) opened; /* each is asked for several times */
    bool submitted;
};

void change_begin(struct change *change, struct use *use, struct room *room);

/* Builds the event on the head, checks it against the authorisation rules and, where they are in
 * force, the rules of room kinds (access.h), signs it. -1: 403 with the rule's text, 413
 * M_TOO_LARGE, 400. *ret_event may be NULL; it belongs to the change. */
int change_decide(struct change *change, const struct draft *draft,
                  const struct decided **ret_decided) MUST_USE;

/* Also run in the job, after the events are written. */
void change_also(struct change *change, int (*run)(struct write *w, void *arg, struct err *err),
                 void *arg);

/* Called on the appender's thread once the job is committed: it wakes somebody, and no more. */
void change_after(struct change *change, void (*run)(void *arg), void *arg);

/* Puts the change on the room and submits its job (commit_submit: the answer leaves when it is
 * committed). */
int change_submit(struct change *change) MUST_USE;

/* Several rooms, one job: all changes are committed, or none. The caller holds every room, entered
 * in the order of their ids, a new one last (nobody else can hold that), so that no two wait for
 * each other. */
int change_submit_all(struct change *const *changes, size_t n) MUST_USE;
/* The same for what must be committed before the request goes on: USE_WAIT, and the handler is run
 * again (use_commit_first). The changes are ended, and the use's arena, which was made for them
 * with arena_new, is freed by the job; after -1 it is still the caller's. Needs an exchange. */
int change_submit_first(struct change *const *changes, size_t n) MUST_USE;

/* Gives back what it holds; needed when it was not submitted, harmless after. */
void change_end(struct change *change);

/* The event id of a decided event. */
struct str change_event_id(const struct decided *decided);

/* State as the change sees it: its own events first, then the room. */
int64_t change_state_id(const struct change *change, int64_t type, int64_t state_key);
enum membership change_membership(const struct change *change, int64_t user);
/* By text, for the rules: the find of struct auth_state; context is the change. */
int change_find(void *context, struct str type, struct str state_key, const struct pdu **ret_event,
                struct err *err) MUST_USE;
/* 1, 0, -1. Valid until change_end. */
int change_state_pdu(struct change *change, int64_t type, int64_t state_key,
                     const struct pdu **ret_pdu) MUST_USE;

#endif
