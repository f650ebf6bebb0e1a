/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_PUSH_PUSHING_PRIVATE_H
#define CHAPPE_SERVICE_PUSH_PUSHING_PRIVATE_H

/* What the parts of the thread that pushes share: pushing.c (its life, and how far it is), intake.c
 * (from the log to what is to be pushed), lanes.c (sending, one lane a pusher), behind.c (pushers
 * that have missed something). */

#include <pthread.h>
#include <stdatomic.h>

#include "base/map.h"
#include "base/vec.h"
#include "net/courier.h"
#include "service/push/hosts.h"
#include "service/push/pushing.h"
#include "service/push/recipients.h"
#include "service/use.h"
#include "store/event.h"
#include "store/pusher.h"

/* Something to tell a pusher. */
struct push_item {
    int64_t event; /* 0: the count alone */
    int64_t pos;   /* of the event; of a count, the position it was found at */
};

struct flight; /* lanes.c */

/* What waits for one pusher, in the order of the log. Only pushers with something to send have one.
 */
struct lane {
    int64_t pusher, user;
    VEC(struct push_item) items;
    size_t at;             /* items before it are done */
    int64_t stuck;         /* how often the item at `at` could not be worked on */
    struct flight *flight; /* of the item at `at`; NULL: it is not on its way */
    bool catching;         /* its row says that it is behind: a crash loses nothing of it */
    bool fell;             /* the same, and nothing is added any more: it is too slow */
    bool listed;           /* in the list of those that are ready, or in that of a host */
    struct lane *next;
    struct push_host *host; /* of what is in flight */
};

/* What is added to lanes when all of an entry of the log was taken in. */
struct lane_wait {
    int64_t pusher, user;
    struct push_item item;
};

/* An event that concerns many is taken in over several turns: done for whom it is about, and for
 * users up to this one (0: there is no such event). */
struct push_part {
    int64_t pos, about, user;
};

struct count_wait {
    int64_t user, due_ms; /* monotonic */
};

struct pushing {
    struct server *server;
    struct vapid *vapid;
    struct courier *courier;
    struct recipients *recipients;
    pthread_t thread;
    bool running;
    atomic_bool stopping, listening; /* listening: entries of the log are worth waking for */
    atomic_bool changed;             /* pushers were set or deleted */
    _Atomic int64_t n_sent, n_failed, n_waiting;

    /* The thread's own. */
    bool leased;
    int64_t renew_ms; /* when the lease is to be renewed; monotonic, as the others without "wall" */
    int64_t pause_ms; /* until then nothing is begun: the store has failed */
    int64_t part_ms;  /* what each part of a turn may take: the lease and answers wait for it */
    int64_t until_ms; /* when the part that runs is to end */
    int64_t generation;
    int64_t due_ms;            /* when pushers that are behind are looked at again; wall */
    struct pusher_mark looked; /* how far those that are due have been looked at */
    int64_t seen;              /* the log was looked at up to here */
    struct push_part part;     /* and this much of the entry after it */
    int64_t saved;             /* the stored position */
    int64_t save_ms;
    bool has_pushed; /* something was answered for since it was saved */
    /* After a crash, until what was there then is done: each thing is written down before. */
    bool careful;
    int64_t careful_until;
    VEC(struct push_suspect) suspects;
    struct int_map lanes; /* by pusher */
    size_t waiting;       /* items in all of them */
    struct lane *first_ready, *last_ready;
    VEC(struct lane_wait) found; /* for whom the entry that is taken in notifies */
    struct push_hosts hosts;
    VEC(struct count_wait) counts; /* users who have read something, in the order of their times */
    struct int_map counting;       /* the same users */
    int64_t stuck;                 /* how often the next entry could not be taken in */
};

/* ---- pushing.c ---- */

bool pushing_is_stopping(struct pushing *pushing);
/* Runs a job and waits. False: what it is about was set again or deleted meanwhile; or it failed,
 * which is in the log, and nothing is begun for a while. */
bool pushing_commit(struct pushing *pushing,
                    int (*run)(struct write *w, void *arg, struct err *err), void *arg);
void pushing_tell(struct pushing *pushing, const struct err *err);
/* A part of a turn begins; whether it may go on. What is left is done in the next turn, after the
 * lease was renewed and answers were taken. */
void pushing_begin_part(struct pushing *pushing);
bool pushing_has_time(const struct pushing *pushing);
/* Up to where the log was looked at for a user. */
int64_t pushing_seen_for(const struct pushing *pushing, int64_t user);
/* Before something is worked on that might crash the program: true: go on; false: it has done so
 * often enough and is set aside, or this could not be written down (*ret_failed). */
bool pushing_may_begin(struct pushing *pushing, int64_t pusher, int64_t pos, bool *ret_failed);

/* Now, whatever failed before. */
bool pushing_can_read(struct pushing *pushing);
/* What is at pos could not be worked on, once more than *n: true: it never will. */
bool pushing_is_hopeless(struct pushing *pushing, int64_t *n, int64_t pos);
int pushing_look_at_pushers(struct pushing *pushing, struct use *use) MUST_USE;

/* ---- lanes.c ---- */

/* The lane of a pusher, made when there is none. */
struct lane *lane_get(struct pushing *pushing, int64_t pusher, int64_t user);
struct lane *lane_find(const struct pushing *pushing, int64_t pusher);
/* In the order of the log. A lane that has too much falls behind. */
void lane_add(struct pushing *pushing, struct lane *lane, struct push_item item);
/* What comes after a position could not be looked at for a pusher: it is behind, and catches up.
 * False: this could not be written down. */
bool lane_miss(struct pushing *pushing, int64_t pusher, int64_t pos);
/* True when there is more that could be sent at once. */
bool lanes_send(struct pushing *pushing);
bool lanes_are_full(const struct pushing *pushing);
void lanes_drop_all(struct pushing *pushing);
/* What is below or at it was answered for, or will be remembered. */
int64_t lanes_position(const struct pushing *pushing);

/* ---- intake.c ---- */

/* Takes in some of the log: true when there is more. */
bool intake_some(struct pushing *pushing);
/* Counts that have waited for their second. */
void intake_counts(struct pushing *pushing);
/* Whether an event notifies the use's caller: 1, 0, -1. room: its row, at the read's snapshot. */
int intake_notifies(struct pushing *pushing, struct use *use, const struct room_row *room,
                    const struct event *event);

/* ---- behind.c ---- */

/* Lets pushers whose time has come catch up, some at a time; those that cannot leave now, or catch
 * up already, keep no other from it. */
void behind_catch_up(struct pushing *pushing);

#endif
