/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_ROUTER_H
#define CHAPPE_NET_ROUTER_H

/* Which route a path belongs to. Patterns are cut at slashes into a tree: a literal segment matches
 * the same bytes, undecoded (so that a proxy that filters by path sees what we see), {name} matches
 * any segment that is not empty, and a last {name} of a HTTP_ROUTE_REST route takes all that
 * follows. Literals win over parameters. There is no normalisation: "..", "//" and a slash at the
 * end match only where a pattern has them. Immutable once built; threads: any. */

#include <stdbool.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"
#include "net/http.h"

#define ROUTER_MAX_SEGMENTS 32
#define ROUTER_MAX_PARAMS   12

struct router;

struct router_match {
    const struct http_route *route; /* NULL: the path is known, the method is not */
    unsigned allowed;               /* bit 1u << method of each method the path has */
    size_t n_params;
    struct str params[ROUTER_MAX_PARAMS]; /* undecoded */
};

/* The routes are referred to, not copied. Fails on a pattern that cannot be or comes twice. */
int router_new(const struct http_route *routes, size_t n_routes, struct router **ret_router,
               struct err *err) MUST_USE;
void router_free(struct router *router);

/* 1 a route; 0 no such path; -1 the path has routes, but not for this method. HEAD falls back on
 * GET. */
int router_find(const struct router *router, enum http_method method, struct str path,
                struct router_match *ret_match) MUST_USE;

/* "GET, HEAD, OPTIONS" of an allowed mask. */
struct str router_allow(struct arena *arena, unsigned allowed);

#endif
