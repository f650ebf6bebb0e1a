/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/h2.h"

#include <string.h>

#include <nghttp2/nghttp2.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/admit.h"
#include "net/conn.h"
#include "net/exchange.h"
#include "net/h2_stream.h"
#include "net/server.h"

static const struct conn_protocol h2_protocol;

struct h2 *h2_of(struct conn *conn)
{
    return conn->session;
}

/* ---- floods ---- */

/* Frames that cost us work and a peer nothing: a bucket that refills. */
static bool flood_is_over(struct h2 *h2)
{
    int64_t now = clock_monotonic_ms();
    h2->flood_credit += (now - h2->flood_ms) * LIMIT_HTTP2_FLOOD_RATE;
    h2->flood_ms = now;
    if (h2->flood_credit > LIMIT_HTTP2_FLOOD_BURST * 1000)
        h2->flood_credit = LIMIT_HTTP2_FLOOD_BURST * 1000;
    h2->flood_credit -= 1000;
    return h2->flood_credit < 0;
}

static bool is_cheap_frame(const nghttp2_frame *frame)
{
    switch (frame->hd.type) {
    case NGHTTP2_RST_STREAM:
    case NGHTTP2_PING:
    case NGHTTP2_SETTINGS:
    case NGHTTP2_PRIORITY:
        return true;
    case NGHTTP2_DATA:
        return frame->hd.length == 0 && !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM);
    default:
        return false;
    }
}

static void flood_end(nghttp2_session *ng, struct h2 *h2)
{
    h2->calm = true;
    nghttp2_session_terminate_session(ng, NGHTTP2_ENHANCE_YOUR_CALM);
}

/* ---- frames that come ---- */

/* Each of them is answered with a frame: a stream past the maximum, or one that the peer breaks on
 * purpose to have us reset it (and so open the next) while its request is still at work. */
static int on_invalid(nghttp2_session *ng, const nghttp2_frame *frame, int error, void *user)
{
    struct h2 *h2 = h2_of(user);
    (void)frame, (void)error;
    if (flood_is_over(h2))
        flood_end(ng, h2);
    return 0;
}

static int on_begin_headers(nghttp2_session *ng, const nghttp2_frame *frame, void *user)
{
    struct conn *conn = user;
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
        h2_stream_new(conn, ng, frame->hd.stream_id);
    return 0;
}

static int on_header(nghttp2_session *ng, const nghttp2_frame *frame, const uint8_t *name,
                     size_t n_name, const uint8_t *value, size_t n_value, uint8_t flags, void *user)
{
    struct h2_stream *stream = nghttp2_session_get_stream_user_data(ng, frame->hd.stream_id);
    (void)flags, (void)user;
    if (stream && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
        h2_stream_header(stream, str_make(name, n_name), str_make(value, n_value));
    return 0;
}

static int on_frame_recv(nghttp2_session *ng, const nghttp2_frame *frame, void *user)
{
    struct conn *conn = user;
    struct h2 *h2 = h2_of(conn);
    bool last = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (is_cheap_frame(frame) && flood_is_over(h2)) {
        flood_end(ng, h2);
        return 0;
    }
    struct h2_stream *stream = nghttp2_session_get_stream_user_data(ng, frame->hd.stream_id);
    if (!stream)
        return 0;
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
        h2_stream_begin(stream, last);
    else if (last && (frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS))
        h2_stream_body(stream, STR(""), true);
    return 0;
}

static int on_data(nghttp2_session *ng, uint8_t flags, int32_t id, const uint8_t *bytes, size_t n,
                   void *user)
{
    struct h2_stream *stream = nghttp2_session_get_stream_user_data(ng, id);
    (void)flags, (void)user;
    nghttp2_session_consume_connection(ng, n);
    if (stream)
        h2_stream_body(stream, str_make(bytes, n), false);
    else
        nghttp2_session_consume_stream(ng, id, n);
    return 0;
}

static int on_stream_close(nghttp2_session *ng, int32_t id, uint32_t error, void *user)
{
    struct h2_stream *stream = nghttp2_session_get_stream_user_data(ng, id);
    (void)user, (void)error;
    if (stream)
        h2_stream_free(stream);
    return 0;
}

/* The answer is out but the peer still sends its body: it may stop. */
static int on_frame_send(nghttp2_session *ng, const nghttp2_frame *frame, void *user)
{
    struct h2_stream *stream = nghttp2_session_get_stream_user_data(ng, frame->hd.stream_id);
    bool last = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0 &&
                (frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS);
    (void)user;
    if (stream && last) {
        stream->sent = true;
        if (stream->body_open)
            nghttp2_submit_rst_stream(ng, NGHTTP2_FLAG_NONE, frame->hd.stream_id, NGHTTP2_NO_ERROR);
    }
    return 0;
}

/* ---- deadlines ---- */

/* Streams that receive or send must make progress between two looks; those that are parked, wait
 * for our own next piece or are held back by us need not. */
static void deadline_schedule(struct conn *conn)
{
    struct h2 *h2 = h2_of(conn);
    int64_t now = clock_monotonic_ms();
    bool moving = false;
    for (struct h2_stream *s = h2->streams; s && !moving; s = s->next)
        moving = h2_stream_must_move(s);
    if (!h2->streams) {
        conn_set_deadline(conn, now + conn->loop->server->config.idle_ms);
        h2->looking = false;
    } else if (!moving) {
        conn_set_deadline(conn, 0);
        h2->looking = false;
    } else if (!h2->looking) {
        conn_set_deadline(conn, now + conn->loop->server->config.body_grace_ms);
        h2->looking = true;
    }
}

static void h2_deadline(struct conn *conn)
{
    struct h2 *h2 = h2_of(conn);
    h2->looking = false;
    if (!h2->streams) {
        nghttp2_session_terminate_session(h2->ng, NGHTTP2_NO_ERROR);
    } else {
        for (struct h2_stream *s = h2->streams; s; s = s->next)
            h2_stream_look(s);
    }
    h2_flush(conn);
}

/* ---- bytes ---- */

/* Takes a stretch of frames out of nghttp2. */
static int frames_gather(struct h2 *h2, struct buf *out)
{
    const uint8_t *bytes;
    ssize_t n;
    while (out->n < LIMIT_HTTP_OUT_BUFFER / 4 &&
           (n = nghttp2_session_mem_send(h2->ng, &bytes)) != 0) {
        if (n < 0)
            return -1;
        buf_add(out, str_make(bytes, (size_t)n));
    }
    return 0;
}

void h2_flush(struct conn *conn)
{
    struct h2 *h2 = h2_of(conn);
    if (h2->busy || conn->closing || conn->finishing)
        return;
    h2->busy = true;
    while (!conn->closing && !conn_is_writing(conn)) {
        struct buf out;
        buf_init(&out, MIB(1));
        int result = frames_gather(h2, &out);
        if (result < 0 || out.n == 0) {
            buf_done(&out);
            if (result < 0)
                conn_close(conn);
            break;
        }
        conn_send(conn, &out, NULL);
    }
    h2->busy = false;
    if (conn->closing)
        return;
    bool over = !nghttp2_session_want_read(h2->ng) && !nghttp2_session_want_write(h2->ng);
    bool stopped = loop_is_stopping(conn->loop) && !h2->streams;
    if ((over || stopped) && !conn_is_writing(conn))
        conn_finish(conn);
    else
        deadline_schedule(conn);
}

static void h2_input(struct conn *conn, struct str bytes)
{
    struct h2 *h2 = h2_of(conn);
    if (h2->calm)
        return;
    h2->busy = true;
    ssize_t n = nghttp2_session_mem_recv(h2->ng, (const uint8_t *)bytes.p, bytes.n);
    h2->busy = false;
    if (n < 0) {
        conn_close(conn);
        return;
    }
    h2_flush(conn);
}

static void h2_eof(struct conn *conn)
{
    conn_close(conn);
}

static void h2_stop(struct conn *conn)
{
    struct h2 *h2 = h2_of(conn);
    nghttp2_submit_goaway(h2->ng, NGHTTP2_FLAG_NONE,
                          nghttp2_session_get_last_proc_stream_id(h2->ng), NGHTTP2_NO_ERROR, NULL,
                          0);
    for (struct h2_stream *s = h2->streams; s; s = s->next)
        if (s->x)
            exchange_last_call(s->x);
    h2_flush(conn);
}

static void h2_closed(struct conn *conn)
{
    struct h2 *h2 = h2_of(conn);
    for (struct h2_stream *s = h2->streams; s; s = s->next)
        h2_stream_detach(s);
}

static void h2_free(void *session)
{
    struct h2 *h2 = session;
    while (h2->streams)
        h2_stream_free(h2->streams);
    nghttp2_session_del(h2->ng);
    mem_free(h2);
}

static const struct conn_protocol h2_protocol = {
    .input = h2_input,
    .drained = h2_flush,
    .deadline = h2_deadline,
    .eof = h2_eof,
    .stop = h2_stop,
    .closed = h2_closed,
};

/* ---- birth ---- */

static int session_new(struct conn *conn, nghttp2_session **ret_ng)
{
    nghttp2_session_callbacks *callbacks;
    nghttp2_option *option;
    if (nghttp2_session_callbacks_new(&callbacks) != 0)
        return -1;
    if (nghttp2_option_new(&option) != 0) {
        nghttp2_session_callbacks_del(callbacks);
        return -1;
    }
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame_recv);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, on_invalid);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_send);
    nghttp2_option_set_no_auto_window_update(option, 1);
    nghttp2_option_set_no_closed_streams(option, 1);
    /* Above what the bucket lets through at once, however slow we are: past this limit nghttp2
     * breaks off without a goodbye. */
    nghttp2_option_set_max_outbound_ack(option, LIMIT_HTTP2_FLOOD_BURST * 2);
    nghttp2_option_set_max_settings(option, 16);
    int result = nghttp2_session_server_new2(ret_ng, callbacks, conn, option);
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    return result;
}

static void settings_submit(nghttp2_session *ng)
{
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, LIMIT_HTTP2_STREAMS},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, LIMIT_HTTP_STREAM_BUFFER / 2},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, LIMIT_HTTP_HEADERS},
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
    };
    nghttp2_submit_settings(ng, NGHTTP2_FLAG_NONE, settings, ARRAY_LEN(settings));
    nghttp2_session_set_local_window_size(ng, NGHTTP2_FLAG_NONE, 0, LIMIT_HTTP2_WINDOW);
}

void h2_begin(struct conn *conn)
{
    struct h2 *h2 = MEM_NEW(struct h2);
    conn->session = h2;
    conn->session_free = h2_free;
    conn->protocol = &h2_protocol;
    h2->flood_ms = clock_monotonic_ms();
    h2->flood_credit = LIMIT_HTTP2_FLOOD_BURST * 1000;
    if (session_new(conn, &h2->ng) != 0) {
        conn_close(conn);
        return;
    }
    settings_submit(h2->ng);
    conn_set_deadline(conn, clock_monotonic_ms() + conn->loop->server->config.headers_ms);
}
