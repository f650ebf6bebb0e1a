/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BENCH_CONN_INSIDE_H
#define CHAPPE_BENCH_CONN_INSIDE_H

/* What conn.c (bytes), h1_client.c and h2_client.c (requests) share. Private to them. */

#include <nghttp2/nghttp2.h>

#include "bench/conn.h"
#include "bench/reply.h"

/* What browsers send besides. No Accept-Encoding: answers are read as they are. */
#define CONN_AGENT     "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
#define CONN_LANGUAGES "fr,fr-FR;q=0.8,en-US;q=0.5,en;q=0.3"

enum conn_phase { CONN_CLOSED, CONN_CONNECTING, CONN_HANDSHAKE, CONN_OPEN };

struct call {
    struct call *next, *previous;
    call_done *done;
    void *owner;
    int64_t due_us;
    struct buf bytes; /* HTTP/1.1: the request; HTTP/2: its body */
    size_t sent;      /* HTTP/2: of bytes */
    struct buf body;  /* HTTP/2: of the answer */
    int status;
};

struct conn {
    struct watch watch; /* first: a watch is turned into its conn */
    struct loop *loop;
    struct endpoint *endpoint;
    /* What browsers send besides. No Accept-Encoding: answers are read as they are. */
#define CONN_AGENT     "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
#define CONN_LANGUAGES "fr,fr-FR;q=0.8,en-US;q=0.5,en;q=0.3"

    enum conn_phase phase;
    SSL *tls;
    struct buf out;
    struct call *first, *last; /* all that have no answer yet, in order */
    struct reply reply;        /* HTTP/1.1 */
    bool in_flight;            /* HTTP/1.1: `first` has left */
    nghttp2_session *h2;
    bool in_h2; /* inside nghttp2, which may not be entered again */
};

/* Takes the call off the list, tells its owner, frees it. */
void conn_answer(struct conn *conn, struct call *call, int status, struct str body);

void h1_ask(struct conn *conn, struct call *call, const struct request *request);
void h1_pump(struct conn *conn);                           /* moves what may leave to conn->out */
int h1_take(struct conn *conn, struct str bytes) MUST_USE; /* -1: the connection is of no use */

void h2_begin(struct conn *conn);
void h2_end(struct conn *conn);
void h2_ask(struct conn *conn, struct call *call, const struct request *request);
void h2_pump(struct conn *conn);
int h2_take(struct conn *conn, struct str bytes) MUST_USE;

#endif
