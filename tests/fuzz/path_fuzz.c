/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/harness.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/limits.h"
#include "net/query.h"
#include "net/router.h"

static const struct http_route routes[] = {
    {HTTP_GET, "/", 0, 0, NULL, 0},
    {HTTP_GET, "/a/b", 0, 0, NULL, 0},
    {HTTP_PUT, "/a/{x}", 0, 0, NULL, 0},
    {HTTP_GET, "/a/{x}/c/{y}/", 0, 0, NULL, 0},
    {HTTP_GET, "/a/b/{z}/{w}", 0, 0, NULL, 0},
    {HTTP_POST, "/files/{rest}", 0, HTTP_ROUTE_REST, NULL, 0},
};

/* What decodes is UTF-8, no longer than before, and decodes to itself once encoded whole. */
static void decode_check(struct arena *arena, struct str s, bool plus)
{
    struct buf encoded;
    struct str text, again;
    if (percent_decode(arena, s, plus, &text) < 0)
        return;
    CHECK(text.n <= s.n && str_is_utf8(text));
    buf_init(&encoded, 3 * s.n + 1);
    for (size_t i = 0; i < text.n; i++)
        buf_printf(&encoded, "%%%02x", (unsigned char)text.p[i]);
    CHECK(percent_decode(arena, buf_str(&encoded), plus, &again) == 0 && str_eq(again, text));
    buf_done(&encoded);
}

/* Parameters are slices of the path, not empty, and without slashes unless they are the rest. */
static void route_check(const struct router *router, struct str path, enum http_method method)
{
    struct router_match match;
    int found = router_find(router, method, path, &match);
    CHECK((found == 1) == (match.route != NULL));
    CHECK(found >= 0 || match.allowed);
    if (found != 1)
        return;
    for (size_t i = 0; i < match.n_params; i++) {
        struct str param = match.params[i];
        CHECK(param.n > 0 && param.p >= path.p && param.p + param.n <= path.p + path.n);
        CHECK(match.route->flags & HTTP_ROUTE_REST || str_find(param, '/') < 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(512));
    struct str path, query;
    struct router *router;
    struct err err = ERR_INIT;
    CHECK(router_new(routes, ARRAY_LEN(routes), &router, &err) == 0);
    str_cut(str_make(data, size), '?', &path, &query);
    for (int method = HTTP_GET; method <= HTTP_METHOD_OTHER; method++)
        route_check(router, path, (enum http_method)method);
    decode_check(arena, path, false);
    decode_check(arena, query, true);
    if (query_check(arena, query) == 0)
        for (size_t i = 0; i < 4; i++)
            CHECK(str_is_utf8(query_find(arena, query, STR("q"), i)));
    router_free(router);
    return 0;
}
