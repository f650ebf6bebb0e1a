/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/h2_answer.h"

#include <string.h>

#include "net/conn.h"
#include "net/exchange.h"
#include "net/h2_stream.h"
#include "net/server.h"

static nghttp2_nv nv_of(struct str name, struct str value)
{
    return (nghttp2_nv){(uint8_t *)(uintptr_t)name.p, (uint8_t *)(uintptr_t)value.p, name.n,
                        value.n, NGHTTP2_NV_FLAG_NONE};
}

/* HTTP/2 wants names in lower case. */
static struct str lower(struct arena *arena, struct str s)
{
    char *text = arena_alloc(arena, s.n + 1, 1);
    for (size_t i = 0; i < s.n; i++)
        text[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + 32 : s.p[i]);
    return str_make(text, s.n);
}

static nghttp2_nv *fields_make(struct http_exchange *x, size_t *ret_n)
{
    nghttp2_nv *nv = ARENA_NEW_N(x->arena, x->headers.n + 3, nghttp2_nv);
    int64_t length = x->stream.next ? x->stream.length : (int64_t)x->answer.n;
    size_t n = 0;
    nv[n++] = nv_of(STR(":status"), arena_printf(x->arena, "%d", x->status));
    for (size_t i = 0; i < x->headers.n; i++)
        nv[n++] = nv_of(lower(x->arena, x->headers.p[i].name), x->headers.p[i].value);
    if (length >= 0 && answer_has_body(x))
        nv[n++] = nv_of(STR("content-length"), arena_printf(x->arena, "%lld", (long long)length));
    nv[n++] = nv_of(STR("date"), loop_date(x->loop));
    *ret_n = n;
    return nv;
}

/* Copies what fits of what stands in `from` behind stream->at. */
static ssize_t data_copy(struct h2_stream *stream, const struct buf *from, uint8_t *room, size_t n)
{
    struct str rest = str_skip(buf_str(from), stream->at);
    struct str piece = str_first(rest, n);
    if (piece.n)
        memcpy(room, piece.p, piece.n);
    stream->at += piece.n;
    stream->sent_bytes += (int64_t)piece.n;
    stream->x->bytes_out += (int64_t)piece.n;
    return (ssize_t)piece.n;
}

static ssize_t read_answer(nghttp2_session *ng, int32_t id, uint8_t *room, size_t n,
                           uint32_t *flags, nghttp2_data_source *source, void *user)
{
    struct h2_stream *stream = source->ptr;
    (void)ng, (void)id, (void)user;
    if (!stream->x)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    ssize_t got = data_copy(stream, &stream->x->answer, room, n);
    if (stream->at == stream->x->answer.n)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return got;
}

static ssize_t read_stream(nghttp2_session *ng, int32_t id, uint8_t *room, size_t n,
                           uint32_t *flags, nghttp2_data_source *source, void *user)
{
    struct h2_stream *stream = source->ptr;
    struct http_exchange *x = stream->x;
    (void)ng, (void)id, (void)user;
    if (!x)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    if (stream->at < x->piece.n) {
        ssize_t got = data_copy(stream, &x->piece, room, n);
        if (stream->at == x->piece.n && !x->stream.next)
            *flags |= NGHTTP2_DATA_FLAG_EOF;
        return got;
    }
    if (!x->stream.next) {
        *flags |= NGHTTP2_DATA_FLAG_EOF;
        return 0;
    }
    stream->deferred = true;
    exchange_want_piece(x);
    return NGHTTP2_ERR_DEFERRED;
}

void h2_piece(struct http_exchange *x)
{
    struct h2_stream *stream = x->owner;
    nghttp2_session *ng = h2_of(stream->conn)->ng;
    stream->deferred = false;
    stream->at = 0;
    if (x->piece_result == 0)
        answer_stream_done(x);
    if (x->piece_result < 0)
        nghttp2_submit_rst_stream(ng, NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_INTERNAL_ERROR);
    else
        nghttp2_session_resume_data(ng, stream->id);
    h2_flush(stream->conn);
}

void h2_answer(struct http_exchange *x)
{
    struct h2_stream *stream = x->owner;
    bool with_body = x->method != HTTP_HEAD && answer_has_body(x);
    nghttp2_data_provider data = {.source.ptr = stream,
                                  .read_callback = x->stream.next ? read_stream : read_answer};
    size_t n;
    if (x->server->config.common_headers)
        x->server->config.common_headers(x);
    nghttp2_nv *nv = fields_make(x, &n);
    bool empty = !x->stream.next && x->answer.n == 0;
    stream->answered = true;
    buf_clear(&x->piece);
    nghttp2_submit_response(h2_of(stream->conn)->ng, stream->id, nv, n,
                            with_body && !empty ? &data : NULL);
    h2_flush(stream->conn);
}
