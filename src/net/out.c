/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/out.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/server.h"
#include "net/tls.h"

struct out {
    struct out *next;
    struct buf buf;
    size_t at;
};

/* A write that libuv finishes later. `cipher` is what it writes on TLS; plain bytes stay in their
 * struct out until it is over. */
struct socket_write {
    uv_write_t request;
    struct buf cipher;
};

#define IOV_MAX_BUFS 8

static void out_push(struct conn *conn, struct buf *buf, size_t at)
{
    if (at == buf->n) {
        buf_done(buf);
        return;
    }
    struct out *out = MEM_NEW(struct out);
    out->buf = *buf;
    out->at = at;
    buf_init(buf, buf->max);
    if (conn->out_last)
        conn->out_last->next = out;
    else
        conn->out_first = out;
    conn->out_last = out;
}

static void out_pop(struct conn *conn)
{
    struct out *out = conn->out_first;
    conn->out_first = out->next;
    if (!conn->out_first)
        conn->out_last = NULL;
    buf_done(&out->buf);
    mem_free(out);
}

static void out_consume(struct conn *conn, size_t n)
{
    while (n) {
        struct out *out = conn->out_first;
        size_t left = out->buf.n - out->at;
        if (n < left) {
            out->at += n;
            return;
        }
        n -= left;
        out_pop(conn);
    }
}

void out_done(struct conn *conn)
{
    while (conn->out_first)
        out_pop(conn);
}

bool conn_is_writing(const struct conn *conn)
{
    return conn->out_first || conn->writing;
}

static void out_counted(struct conn *conn, size_t n)
{
    conn->written += n;
    atomic_fetch_add_explicit(&conn->loop->server->bytes_out, (int64_t)n, memory_order_relaxed);
}

static uint64_t out_progress(const struct conn *conn)
{
    size_t queued = conn->writing ? conn->tcp.write_queue_size : 0;
    return conn->written + (conn->writing ? conn->write_bytes - queued : 0);
}

bool out_is_stuck(struct conn *conn, int64_t now_ms)
{
    uint64_t progress = out_progress(conn);
    uint64_t least =
        (uint64_t)(LIMIT_HTTP_BODY_RATE * conn->loop->server->config.body_grace_ms / 1000);
    if (!conn_is_writing(conn)) {
        conn->out_check_ms = 0;
        return false;
    }
    if (progress - conn->out_seen < least)
        return true;
    conn->out_seen = progress;
    conn->out_check_ms = now_ms + conn->loop->server->config.body_grace_ms;
    return false;
}

/* Starts looking whether the peer reads. */
static void out_watch(struct conn *conn)
{
    if (conn->out_check_ms)
        return;
    conn->out_seen = out_progress(conn);
    conn->out_check_ms = clock_monotonic_ms() + conn->loop->server->config.body_grace_ms;
    conn_arm(conn);
}

static void out_flush(struct conn *conn);

static void on_written(uv_write_t *request, int status)
{
    struct socket_write *write = (struct socket_write *)(void *)request;
    struct conn *conn = request->handle->data;
    bool plain = write->cipher.n == 0;
    buf_done(&write->cipher);
    mem_free(write);
    conn->writing = false;
    if (conn->closing)
        return;
    if (status < 0) {
        conn_close(conn);
        return;
    }
    out_counted(conn, conn->write_bytes);
    if (plain)
        out_consume(conn, conn->write_bytes);
    out_flush(conn);
    if (conn->closing || conn_is_writing(conn))
        return;
    conn->out_check_ms = 0;
    conn->protocol->drained(conn);
}

static void write_start(struct conn *conn, struct str bytes, struct buf *cipher)
{
    struct socket_write *write = MEM_NEW(struct socket_write);
    uv_buf_t iov = uv_buf_init((char *)(uintptr_t)bytes.p, (unsigned)bytes.n);
    if (cipher) {
        write->cipher = *cipher;
        buf_init(cipher, cipher->max);
    }
    conn->writing = true;
    conn->write_bytes = bytes.n;
    if (uv_write(&write->request, (uv_stream_t *)&conn->tcp, &iov, 1, on_written) < 0) {
        conn->writing = false;
        buf_done(&write->cipher);
        mem_free(write);
        conn_close(conn);
        return;
    }
    out_watch(conn);
}

/* What the kernel takes now; -1 when the connection was closed over it. */
static ssize_t write_now(struct conn *conn, const uv_buf_t *iov, unsigned n)
{
    int taken = uv_try_write((uv_stream_t *)&conn->tcp, iov, n);
    if (taken == UV_EAGAIN)
        return 0;
    if (taken < 0) {
        conn_close(conn);
        return -1;
    }
    out_counted(conn, (size_t)taken);
    return taken;
}

static unsigned out_gather(const struct conn *conn, uv_buf_t *iov)
{
    unsigned n = 0;
    for (struct out *out = conn->out_first; out && n < IOV_MAX_BUFS; out = out->next)
        iov[n++] = uv_buf_init(out->buf.p + out->at, (unsigned)(out->buf.n - out->at));
    return n;
}

static void flush_plain(struct conn *conn)
{
    while (conn->out_first && !conn->writing) {
        uv_buf_t iov[IOV_MAX_BUFS];
        ssize_t taken = write_now(conn, iov, out_gather(conn, iov));
        if (taken < 0)
            return;
        out_consume(conn, (size_t)taken);
        if (!conn->out_first)
            return;
        struct str rest = str_skip(buf_str(&conn->out_first->buf), conn->out_first->at);
        write_start(conn, str_first(rest, LIMIT_HTTP_OUT_BUFFER), NULL);
    }
}

/* Encrypts what waits, up to one stretch of output. */
static int encrypt_some(struct conn *conn)
{
    size_t room = LIMIT_HTTP_OUT_BUFFER / 4;
    while (conn->out_first && room && tls_session_is_ready(conn->tls)) {
        struct out *out = conn->out_first;
        struct str plain = str_first(str_skip(buf_str(&out->buf), out->at), room);
        if (tls_session_write(conn->tls, plain) < 0)
            return -1;
        room -= plain.n;
        out_consume(conn, plain.n);
    }
    return 0;
}

static void flush_tls(struct conn *conn)
{
    struct buf *cipher = tls_session_output(conn->tls);
    while (!conn->writing) {
        if (encrypt_some(conn) < 0) {
            conn_close(conn);
            return;
        }
        if (cipher->n == 0)
            return;
        uv_buf_t iov = uv_buf_init(cipher->p, (unsigned)cipher->n);
        ssize_t taken = write_now(conn, &iov, 1);
        if (taken < 0)
            return;
        if ((size_t)taken == cipher->n)
            buf_done(cipher);
        else
            write_start(conn, str_skip(buf_str(cipher), (size_t)taken), cipher);
    }
}

static void out_flush(struct conn *conn)
{
    if (conn->closing || conn->writing)
        return;
    if (conn->tls)
        flush_tls(conn);
    else
        flush_plain(conn);
}

void conn_flush(struct conn *conn)
{
    out_flush(conn);
}

/* The ordinary case: nothing waits and the kernel takes all of it, without a struct out. */
static ssize_t send_at_once(struct conn *conn, struct buf *head, struct buf *body)
{
    uv_buf_t iov[2] = {uv_buf_init(head->p, (unsigned)head->n),
                       uv_buf_init(body ? body->p : NULL, body ? (unsigned)body->n : 0)};
    if (conn->tls || conn_is_writing(conn) || iov[0].len + iov[1].len == 0)
        return 0;
    return write_now(conn, iov, iov[1].len ? 2 : 1);
}

void conn_send(struct conn *conn, struct buf *head, struct buf *body)
{
    ssize_t taken = conn->closing ? -1 : send_at_once(conn, head, body);
    if (taken < 0) {
        buf_done(head);
        if (body)
            buf_done(body);
        return;
    }
    size_t from_head = (size_t)taken < head->n ? (size_t)taken : head->n;
    size_t from_body = (size_t)taken - from_head;
    out_push(conn, head, from_head);
    if (body)
        out_push(conn, body, from_body);
    out_flush(conn);
}
