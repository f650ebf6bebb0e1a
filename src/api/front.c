/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/front.h"

#include "api/routes.h"
#include "api/web.h"
#include "base/log.h"
#include "base/mem.h"
#include "service/config.h"
#include "service/scan/scanner.h"

static void access_log(struct http_exchange *x, int status, int64_t bytes, int64_t microseconds)
{
    const struct http_route *route = http_route_of(x);
    if (!log_wants(LOG_LEVEL_DEBUG))
        return;
    log_line(LOG_LEVEL_DEBUG, "request", "route", LOG_Z(route ? route->path : "-"), "peer",
             LOG_STR(http_peer(x)), "status", LOG_INT(status), "bytes", LOG_INT(bytes), "us",
             LOG_INT(microseconds), NULL);
}

static struct http_listen listen_of(const struct config_listen *listen)
{
    return (struct http_listen){listen->address.p, listen->port, listen->tls_certificate.p,
                                listen->tls_key.p};
}

static int start(struct server *server, const struct http_server_config *front,
                 struct http_server **ret_http, struct err *err)
{
    if (http_server_new(front, server, ret_http, err) < 0)
        return -1;
    return http_server_start(*ret_http, err);
}

/* NULL when there is no web client to serve. */
static struct http_mount *web_mount_new(const struct config *config)
{
    if (!config->web_files.p)
        return NULL;
    struct http_mount *mount = MEM_NEW(struct http_mount);
    *mount = (struct http_mount){"/", config->web_files.p, "index.html", api_web_headers};
    return mount;
}

static int start_front(struct server *server, struct err *err)
{
    const struct config *config = server->config;
    struct http_listen listen[LIMIT_LISTEN];
    size_t n_routes, n_aliases;
    const struct http_alias *aliases = api_older_paths(&n_aliases);
    server->web_mount = web_mount_new(config);
    server->http_routes = api_http_routes_new(api_tables, config, server->web_mount, &n_routes);
    for (size_t i = 0; i < config->n_listen; i++)
        listen[i] = listen_of(&config->listen[i]);
    struct http_server_config front = {
        .listen = listen,
        .n_listen = config->n_listen,
        .routes = server->http_routes,
        .n_routes = n_routes,
        .aliases = aliases,
        .n_aliases = n_aliases,
        .mounts = server->web_mount,
        .n_mounts = server->web_mount ? 1 : 0,
        .io_threads = config->http_io_threads,
        .workers = config->http_workers,
        .trusted_proxies = config->http_trusted_proxies,
        .per_address_off = !config->rate_limits,
        .dispatch = api_dispatch,
        .error_body = api_error_body,
        .common_headers = api_common_headers,
        .access_log = access_log,
    };
    return start(server, &front, &server->http, err);
}

/* Apart from the others, so that figures are read also when their workers are all taken. */
static int start_metrics(struct server *server, struct err *err)
{
    if (!server->config->metrics.address.p)
        return 0;
    size_t n_routes;
    struct http_listen listen = listen_of(&server->config->metrics);
    server->metrics_routes =
        api_http_routes_new(api_metrics_tables, server->config, false, &n_routes);
    struct http_server_config front = {
        .listen = &listen,
        .n_listen = 1,
        .routes = server->metrics_routes,
        .n_routes = n_routes,
        .workers = 1,
        .dispatch = api_dispatch,
        .error_body = api_error_body,
        .common_headers = api_common_headers,
    };
    return start(server, &front, &server->metrics, err);
}

int api_front_start(struct server *server, struct err *err)
{
    return start_front(server, err) < 0 ? -1 : start_metrics(server, err);
}

static void stop(struct http_server **http, struct http_route **routes, int64_t grace_ms)
{
    if (*http) {
        http_server_stop(*http, grace_ms);
        http_server_free(*http);
    }
    mem_free(*routes);
    *http = NULL;
    *routes = NULL;
}

void api_front_stop(struct server *server, int64_t grace_ms)
{
    scanner_stop(server->scanner); /* its tasks hold requests, some for minutes */
    stop(&server->metrics, &server->metrics_routes, 0);
    stop(&server->http, &server->http_routes, grace_ms);
    mem_free(server->web_mount);
    server->web_mount = NULL;
}

void api_front_print_routes(void (*line)(void *arg, const char *method, const char *path),
                            void *arg)
{
    static const char *const names[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"};
    for (size_t t = 0; api_tables[t]; t++)
        for (size_t i = 0; i < api_tables[t]->n; i++)
            line(arg, names[api_tables[t]->routes[i].method], api_tables[t]->routes[i].path);
}
