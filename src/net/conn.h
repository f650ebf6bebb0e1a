/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_CONN_H
#define CHAPPE_NET_CONN_H

/* One accepted socket: bytes in, bytes out, one deadline, TLS in between when its listener has it.
 * What the bytes mean is its protocol's business (HTTP/1.1 or HTTP/2). Reading uses the loop's
 * buffer, so that an idle connection owns none. Everything happens on the loop's thread.
 *
 * Output is written at once when the kernel takes it; the rest is kept, and the protocol is told
 * when it is drained. A connection that is closing takes no calls but is valid until libuv has let
 * go of it. */

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "base/buf.h"
#include "base/str.h"
#include "net/loop.h"
#include "net/wheel.h"

struct conn;
struct tls_session;

struct conn_protocol {
    void (*input)(struct conn *conn, struct str bytes);
    void (*drained)(struct conn *conn);  /* all output is with the kernel */
    void (*deadline)(struct conn *conn); /* conn->deadline_ms has passed; by default: close */
    void (*eof)(struct conn *conn);      /* the peer will send no more */
    void (*stop)(struct conn *conn);     /* the server stops: finish what runs, begin nothing */
    void (*closed)(struct conn *conn);   /* let go of the exchanges; the session stays */
};

struct out; /* output not yet taken by the kernel */

struct conn {
    uv_tcp_t tcp;
    struct loop *loop;
    struct conn *prev, *next;
    struct wheel_entry timer;
    int64_t deadline_ms; /* 0: none */
    const struct conn_protocol *protocol;
    void *session;
    void (*session_free)(void *session); /* once libuv has let go of the connection */
    struct tls_session *tls;
    struct out *out_first, *out_last;
    bool writing;         /* a uv_write is under way */
    size_t write_bytes;   /* of it */
    uint64_t written;     /* in all, without it */
    int64_t out_check_ms; /* when a slow reader is looked at next; 0: not writing */
    uint64_t out_seen;    /* `written` at the last look */
    size_t index;         /* of its listener */
    bool reading, closing, eof, finishing;
    char peer[46];
};

void conn_accept(struct listener *listener);
/* Cuts. The protocol's closed is called now. */
void conn_close(struct conn *conn);
/* Says goodbye: no more output; reads over what still comes, for a short while. */
void conn_finish(struct conn *conn);
void conn_stop(struct conn *conn);

void conn_read_start(struct conn *conn);
void conn_read_stop(struct conn *conn);

/* Sends both, in this order and in one system call where possible. They are taken over: what comes
 * back is empty. May close the connection (a write error). */
void conn_send(struct conn *conn, struct buf *head, struct buf *body);

/* The one deadline of the protocol, absolute; 0 takes it away. */
void conn_set_deadline(struct conn *conn, int64_t due_ms);

/* Output that the kernel has not taken yet. */
bool conn_is_writing(const struct conn *conn);
/* Sends what TLS itself has to say (a handshake); does nothing on a plain connection. */
void conn_flush(struct conn *conn);

#endif
