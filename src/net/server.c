/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include "net/compress.h"
#include "net/exchange.h"
#include "net/loop.h"
#include "net/static.h"
#include "net/tls.h"

static unsigned workers_default(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return processors > 2 ? (unsigned)processors * 2 : 4;
}

static int server_listeners_tls(struct http_server *server, struct err *err)
{
    for (size_t i = 0; i < server->config.n_listen; i++) {
        const struct http_listen *listen_on = &server->config.listen[i];
        if (listen_on->tls_certificate &&
            tls_new(listen_on->tls_certificate, listen_on->tls_key, &server->tls[i], err) < 0)
            return -1;
    }
    return 0;
}

/* A connection that takes the last descriptor would take it from the database. */
static int64_t connections_default(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur > INT64_MAX)
        return INT64_MAX;
    int64_t n = (int64_t)files.rlim_cur;
    return n > 2 * LIMIT_HTTP_SPARE_FILES ? n - LIMIT_HTTP_SPARE_FILES : n / 2;
}

static void config_complete(struct http_server_config *config)
{
    if (!config->connections_max)
        config->connections_max = connections_default();
    if (!config->io_threads)
        config->io_threads = 1;
    if (!config->workers)
        config->workers = workers_default();
    if (!config->per_address)
        config->per_address = LIMIT_HTTP_PER_ADDRESS;
    if (!config->headers_ms)
        config->headers_ms = LIMIT_HTTP_HEADERS_MS;
    if (!config->body_grace_ms)
        config->body_grace_ms = LIMIT_HTTP_BODY_GRACE_MS;
    if (!config->idle_ms)
        config->idle_ms = LIMIT_HTTP_IDLE_MS;
}

int http_server_new(const struct http_server_config *config, void *data,
                    struct http_server **ret_server, struct err *err)
{
    struct http_server *server = MEM_NEW(struct http_server);
    server->config = *config;
    server->data = data;
    config_complete(&server->config);
    pthread_mutex_init(&server->address_lock, NULL);
    server->ports = MEM_NEW_N(config->n_listen, int);
    server->tls = MEM_NEW_N(config->n_listen, struct tls *);
    server->loops = MEM_NEW_N(server->config.io_threads, struct loop *);
    server->compressors = compressors_new();
    server->workers = workers_new(config->worker_begin, config->worker_end, data);
    if (router_new(config->routes, config->n_routes, &server->router, err) < 0 ||
        server_listeners_tls(server, err) < 0) {
        http_server_free(server);
        return -1;
    }
    *ret_server = server;
    return 0;
}

static int address_parse(const struct http_listen *listen_on, struct sockaddr_storage *ret_address,
                         socklen_t *ret_size, struct err *err)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)listen_on->port)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6,
                               .sin6_port = htons((uint16_t)listen_on->port)};
    if (inet_pton(AF_INET, listen_on->address, &in.sin_addr) == 1) {
        memcpy(ret_address, &in, sizeof in);
        *ret_size = sizeof in;
    } else if (inet_pton(AF_INET6, listen_on->address, &in6.sin6_addr) == 1) {
        memcpy(ret_address, &in6, sizeof in6);
        *ret_size = sizeof in6;
    } else {
        return err_internal(err, "\"%s\" is not an address to listen on", listen_on->address);
    }
    return 0;
}

static int socket_bind(int fd, const struct http_listen *listen_on, int *ret_port, struct err *err)
{
    struct sockaddr_storage address;
    socklen_t size = 0;
    int yes = 1;
    if (address_parse(listen_on, &address, &size, err) < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, (struct sockaddr *)&address, size) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) < 0)
        return err_internal(err, "cannot listen on %s port %d: %s", listen_on->address,
                            listen_on->port, strerror(errno));
    *ret_port = ntohs(address.ss_family == AF_INET ? ((struct sockaddr_in *)&address)->sin_port
                                                   : ((struct sockaddr_in6 *)&address)->sin6_port);
    return 0;
}

/* One socket a listener, shared by all loops: whichever is free takes the connection. */
static int listener_open(struct http_server *server, size_t index, struct err *err)
{
    const struct http_listen *listen_on = &server->config.listen[index];
    int family = strchr(listen_on->address, ':') ? AF_INET6 : AF_INET;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return err_internal(err, "socket: %s", strerror(errno));
    int result = socket_bind(fd, listen_on, &server->ports[index], err);
    for (unsigned i = 0; result == 0 && i < server->n_loops; i++)
        result = loop_listen(server->loops[i], fd, index, err);
    close(fd);
    return result;
}

int http_server_start(struct http_server *server, struct err *err)
{
    CHECK(!server->started);
    signal(SIGPIPE, SIG_IGN);
    for (; server->n_loops < server->config.io_threads; server->n_loops++)
        server->loops[server->n_loops] = loop_new(server);
    for (size_t i = 0; i < server->config.n_listen; i++)
        if (listener_open(server, i, err) < 0)
            return -1;
    server->started = true;
    if (workers_start(server->workers, server->config.workers, err) < 0)
        return -1;
    for (unsigned i = 0; i < server->n_loops; i++)
        if (loop_start(server->loops[i], err) < 0)
            return -1;
    return 0;
}

int http_server_port(const struct http_server *server, size_t i_listen)
{
    return i_listen < server->config.n_listen ? server->ports[i_listen] : -1;
}

int http_server_reload_tls(struct http_server *server, struct err *err)
{
    for (size_t i = 0; i < server->config.n_listen; i++)
        if (server->tls[i] && tls_reload(server->tls[i], err) < 0)
            return -1;
    return 0;
}

void http_server_stop(struct http_server *server, int64_t grace_ms)
{
    int64_t deadline_ms = clock_monotonic_ms() + grace_ms;
    for (unsigned i = 0; i < server->n_loops; i++)
        if (server->loops[i]->running)
            loop_wake_stop(server->loops[i]);
    for (unsigned i = 0; i < server->n_loops; i++) {
        if (!loop_wait(server->loops[i], deadline_ms))
            loop_wake_cut(server->loops[i]);
        loop_join(server->loops[i]);
    }
    workers_stop(server->workers);
}

void http_server_free(struct http_server *server)
{
    if (!server)
        return;
    http_server_stop(server, 0);
    for (unsigned i = 0; i < server->n_loops; i++)
        loop_free(server->loops[i]);
    for (size_t i = 0; i < server->config.n_listen; i++)
        tls_free(server->tls[i]);
    workers_free(server->workers);
    compressors_free(server->compressors);
    router_free(server->router);
    str_map_done(&server->addresses);
    pthread_mutex_destroy(&server->address_lock);
    mem_free(server->loops);
    mem_free(server->ports);
    mem_free(server->tls);
    mem_free(server);
}

void http_server_count(const struct http_server *server, struct http_server_counts *ret_counts)
{
    *ret_counts = (struct http_server_counts){
        .connections = atomic_load(&server->n_connections),
        .requests = atomic_load(&server->n_requests),
        .parked = atomic_load(&server->n_parked),
        .queued = (int64_t)workers_queued(server->workers, LANE_NORMAL),
        .woken_queued = (int64_t)workers_queued(server->workers, LANE_POLLS),
        .bytes_in = atomic_load(&server->bytes_in),
        .bytes_out = atomic_load(&server->bytes_out),
        .refused = atomic_load(&server->n_refused),
    };
}

enum http_outcome server_dispatch(struct http_exchange *x)
{
    if (!x->mount)
        return x->server->config.dispatch(x);
    static_serve(x);
    return HTTP_DONE;
}
