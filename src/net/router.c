/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/router.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/vec.h"

struct node {
    struct str literal;
    VEC(struct node *) children; /* by literal */
    struct node *param;          /* {name} */
    const struct http_route *routes[HTTP_METHOD_COUNT];
    const struct http_route *rest[HTTP_METHOD_COUNT]; /* {name} to the end, slashes included */
};

struct router {
    struct node root;
};

struct search {
    enum http_method method;
    struct str segments[ROUTER_MAX_SEGMENTS];
    size_t n_segments;
    struct str path;
    struct router_match *match;
};

static const char *const method_names[HTTP_METHOD_COUNT] = {"GET", "HEAD",   "POST",
                                                            "PUT", "DELETE", "OPTIONS"};

static struct node *child_find(const struct node *node, struct str literal)
{
    for (size_t i = 0; i < node->children.n; i++)
        if (str_eq(node->children.p[i]->literal, literal))
            return node->children.p[i];
    return NULL;
}

static struct node *child_add(struct node *node, struct str literal)
{
    struct node *child = child_find(node, literal);
    if (child)
        return child;
    child = MEM_NEW(struct node);
    child->literal = literal;
    VEC_ADD(&node->children, child);
    return child;
}

static bool segment_is_param(struct str segment)
{
    return segment.n > 2 && segment.p[0] == '{' && segment.p[segment.n - 1] == '}';
}

static int route_put(const struct http_route **place, const struct http_route *route,
                     struct err *err)
{
    if (*place)
        return err_internal(err, "route %s is there twice", route->path);
    *place = route;
    return 0;
}

static int route_add(struct router *router, const struct http_route *route, struct err *err)
{
    struct str rest = str_from(route->path), segment;
    struct node *node = &router->root;
    size_t n_params = 0, n_segments = 0;
    bool more = true;
    if (rest.n == 0 || rest.p[0] != '/' || route->method >= HTTP_METHOD_COUNT)
        return err_internal(err, "route %s cannot be", route->path);
    rest = str_skip(rest, 1);
    while (more) {
        more = str_cut(rest, '/', &segment, &rest);
        bool param = segment_is_param(segment);
        n_params += param;
        if (++n_segments >= ROUTER_MAX_SEGMENTS || n_params > ROUTER_MAX_PARAMS)
            return err_internal(err, "route %s is too long", route->path);
        if (!more && param && route->flags & HTTP_ROUTE_REST)
            return route_put(&node->rest[route->method], route, err);
        if (param && !node->param)
            node->param = MEM_NEW(struct node);
        node = param ? node->param : child_add(node, segment);
    }
    return route_put(&node->routes[route->method], route, err);
}

int router_new(const struct http_route *routes, size_t n_routes, struct router **ret_router,
               struct err *err)
{
    struct router *router = MEM_NEW(struct router);
    for (size_t i = 0; i < n_routes; i++) {
        if (route_add(router, &routes[i], err) < 0) {
            router_free(router);
            return -1;
        }
    }
    *ret_router = router;
    return 0;
}

static void node_done(struct node *node)
{
    for (size_t i = 0; i < node->children.n; i++) {
        node_done(node->children.p[i]);
        mem_free(node->children.p[i]);
    }
    VEC_DONE(&node->children);
    if (node->param)
        node_done(node->param);
    mem_free(node->param);
}

void router_free(struct router *router)
{
    if (!router)
        return;
    node_done(&router->root);
    mem_free(router);
}

/* The route of the method among those of one path; notes which methods there are. */
static bool method_choose(struct search *search, const struct http_route *const *routes)
{
    const struct http_route *route =
        search->method < HTTP_METHOD_COUNT ? routes[search->method] : NULL;
    for (unsigned i = 0; i < HTTP_METHOD_COUNT; i++)
        if (routes[i])
            search->match->allowed |= 1u << i;
    if (!route && search->method == HTTP_HEAD)
        route = routes[HTTP_GET];
    search->match->route = route;
    return route != NULL;
}

static struct str path_from(const struct search *search, size_t at)
{
    const char *start = search->segments[at].p;
    return str_make(start, (size_t)(search->path.p + search->path.n - start));
}

/* Depth first, literals before parameters. Each step goes one level down a tree whose depth and
 * size our own table sets, so the cost is bounded by the table and not by the path. */
static bool node_search(struct search *search, const struct node *node, size_t at, size_t n_params)
{
    struct str *params = search->match->params;
    if (at == search->n_segments) {
        search->match->n_params = n_params;
        return method_choose(search, node->routes);
    }
    struct str segment = search->segments[at];
    const struct node *child = child_find(node, segment);
    if (child && node_search(search, child, at + 1, n_params))
        return true;
    if (segment.n == 0)
        return false;
    params[n_params < ROUTER_MAX_PARAMS ? n_params : 0] = segment;
    if (node->param && node_search(search, node->param, at + 1, n_params + 1))
        return true;
    params[n_params < ROUTER_MAX_PARAMS ? n_params : 0] = path_from(search, at);
    search->match->n_params = n_params + 1;
    return method_choose(search, node->rest);
}

/* Segments past the longest pattern matter to {rest} alone, which looks at the path itself. */
static void path_split(struct search *search, struct str path)
{
    struct str rest = str_skip(path, 1), segment;
    bool more = true;
    search->path = path;
    while (more && search->n_segments < ROUTER_MAX_SEGMENTS) {
        more = str_cut(rest, '/', &segment, &rest);
        search->segments[search->n_segments++] = segment;
    }
}

int router_find(const struct router *router, enum http_method method, struct str path,
                struct router_match *ret_match)
{
    struct search search = {.method = method, .match = ret_match};
    ret_match->route = NULL;
    ret_match->allowed = 0;
    ret_match->n_params = 0;
    if (path.n == 0 || path.p[0] != '/')
        return 0;
    path_split(&search, path);
    if (node_search(&search, &router->root, 0, 0))
        return 1;
    return ret_match->allowed ? -1 : 0;
}

struct str router_allow(struct arena *arena, unsigned allowed)
{
    struct buf text;
    buf_init(&text, 128);
    if (allowed & 1u << HTTP_GET)
        allowed |= 1u << HTTP_HEAD;
    allowed |= 1u << HTTP_OPTIONS;
    for (unsigned i = 0; i < HTTP_METHOD_COUNT; i++)
        if (allowed & 1u << i)
            buf_printf(&text, "%s%s", text.n ? ", " : "", method_names[i]);
    struct str copy = arena_str(arena, buf_str(&text));
    buf_done(&text);
    return copy;
}
