/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/conn.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"
#include "bench/conn_inside.h"

#define OUT_MAX MIB(64)

static void ready(struct watch *watch, uint32_t events);

struct conn *conn_new(struct loop *loop, struct endpoint *endpoint)
{
    struct conn *conn = MEM_NEW(struct conn);
    conn->watch.fd = -1;
    conn->loop = loop;
    conn->endpoint = endpoint;
    buf_init(&conn->out, OUT_MAX);
    reply_init(&conn->reply);
    return conn;
}

static void call_free(struct call *call)
{
    buf_done(&call->bytes);
    buf_done(&call->body);
    mem_free(call);
}

static void call_unlink(struct conn *conn, struct call *call)
{
    *(call->previous ? &call->previous->next : &conn->first) = call->next;
    *(call->next ? &call->next->previous : &conn->last) = call->previous;
}

void conn_answer(struct conn *conn, struct call *call, int status, struct str body)
{
    struct answer answer = {status, body, call->due_us, clock_monotonic_us()};
    call_unlink(conn, call);
    call->done(call->owner, &answer);
    call_free(call);
}

static void shut(struct conn *conn)
{
    if (conn->phase == CONN_CLOSED)
        return;
    conn->phase = CONN_CLOSED;
    loop_unwatch(conn->loop, &conn->watch);
    SSL_free(conn->tls);
    conn->tls = NULL;
    close(conn->watch.fd);
    conn->watch.fd = -1;
    h2_end(conn);
    buf_done(&conn->out);
    reply_reset(&conn->reply);
    conn->in_flight = false;
}

/* Those that were under way are told; what they ask in return is asked over a new connection. */
static void lose(struct conn *conn)
{
    shut(conn);
    struct call *last = conn->last;
    for (bool more = last; more;) {
        struct call *call = conn->first;
        more = call != last;
        conn_answer(conn, call, 0, STR_NONE);
    }
}

void conn_free(struct conn *conn)
{
    if (!conn)
        return;
    shut(conn);
    while (conn->first) {
        struct call *call = conn->first;
        call_unlink(conn, call);
        call_free(call);
    }
    reply_done(&conn->reply);
    mem_free(conn);
}

static int begin(struct conn *conn)
{
    int fd = endpoint_connect(conn->endpoint);
    if (fd < 0)
        return -1;
    conn->watch = (struct watch){.fd = fd, .events = EPOLLIN | EPOLLOUT, .ready = ready};
    conn->phase = CONN_CONNECTING;
    buf_init(&conn->out, OUT_MAX);
    loop_watch(conn->loop, &conn->watch);
    if (conn->endpoint->tls) {
        conn->tls = SSL_new(conn->endpoint->tls_context);
        CHECK(conn->tls && SSL_set_fd(conn->tls, fd) == 1);
        SSL_set_connect_state(conn->tls);
    }
    if (conn->endpoint->http2)
        h2_begin(conn);
    return 0;
}

/* How many bytes were written; 0: the peer takes none now; -1: lost. */
static ssize_t wire_write(struct conn *conn, struct str bytes)
{
    if (!conn->tls) {
        ssize_t n = send(conn->watch.fd, bytes.p, bytes.n, MSG_NOSIGNAL);
        return n >= 0 ? n : errno == EAGAIN ? 0 : -1;
    }
    size_t n = 0;
    if (SSL_write_ex(conn->tls, bytes.p, bytes.n, &n) == 1)
        return (ssize_t)n;
    int why = SSL_get_error(conn->tls, 0);
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

/* Same for reading; -1 at the end too. */
static ssize_t wire_read(struct conn *conn, char *p, size_t size)
{
    if (!conn->tls) {
        ssize_t n = recv(conn->watch.fd, p, size, 0);
        return n > 0 ? n : n < 0 && errno == EAGAIN ? 0 : -1;
    }
    size_t n = 0;
    if (SSL_read_ex(conn->tls, p, size, &n) == 1)
        return (ssize_t)n;
    int why = SSL_get_error(conn->tls, 0);
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

static void pump(struct conn *conn)
{
    if (conn->h2)
        h2_pump(conn);
    else
        h1_pump(conn);
}

static void flush(struct conn *conn)
{
    if (conn->phase != CONN_OPEN)
        return;
    for (pump(conn); conn->out.n; pump(conn)) {
        ssize_t n = wire_write(conn, buf_str(&conn->out));
        if (n <= 0)
            break; /* what is lost is seen by reading */
        buf_consume(&conn->out, (size_t)n);
    }
    if (!conn->out.n)
        buf_done(&conn->out);
    loop_rewatch(conn->loop, &conn->watch, conn->out.n ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void read_all(struct conn *conn)
{
    while (conn->phase == CONN_OPEN) {
        char *p = conn->loop->read_buffer;
        ssize_t n = wire_read(conn, p, LOOP_READ_BYTES);
        if (n == 0)
            break;
        int outcome = -1;
        if (n > 0)
            outcome = conn->h2 ? h2_take(conn, str_make(p, (size_t)n))
                               : h1_take(conn, str_make(p, (size_t)n));
        if (outcome < 0)
            lose(conn);
        else if (!conn->tls && n < LOOP_READ_BYTES)
            break;
    }
}

/* 1: it is open; 0: not yet; -1: it will not be. */
static int proceed(struct conn *conn)
{
    if (conn->phase == CONN_CONNECTING) {
        int error = 0;
        socklen_t n = sizeof error;
        if (getsockopt(conn->watch.fd, SOL_SOCKET, SO_ERROR, &error, &n) < 0 || error)
            return -1;
        conn->phase = conn->tls ? CONN_HANDSHAKE : CONN_OPEN;
    }
    if (conn->phase == CONN_HANDSHAKE) {
        int outcome = SSL_do_handshake(conn->tls);
        int why = outcome == 1 ? SSL_ERROR_NONE : SSL_get_error(conn->tls, outcome);
        if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) {
            loop_rewatch(conn->loop, &conn->watch,
                         why == SSL_ERROR_WANT_READ ? EPOLLIN : EPOLLIN | EPOLLOUT);
            return 0;
        }
        if (why != SSL_ERROR_NONE)
            return -1;
        conn->phase = CONN_OPEN;
    }
    return 1;
}

static void ready(struct watch *watch, uint32_t events)
{
    struct conn *conn = (struct conn *)watch;
    int outcome = proceed(conn);
    if (outcome < 0)
        lose(conn);
    if (outcome <= 0)
        return;
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        read_all(conn);
    flush(conn);
}

void conn_ask(struct conn *conn, const struct request *request, int64_t due_us, call_done *done,
              void *owner)
{
    struct call *call = MEM_NEW(struct call);
    call->due_us = due_us ? due_us : clock_monotonic_us();
    call->done = done;
    call->owner = owner;
    buf_init(&call->bytes, OUT_MAX);
    buf_init(&call->body, MIB(512));
    call->previous = conn->last;
    *(conn->last ? &conn->last->next : &conn->first) = call;
    conn->last = call;
    bool opened = conn->phase != CONN_CLOSED || begin(conn) == 0;
    if (conn->endpoint->http2 && opened)
        h2_ask(conn, call, request);
    else
        h1_ask(conn, call, request);
    CHECK(opened); /* out of descriptors: the generator promised more than it has */
    if (!conn->in_h2)
        flush(conn);
}

bool conn_is_flushed(const struct conn *conn)
{
    return conn->phase == CONN_OPEN && !conn->out.n;
}
