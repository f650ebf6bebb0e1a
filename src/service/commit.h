/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_COMMIT_H
#define CHAPPE_SERVICE_COMMIT_H

/* The end of a use case that writes: one job, and an answer that leaves when it is committed.
 *
 * With an exchange, commit_submit holds it and returns at once; the handler goes on to build its
 * answer and returns. When the job is committed the answer leaves. When it is refused because the
 * world has moved, the handler is run again from the top (a bounded number of times); when it is
 * refused for the client's fault or fails, the answer is replaced by the error (see
 * commit_failed_error, which the dispatcher asks before it runs a handler again). Nothing of an
 * answer is seen before the commit.
 *
 * A request has one job at a time: to submit another while one is in flight is a bug (CHECK).
 *
 * Without an exchange (commands, start-up) it waits, and returns the outcome. */

#include <stdbool.h>

#include "net/http.h"
#include "store/store.h"

struct server;

/* Why the last job of an exchange failed, kept over the rerun. Embedded in the api's request state,
 * which commit finds through http_state: it must be its first member. */
struct commit_state {
    const struct err *err; /* in the exchange's arena; NULL: none */
    void *wait;            /* what a use case waits for, in the exchange's arena */
    bool in_flight;        /* a job of it is submitted and not done: it has no other */
};

/* Two nodes that write into one room without a pause refuse each other by turns: about every other
 * try is lost, and a run of twenty was seen. */
#define COMMIT_TRIES_MAX 200

/* after, when not NULL, is called on the appender's thread with the outcome, before the answer
 * leaves: it updates what is in memory, and must not block. arg lives at least until then: take it
 * from the exchange's arena (or, without an exchange, from the caller's stack). */
int commit_submit(struct server *server, struct http_exchange *x,
                  int (*run)(struct write *w, void *arg, struct err *err),
                  void (*after)(void *arg, enum job_result result), void *arg,
                  struct err *err) MUST_USE;

/* A write that nobody waits for and whose loss harms nobody (a "last seen"): arg is from the heap
 * and freed when it is done. */
void commit_later(struct server *server, int (*run)(struct write *w, void *arg, struct err *err),
                  void *arg);

#endif
