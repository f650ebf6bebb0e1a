/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_PURGE_H
#define CHAPPE_STORE_PURGE_H

/* Old events that go for good (docs/design/retention.md): messages and whatever else is no state
 * event. With the row go what was made of it (relations, threads, words of searches, transaction
 * ids), the files that it named are to be judged (store/media_use.h), and what its entry of the log
 * said; the entry itself stays, as LOG_KIND_PURGE without a room, since positions are dense.
 * Receipts may name an event that is not there: their place still says how far was read. */

#include "matrix/pdu.h"
#include "store/event.h"

/* What tells whether an event is to go, without its text. */
struct purge_mark {
    int64_t id, place, ts;
    unsigned flags;
};
/* Up to `limit` events of a room that have a place and are no state events, by origin_server_ts
 * from from_ts on, then by place; rejected and soft-failed ones among them. */
int purge_list(struct read *r, int64_t room, int64_t from_ts, size_t limit, struct arena *arena,
               struct purge_mark **ret_marks, size_t *ret_n, struct err *err) MUST_USE;

/* The least origin_server_ts of those after a place: 1, 0 there is none, -1. */
int purge_find_oldest(struct read *r, int64_t room, int64_t after_place, int64_t *ret_ts,
                      struct err *err) MUST_USE;

struct purge_event {
    struct event event; /* a copy: its refs are not used, its JSON is the caller's */
    struct pdu pdu;
    struct str stub; /* what is to be left of it, for the room's graph: its redacted form; STR_NONE:
                        nothing */
};

/* A piece of one room. The caller has made sure of what only grows truer with time: that what goes
 * is no state event, and neither the first, nor the last, nor a forward extremity of the room. One
 * that is gone already is passed over. ERR_KIND_MOVED when the room is held, by a hold that may
 * have come in the meantime. Takes one position, LOG_KIND_PURGE. */
struct purge {
    int64_t room;
    struct str server_name; /* whose files it names: see store/media_use.h */
    const struct purge_event *events;
    size_t n;
};
int purge_write(struct write *w, const struct purge *purge, struct err *err) MUST_USE;

#endif
