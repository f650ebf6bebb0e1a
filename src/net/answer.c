/* SPDX-License-Identifier: EUPL-1.2 */

/* The answer as handlers make it. */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "net/compress.h"
#include "net/exchange.h"
#include "net/server.h"

void http_status(struct http_exchange *x, int status)
{
    CHECK(status >= 200 && status <= 599);
    x->status = status;
}

static bool header_is_clean(struct str s)
{
    return str_find(s, '\r') < 0 && str_find(s, '\n') < 0 && str_find(s, '\0') < 0;
}

void http_set_header(struct http_exchange *x, struct str name, struct str value)
{
    CHECK(name.n > 0 && header_is_clean(name) && header_is_clean(value));
    struct header header = {arena_str(x->arena, name), arena_str(x->arena, value)};
    ARENA_VEC_ADD(x->arena, &x->headers, header);
}

void http_default_header(struct http_exchange *x, struct str name, struct str value)
{
    for (size_t i = 0; i < x->headers.n; i++)
        if (str_eq_nocase(x->headers.p[i].name, name))
            return;
    http_set_header(x, name, value);
}

struct buf *http_answer(struct http_exchange *x)
{
    return &x->answer;
}

void http_stream(struct http_exchange *x, int64_t length,
                 int (*next)(void *arg, struct buf *out, struct err *err), void (*done)(void *arg),
                 void *arg)
{
    CHECK(!x->stream.next);
    x->stream = (struct answer_stream){length, next, done, arg};
}

bool http_is_streamed(const struct http_exchange *x)
{
    return x->stream.next != NULL;
}

void answer_stream_done(struct http_exchange *x)
{
    if (x->stream.done)
        x->stream.done(x->stream.arg);
    x->stream = (struct answer_stream){0};
}

struct file_stream {
    int fd;
    int64_t offset, left;
};

#define FILE_PIECE KIB(64)

int file_stream_next(void *arg, struct buf *out, struct err *err)
{
    struct file_stream *file = arg;
    size_t want = file->left < (int64_t)FILE_PIECE ? (size_t)file->left : FILE_PIECE;
    if (want == 0)
        return 0;
    char *at = buf_reserve(out, want);
    if (!at)
        return err_internal(err, "no room for a piece of file");
    ssize_t n = pread(file->fd, at, want, file->offset);
    if (n <= 0)
        return err_internal(err, "reading a file: %s", n ? strerror(errno) : "it got shorter");
    buf_advance(out, (size_t)n);
    file->offset += n;
    file->left -= n;
    return file->left > 0;
}

static void file_stream_done(void *arg)
{
    struct file_stream *file = arg;
    close(file->fd);
}

void http_send_file(struct http_exchange *x, int fd, int64_t offset, int64_t length)
{
    struct file_stream *file = ARENA_NEW(x->arena, struct file_stream);
    *file = (struct file_stream){fd, offset, length};
    http_stream(x, length, file_stream_next, file_stream_done, file);
}

/* The memory of the run stays: a job that holds the answer may be reading it. */
static void answer_clear(struct http_exchange *x)
{
    answer_stream_done(x);
    x->status = 200;
    x->headers.n = 0;
    buf_done(&x->answer);
    buf_init(&x->answer, LIMIT_ANSWER_BYTES);
}

void answer_discard(struct http_exchange *x)
{
    answer_clear(x);
    arena_free(x->scratch);
    x->scratch = NULL;
}

void answer_refuse(struct http_exchange *x, int status, const char *reason)
{
    answer_clear(x);
    http_status(x, status);
    if (x->server->config.error_body)
        x->server->config.error_body(x, status, reason);
    if (status == 405)
        http_set_header(x, STR("Allow"), router_allow(x->arena, x->allowed));
    if (status == 503)
        http_set_header(x, STR("Retry-After"), STR("1"));
}

struct str answer_header(const struct http_exchange *x, struct str name)
{
    for (size_t i = 0; i < x->headers.n; i++)
        if (str_eq_nocase(x->headers.p[i].name, name))
            return x->headers.p[i].value;
    return STR_NONE;
}

bool answer_has_body(const struct http_exchange *x)
{
    return x->status != 204 && x->status != 304;
}

bool http_memory_is_over(const struct http_exchange *x)
{
    size_t arena_max = x->route && x->route->arena_max ? x->route->arena_max : LIMIT_REQUEST_ARENA;
    return arena_used(x->arena) + (x->scratch ? arena_used(x->scratch) : 0) > arena_max;
}

void answer_finish(struct http_exchange *x)
{
    if (http_memory_is_over(x))
        answer_refuse(x, 413, "Request needs too much memory");
    else if (buf_is_full(&x->answer))
        answer_refuse(x, 500, "Answer too large");
    else if (x->route && x->route->flags & HTTP_ROUTE_COMPRESS)
        compress_answer(x);
}
