/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_DELAYED_H
#define CHAPPE_STORE_DELAYED_H

/* Delayed events (MSC4140): what a user has asked to be sent later, and for a while what became of
 * it. A row is scheduled until delayed_end, which is written by the job that sends the event, so
 * that it is sent once or not at all. Its delay id is known to its owner, and to whom they gave it:
 * who knows it may act on it. */

#include "store/store.h"

/* The numbers are stored. */
enum delayed_state {
    DELAYED_SCHEDULED = 0,
    DELAYED_SENT = 1,
    DELAYED_CANCELLED = 2,
    DELAYED_FAILED = 3, /* it could not be sent: error says why */
};

struct delayed {
    int64_t id, user, room; /* names, but the id */
    int64_t device;         /* row; with txn, what the request is known by */
    struct str txn;         /* kind and transaction id; STR_NONE: none */
    struct str delay_id, type;
    struct str state_key; /* STR_NONE: a message */
    struct str content;   /* an object's JSON; STR_NONE in lists */
    int64_t delay_ms, since_ms;
    int64_t due_ms; /* since + delay */
    int64_t tries;  /* how often sending it was begun */
    enum delayed_state state;
    bool by_action;   /* final: by a request, not by its time */
    int64_t final_ms; /* 0: scheduled */
    int64_t event;    /* sent: the event; else 0 */
    struct str error; /* failed: a standard error response; else STR_NONE */
};

/* id is from store_new_id; it is scheduled. Refused with 429 and retry_after_ms when `most` of the
 * user's are scheduled. ERR_KIND_MOVED when its transaction is there. */
int delayed_insert(struct write *w, const struct delayed *delayed, int64_t most,
                   struct err *err) MUST_USE;
/* Counts again from since_ms. ERR_KIND_MOVED when it is no longer scheduled. */
int delayed_restart(struct write *w, const struct delayed *delayed, int64_t since_ms,
                    struct err *err) MUST_USE;
/* Final: id and due_ms are as its reader saw them, state, by_action, event and error as they are
 * to be. ERR_KIND_MOVED when it has ended or was started again meanwhile. Of the user's final ones
 * LIMIT_DELAYED_FINAL are kept. */
int delayed_end(struct write *w, const struct delayed *delayed, struct err *err) MUST_USE;
/* Sending those is begun: a try more. */
int delayed_begin(struct write *w, const int64_t *ids, size_t n, struct err *err) MUST_USE;
/* It was not, of those: a try less. */
int delayed_leave(struct write *w, const int64_t *ids, size_t n, struct err *err) MUST_USE;
/* It was tried and outlived it: not before due_ms, and counted anew. Nothing when it has ended or
 * was started again since its reader saw it. */
int delayed_postpone(struct write *w, const struct delayed *delayed, int64_t due_ms,
                     struct err *err) MUST_USE;
/* The session they were scheduled with has ended: cancelled. */
int delayed_cancel_device(struct write *w, int64_t user, int64_t device, struct err *err) MUST_USE;
/* Those of all of the user's sessions, and of none, but of that one's device (-1: no exception). */
int delayed_cancel_user(struct write *w, int64_t user, int64_t except, struct err *err) MUST_USE;
int delayed_delete_user(struct write *w, int64_t user, struct err *err) MUST_USE;
/* Those that are final since before then. */
int delayed_forget(struct write *w, int64_t before_ms, struct err *err) MUST_USE;

/* All 1, 0, -1; texts are copied into the arena. */
int delayed_find(struct read *r, struct str delay_id, struct arena *arena,
                 struct delayed *ret_delayed, struct err *err) MUST_USE;
int delayed_find_txn(struct read *r, int64_t device, int64_t room, struct str txn,
                     struct arena *arena, struct delayed *ret_delayed, struct err *err) MUST_USE;
/* The delay id of an event that was sent for one. */
int delayed_find_event(struct read *r, int64_t event, struct arena *arena, struct str *ret_delay_id,
                       struct err *err) MUST_USE;

/* A user's, in no order, without their contents. There are few: see delayed_insert, delayed_end. */
int delayed_list_user(struct read *r, int64_t user, struct arena *arena,
                      struct delayed **ret_delayed, size_t *ret_n, struct err *err) MUST_USE;
/* Scheduled and due at now_ms, oldest due first, at most limit. */
int delayed_list_due(struct read *r, int64_t now_ms, size_t limit, struct arena *arena,
                     struct delayed **ret_delayed, size_t *ret_n, struct err *err) MUST_USE;
/* When the next one is due; INT64_MAX: none is scheduled. */
int delayed_next_due(struct read *r, int64_t *ret_due_ms, struct err *err) MUST_USE;

#endif
