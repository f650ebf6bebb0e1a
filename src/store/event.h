/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_EVENT_H
#define CHAPPE_STORE_EVENT_H

/* Events, stored once: the canonical PDU with the offsets of its top-level members, beside the
 * integers that queries need. An event has two orders: pos, in the log, and place, in its room
 * (live events count up from 1, backfilled ones down from 0). Rows are immutable but for the marks
 * and for a redaction, which rewrites json. A shared cache holds events by id; entries are
 * refcounted and immutable. */

#include "store/store.h"

#define EVENT_OUTLIER     1u /* known as state or auth only: has no place */
#define EVENT_REJECTED    2u
#define EVENT_SOFT_FAILED 4u
#define EVENT_REDACTED    8u
/* What it does by the server's push rules (service/push/judge.h). */
#define EVENT_JUDGED     16u /* the marks below are set or not; else nothing is known */
#define EVENT_NOTIFIES   32u
#define EVENT_HIGHLIGHTS 64u
#define EVENT_PERSONAL   128u /* for some readers it does something else */
#define EVENT_IN_THREAD  256u
#define EVENT_DELAYED    512u /* it was scheduled (store/delayed.h) */
/* It has expired, and what is left is for the room's graph alone: nobody sees it (store/purge.h).
 */
#define EVENT_PURGED 1024u

#define EVENT_HASH_BYTES 32

/* The members a client sees or the server asks for, as slices of the PDU; absent ones are STR_NONE.
 * Values are raw JSON (strings in their quotes). */
struct event_members {
    struct str content, type, state_key, sender, room_id, origin_server_ts, redacts, auth_events,
        prev_events, depth, hashes, signatures, unsigned_;
};

struct event {
    int64_t id, room, pos, place;
    int64_t type, sender; /* names */
    int64_t state_key;    /* name, or 0: not a state event */
    int64_t origin_server_ts, depth;
    int64_t state; /* the room's state after it (before it, when rejected or not a state event) */
    int64_t state_before;
    int64_t redacted_by; /* event, or 0 */
    unsigned flags;
    unsigned char
        hash[EVENT_HASH_BYTES]; /* reference hash; with the room version it gives the id */
    struct str json;            /* canonical PDU */
    int64_t device;             /* that sent it by a transaction, as in store/txn.h; 0: none */
    struct str txn;             /* of that transaction; STR_NONE: none */
    struct event_members members;
    int refs; /* atomic, and last; event_ref, event_unref */
};

void event_ref(struct event *event);
void event_unref(struct event *event); /* NULL is allowed */
void event_cleanup(struct event **event);

/* Slices of a canonical PDU. -1: it is not one of ours. */
int event_find_members(struct str json, struct event_members *ret_members) MUST_USE;

/* A new event, for the cache and for event_insert; copies json and txn, and finds the members. */
struct event *event_new(const struct event *fields, struct str json);
/* By which transaction it is sent; copied. Only while nobody else has the event. */
void event_set_transaction(struct event *event, int64_t device, struct str txn);

/* Also puts it into the cache, once committed. Writes the log entry, and fills pos. */
int event_insert(struct write *w, struct event *event, struct err *err) MUST_USE;

/* 1 found (the caller unrefs), 0, -1. */
int event_load(struct read *r, int64_t id, struct event **ret_event, struct err *err) MUST_USE;
int event_load_by_hash(struct read *r, const unsigned char hash[EVENT_HASH_BYTES],
                       struct event **ret_event, struct err *err) MUST_USE;
/* The one that was sent by that transaction (store/txn.h), if it is in memory: 1 and a reference,
 * or 0, which says nothing of the store. */
int event_find_sent(struct store *store, int64_t device, int64_t room, struct str txn,
                    struct event **ret_event);
/* Many at once, in the order of ids; absent ones are NULL. */
int event_load_many(struct read *r, const int64_t *ids, size_t n, struct event **ret_events,
                    struct err *err) MUST_USE;

enum event_direction { EVENT_FORWARD, EVENT_BACKWARD };
/* Up to `limit` ids of events of a room that have a place, rejected and soft-failed ones left out,
 * strictly after (or before) `place`, and with pos at most head (r->head). */
int event_list_room(struct read *r, int64_t room, int64_t place, enum event_direction direction,
                    size_t limit, struct arena *arena, int64_t **ret_ids, size_t *ret_n,
                    struct err *err) MUST_USE;

/* The same by origin_server_ts, then place: from ts on (forward), or from ts back. Skips the first
 * `skip` of them. */
int event_list_time(struct read *r, int64_t room, int64_t ts, enum event_direction direction,
                    size_t skip, size_t limit, struct arena *arena, int64_t **ret_ids,
                    size_t *ret_n, struct err *err) MUST_USE;

/* What tells whether an event counts as unread, without its text. */
struct event_mark {
    int64_t id, place, sender, state_key;
    unsigned flags;
    int64_t pos;
};
/* Up to `limit` of them, newest first, after the place `after` and before the place `before`, as
 * event_list_room would list them. */
int event_list_marks(struct read *r, int64_t room, int64_t after, int64_t before, size_t limit,
                     struct arena *arena, struct event_mark **ret_marks, size_t *ret_n,
                     struct err *err) MUST_USE;

/* The place of the last event with pos at most `pos`, 0 when there is none. */
int event_place_at(struct read *r, int64_t room, int64_t pos, int64_t *ret_place,
                   struct err *err) MUST_USE;

/* Replaces the stored bytes by the redacted form; old bytes are gone. Writes LOG_KIND_REDACTION. */
int event_redact(struct write *w, const struct event *event, struct str redacted_json,
                 int64_t redacted_by, struct err *err) MUST_USE;
int event_set_flags(struct write *w, int64_t id, unsigned flags, struct err *err) MUST_USE;

#endif
