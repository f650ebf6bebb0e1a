/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/h1.h"

#include <string.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/admit.h"
#include "net/chunked.h"
#include "net/conn.h"
#include "net/exchange.h"
#include "net/h1_answer.h"
#include "net/h2.h"
#include "net/server.h"

struct h1 {
    struct buf in; /* received, not read yet */
    size_t seen;   /* of it, by the scan for the end of a head */
    struct http_exchange *x;
    struct chunked chunked;
    int64_t body_left, body_got;
    int64_t body_since_ms; /* when the body's minimum rate began to count */
    int64_t body_since;    /* and how much had come by then */
    int64_t idle_until_ms; /* without a request: blank lines do not move it */
    int refusal;           /* answered once a small body has been read over */
    const char *reason;
    bool body_open, is_chunked, is_1_0, keep_alive, paused;
    bool expects;   /* the client waits for leave to send its body */
    bool answering; /* the answer is on its way out */
    bool closes;    /* and says so */
    bool advancing; /* h1_advance is on the stack */
    bool began;     /* a head has been read: no preface any more */
};

static const struct conn_protocol h1_protocol;
static const struct exchange_carrier h1_carrier;

static void h1_advance(struct conn *conn);
static void h1_free(void *session);

static struct h1 *h1_of(struct conn *conn)
{
    return conn->session;
}

void h1_begin(struct conn *conn)
{
    struct h1 *h1 = MEM_NEW(struct h1);
    buf_init(&h1->in, LIMIT_HTTP_HEADERS + LIMIT_HTTP_PIPELINE + LOOP_READ_BYTES);
    conn->session = h1;
    conn->session_free = h1_free;
    conn->protocol = &h1_protocol;
    h1->idle_until_ms = clock_monotonic_ms() + conn->loop->server->config.headers_ms;
    conn_set_deadline(conn, h1->idle_until_ms);
}

static void h1_closed(struct conn *conn)
{
    struct h1 *h1 = h1_of(conn);
    struct http_exchange *x = h1->x;
    h1->x = NULL;
    if (x)
        exchange_detach(x);
}

static void h1_free(void *session)
{
    struct h1 *h1 = session;
    buf_done(&h1->in);
    mem_free(h1);
}

/* ---- the answer ---- */

/* A body that is not read to its end makes what follows unreadable. */
static bool must_close(const struct h1 *h1, const struct conn *conn)
{
    return !h1->keep_alive || h1->body_open || conn->eof || loop_is_stopping(conn->loop);
}

static void h1_next_request(struct conn *conn)
{
    struct h1 *h1 = h1_of(conn);
    h1->answering = h1->paused = false;
    h1->seen = 0;
    if (h1->in.n == 0)
        buf_done(&h1->in);
    int64_t now = clock_monotonic_ms();
    h1->idle_until_ms = now + conn->loop->server->config.idle_ms;
    conn_set_deadline(conn,
                      h1->in.n ? now + conn->loop->server->config.headers_ms : h1->idle_until_ms);
    conn_read_start(conn);
    if (!h1->advancing && h1->in.n)
        h1_advance(conn);
}

/* All of the answer is with the kernel. */
static void h1_sent(struct conn *conn)
{
    struct h1 *h1 = h1_of(conn);
    struct http_exchange *x = h1->x;
    if (x->server->config.access_log)
        x->server->config.access_log(x, x->status, x->bytes_out,
                                     clock_monotonic_us() - x->begun_us);
    h1->x = NULL;
    exchange_detach(x);
    if (h1->closes || must_close(h1, conn))
        conn_finish(conn);
    else
        h1_next_request(conn);
}

static void h1_drained(struct conn *conn)
{
    struct h1 *h1 = h1_of(conn);
    if (!h1->x || !h1->answering)
        return;
    if (h1->x->stream.next && h1->x->method != HTTP_HEAD)
        exchange_want_piece(h1->x);
    else
        h1_sent(conn);
}

static void h1_answer(struct http_exchange *x)
{
    struct conn *conn = x->owner;
    struct h1 *h1 = h1_of(conn);
    struct buf head;
    bool with_body = x->method != HTTP_HEAD && answer_has_body(x);
    h1->answering = true;
    conn_set_deadline(conn, 0);
    if (!with_body && x->method != HTTP_HEAD)
        answer_stream_done(x);
    h1->closes = must_close(h1, conn) || (h1->is_1_0 && x->stream.next && x->stream.length < 0);
    h1_answer_head(x, h1->is_1_0, h1->closes, &head);
    x->bytes_out += (int64_t)x->answer.n;
    conn_send(conn, &head, with_body ? &x->answer : NULL);
    if (!conn->closing && !conn_is_writing(conn))
        h1_drained(conn);
}

/* A piece of a streamed answer; when there is no more the stream is let go of, and what remains is
 * what an ordinary answer ends with. */
static void h1_piece(struct http_exchange *x)
{
    struct conn *conn = x->owner;
    struct buf framed, piece = x->piece;
    buf_init(&x->piece, LIMIT_HTTP_OUT_BUFFER);
    if (x->piece_result < 0) {
        buf_done(&piece);
        conn_close(conn);
        return;
    }
    x->bytes_out += (int64_t)piece.n;
    if (x->stream.length >= 0 && x->piece_result == 0 && x->bytes_out != x->stream.length) {
        buf_done(&piece);
        conn_close(conn);
        return;
    }
    h1_answer_piece(x, h1_of(conn)->is_1_0, &piece, x->piece_result == 0, &framed);
    if (x->piece_result == 0)
        answer_stream_done(x);
    conn_send(conn, &framed, &piece);
    if (!conn->closing && !conn_is_writing(conn))
        h1_drained(conn);
}

static void h1_refuse(struct conn *conn, int status, const char *reason)
{
    struct http_exchange *x = h1_of(conn)->x;
    if (status == 204)
        http_status(x, status);
    else
        answer_refuse(x, status, reason);
    atomic_fetch_add_explicit(&x->server->n_refused, status != 204, memory_order_relaxed);
    h1_answer(x);
}

static void h1_exchange_new(struct conn *conn, struct str head, const struct h1_head *parsed)
{
    struct h1 *h1 = h1_of(conn);
    struct http_exchange *x =
        exchange_new(conn->loop->server, conn->loop, head, parsed ? parsed->fields : NULL,
                     parsed ? parsed->n_fields : 0);
    x->carrier = &h1_carrier;
    x->owner = conn;
    x->is_tls = conn->tls != NULL;
    h1->x = x;
    h1->refusal = 0;
    atomic_fetch_add_explicit(&x->server->n_requests, 1, memory_order_relaxed);
    if (!parsed) {
        x->peer = arena_str(x->arena, str_from(conn->peer));
        return;
    }
    x->method = exchange_method_parse(parsed->method);
    size_t at = (size_t)(parsed->target.p - head.p);
    exchange_set_target(x, str_first(str_skip(x->head, at), parsed->target.n));
    x->peer = server_peer(x, str_from(conn->peer));
}

/* The head cannot be read: nothing after it can. */
static void h1_refuse_bytes(struct conn *conn, int status)
{
    struct h1 *h1 = h1_of(conn);
    const char *reason = status == 414   ? "Request line too long"
                         : status == 431 ? "Headers too large"
                         : status == 405 ? "Method not allowed"
                         : status == 408 ? "Too slow"
                                         : "Malformed request";
    h1->keep_alive = false;
    buf_done(&h1->in);
    if (!h1->x)
        h1_exchange_new(conn, STR_NONE, NULL);
    h1_refuse(conn, status, reason);
}

/* ---- the body ---- */

static void body_deadline(struct conn *conn)
{
    struct h1 *h1 = h1_of(conn);
    conn_set_deadline(conn, h1->body_since_ms + conn->loop->server->config.body_grace_ms +
                                (h1->body_got - h1->body_since) * 1000 / LIMIT_HTTP_BODY_RATE);
}

static void body_done(struct conn *conn)
{
    struct h1 *h1 = h1_of(conn);
    h1->body_open = false;
    conn_set_deadline(conn, 0);
    if (h1->refusal)
        h1_refuse(conn, h1->refusal, h1->reason);
    else if (!h1->x->route || !(h1->x->route->flags & HTTP_ROUTE_STREAM))
        exchange_dispatch(h1->x);
}

static bool is_streaming(const struct h1 *h1)
{
    return !h1->refusal && h1->x->route && h1->x->route->flags & HTTP_ROUTE_STREAM;
}

/* The body is malformed or over its maximum. A handler that already runs is told so and answers. */
static void body_fail(struct conn *conn, int status)
{
    struct h1 *h1 = h1_of(conn);
    h1->keep_alive = false;
    conn_set_deadline(conn, 0);
    conn_read_stop(conn);
    buf_done(&h1->in);
    if (is_streaming(h1))
        exchange_body_cut(h1->x, status);
    else
        h1_refuse(conn, status,
                  status == 413   ? "Body too large"
                  : status == 503 ? "Too many large requests at once"
                                  : "Malformed body");
}

static bool body_take(struct conn *conn, struct str piece, bool end)
{
    struct h1 *h1 = h1_of(conn);
    struct http_exchange *x = h1->x;
    size_t max = x->route && x->route->body_max ? x->route->body_max : LIMIT_HTTP_BODY_JSON;
    h1->body_got += (int64_t)piece.n;
    if (!h1->refusal && (uint64_t)h1->body_got > max) {
        body_fail(conn, 413);
        return false;
    }
    if (is_streaming(h1)) {
        h1->paused = !exchange_body_add(x, piece, end);
    } else if (!h1->refusal && !exchange_body_store(x, piece)) {
        body_fail(conn, 503);
        return false;
    }
    if (end)
        body_done(conn);
    return !end && !h1->paused;
}

static void body_read_length(struct conn *conn, struct str *in)
{
    struct h1 *h1 = h1_of(conn);
    struct str piece =
        str_first(*in, (uint64_t)h1->body_left < in->n ? (size_t)h1->body_left : in->n);
    *in = str_skip(*in, piece.n);
    h1->body_left -= (int64_t)piece.n;
    body_take(conn, piece, h1->body_left == 0);
}

static void body_read_chunked(struct conn *conn, struct str *in)
{
    struct h1 *h1 = h1_of(conn);
    struct str piece;
    int got;
    while ((got = chunked_next(&h1->chunked, in, &piece)) == 1)
        if (!body_take(conn, piece, false))
            return;
    if (got == 2)
        body_take(conn, STR(""), true);
    else if (got < 0)
        body_fail(conn, 400);
}

/* Reads body out of what was received. True: there may be more to do with what remains. */
static bool body_read(struct conn *conn)
{
    struct h1 *h1 = h1_of(conn);
    struct str in = buf_str(&h1->in);
    size_t before = in.n;
    if (h1->is_chunked)
        body_read_chunked(conn, &in);
    else
        body_read_length(conn, &in);
    if (h1->in.n)
        buf_consume(&h1->in, before - in.n);
    if (h1->body_open && !h1->paused && !h1->answering)
        body_deadline(conn);
    return !h1->body_open;
}

static void send_continue(struct conn *conn)
{
    struct buf line;
    buf_init(&line, 64);
    buf_add(&line, STR("HTTP/1.1 100 Continue\r\n\r\n"));
    h1_of(conn)->expects = false;
    conn_send(conn, &line, NULL);
}

static void h1_body_room(struct http_exchange *x)
{
    struct conn *conn = x->owner;
    struct h1 *h1 = h1_of(conn);
    if (h1->expects && h1->body_open && !h1->body_got && !h1->answering)
        send_continue(conn);
    if (!h1->paused)
        return;
    h1->paused = false;
    h1->body_since_ms = clock_monotonic_ms();
    h1->body_since = h1->body_got;
    if (h1->body_open && !h1->answering)
        body_deadline(conn);
    conn_read_start(conn);
    h1_advance(conn);
}

/* ---- the head ---- */

static void body_expect(struct conn *conn, const struct h1_head *head)
{
    struct h1 *h1 = h1_of(conn);
    h1->is_chunked = head->chunked;
    h1->body_left = head->content_length > 0 ? head->content_length : 0;
    h1->body_open = head->chunked || h1->body_left > 0;
    h1->expects = head->expect_continue;
    h1->body_got = h1->body_since = 0;
    h1->body_since_ms = clock_monotonic_ms();
    chunked_init(&h1->chunked);
}

/* A refused request whose body is small is read over, so that the connection lives on. */
static bool discards(const struct h1 *h1, const struct h1_head *head, int status)
{
    return h1->body_open && !head->chunked && status != 413 && !head->expect_continue &&
           h1->body_left <= (int64_t)LIMIT_HTTP_DISCARD;
}

static void request_go(struct conn *conn)
{
    struct h1 *h1 = h1_of(conn);
    struct http_exchange *x = h1->x;
    if (h1->body_open)
        body_deadline(conn);
    else
        conn_set_deadline(conn, 0);
    if (h1->body_open && h1->expects && !is_streaming(h1))
        send_continue(conn);
    if (is_streaming(h1)) {
        x->body_end = !h1->body_open;
        x->body.max = 4 * LIMIT_HTTP_STREAM_BUFFER;
        exchange_dispatch(x);
    } else if (!h1->body_open) {
        exchange_dispatch(x);
    }
}

static void request_begin(struct conn *conn, struct str bytes, const struct h1_head *head)
{
    struct h1 *h1 = h1_of(conn);
    const char *reason = "";
    h1->keep_alive = head->keep_alive;
    h1->is_1_0 = head->is_1_0;
    body_expect(conn, head);
    h1_exchange_new(conn, bytes, head);
    buf_consume(&h1->in, bytes.n);
    int status = admit_request(h1->x, h1->body_open, head->content_length, &reason);
    if (status && discards(h1, head, status)) {
        h1->refusal = status;
        h1->reason = reason;
        body_deadline(conn);
    } else if (status) {
        h1_refuse(conn, status, reason);
    } else {
        request_go(conn);
    }
}

static const struct str preface = STR_INIT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/* HTTP/2 with prior knowledge: 1 it is; 0 it may yet be; -1 it is not. */
static int preface_look(const struct h1 *h1)
{
    struct str in = buf_str(&h1->in);
    size_t n = in.n < preface.n ? in.n : preface.n;
    if (h1->began || memcmp(in.p, preface.p, n) != 0)
        return -1;
    return n == preface.n;
}

void h1_switch_to_h2(struct conn *conn)
{
    struct h1 *h1 = h1_of(conn);
    if (conn->protocol != &h1_protocol)
        return;
    struct buf in = h1->in;
    mem_free(h1);
    h2_begin(conn);
    if (in.n)
        conn->protocol->input(conn, buf_str(&in));
    buf_done(&in);
}

/* Reads one head. False: it is not all there, or the connection is done. */
static bool head_read(struct conn *conn)
{
    struct h1 *h1 = h1_of(conn);
    struct h1_head head;
    size_t n;
    int status;
    if (str_starts(buf_str(&h1->in), STR("\r\n")) && h1->seen == 0)
        buf_consume(&h1->in, 2);
    if (h1->in.n == 0)
        return false;
    int scanned = h1_head_scan(buf_str(&h1->in), &h1->seen, &n, &status);
    if (scanned == 0)
        return false;
    struct str bytes = scanned > 0 ? str_first(buf_str(&h1->in), n) : STR_NONE;
    if (scanned < 0 || h1_head_parse(bytes, &head, &status) < 0) {
        h1_refuse_bytes(conn, status);
        return false;
    }
    h1->began = true;
    request_begin(conn, bytes, &head);
    return true;
}

static bool is_mine(const struct conn *conn, const struct h1 *h1)
{
    return !conn->closing && !conn->finishing && conn->session == h1;
}

static void h1_advance(struct conn *conn)
{
    struct h1 *h1 = h1_of(conn);
    if (h1->advancing)
        return;
    h1->advancing = true;
    while (is_mine(conn, h1) && h1->in.n) {
        bool more = false;
        if (!h1->x)
            more = head_read(conn);
        else if (h1->body_open && !h1->paused && !h1->answering)
            more = body_read(conn);
        if (!more)
            break;
    }
    if (!is_mine(conn, h1))
        return;
    h1->advancing = false;
    if (h1->in.n == 0)
        buf_done(&h1->in);
    if (!h1->x && h1->in.n == 0)
        conn_set_deadline(conn, h1->idle_until_ms);
    if (h1->x && (h1->paused || h1->in.n >= LIMIT_HTTP_PIPELINE))
        conn_read_stop(conn);
}

static void h1_input(struct conn *conn, struct str bytes)
{
    struct h1 *h1 = h1_of(conn);
    if (!h1->x && h1->in.n == 0)
        conn_set_deadline(conn, clock_monotonic_ms() + conn->loop->server->config.headers_ms);
    buf_add(&h1->in, bytes);
    if (buf_is_full(&h1->in)) {
        conn_close(conn);
        return;
    }
    int h2 = h1->x ? -1 : preface_look(h1);
    if (h2 > 0)
        h1_switch_to_h2(conn);
    else if (h2 < 0)
        h1_advance(conn);
}

/* ---- deadlines and ends ---- */

static void h1_deadline(struct conn *conn)
{
    struct h1 *h1 = h1_of(conn);
    bool in_body = h1->x && h1->body_open;
    bool in_head = !h1->x && h1->in.n;
    if (in_body && is_streaming(h1))
        body_fail(conn, 408);
    else if (in_body || in_head)
        h1_refuse_bytes(conn, 408);
    else
        conn_close(conn);
}

/* The peer sends no more. One that is parked has gone; one that is being answered may still read.
 */
static void h1_eof(struct conn *conn)
{
    struct h1 *h1 = h1_of(conn);
    struct http_exchange *x = h1->x;
    if (!x || (h1->body_open && !is_streaming(h1))) {
        conn_close(conn);
        return;
    }
    if (h1->body_open && !h1->answering)
        exchange_body_cut(x, 400);
    else if (exchange_is_idle(x))
        conn_close(conn);
}

static bool h1_is_gone(struct http_exchange *x)
{
    struct conn *conn = x->owner;
    if (!conn->eof || h1_of(conn)->body_open)
        return false;
    conn_close(conn);
    return true;
}

static void h1_stop(struct conn *conn)
{
    struct h1 *h1 = h1_of(conn);
    if (!h1->x)
        conn_finish(conn);
    else
        exchange_last_call(h1->x);
}

static const struct conn_protocol h1_protocol = {
    .input = h1_input,
    .drained = h1_drained,
    .deadline = h1_deadline,
    .eof = h1_eof,
    .stop = h1_stop,
    .closed = h1_closed,
};

static const struct exchange_carrier h1_carrier = {
    .answer = h1_answer,
    .piece = h1_piece,
    .body_room = h1_body_room,
    .is_gone = h1_is_gone,
};
