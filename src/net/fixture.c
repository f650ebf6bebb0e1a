/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"

typedef enum http_outcome handler(struct fixture *fixture, struct http_exchange *x);

static void count(struct fixture *fixture, int *counter)
{
    pthread_mutex_lock(&fixture->lock);
    ++*counter;
    pthread_cond_broadcast(&fixture->changed);
    pthread_mutex_unlock(&fixture->lock);
}

void fixture_wait(struct fixture *fixture, const int *counter, int n)
{
    pthread_mutex_lock(&fixture->lock);
    while (*counter < n)
        pthread_cond_wait(&fixture->changed, &fixture->lock);
    pthread_mutex_unlock(&fixture->lock);
}

void fixture_wait_parked(struct fixture *fixture, size_t n)
{
    pthread_mutex_lock(&fixture->lock);
    while (fixture->n_parked < n)
        pthread_cond_wait(&fixture->changed, &fixture->lock);
    pthread_mutex_unlock(&fixture->lock);
}

/* ---- handlers ---- */

static enum http_outcome hello(struct fixture *fixture, struct http_exchange *x)
{
    (void)fixture;
    http_set_header(x, STR("Content-Type"), STR("text/plain"));
    buf_printf(http_answer(x), "hello %.*s", STR_ARG(http_header(x, STR("authorization"))));
    return HTTP_DONE;
}

static enum http_outcome echo(struct fixture *fixture, struct http_exchange *x)
{
    (void)fixture;
    buf_add(http_answer(x), http_body(x));
    return HTTP_DONE;
}

static enum http_outcome show(struct fixture *fixture, struct http_exchange *x)
{
    (void)fixture;
    buf_printf(http_answer(x), "%.*s|%.*s|%.*s|%.*s", STR_ARG(http_param(x, 0)),
               STR_ARG(http_param(x, 1)), STR_ARG(http_query(x, STR("q"))), STR_ARG(http_peer(x)));
    return HTTP_DONE;
}

static void on_close(struct http_exchange *x, void *arg)
{
    struct fixture *fixture = arg;
    pthread_mutex_lock(&fixture->lock);
    bool mine = false;
    for (size_t i = 0; i < fixture->n_parked && !mine; i++) {
        mine = fixture->parked[i] == x;
        if (mine)
            fixture->parked[i] = fixture->parked[--fixture->n_parked];
    }
    fixture->n_closed++;
    pthread_cond_broadcast(&fixture->changed);
    pthread_mutex_unlock(&fixture->lock);
    if (mine)
        http_unref(x);
}

/* Parks until the gate is open or ?ms= have passed. */
static enum http_outcome gate(struct fixture *fixture, struct http_exchange *x)
{
    int64_t ms = 60000;
    struct str asked = http_query(x, STR("ms"));
    if (asked.n && str_parse_uint(asked, &ms) < 0)
        ms = 0;
    pthread_mutex_lock(&fixture->lock);
    bool parks = !fixture->open && !http_deadline_passed(x);
    if (parks && http_rerun_count(x) == 0) {
        http_ref(x);
        fixture->parked[fixture->n_parked++] = x;
        http_on_close(x, on_close, fixture);
        http_set_deadline(x, clock_monotonic_ms() + ms);
        pthread_cond_broadcast(&fixture->changed);
    }
    pthread_mutex_unlock(&fixture->lock);
    if (parks)
        return HTTP_PARK;
    buf_printf(http_answer(x), "open %d", http_deadline_passed(x));
    return HTTP_DONE;
}

/* Answers at once, but holds; whoever wakes the parked releases it. */
static enum http_outcome held(struct fixture *fixture, struct http_exchange *x)
{
    pthread_mutex_lock(&fixture->lock);
    http_hold(x);
    http_ref(x);
    fixture->parked[fixture->n_parked++] = x;
    pthread_cond_broadcast(&fixture->changed);
    pthread_mutex_unlock(&fixture->lock);
    buf_printf(http_answer(x), "held %u", http_rerun_count(x));
    return HTTP_DONE;
}

/* Counts a streamed body. */
static enum http_outcome sink(struct fixture *fixture, struct http_exchange *x)
{
    struct err err = ERR_INIT;
    struct str piece;
    int64_t *total = http_state(x);
    int got;
    if (!total)
        http_set_state(x, total = ARENA_NEW(http_arena(x), int64_t));
    while ((got = http_body_next(x, &piece, &err)) == 1)
        *total += (int64_t)piece.n;
    if (got == 2)
        return HTTP_WAIT;
    if (got < 0) {
        count(fixture, &fixture->n_closed);
        http_status(x, err.status);
    }
    buf_printf(http_answer(x), "%lld", (long long)*total);
    return HTTP_DONE;
}

struct big {
    struct fixture *fixture;
    int64_t left;
};

static int big_next(void *arg, struct buf *out, struct err *err)
{
    struct big *big = arg;
    int64_t n = big->left < 65536 ? big->left : 65536;
    char *at = buf_reserve(out, (size_t)n);
    (void)err;
    CHECK(at);
    memset(at, 'x', (size_t)n);
    buf_advance(out, (size_t)n);
    big->left -= n;
    pthread_mutex_lock(&big->fixture->lock);
    big->fixture->streamed += n;
    pthread_mutex_unlock(&big->fixture->lock);
    return big->left > 0;
}

static void big_done(void *arg)
{
    struct big *big = arg;
    count(big->fixture, &big->fixture->n_closed);
    mem_free(big);
}

/* ?n= bytes, ?known=1 with a length. */
static enum http_outcome big(struct fixture *fixture, struct http_exchange *x)
{
    struct big *state = MEM_NEW(struct big);
    state->fixture = fixture;
    if (str_parse_uint(http_query(x, STR("n")), &state->left) < 0)
        state->left = 0;
    bool known = http_query(x, STR("known")).n > 0;
    http_stream(x, known ? state->left : -1, big_next, big_done, state);
    return HTTP_DONE;
}

/* ?n= bytes in one buffer. */
static enum http_outcome many(struct fixture *fixture, struct http_exchange *x)
{
    int64_t n;
    (void)fixture;
    if (str_parse_uint(http_query(x, STR("n")), &n) < 0)
        n = 0;
    http_set_header(x, STR("Content-Type"), STR("application/json"));
    for (int64_t i = 0; i < n; i++)
        buf_add_byte(http_answer(x), (char)('a' + i % 7));
    return HTTP_DONE;
}

/* Asks to be run again while it runs, and returns as ?how= says. */
static enum http_outcome again(struct fixture *fixture, struct http_exchange *x)
{
    struct str how = http_query(x, STR("how"));
    (void)fixture;
    buf_printf(http_answer(x), "again %u", http_rerun_count(x));
    if (http_rerun_count(x) > 0)
        return HTTP_DONE;
    http_rerun(x);
    return str_eq(how, STR("park")) ? HTTP_PARK : str_eq(how, STR("wait")) ? HTTP_WAIT : HTTP_DONE;
}

struct row {
    handler *run;
};

static const struct row rows[] = {{hello}, {echo}, {show}, {gate}, {held},
                                  {sink},  {big},  {many}, {again}};

static const struct http_route routes[] = {
    {HTTP_GET, "/hello", 0, 0, &rows[0], 0},
    {HTTP_POST, "/echo", 0, 0, &rows[1], 0},
    {HTTP_PUT, "/echo", 0, HTTP_ROUTE_ANY_TYPE, &rows[1], 0},
    {HTTP_GET, "/rooms/{room}/state/{type}", 0, 0, &rows[2], 0},
    {HTTP_GET, "/gate", 0, 0, &rows[3], 0},
    {HTTP_POST, "/held", 0, 0, &rows[4], 0},
    {HTTP_POST, "/large", MIB(8), HTTP_ROUTE_ANY_TYPE, &rows[1], 0},
    {HTTP_POST, "/sink", MIB(200), HTTP_ROUTE_STREAM | HTTP_ROUTE_ANY_TYPE, &rows[5], 0},
    {HTTP_GET, "/big", 0, 0, &rows[6], 0},
    {HTTP_GET, "/many", 0, HTTP_ROUTE_COMPRESS, &rows[7], 0},
    {HTTP_GET, "/secret", 0, 0, &rows[7], 0},
    {HTTP_GET, "/again", 0, 0, &rows[8], 0},
};

static enum http_outcome dispatch(struct http_exchange *x)
{
    const struct row *row = http_route_of(x)->row;
    struct fixture *fixture = http_server_data(x);
    count(fixture, &fixture->n_runs);
    return row->run(fixture, x);
}

static void error_body(struct http_exchange *x, int status, const char *reason)
{
    http_set_header(x, STR("Content-Type"), STR("application/json"));
    buf_printf(http_answer(x), "{\"errcode\":\"M_UNKNOWN\",\"error\":\"%d %s\"}", status, reason);
}

static void common_headers(struct http_exchange *x)
{
    http_set_header(x, STR("Access-Control-Allow-Origin"), STR("*"));
}

static void access_log(struct http_exchange *x, int status, int64_t bytes, int64_t us)
{
    struct fixture *fixture = http_server_data(x);
    (void)status, (void)bytes, (void)us;
    count(fixture, &fixture->n_logged);
}

void fixture_start(struct fixture *fixture, const struct http_server_config *config)
{
    static const struct http_listen plain = {"127.0.0.1", 0, NULL, NULL};
    struct http_server_config full = config ? *config : (struct http_server_config){0};
    struct err err = ERR_INIT;
    memset(fixture, 0, sizeof *fixture);
    pthread_mutex_init(&fixture->lock, NULL);
    pthread_cond_init(&fixture->changed, NULL);
    if (!full.listen) {
        full.listen = &plain;
        full.n_listen = 1;
    }
    full.routes = routes;
    full.n_routes = ARRAY_LEN(routes);
    full.dispatch = dispatch;
    full.error_body = error_body;
    full.common_headers = common_headers;
    full.access_log = access_log;
    bool started = http_server_new(&full, fixture, &fixture->server, &err) == 0 &&
                   http_server_start(fixture->server, &err) == 0;
    CHECK(started);
    fixture->port = http_server_port(fixture->server, 0);
    fixture->tls_port = http_server_port(fixture->server, 1);
}

void fixture_wake(struct fixture *fixture)
{
    struct http_exchange *taken[FIXTURE_PARKED_MAX];
    pthread_mutex_lock(&fixture->lock);
    size_t n = fixture->n_parked;
    memcpy(taken, fixture->parked, n * sizeof *taken);
    fixture->n_parked = 0;
    fixture->open = true;
    pthread_mutex_unlock(&fixture->lock);
    for (size_t i = 0; i < n; i++) {
        http_rerun(taken[i]);
        http_unref(taken[i]);
    }
}

void fixture_stop(struct fixture *fixture)
{
    http_server_stop(fixture->server, 5000);
    for (size_t i = 0; i < fixture->n_parked; i++)
        http_unref(fixture->parked[i]);
    http_server_free(fixture->server);
    pthread_cond_destroy(&fixture->changed);
    pthread_mutex_destroy(&fixture->lock);
}

/* ---- the client ---- */

int client_connect(int port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct timeval patience = {.tv_sec = 20};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    CHECK(connect(fd, (struct sockaddr *)&in, sizeof in) == 0);
    return fd;
}

/* The server may answer and close before it has read all: that is for the reader to see. */
void client_send(int fd, struct str bytes)
{
    while (bytes.n) {
        ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
        if (n <= 0)
            return;
        bytes = str_skip(bytes, (size_t)n);
    }
}

/* Byte by byte, so that nothing of the next answer is taken. */
static bool read_line(int fd, struct buf *line)
{
    char c;
    do {
        if (recv(fd, &c, 1, 0) != 1)
            return false;
        buf_add_byte(line, c);
    } while (c != '\n');
    return true;
}

static bool read_exactly(int fd, struct buf *out, size_t n)
{
    while (n) {
        char *at = buf_reserve(out, n);
        ssize_t got = at ? recv(fd, at, n, 0) : -1;
        if (got <= 0)
            return false;
        buf_advance(out, (size_t)got);
        n -= (size_t)got;
    }
    return true;
}

static bool read_chunks(int fd, struct buf *body)
{
    struct buf line;
    size_t n;
    do {
        buf_init(&line, 100);
        if (!read_line(fd, &line))
            return false;
        buf_add_byte(&line, 0);
        n = strtoul(line.p, NULL, 16);
        buf_done(&line);
        if (!read_exactly(fd, body, n + 2))
            return false;
        buf_truncate(body, body->n - 2);
    } while (n);
    return true;
}

static struct str head_field_of(struct str head, const char *name)
{
    struct str line, value;
    while (str_cut(head, '\n', &line, &head)) {
        struct str field;
        if (!str_cut(line, ':', &field, &value) || !str_eq_nocase(field, str_from(name)))
            continue;
        return str_make(value.p + 1, value.n - 2);
    }
    return STR_NONE;
}

int client_read(int fd, struct buf *ret_head, struct buf *ret_body, bool head_only)
{
    int64_t status = 0, length = 0;
    buf_init(ret_head, 65536);
    buf_init(ret_body, MIB(256));
    do {
        buf_clear(ret_head);
        do {
            if (!read_line(fd, ret_head))
                return 0;
        } while (!str_ends(buf_str(ret_head), STR("\r\n\r\n")));
        if (str_parse_uint(str_first(str_skip(buf_str(ret_head), 9), 3), &status) < 0)
            return 0;
    } while (status == 100);
    struct str n = head_field_of(buf_str(ret_head), "content-length");
    bool chunked = head_field_of(buf_str(ret_head), "transfer-encoding").n > 0;
    if (head_only)
        return (int)status;
    if (n.p && (str_parse_uint(n, &length) < 0 || !read_exactly(fd, ret_body, (size_t)length)))
        return 0;
    return chunked && !read_chunks(fd, ret_body) ? 0 : (int)status;
}

size_t client_read_to_end(int fd)
{
    char room[65536];
    size_t total = 0;
    ssize_t n;
    while ((n = recv(fd, room, sizeof room, 0)) > 0)
        total += (size_t)n;
    return total;
}

bool client_is_closed(int fd)
{
    char c;
    ssize_t n = recv(fd, &c, 1, 0);
    return n == 0 || (n < 0 && errno == ECONNRESET);
}

int client_ask(int port, struct str bytes)
{
    struct buf head, body;
    int fd = client_connect(port);
    client_send(fd, bytes);
    int status = client_read(fd, &head, &body, false);
    close(fd);
    buf_done(&head);
    buf_done(&body);
    return status;
}
