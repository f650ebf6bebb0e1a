/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_EXCHANGE_H
#define CHAPPE_NET_EXCHANGE_H

/* The inside of a request and its answer. Three parties touch it, each its own part:
 *
 *   the I/O thread of its connection   owner, loop, timer, and everything before it is dispatched
 *                                      and after it leaves;
 *   the worker that runs it            the answer, the arena, state and deadline;
 *   any thread with a reference        what stands under `lock`: phase, holds, wishes.
 *
 * Phases: NEW → QUEUED → RUNNING → (IDLE → QUEUED…) → HELD → LEAVING → ENDED. The part that is not
 * under the lock passes from one party to the next with a change of phase, which is made under it.
 *
 * The exchange lives in its own arena: head, header table and parameters lie behind it, and one
 * block of about 2 KiB is all that a parked request keeps. */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/vec.h"
#include "net/h1_head.h"
#include "net/http.h"
#include "net/wheel.h"
#include "net/workers.h"

enum exchange_phase {
    EXCHANGE_NEW,     /* its body is on the way */
    EXCHANGE_QUEUED,  /* in a lane of the workers */
    EXCHANGE_RUNNING, /* on a worker */
    EXCHANGE_IDLE,    /* parked or waiting */
    EXCHANGE_HELD,    /* answered, until the last hold is released */
    EXCHANGE_LEAVING, /* the answer is the I/O thread's */
    EXCHANGE_ENDED,
};

struct header {
    struct str name, value;
};

/* What carries an exchange: an HTTP/1.1 connection or an HTTP/2 stream. Called on its I/O thread.
 */
struct exchange_carrier {
    void (*answer)(struct http_exchange *x);    /* the answer is complete */
    void (*piece)(struct http_exchange *x);     /* x->piece holds the next of a streamed answer */
    void (*body_room)(struct http_exchange *x); /* the handler has taken some of the body, or asks
                                                   for its beginning */
    bool (*is_gone)(struct http_exchange *x);   /* the peer has closed its side */
};

struct answer_stream {
    int64_t length;
    int (*next)(void *arg, struct buf *out, struct err *err);
    void (*done)(void *arg);
    void *arg;
};

struct loop;

struct http_exchange {
    struct work work; /* the lanes */
    atomic_uint refs;
    pthread_mutex_t lock;

    /* under lock */
    enum exchange_phase phase;
    unsigned holds;
    bool parked, rerun_wanted, gone, posted, piece_ready;
    bool push_due, post_due; /* noted, and done as the lock is given back */
    bool body_end, body_wanted, body_came, body_full, body_room;
    bool body_asked; /* the handler has asked for it: who expects 100-continue may send */
    int body_cut;    /* 0, or the status that says why no more comes */
    struct buf body; /* buffered: all of it; streamed: what the handler has not taken */
    struct http_exchange *next_post;

    /* the I/O thread's */
    const struct exchange_carrier *carrier;
    void *owner; /* NULL once the client is gone */
    struct loop *loop;
    struct wheel_entry timer;
    bool piece_asked; /* a worker makes the next piece of the answer */

    /* set before it is dispatched */
    size_t body_stored; /* counted in the server's body_bytes */
    struct http_server *server;
    struct arena *arena;
    enum http_method method;
    bool is_tls, last_call;
    struct str head; /* what the fields' offsets count from */
    struct str target, path, query, peer;
    struct str authority; /* HTTP/2; STR_NONE: Host says it */
    const struct head_field *fields;
    size_t n_fields;
    const struct http_route *route; /* NULL for what the front answers itself */
    const struct http_mount *mount;
    const struct str *params;
    size_t n_params;
    unsigned allowed; /* methods of the path, for 405 */
    int64_t begun_us;

    /* the running thread's */
    unsigned runs;
    struct arena *scratch; /* of this run; NULL until asked for */
    void *worker_data, *state;
    int64_t deadline_ms;
    void (*on_close)(struct http_exchange *x, void *arg);
    void *on_close_arg;
    void (*on_end)(void *arg);
    void *on_end_arg;
    int status;
    VEC(struct header) headers; /* in the arena */
    struct buf answer;
    struct buf piece; /* of the body coming in, then of the answer going out */
    int piece_result;
    struct answer_stream stream;
    int64_t bytes_out;
};

/* A request whose head is `head` (copied; fields point into it). Born with one reference, its
 * carrier's. head may be empty for what could not be read. */
struct http_exchange *exchange_new(struct http_server *server, struct loop *loop, struct str head,
                                   const struct head_field *fields, size_t n_fields);

/* Cuts the target into path and query. */
void exchange_set_target(struct http_exchange *x, struct str target);

enum http_method exchange_method_parse(struct str name);

/* ---- I/O thread ---- */

/* The request is complete (or streams its body): give it to the workers. */
void exchange_dispatch(struct http_exchange *x);
/* The client is gone, or the answer was sent: gives the carrier's reference back. */
void exchange_detach(struct http_exchange *x);
/* Parked or waiting. */
bool exchange_is_idle(struct http_exchange *x);
/* Called for what was posted to the loop. Gives the reference of the post back. */
void exchange_attend(struct http_exchange *x);
/* Runs a parked exchange a last time, as if its deadline had passed. */
void exchange_last_call(struct http_exchange *x);
/* What it stands in line with, for a worker and for its answer's way out. */
enum lane exchange_lane(const struct http_exchange *x);
/* More of a buffered body. False, and nothing is taken: those of all requests are over the server's
 * maximum, and this one is not small. */
bool exchange_body_store(struct http_exchange *x, struct str bytes) MUST_USE;
/* It counts no more. On the I/O thread: the last reference may be given back when the server has
 * gone. */
void exchange_body_release(struct http_exchange *x);
/* More of a streamed body, or its end. False: enough for now, stop reading. */
bool exchange_body_add(struct http_exchange *x, struct str bytes, bool end);
/* The body will not be complete; status is what the handler may answer: 400, 408, 413. */
void exchange_body_cut(struct http_exchange *x, int status);
/* Has a worker make the next piece of a streamed answer; nothing when one is being made. (A drained
 * socket is no proof that none is: TLS writes for itself too, and its peer says when.) */
void exchange_want_piece(struct http_exchange *x);

/* ---- the answer ---- */

void answer_discard(struct http_exchange *x);
/* After the handler: limits, compression. */
void answer_finish(struct http_exchange *x);
/* An error of the front's own: status, error_body. */
void answer_refuse(struct http_exchange *x, int status, const char *reason);
bool answer_has_body(const struct http_exchange *x);
struct str answer_header(const struct http_exchange *x, struct str name);
void answer_stream_done(struct http_exchange *x);
int file_stream_next(void *arg, struct buf *out, struct err *err);

#endif
