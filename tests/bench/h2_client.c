/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/conn_inside.h"

#include <string.h>

#include "base/check.h"

/* HTTP/2 of a client, by nghttp2. Windows are wide: the generator is never what a body waits for.
 */

#define WINDOW (16 << 20)

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_n, const uint8_t *value, size_t value_n, uint8_t flags, void *data)
{
    (void)flags;
    (void)data;
    struct call *call = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    int64_t status = 0;
    if (call && str_eq(str_make(name, name_n), STR(":status")) &&
        str_parse_uint(str_make(value, value_n), &status) == 0)
        call->status = (int)status;
    return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *p, size_t n,
                   void *data)
{
    (void)flags;
    (void)data;
    struct call *call = nghttp2_session_get_stream_user_data(session, id);
    if (call)
        buf_add(&call->body, str_make(p, n));
    return 0;
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t error, void *data)
{
    struct conn *conn = data;
    struct call *call = nghttp2_session_get_stream_user_data(session, id);
    if (call)
        conn_answer(conn, call, error == NGHTTP2_NO_ERROR ? call->status : 0, buf_str(&call->body));
    return 0;
}

static ssize_t read_body(nghttp2_session *session, int32_t id, uint8_t *p, size_t size,
                         uint32_t *flags, nghttp2_data_source *source, void *data)
{
    (void)session;
    (void)id;
    (void)data;
    struct call *call = source->ptr;
    struct str part = str_first(str_skip(buf_str(&call->bytes), call->sent), size);
    if (part.n)
        memcpy(p, part.p, part.n);
    call->sent += part.n;
    if (call->sent == call->bytes.n)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)part.n;
}

void h2_begin(struct conn *conn)
{
    nghttp2_session_callbacks *callbacks;
    CHECK(nghttp2_session_callbacks_new(&callbacks) == 0);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    CHECK(nghttp2_session_client_new(&conn->h2, callbacks, conn) == 0);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, WINDOW},
                                         {NGHTTP2_SETTINGS_ENABLE_PUSH, 0}};
    CHECK(nghttp2_submit_settings(conn->h2, NGHTTP2_FLAG_NONE, settings, 2) == 0);
    CHECK(nghttp2_session_set_local_window_size(conn->h2, NGHTTP2_FLAG_NONE, 0, WINDOW) == 0);
}

void h2_end(struct conn *conn)
{
    nghttp2_session_del(conn->h2);
    conn->h2 = NULL;
}

static nghttp2_nv field(struct str name, struct str value)
{
    return (nghttp2_nv){(uint8_t *)(uintptr_t)name.p, (uint8_t *)(uintptr_t)value.p, name.n,
                        value.n, NGHTTP2_NV_FLAG_NONE};
}

void h2_ask(struct conn *conn, struct call *call, const struct request *request)
{
    struct buf bearer;
    buf_init(&bearer, 4096);
    buf_add(&bearer, STR("Bearer "));
    buf_add(&bearer, request->token);
    nghttp2_nv fields[9] = {
        field(STR(":method"), str_from(request->method)),
        field(STR(":scheme"), conn->endpoint->tls ? STR("https") : STR("http")),
        field(STR(":authority"), str_from(conn->endpoint->host)),
        field(STR(":path"), request->path),
        field(STR("user-agent"), STR(CONN_AGENT)),
        field(STR("accept"), STR("*/*")),
        field(STR("accept-language"), STR(CONN_LANGUAGES)),
    };
    size_t n = 7;
    if (request->token.n)
        fields[n++] = field(STR("authorization"), buf_str(&bearer));
    nghttp2_data_provider body = {.source.ptr = call, .read_callback = read_body};
    if (request->body.p) {
        fields[n++] = field(STR("content-type"), STR("application/json"));
        buf_add(&call->bytes, request->body);
    }
    CHECK(nghttp2_submit_request(conn->h2, NULL, fields, n, request->body.p ? &body : NULL, call) >
          0);
    buf_done(&bearer);
}

void h2_pump(struct conn *conn)
{
    const uint8_t *p;
    ssize_t n;
    while (conn->out.n < 65536 && (n = nghttp2_session_mem_send(conn->h2, &p)) > 0)
        buf_add(&conn->out, str_make(p, (size_t)n));
}

int h2_take(struct conn *conn, struct str bytes)
{
    conn->in_h2 = true;
    ssize_t n = nghttp2_session_mem_recv(conn->h2, (const uint8_t *)bytes.p, bytes.n);
    conn->in_h2 = false;
    if (n < 0 || (!nghttp2_session_want_read(conn->h2) && !nghttp2_session_want_write(conn->h2)))
        return -1;
    return 0;
}
