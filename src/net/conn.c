/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/conn.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/h1.h"
#include "net/out.h"
#include "net/server.h"
#include "net/tls.h"

static void on_timer(struct wheel_entry *entry);

static struct conn *of_timer(struct wheel_entry *entry)
{
    return (struct conn *)(void *)((char *)entry - offsetof(struct conn, timer));
}

static int64_t due_of(const struct conn *conn)
{
    int64_t a = conn->deadline_ms, b = conn->out_check_ms;
    return a && (!b || a < b) ? a : b;
}

/* The timer is only moved when it must ring earlier; when it rings too early it is set again. So a
 * deadline that moves on with each request costs nothing. */
void conn_arm(struct conn *conn)
{
    int64_t due = due_of(conn);
    if (due && !conn->closing && (!conn->timer.next || due < conn->timer.due_ms))
        loop_set(conn->loop, &conn->timer, due, on_timer);
}

static void on_timer(struct wheel_entry *entry)
{
    struct conn *conn = of_timer(entry);
    int64_t now = clock_monotonic_ms();
    if (conn->out_check_ms && now >= conn->out_check_ms && out_is_stuck(conn, now)) {
        conn_close(conn);
        return;
    }
    if (conn->deadline_ms && now >= conn->deadline_ms) {
        conn->deadline_ms = 0;
        conn->protocol->deadline(conn);
    }
    conn_arm(conn);
}

void conn_set_deadline(struct conn *conn, int64_t due_ms)
{
    conn->deadline_ms = due_ms;
    conn_arm(conn);
}

/* ---- closing ---- */

static void on_closed(uv_handle_t *handle)
{
    struct conn *conn = handle->data;
    struct loop *loop = conn->loop;
    if (conn->session_free)
        conn->session_free(conn->session);
    tls_session_free(conn->tls);
    out_done(conn);
    server_address_give(loop->server, str_from(conn->peer));
    atomic_fetch_sub(&loop->server->n_connections, 1);
    loop->n_conns--;
    if (loop->stopping)
        loop_wake(loop);
    mem_free(conn);
}

static void unlink_conn(struct conn *conn)
{
    if (conn->prev)
        conn->prev->next = conn->next;
    else
        conn->loop->conns = conn->next;
    if (conn->next)
        conn->next->prev = conn->prev;
}

void conn_close(struct conn *conn)
{
    if (conn->closing)
        return;
    conn->closing = true;
    loop_cancel(conn->loop, &conn->timer);
    unlink_conn(conn);
    conn->protocol->closed(conn);
    uv_close((uv_handle_t *)&conn->tcp, on_closed);
}

void conn_stop(struct conn *conn)
{
    conn->protocol->stop(conn);
}

/* While it says goodbye a connection has a protocol that reads over everything: closing a socket
 * with unread bytes makes the kernel send a reset, and the peer may lose the answer. */
static void linger_input(struct conn *conn, struct str bytes)
{
    (void)conn;
    (void)bytes;
}

static void linger_nothing(struct conn *conn)
{
    (void)conn;
}

static void linger_drained(struct conn *conn)
{
    uv_os_fd_t fd;
    if (uv_fileno((uv_handle_t *)&conn->tcp, &fd) == 0)
        shutdown(fd, SHUT_WR);
    if (conn->eof)
        conn_close(conn);
}

static const struct conn_protocol linger_protocol = {
    .input = linger_input,
    .drained = linger_drained,
    .deadline = conn_close,
    .eof = conn_close,
    .stop = conn_close,
    .closed = linger_nothing,
};

void conn_finish(struct conn *conn)
{
    if (conn->closing || conn->finishing)
        return;
    conn->finishing = true;
    conn->protocol->closed(conn);
    conn->protocol = &linger_protocol;
    if (conn->tls)
        tls_session_goodbye(conn->tls);
    conn_flush(conn);
    if (conn->closing)
        return;
    conn_set_deadline(conn, clock_monotonic_ms() + LIMIT_HTTP_LINGER_MS);
    conn_read_start(conn);
    if (!conn_is_writing(conn))
        linger_drained(conn);
}

/* ---- reading ---- */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct conn *conn = handle->data;
    (void)suggested;
    *buf = uv_buf_init(conn->loop->read_buffer, LOOP_READ_BYTES);
}

/* ALPN has spoken: a TLS connection's protocol is known once its handshake is over. */
static void tls_input(struct conn *conn, struct str bytes)
{
    char *room = conn->loop->plain_buffer;
    tls_session_input(conn->tls, bytes);
    while (!conn->closing) {
        int n = tls_session_read(conn->tls, room, sizeof conn->loop->plain_buffer);
        conn_flush(conn);
        if (n == 0 || conn->closing)
            return;
        if (n < 0) {
            conn_close(conn);
            return;
        }
        if (tls_session_is_h2(conn->tls))
            h1_switch_to_h2(conn);
        conn->protocol->input(conn, str_make(room, (size_t)n));
    }
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct conn *conn = stream->data;
    if (conn->closing || n == 0)
        return;
    if (n == UV_EOF) {
        conn->eof = true;
        conn->reading = false;
        conn->protocol->eof(conn);
        return;
    }
    if (n < 0) {
        conn_close(conn);
        return;
    }
    atomic_fetch_add_explicit(&conn->loop->server->bytes_in, n, memory_order_relaxed);
    if (conn->tls)
        tls_input(conn, str_make(buf->base, (size_t)n));
    else
        conn->protocol->input(conn, str_make(buf->base, (size_t)n));
}

void conn_read_start(struct conn *conn)
{
    if (conn->reading || conn->closing || conn->eof)
        return;
    conn->reading = true;
    uv_read_start((uv_stream_t *)&conn->tcp, on_alloc, on_read);
}

void conn_read_stop(struct conn *conn)
{
    if (!conn->reading || conn->closing)
        return;
    conn->reading = false;
    uv_read_stop((uv_stream_t *)&conn->tcp);
}

/* ---- birth ---- */

static void peer_write(struct conn *conn)
{
    struct sockaddr_storage address;
    int size = sizeof address;
    if (uv_tcp_getpeername(&conn->tcp, (struct sockaddr *)&address, &size) < 0)
        return;
    if (address.ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)&address;
        inet_ntop(AF_INET, &in->sin_addr, conn->peer, sizeof conn->peer);
    } else if (address.ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&address;
        if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
            inet_ntop(AF_INET, &in6->sin6_addr.s6_addr[12], conn->peer, sizeof conn->peer);
        else
            inet_ntop(AF_INET6, &in6->sin6_addr, conn->peer, sizeof conn->peer);
    }
}

static void refused_closed(uv_handle_t *handle)
{
    struct conn *conn = handle->data;
    struct loop *loop = conn->loop;
    loop->n_conns--;
    if (loop->stopping)
        loop_wake(loop);
    mem_free(conn);
}

static bool accept_is_fine(struct conn *conn, struct listener *listener)
{
    struct http_server *server = conn->loop->server;
    if (uv_accept((uv_stream_t *)&listener->tcp, (uv_stream_t *)&conn->tcp) < 0)
        return false;
    peer_write(conn);
    if (conn->loop->stopping)
        return false;
    if (atomic_load(&server->n_connections) >= server->config.connections_max ||
        !server_address_take(server, str_from(conn->peer))) {
        atomic_fetch_add(&server->n_refused, 1);
        return false;
    }
    return true;
}

void conn_accept(struct listener *listener)
{
    struct loop *loop = listener->loop;
    struct conn *conn = MEM_NEW(struct conn);
    conn->loop = loop;
    conn->index = listener->index;
    uv_tcp_init(&loop->uv, &conn->tcp);
    conn->tcp.data = conn;
    loop->n_conns++;
    if (!accept_is_fine(conn, listener)) {
        conn->closing = true;
        uv_close((uv_handle_t *)&conn->tcp, refused_closed);
        return;
    }
    uv_tcp_nodelay(&conn->tcp, 1);
    atomic_fetch_add(&loop->server->n_connections, 1);
    conn->next = loop->conns;
    if (loop->conns)
        loop->conns->prev = conn;
    loop->conns = conn;
    if (loop->server->tls[conn->index])
        conn->tls = tls_session_new(loop->server->tls[conn->index]);
    h1_begin(conn);
    conn_read_start(conn);
}
