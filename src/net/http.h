/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_HTTP_H
#define CHAPPE_NET_HTTP_H

/* A request and its answer, as handlers see them; HTTP/1.1 and HTTP/2 look the same from here.
 *
 * I/O threads own sockets. A worker of a bounded pool runs the handler, as straight-line code that
 * never waits. What the handler returns says what happens next:
 *
 *   HTTP_DONE  the answer is complete. It leaves at once, unless it is held (http_hold): then it
 *              leaves when the last hold is released (a write job that commits).
 *   HTTP_WAIT  something else must finish first (a password hash, a child process, a peer, the next
 *              piece of the body). The handler is run again from the top after http_rerun.
 *   HTTP_PARK  nothing to say yet (a long poll). It holds no thread and little memory, and is run
 *              again, in the lane of the woken, after http_rerun or at its deadline.
 *
 * A rerun discards the answer so far and keeps what http_set_state kept and all that is in the
 * arena. http_rerun and http_release may be called from any thread, also before the handler has
 * returned, as long as the caller holds a reference (http_ref). When the client goes away while the
 * request is parked or waiting, the function given to http_on_close is called once, from an I/O
 * thread, and the handler is not run again. */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum http_method {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_DELETE,
    HTTP_OPTIONS,
    HTTP_METHOD_COUNT,
    HTTP_METHOD_OTHER = HTTP_METHOD_COUNT,
};

enum http_outcome { HTTP_DONE, HTTP_WAIT, HTTP_PARK };

struct http_exchange;

/* ---- the request ---- */

enum http_method http_method(const struct http_exchange *x);
struct str http_target(const struct http_exchange *x); /* as received: path and query */
struct str http_path(const struct http_exchange *x);   /* as received, undecoded */
/* The i-th path parameter, percent-decoded once. */
struct str http_param(const struct http_exchange *x, size_t i);
/* The first query parameter of that name, decoded; STR_NONE when absent. */
struct str http_query(const struct http_exchange *x, struct str name);
/* The i-th value of a repeated parameter; STR_NONE past the last. */
/* All of it as it came, without its "?"; empty: none. */
struct str http_query_text(const struct http_exchange *x);
struct str http_query_nth(const struct http_exchange *x, struct str name, size_t i);
/* Header names compare without case; STR_NONE when absent. */
struct str http_header(const struct http_exchange *x, struct str name);
/* The host that the request names, with its port if it has one: Host, or :authority. */
struct str http_host(const struct http_exchange *x);
/* The whole body, for routes that buffer it (all but HTTP_ROUTE_STREAM). */
struct str http_body(const struct http_exchange *x);
/* The peer's address as text, without port; X-Forwarded-For only from a trusted proxy. */
struct str http_peer(const struct http_exchange *x);
/* What limits by address go by, as text: an IPv4 address, or the /64 of an IPv6 one. */
struct str http_peer_network(struct http_exchange *x);
bool http_is_tls(const struct http_exchange *x);
struct arena *http_arena(struct http_exchange *x);
/* Memory of one run: given back when the handler returns HTTP_PARK or HTTP_WAIT, or is run again;
 * after HTTP_DONE it lives until the answer has left. What a poll allocates each time it is woken
 * belongs here: http_arena keeps everything, and a request over its arena_max is answered 413. */
struct arena *http_scratch(struct http_exchange *x);
/* Whether it would be answered 413: asked before something is done that cannot be taken back. */
bool http_memory_is_over(const struct http_exchange *x);
const struct http_route *http_route_of(const struct http_exchange *x);
/* The pointer given to http_server_new. */
void *http_server_data(const struct http_exchange *x);

/* For HTTP_ROUTE_STREAM: the next piece of the body, valid until the next call. 1 a piece; 0 the
 * end; 2 not there yet: return HTTP_WAIT (the arrival reruns); -1 cut, malformed, too slow or over
 * the maximum. A client that waits for leave to send its body (Expect: 100-continue) is given it by
 * the first call: a handler that answers before costs neither side the body. */
int http_body_next(struct http_exchange *x, struct str *ret_piece, struct err *err) MUST_USE;

/* ---- the answer ---- */

void http_status(struct http_exchange *x, int status);
/* Adds; names and values are ours, or have been checked: CR, LF and NUL are refused by a CHECK. */
void http_set_header(struct http_exchange *x, struct str name, struct str value);
/* The same, unless the answer has one of that name already. */
void http_default_header(struct http_exchange *x, struct str name, struct str value);
/* The body, to be appended to; at most LIMIT_ANSWER_BYTES. */
struct buf *http_answer(struct http_exchange *x);
/* A large body in pieces: next is called on a worker when the socket has room, fills out, and
 * returns 1 more, 0 the end, -1 cut the connection. length < 0: unknown (chunked). done is called
 * once. */
void http_stream(struct http_exchange *x, int64_t length,
                 int (*next)(void *arg, struct buf *out, struct err *err), void (*done)(void *arg),
                 void *arg);
bool http_is_streamed(const struct http_exchange *x);
/* A file by descriptor (the exchange closes it), from offset, length bytes. */
void http_send_file(struct http_exchange *x, int fd, int64_t offset, int64_t length);

/* ---- waiting ---- */

void http_ref(struct http_exchange *x);
void http_unref(struct http_exchange *x);   /* the last one frees it */
void http_hold(struct http_exchange *x);    /* takes a reference too */
void http_release(struct http_exchange *x); /* gives it back */
/* Runs the handler again. Also drops all holds' effect: the answer so far is discarded. */
void http_rerun(struct http_exchange *x);
/* How many times the handler has been run again. */
unsigned http_rerun_count(const struct http_exchange *x);
/* Before HTTP_PARK or HTTP_WAIT: when to run again at the latest, on the monotonic clock. */
void http_set_deadline(struct http_exchange *x, int64_t monotonic_ms);
bool http_deadline_passed(const struct http_exchange *x);
void http_set_state(struct http_exchange *x, void *state);
void *http_state(const struct http_exchange *x);
/* One function an exchange; a later call replaces it; NULL takes it away. */
void http_on_close(struct http_exchange *x, void (*fn)(struct http_exchange *x, void *arg),
                   void *arg);

/* Called once, when nobody holds the exchange any more, on whatever thread that happens: for what a
 * request holds besides memory (a file that is being written), however it ended. arg may be in
 * http_arena. One function an exchange; it may not block for long. */
void http_on_end(struct http_exchange *x, void (*fn)(void *arg), void *arg);

/* ---- routes ---- */

#define HTTP_ROUTE_STREAM   1u /* the handler reads the body piece by piece */
#define HTTP_ROUTE_COMPRESS 2u /* the answer carries no secret and may be compressed */
#define HTTP_ROUTE_REST     4u /* the last parameter takes the rest of the path, slashes included */
#define HTTP_ROUTE_ANY_TYPE                                                                        \
    8u /* bodies of any Content-Type; otherwise only JSON or none is taken */
#define HTTP_ROUTE_POLL                                                                            \
    16u /* a long poll: in the lane of polls, when it comes and when it is woken */

struct http_route {
    enum http_method method;
    const char *path; /* "/_matrix/client/v3/rooms/{roomId}/send/{eventType}/{txnId}" */
    size_t body_max;  /* 0: LIMIT_HTTP_BODY_JSON */
    unsigned flags;
    const void *row;  /* the caller's own row */
    size_t arena_max; /* 0: LIMIT_REQUEST_ARENA; an arena past it is answered 413 */
};

/* Another beginning of paths: one that no route has is looked for again with `to` in the place of
 * `from`. Handlers see the path as it came. */
struct http_alias {
    const char *from, *to; /* "/old/", "/new/" */
};

/* A directory whose files are served under a prefix, to GET and HEAD. A file has pre-compressed
 * neighbours (x.js.br, x.js.gz) that are sent to who takes them; names with a hash of their content
 * ("main-5f3c9a1b.js") are cached for good, others are asked about each time (ETag). Routes win. */
struct http_mount {
    const char *prefix;    /* "/" or "/web/" */
    const char *directory; /* read as files are asked for */
    const char *index;     /* "index.html": for the prefix itself; or NULL */
    /* Adds headers to each file (CSP…); may be NULL. */
    void (*headers)(struct http_exchange *x, struct str path);
};

/* ---- the server ---- */

struct http_server;

struct http_listen {
    const char *address;                   /* "127.0.0.1" or "::1" */
    int port;                              /* 0: any; see http_server_port */
    const char *tls_certificate, *tls_key; /* PEM files; NULL: plain */
};

/* Copied, but not what it points to: listeners, routes, mounts and texts live as long as the
 * server. */
struct http_server_config {
    const struct http_listen *listen;
    size_t n_listen;
    const struct http_route *routes;
    size_t n_routes;
    const struct http_alias *aliases; /* the first that fits */
    size_t n_aliases;
    const struct http_mount *mounts; /* the longest prefix wins */
    size_t n_mounts;
    unsigned io_threads;        /* 0: 1 */
    unsigned workers;           /* 0: 2 × processors, at least 4 */
    struct str trusted_proxies; /* addresses, comma separated */
    unsigned per_address;       /* connections of one address; 0: LIMIT_HTTP_PER_ADDRESS */
    bool per_address_off;       /* no such cap (behind a proxy, in tests) */
    int64_t connections_max;    /* of all addresses; 0: all descriptors of the process but
                                   LIMIT_HTTP_SPARE_FILES (half of them when they are few) */
    size_t bodies_max;          /* bytes of buffered bodies of all requests; 0: LIMIT_HTTP_BODIES */
    /* Deadlines; 0: LIMIT_HTTP_HEADERS_MS, LIMIT_HTTP_BODY_GRACE_MS, LIMIT_HTTP_IDLE_MS. */
    int64_t headers_ms, body_grace_ms, idle_ms;
    /* Runs on a worker for a request that has a route and a whole body (or HTTP_ROUTE_STREAM). */
    enum http_outcome (*dispatch)(struct http_exchange *x);
    /* Writes the body of an error that the front itself answers (400, 404, 405, 408, 413, 414, 415,
     * 431, 500, 503), with its headers. On an I/O thread or a worker: it may not wait. */
    void (*error_body)(struct http_exchange *x, int status, const char *reason);
    /* Adds the headers every answer carries (CORS…). OPTIONS is answered 204 with them, and runs
     * nothing. On an I/O thread. */
    void (*common_headers)(struct http_exchange *x);
    /* Called on each worker thread as it starts and ends; the result is http_worker_data's. */
    void *(*worker_begin)(void *data);
    void (*worker_end)(void *data, void *worker_data);
    /* One line a request, after it was answered. On an I/O thread. */
    void (*access_log)(struct http_exchange *x, int status, int64_t bytes, int64_t microseconds);
};

int http_server_new(const struct http_server_config *config, void *data,
                    struct http_server **ret_server, struct err *err) MUST_USE;
/* Listens and starts its threads. */
int http_server_start(struct http_server *server, struct err *err) MUST_USE;
int http_server_port(const struct http_server *server, size_t i_listen);
/* Reads certificates again; connections in being keep theirs. */
int http_server_reload_tls(struct http_server *server, struct err *err) MUST_USE;
/* No new connection; parked polls are run a last time with http_deadline_passed; requests finish
 * for at most grace_ms; then threads end. */
void http_server_stop(struct http_server *server, int64_t grace_ms);
/* After this no reference to an exchange may be left: whoever holds one (a notifier, an appender)
 * is stopped before. */
void http_server_free(struct http_server *server);
/* What worker_begin returned on the worker this exchange runs on. */
void *http_worker_data(const struct http_exchange *x);

struct http_server_counts {
    int64_t connections, requests, parked, queued, woken_queued, bytes_in, bytes_out, refused;
};
void http_server_count(const struct http_server *server, struct http_server_counts *ret_counts);

#endif
