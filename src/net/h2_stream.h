/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_H2_STREAM_H
#define CHAPPE_NET_H2_STREAM_H

/* One HTTP/2 stream and its exchange. Part of h2; on the connection's thread. */

#include <stdbool.h>
#include <stdint.h>

#include <nghttp2/nghttp2.h>

#include "base/buf.h"
#include "net/h1_head.h"

struct conn;
struct http_exchange;

/* What is only needed until the head is complete. */
struct h2_head {
    struct buf text;
    struct head_field fields[LIMIT_HTTP_HEADER_COUNT];
    size_t n_fields;                           /* of those looked at */
    size_t n_seen, bytes_seen;                 /* of all that came */
    struct head_field method, path, authority; /* n_name 0: not there */
    int refusal;                               /* 0: none */
};

struct h2_stream {
    struct h2_stream *prev, *next;
    struct conn *conn;
    struct http_exchange *x;
    struct h2_head *head;
    int32_t id;
    bool body_open;
    bool refused;   /* what still comes of the body is dropped */
    bool answered;  /* the answer was submitted */
    bool sent;      /* and is out */
    bool deferred;  /* its next piece is being made */
    bool looked;    /* there was a look already: `seen` counts */
    bool continued; /* leave to send the body was given, or is not waited for */
    uint32_t owed;  /* taken by us, not yet given back to the peer's window */
    size_t at;      /* of the answer or piece */
    size_t stored;  /* of the body, in memory */
    int64_t body_got, sent_bytes, seen;
};

struct h2 {
    nghttp2_session *ng;
    struct h2_stream *streams;
    size_t stored;                  /* of the bodies of all of them */
    int64_t flood_ms, flood_credit; /* in thousandths of a frame */
    bool busy;                      /* inside nghttp2: flush later */
    bool looking;                   /* the deadline is a look at who moves */
    bool calm;                      /* told to calm down: what still comes is not read */
};

struct h2 *h2_of(struct conn *conn);
void h2_flush(struct conn *conn);

void h2_stream_new(struct conn *conn, nghttp2_session *ng, int32_t id);
/* The exchange is let go of; the stream stays until nghttp2 closes it. */
void h2_stream_detach(struct h2_stream *stream);
void h2_stream_free(struct h2_stream *stream);
void h2_stream_header(struct h2_stream *stream, struct str name, struct str value);
/* The head is complete; last: there is no body. */
void h2_stream_begin(struct h2_stream *stream, bool last);
void h2_stream_body(struct h2_stream *stream, struct str bytes, bool last);
bool h2_stream_must_move(const struct h2_stream *stream);
/* Resets it if it has not moved enough since the last look. */
void h2_stream_look(struct h2_stream *stream);

#endif
