/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/front.h"

#include "api/routes.h"
#include "base/log.h"
#include "base/mem.h"
#include "service/config.h"

static void access_log(struct http_exchange *x, int status, int64_t bytes, int64_t microseconds)
{
    const struct http_route *route = http_route_of(x);
    if (!log_wants(LOG_LEVEL_DEBUG))
        return;
    log_line(LOG_LEVEL_DEBUG, "request", "route", LOG_Z(route ? route->path : "-"), "peer",
             LOG_STR(http_peer(x)), "status", LOG_INT(status), "bytes", LOG_INT(bytes), "us",
             LOG_INT(microseconds), NULL);
}

int api_front_start(struct server *server, struct err *err)
{
    const struct config *config = server->config;
    struct http_listen listen[LIMIT_LISTEN];
    size_t n_routes;
    server->http_routes = api_http_routes_new(&n_routes);
    for (size_t i = 0; i < config->n_listen; i++)
        listen[i] =
            (struct http_listen){config->listen[i].address.p, config->listen[i].port,
                                 config->listen[i].tls_certificate.p, config->listen[i].tls_key.p};
    struct http_server_config front = {
        .listen = listen,
        .n_listen = config->n_listen,
        .routes = server->http_routes,
        .n_routes = n_routes,
        .io_threads = config->http_io_threads,
        .workers = config->http_workers,
        .trusted_proxies = config->http_trusted_proxies,
        .per_address_off = !config->rate_limits,
        .dispatch = api_dispatch,
        .error_body = api_error_body,
        .common_headers = api_common_headers,
        .access_log = access_log,
    };
    if (http_server_new(&front, server, &server->http, err) < 0)
        return -1;
    return http_server_start(server->http, err);
}

void api_front_stop(struct server *server, int64_t grace_ms)
{
    if (server->http) {
        http_server_stop(server->http, grace_ms);
        http_server_free(server->http);
        server->http = NULL;
    }
    mem_free(server->http_routes);
    server->http_routes = NULL;
}

void api_front_print_routes(void (*line)(void *arg, const char *method, const char *path),
                            void *arg)
{
    static const char *const names[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"};
    for (size_t t = 0; api_tables[t]; t++)
        for (size_t i = 0; i < api_tables[t]->n; i++)
            line(arg, names[api_tables[t]->routes[i].method], api_tables[t]->routes[i].path);
}
