/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/admit.h"

#include <string.h>

#include "base/limits.h"
#include "net/query.h"
#include "net/server.h"

static int refuse(int status, const char *reason, const char **ret_reason)
{
    *ret_reason = reason;
    return status;
}

static const struct http_mount *mount_find(const struct http_server *server, struct str path)
{
    const struct http_mount *best = NULL;
    for (size_t i = 0; i < server->config.n_mounts; i++) {
        const struct http_mount *mount = &server->config.mounts[i];
        struct str prefix = str_from(mount->prefix);
        if (str_starts(path, prefix) && (!best || prefix.n > strlen(best->prefix)))
            best = mount;
    }
    return best;
}

/* Each segment is decoded once; a {rest} keeps its slashes and is decoded as a whole. */
static int params_decode(struct http_exchange *x, const struct router_match *match)
{
    struct str *params = ARENA_NEW_N(x->arena, match->n_params, struct str);
    for (size_t i = 0; i < match->n_params; i++)
        if (percent_decode(x->arena, match->params[i], false, &params[i]) < 0)
            return -1;
    x->params = params;
    x->n_params = match->n_params;
    return 0;
}

/* The path again with the beginning that it has now; STR_NONE: it is none of the older ones. */
static struct str path_renew(struct http_exchange *x)
{
    const struct http_server_config *config = &x->server->config;
    for (size_t i = 0; i < config->n_aliases; i++) {
        struct str from = str_from(config->aliases[i].from);
        if (str_starts(x->path, from))
            return arena_printf(x->arena, "%s%.*s", config->aliases[i].to,
                                STR_ARG(str_skip(x->path, from.n)));
    }
    return STR_NONE;
}

static int route_find(struct http_exchange *x, struct router_match *ret_match)
{
    int found = router_find(x->server->router, x->method, x->path, ret_match);
    struct str renewed = found == 0 ? path_renew(x) : STR_NONE;
    return renewed.p ? router_find(x->server->router, x->method, renewed, ret_match) : found;
}

static int route_choose(struct http_exchange *x, const char **ret_reason)
{
    struct router_match match;
    int found = route_find(x, &match);
    x->allowed = match.allowed;
    if (x->method == HTTP_METHOD_OTHER || found < 0)
        return refuse(405, "Method not allowed", ret_reason);
    if (found == 0) {
        if (x->method == HTTP_GET || x->method == HTTP_HEAD)
            x->mount = mount_find(x->server, x->path);
        return x->mount ? 0 : refuse(404, "Unrecognized request", ret_reason);
    }
    x->route = match.route;
    if (params_decode(x, &match) < 0)
        return refuse(400, "Malformed percent-encoding in the path", ret_reason);
    return 0;
}

/* A JSON body under another name is read all the same: browsers call a text text/plain, and curl a
 * form. A form in parts is refused, before it is kept. */
static bool type_is_refused(struct str type)
{
    return type.n >= 10 && str_eq_nocase(str_first(type, 10), STR("multipart/"));
}

static int body_check(struct http_exchange *x, int64_t length, const char **ret_reason)
{
    struct str encoding = http_header(x, STR("content-encoding"));
    struct str type = http_header(x, STR("content-type"));
    if (encoding.n && !str_eq_nocase(encoding, STR("identity")))
        return refuse(415, "Compressed bodies are not taken", ret_reason);
    if (length >= 0 && (uint64_t)length > x->body.max)
        return refuse(413, "Body too large", ret_reason);
    if (type.p && !(x->route->flags & HTTP_ROUTE_ANY_TYPE) && type_is_refused(type))
        return refuse(415, "Forms in parts are not taken", ret_reason);
    return 0;
}

int admit_request(struct http_exchange *x, bool has_body, int64_t length, const char **ret_reason)
{
    if (x->method == HTTP_OPTIONS)
        return 204;
    if (x->query.n && query_check(x->arena, x->query) < 0)
        return refuse(400, "Malformed query", ret_reason);
    int status = route_choose(x, ret_reason);
    if (status)
        return status;
    x->body.max = x->route && x->route->body_max ? x->route->body_max : LIMIT_HTTP_BODY_JSON;
    if (has_body && x->route && (status = body_check(x, length, ret_reason)))
        return status;
    enum lane lane = exchange_lane(x);
    if (workers_queued(x->server->workers, lane) >=
        (lane == LANE_POLLS ? LIMIT_HTTP_POLL_QUEUE : LIMIT_HTTP_QUEUE))
        return refuse(503, "Too busy", ret_reason);
    return 0;
}
