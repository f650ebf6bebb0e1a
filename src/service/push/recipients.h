/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_PUSH_RECIPIENTS_H
#define CHAPPE_SERVICE_PUSH_RECIPIENTS_H

/* What the thread that pushes remembers of accounts and rooms, so that a message costs little: who
 * in a room has a pusher, by which rules an account reads, and what is unread for it in each room.
 * All of it can be read again, and is forgotten as entries of the log come by; each function that
 * reads is given a use whose snapshot is not older than the last entry taken in.
 *
 * One thread. */

#include "base/map.h"
#include "service/sync/unread.h"

struct recipient {
    int64_t user;
    struct reader *reader; /* NULL: not loaded */
    bool counted;          /* the two below hold */
    struct int_map unread; /* room → struct unread *, of rooms with something unread */
    struct int_map moved;  /* room → anything: to be counted again */
    int64_t total;         /* over all rooms */
    struct int_map told;   /* pusher → the count that its gateway knows, and one */
};

struct recipients;

struct recipients *recipients_new(void);
void recipients_free(struct recipients *recipients); /* NULL is allowed */
void recipients_forget_all(struct recipients *recipients);
/* Forgets when too much is remembered. */
void recipients_trim(struct recipients *recipients);

/* NULL: nothing is remembered. */
struct recipient *recipients_find(struct recipients *recipients, int64_t user);
struct recipient *recipients_get(struct recipients *recipients, int64_t user);

/* The joined members of a room that have a pusher, in the order of their ids; valid until something
 * is forgotten. */
int recipients_of_room(struct recipients *recipients, struct use *use, int64_t room,
                       const int64_t **ret_users, size_t *ret_n) MUST_USE;

/* ---- what the log says ---- */

/* Members of the room may have come or gone. */
void recipients_forget_room(struct recipients *recipients, int64_t room);
/* One has: whether they are a joined member with a pusher now. */
void recipients_change_room(struct recipients *recipients, int64_t room, int64_t user,
                            bool watches);
/* Rules, or whom they ignore, have changed. */
void recipients_forget_user(struct recipients *recipients, int64_t user);
/* Something came into the room; afresh: what was counted there does not stand (a receipt, a
 * redaction). */
void recipient_moved(struct recipient *recipient, int64_t room, bool afresh);

/* What a pusher was told last; -1: not known. */
int64_t recipient_told(const struct recipient *recipient, int64_t pusher);
void recipient_tell(struct recipient *recipient, int64_t pusher, int64_t count);

/* ---- of the use's caller, whose recipient it is ---- */

int recipient_reader(struct recipient *recipient, struct use *use,
                     struct reader **ret_reader) MUST_USE;
/* What is unread in a room where they are joined; the caller unrefs. NULL: they are not. */
int recipient_unread(struct recipients *recipients, struct recipient *recipient, struct use *use,
                     int64_t room, struct unread **ret_unread) MUST_USE;
/* Over all rooms: recipient->total. */
int recipient_count(struct recipients *recipients, struct recipient *recipient,
                    struct use *use) MUST_USE;

#endif
