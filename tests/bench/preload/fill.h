/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_TESTS_BENCH_FILL_H
#define CHAPPE_TESTS_BENCH_FILL_H

/* Rooms and messages, through the use cases that clients' requests take: every event is authorised,
 * chained, hashed and signed as a real one. What differs is the grouping: many events a job. */

#include "bench/preload/people.h"
#include "bench/preload/plan.h"

struct fill {
    struct server *server;
    const struct people *people;
    struct plan *plan;
    size_t content_bytes; /* of a message's content */
    int64_t from_ms;      /* origin_server_ts of the first message; now is that of the last */
    size_t n_messages;
    _Atomic int64_t json_bytes; /* of the messages made, as stored */
};

/* The content of an encrypted message is at least this long. */
#define FILL_CONTENT_LEAST 250

/* Makes the plan's rooms, with all their members joined. */
int fill_rooms(struct fill *fill, struct err *err) MUST_USE;
/* n_messages of them, over the rooms by their weights. */
int fill_messages(struct fill *fill, struct err *err) MUST_USE;

#endif
