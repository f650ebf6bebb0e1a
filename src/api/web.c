/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/web.h"

#include "base/arena.h"
#include "service/config.h"
#include "service/server.h"

/* Everything from here, nothing inline. 'wasm-unsafe-eval' lets the cryptography module be compiled
 * and nothing be evaluated; images and sounds of rooms are shown as blobs, which have no origin to
 * be loaded from. %s: the API's own address, where it is kept apart (web.host). */
#define POLICY                                                                                     \
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; font-src "        \
    "'self'; "                                                                                     \
    "img-src 'self' blob:; media-src blob:; connect-src 'self'%s%.*s; worker-src 'self'; "         \
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "           \
    "require-trusted-types-for 'script'; trusted-types dompurify chappe"

static struct str policy_of(struct http_exchange *x)
{
    const struct server *server = http_server_data(x);
    const struct config *config = server->config;
    bool apart = config->web_host.p && config->public_url.p;
    struct str api = apart ? config->public_url : STR("");
    return arena_printf(http_arena(x), POLICY, apart ? " " : "", STR_ARG(api));
}

void api_web_headers(struct http_exchange *x, struct str path)
{
    (void)path;
    http_set_header(x, STR("Content-Security-Policy"), policy_of(x));
    http_set_header(x, STR("Cross-Origin-Opener-Policy"), STR("same-origin"));
    http_set_header(x, STR("Cross-Origin-Embedder-Policy"), STR("require-corp"));
    http_set_header(x, STR("Cross-Origin-Resource-Policy"), STR("same-origin"));
    http_set_header(x, STR("Referrer-Policy"), STR("no-referrer"));
    http_set_header(x, STR("Permissions-Policy"),
                    STR("camera=(self), microphone=(self), geolocation=(), payment=(), usb=()"));
}
