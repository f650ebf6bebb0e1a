/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/h2_stream.h"

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/admit.h"
#include "net/conn.h"
#include "net/exchange.h"
#include "net/h2_answer.h"
#include "net/server.h"

static const struct exchange_carrier h2_carrier;

static nghttp2_session *ng_of(const struct h2_stream *stream)
{
    return h2_of(stream->conn)->ng;
}

void h2_stream_new(struct conn *conn, nghttp2_session *ng, int32_t id)
{
    struct h2 *h2 = h2_of(conn);
    struct h2_stream *stream = MEM_NEW(struct h2_stream);
    stream->conn = conn;
    stream->id = id;
    stream->body_open = true;
    stream->head = MEM_NEW(struct h2_head);
    buf_init(&stream->head->text, LIMIT_HTTP_HEADERS);
    stream->next = h2->streams;
    if (h2->streams)
        h2->streams->prev = stream;
    h2->streams = stream;
    nghttp2_session_set_stream_user_data(ng, id, stream);
}

static void head_free(struct h2_stream *stream)
{
    if (stream->head)
        buf_done(&stream->head->text);
    mem_free(stream->head);
    stream->head = NULL;
}

void h2_stream_detach(struct h2_stream *stream)
{
    struct http_exchange *x = stream->x;
    stream->x = NULL;
    h2_of(stream->conn)->stored -= stream->stored;
    stream->stored = 0;
    if (!x)
        return;
    if (stream->answered && x->server->config.access_log)
        x->server->config.access_log(x, x->status, x->bytes_out,
                                     clock_monotonic_us() - x->begun_us);
    exchange_detach(x);
}

void h2_stream_free(struct h2_stream *stream)
{
    struct h2 *h2 = h2_of(stream->conn);
    h2_stream_detach(stream);
    head_free(stream);
    if (stream->prev)
        stream->prev->next = stream->next;
    else
        h2->streams = stream->next;
    if (stream->next)
        stream->next->prev = stream->prev;
    mem_free(stream);
}

/* ---- the head ---- */

static struct head_field field_add(struct h2_head *head, struct str name, struct str value)
{
    struct head_field field = {(uint16_t)head->text.n, (uint16_t)name.n,
                               (uint16_t)(head->text.n + name.n), (uint16_t)value.n};
    buf_add(&head->text, name);
    buf_add(&head->text, value);
    return field;
}

/* nghttp2 has checked names, values and the order of pseudo fields. */
void h2_stream_header(struct h2_stream *stream, struct str name, struct str value)
{
    struct h2_head *head = stream->head;
    if (!head || head->refusal)
        return;
    bool pseudo = name.n && name.p[0] == ':';
    head->bytes_seen += name.n + value.n;
    if (head->n_seen == LIMIT_HTTP_HEADER_COUNT || head->bytes_seen > LIMIT_HTTP_HEADERS) {
        head->refusal = 431;
        return;
    }
    head->n_seen += !pseudo;
    if (!pseudo && !head_is_looked_at(name))
        return;
    struct head_field field = field_add(head, name, value);
    if (str_eq(name, STR(":method")))
        head->method = field;
    else if (str_eq(name, STR(":path")))
        head->path = field;
    else if (str_eq(name, STR(":authority")))
        head->authority = field;
    else if (!pseudo)
        head->fields[head->n_fields++] = field;
}

static void stream_refuse(struct h2_stream *stream, int status, const char *reason)
{
    stream->refused = true;
    if (status == 204)
        http_status(stream->x, status);
    else
        answer_refuse(stream->x, status, reason);
    atomic_fetch_add_explicit(&stream->x->server->n_refused, status != 204, memory_order_relaxed);
    h2_answer(stream->x);
}

static int host_check(const struct http_exchange *x, struct str authority)
{
    struct str host = http_header(x, STR("host"));
    if (authority.n && host.n && !str_eq_nocase(authority, host))
        return -1;
    return head_host_is_sound(authority.n ? authority : host) ? 0 : -1;
}

static int head_check(struct http_exchange *x, const struct h2_head *head, int64_t *ret_length)
{
    struct str text = x->head;
    struct str method = head_value(text, &head->method), path = head_value(text, &head->path);
    struct str length = http_header(x, STR("content-length"));
    *ret_length = -1;
    if (path.n > LIMIT_HTTP_REQUEST_LINE)
        return 414;
    x->method = exchange_method_parse(method);
    if (str_eq(method, STR("CONNECT")) || str_eq(method, STR("TRACE")))
        return 405;
    if (!head_target_is_sound(path, method) ||
        host_check(x, head_value(text, &head->authority)) < 0 ||
        (length.p && str_parse_uint(length, ret_length) < 0))
        return 400;
    exchange_set_target(x, path);
    x->authority = head_value(text, &head->authority);
    return 0;
}

static const char *head_reason(int status)
{
    return status == 431   ? "Headers too large"
           : status == 414 ? "Request line too long"
           : status == 405 ? "Method not allowed"
                           : "Malformed request";
}

static void send_continue(struct h2_stream *stream)
{
    if (stream->continued)
        return;
    stream->continued = true;
    nghttp2_nv nv = {(uint8_t *)(uintptr_t) ":status", (uint8_t *)(uintptr_t) "100", 7, 3,
                     NGHTTP2_NV_FLAG_NONE};
    if (str_eq_nocase(http_header(stream->x, STR("expect")), STR("100-continue")))
        nghttp2_submit_headers(ng_of(stream), NGHTTP2_FLAG_NONE, stream->id, NULL, &nv, 1, NULL);
}

static bool is_streaming(const struct http_exchange *x)
{
    return x->route && x->route->flags & HTTP_ROUTE_STREAM;
}

static void stream_go(struct h2_stream *stream)
{
    struct http_exchange *x = stream->x;
    if (stream->body_open && !is_streaming(x))
        send_continue(stream);
    if (is_streaming(x)) {
        x->body_end = !stream->body_open;
        x->body.max = 4 * LIMIT_HTTP_STREAM_BUFFER;
        exchange_dispatch(x);
    } else if (!stream->body_open) {
        exchange_dispatch(x);
    }
}

void h2_stream_begin(struct h2_stream *stream, bool last)
{
    struct conn *conn = stream->conn;
    struct h2_head *head = stream->head;
    const char *reason = "";
    int64_t length;
    stream->body_open = !last;
    int status = head->refusal;
    struct http_exchange *x =
        exchange_new(conn->loop->server, conn->loop, status ? STR_NONE : buf_str(&head->text),
                     head->fields, status ? 0 : head->n_fields);
    stream->x = x;
    x->carrier = &h2_carrier;
    x->owner = stream;
    x->is_tls = conn->tls != NULL;
    x->peer = server_peer(x, str_from(conn->peer));
    atomic_fetch_add_explicit(&x->server->n_requests, 1, memory_order_relaxed);
    if (!status)
        status = head_check(x, head, &length);
    if (status)
        reason = head_reason(status);
    else
        status = admit_request(x, stream->body_open, length, &reason);
    head_free(stream);
    if (status)
        stream_refuse(stream, status, reason);
    else
        stream_go(stream);
}

/* ---- the body ---- */

static void body_store(struct h2_stream *stream, struct str bytes, bool last)
{
    struct http_exchange *x = stream->x;
    if (is_streaming(x)) {
        if (exchange_body_add(x, bytes, last))
            nghttp2_session_consume_stream(ng_of(stream), stream->id, bytes.n);
        else
            stream->owed += (uint32_t)bytes.n;
        return;
    }
    nghttp2_session_consume_stream(ng_of(stream), stream->id, bytes.n);
    if (h2_of(stream->conn)->stored + bytes.n > LIMIT_HTTP2_BODIES ||
        !exchange_body_store(x, bytes)) {
        stream_refuse(stream, 503, "Too many large requests at once");
        return;
    }
    stream->stored += bytes.n;
    h2_of(stream->conn)->stored += bytes.n;
    if (last)
        exchange_dispatch(x);
}

void h2_stream_body(struct h2_stream *stream, struct str bytes, bool last)
{
    struct http_exchange *x = stream->x;
    bool was_open = stream->body_open;
    stream->body_got += (int64_t)bytes.n;
    stream->body_open = was_open && !last;
    if (!x || stream->refused || !was_open) {
        nghttp2_session_consume_stream(ng_of(stream), stream->id, bytes.n);
        return;
    }
    size_t max = x->route && x->route->body_max ? x->route->body_max : LIMIT_HTTP_BODY_JSON;
    if ((uint64_t)stream->body_got <= max) {
        body_store(stream, bytes, last);
    } else if (is_streaming(x)) {
        stream->refused = true;
        exchange_body_cut(x, 413);
    } else {
        stream_refuse(stream, 413, "Body too large");
    }
}

static void h2_body_room(struct http_exchange *x)
{
    struct h2_stream *stream = x->owner;
    if (stream->body_open && !stream->body_got && !stream->answered)
        send_continue(stream);
    if (stream->owed)
        nghttp2_session_consume_stream(ng_of(stream), stream->id, stream->owed);
    stream->owed = 0;
    h2_flush(stream->conn);
}

/* A stream that closes is detached at once, so one that still has an owner is there. */
static bool h2_is_gone(struct http_exchange *x)
{
    (void)x;
    return false;
}

static const struct exchange_carrier h2_carrier = {
    .answer = h2_answer,
    .piece = h2_piece,
    .body_room = h2_body_room,
    .is_gone = h2_is_gone,
};

/* ---- progress ---- */

bool h2_stream_must_move(const struct h2_stream *stream)
{
    bool receives = stream->body_open && !stream->owed && !stream->answered;
    bool sends = stream->answered && !stream->deferred && !stream->sent;
    return receives || sends;
}

void h2_stream_look(struct h2_stream *stream)
{
    int64_t moved = stream->body_got + stream->sent_bytes;
    int64_t least =
        (int64_t)LIMIT_HTTP_BODY_RATE * stream->conn->loop->server->config.body_grace_ms / 1000;
    if (!h2_stream_must_move(stream)) {
        stream->looked = false;
        return;
    }
    if (stream->looked && moved - stream->seen < least)
        nghttp2_submit_rst_stream(ng_of(stream), NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_CANCEL);
    stream->looked = true;
    stream->seen = moved;
}
