/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BENCH_CONN_H
#define CHAPPE_BENCH_CONN_H

/* A connection of a client to the server: plain or TLS, HTTP/1.1 (one request at a time, the others
 * wait their turn in it) or HTTP/2 (all at once). It opens by itself when it is asked something,
 * and again when the server has closed it meanwhile. */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "bench/endpoint.h"
#include "bench/loop.h"

struct conn;

struct request {
    const char *method;
    struct str path, token, body; /* token: n == 0 for none; body: STR_NONE for none */
};

struct answer {
    int status;      /* of HTTP; 0: the connection was lost */
    struct str body; /* gone when the callback returns */
    int64_t due_us;  /* what the request was asked with */
    int64_t done_us; /* when its last byte was read */
};

/* May ask the same or another connection; may not free this one. */
typedef void call_done(void *owner, const struct answer *answer);

struct conn *conn_new(struct loop *loop, struct endpoint *endpoint) MUST_USE;
/* Closes at once. What was asked gets no answer, and its callback is not called. */
void conn_free(struct conn *conn);

/* Copies the request. due_us is when it should have left: a request that had to wait for its turn
 * is measured from there (coordinated omission); 0: now. */
void conn_ask(struct conn *conn, const struct request *request, int64_t due_us, call_done *done,
              void *owner);

/* Whether all that was asked has left, over an open connection. */
bool conn_is_flushed(const struct conn *conn);

#endif
