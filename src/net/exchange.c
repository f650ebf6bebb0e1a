/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/exchange.h"

#include <string.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include "net/query.h"
#include "net/server.h"

static const struct {
    struct str name;
    enum http_method method;
} methods[] = {
    {STR_INIT("GET"), HTTP_GET},       {STR_INIT("HEAD"), HTTP_HEAD},
    {STR_INIT("POST"), HTTP_POST},     {STR_INIT("PUT"), HTTP_PUT},
    {STR_INIT("DELETE"), HTTP_DELETE}, {STR_INIT("OPTIONS"), HTTP_OPTIONS},
};

enum http_method exchange_method_parse(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(methods); i++)
        if (str_eq(methods[i].name, name))
            return methods[i].method;
    return HTTP_METHOD_OTHER;
}

/* Room for the exchange, its head and a few parameters, in one block. */
static size_t first_block(struct str head, size_t n_fields)
{
    return sizeof(struct http_exchange) + head.n + n_fields * sizeof(struct head_field) + 448;
}

struct http_exchange *exchange_new(struct http_server *server, struct loop *loop, struct str head,
                                   const struct head_field *fields, size_t n_fields)
{
    struct arena *arena = arena_new_small(LIMIT_REQUEST_ARENA, first_block(head, n_fields));
    struct http_exchange *x = ARENA_NEW(arena, struct http_exchange);
    struct head_field *copy = ARENA_NEW_N(arena, n_fields, struct head_field);
    if (n_fields)
        memcpy(copy, fields, n_fields * sizeof *fields);
    x->fields = copy;
    x->n_fields = n_fields;
    x->arena = arena;
    x->head = arena_str(arena, head);
    x->server = server;
    x->loop = loop;
    x->method = HTTP_METHOD_OTHER;
    x->status = 200;
    x->begun_us = clock_monotonic_us();
    atomic_init(&x->refs, 1);
    pthread_mutex_init(&x->lock, NULL);
    buf_init(&x->body, 0);
    buf_init(&x->answer, LIMIT_ANSWER_BYTES);
    buf_init(&x->piece, LIMIT_HTTP_OUT_BUFFER);
    return x;
}

void exchange_set_target(struct http_exchange *x, struct str target)
{
    x->target = target;
    str_cut(target, '?', &x->path, &x->query);
}

void http_ref(struct http_exchange *x)
{
    atomic_fetch_add_explicit(&x->refs, 1, memory_order_relaxed);
}

void http_unref(struct http_exchange *x)
{
    if (atomic_fetch_sub_explicit(&x->refs, 1, memory_order_acq_rel) != 1)
        return;
    struct arena *arena = x->arena;
    answer_stream_done(x);
    if (x->on_end)
        x->on_end(x->on_end_arg);
    buf_done(&x->body);
    buf_done(&x->answer);
    buf_done(&x->piece);
    arena_free(x->scratch);
    pthread_mutex_destroy(&x->lock);
    arena_free(arena);
}

enum lane exchange_lane(const struct http_exchange *x)
{
    bool polls = x->parked || (x->route && (x->route->flags & HTTP_ROUTE_POLL));
    return polls ? LANE_POLLS : LANE_NORMAL;
}

bool exchange_body_store(struct http_exchange *x, struct str bytes)
{
    struct http_server *server = x->server;
    size_t max = server->config.bodies_max ? server->config.bodies_max : LIMIT_HTTP_BODIES;
    size_t all =
        bytes.n + atomic_fetch_add_explicit(&server->body_bytes, bytes.n, memory_order_relaxed);
    if (all > max && x->body_stored + bytes.n > LIMIT_HTTP_BODY_SMALL) {
        atomic_fetch_sub_explicit(&server->body_bytes, bytes.n, memory_order_relaxed);
        return false;
    }
    x->body_stored += bytes.n;
    buf_add(&x->body, bytes);
    return true;
}

void exchange_body_release(struct http_exchange *x)
{
    atomic_fetch_sub_explicit(&x->server->body_bytes, x->body_stored, memory_order_relaxed);
    x->body_stored = 0;
}

enum http_method http_method(const struct http_exchange *x)
{
    return x->method;
}

struct str http_target(const struct http_exchange *x)
{
    return x->target;
}

struct str http_path(const struct http_exchange *x)
{
    return x->path;
}

struct str http_param(const struct http_exchange *x, size_t i)
{
    return i < x->n_params ? x->params[i] : STR_NONE;
}

struct str http_query(const struct http_exchange *x, struct str name)
{
    return query_find(x->arena, x->query, name, 0);
}

struct str http_query_text(const struct http_exchange *x)
{
    return x->query;
}

struct str http_query_nth(const struct http_exchange *x, struct str name, size_t i)
{
    return query_find(x->arena, x->query, name, i);
}

struct str http_header(const struct http_exchange *x, struct str name)
{
    CHECK(head_is_looked_at(name));
    for (size_t i = 0; i < x->n_fields; i++)
        if (str_eq_nocase(head_name(x->head, &x->fields[i]), name))
            return head_value(x->head, &x->fields[i]);
    return STR_NONE;
}

struct str http_host(const struct http_exchange *x)
{
    return x->authority.n ? x->authority : http_header(x, STR("host"));
}

struct str http_body(const struct http_exchange *x)
{
    return buf_str(&x->body);
}

struct str http_peer(const struct http_exchange *x)
{
    return x->peer;
}

bool http_is_tls(const struct http_exchange *x)
{
    return x->is_tls;
}

struct arena *http_arena(struct http_exchange *x)
{
    return x->arena;
}

struct arena *http_scratch(struct http_exchange *x)
{
    size_t max = x->route && x->route->arena_max ? x->route->arena_max : LIMIT_REQUEST_ARENA;
    if (!x->scratch)
        x->scratch = arena_new(max);
    return x->scratch;
}

const struct http_route *http_route_of(const struct http_exchange *x)
{
    return x->route;
}

void *http_server_data(const struct http_exchange *x)
{
    return x->server->data;
}

void *http_worker_data(const struct http_exchange *x)
{
    return x->worker_data;
}

unsigned http_rerun_count(const struct http_exchange *x)
{
    return x->runs ? x->runs - 1 : 0;
}

void http_set_deadline(struct http_exchange *x, int64_t monotonic_ms)
{
    x->deadline_ms = monotonic_ms;
}

bool http_deadline_passed(const struct http_exchange *x)
{
    return x->last_call || (x->deadline_ms && clock_monotonic_ms() >= x->deadline_ms);
}

void http_set_state(struct http_exchange *x, void *state)
{
    x->state = state;
}

void *http_state(const struct http_exchange *x)
{
    return x->state;
}

void http_on_close(struct http_exchange *x, void (*fn)(struct http_exchange *x, void *arg),
                   void *arg)
{
    x->on_close = fn;
    x->on_close_arg = arg;
}

void http_on_end(struct http_exchange *x, void (*fn)(void *arg), void *arg)
{
    x->on_end = fn;
    x->on_end_arg = arg;
}
