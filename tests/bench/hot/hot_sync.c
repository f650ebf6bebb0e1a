/* SPDX-License-Identifier: EUPL-1.2 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/front.h"
#include "base/check.h"
#include "base/limits.h"
#include "bench/hot/hot.h"
#include "net/http.h"
#include "service/sync/notifier.h"
#include "service/sync/token.h"

/* A request needs an exchange, so that the empty sync is asked for over a socket, on one
 * connection. */

static int connect_to(struct hot *hot)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)http_server_port(hot->server->http, 0)),
        .sin_addr = {htonl(INADDR_LOOPBACK)},
    };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
    return fd;
}

/* The body of the answer that the text holds; STR_NONE: it is not whole yet. */
static struct str find_body(struct str text)
{
    static const char length_is[] = "content-length: ";
    const char *end = text.n ? memmem(text.p, text.n, "\r\n\r\n", 4) : NULL;
    if (!end)
        return STR_NONE;
    struct str head = str_make(text.p, (size_t)(end - text.p));
    struct str body = str_skip(text, head.n + 4);
    for (size_t i = 0; i + sizeof length_is < head.n; i++) {
        if (!str_eq_nocase(str_make(head.p + i, sizeof length_is - 1), str_from(length_is)))
            continue;
        size_t length = strtoul(head.p + i + sizeof length_is - 1, NULL, 10);
        return body.n >= length ? str_first(body, length) : STR_NONE;
    }
    return STR_NONE;
}

/* Valid until the next one. */
static struct str get(struct hot *hot, int fd, struct buf *answer, struct str query)
{
    CLEANUP(buf_done) struct buf request;
    struct str body;
    buf_init(&request, KIB(4));
    buf_printf(&request,
               "GET /_matrix/client/v3/sync?timeout=0%.*s HTTP/1.1\r\n"
               "Host: localhost\r\nAuthorization: Bearer %.*s\r\n\r\n",
               STR_ARG(query), STR_ARG(hot->token));
    CHECK(write(fd, request.p, request.n) == (ssize_t)request.n);
    buf_clear(answer);
    do {
        char *to = buf_reserve(answer, KIB(64));
        CHECK(to);
        ssize_t n = read(fd, to, KIB(64));
        CHECK(n > 0);
        buf_advance(answer, (size_t)n);
        body = find_body(buf_str(answer));
    } while (!body.p);
    CHECK(str_starts(buf_str(answer), STR("HTTP/1.1 200 ")));
    return body;
}

/* The token that a sync of now ends with: the first sync itself is not what is measured. */
static struct str token_of_now(struct hot *hot)
{
    struct sync_token token = {
        .at = store_head(hot->server->store),
        .typing = notifier_typing_head(hot->server->notifier),
    };
    token.to_device = token.at.pos;
    return sync_token_write(hot->arena, &token, (uint64_t)hot->server->boot);
}

void hot_empty_sync(struct hot *hot, size_t n)
{
    CLEANUP(buf_done) struct buf answer;
    struct err err = ERR_INIT;
    buf_init(&answer, MIB(64));
    if (api_front_start(hot->server, &err) < 0)
        hot_fail("listening", &err);
    int fd = connect_to(hot);
    struct str query = arena_printf(hot->arena, "&since=%.*s", STR_ARG(token_of_now(hot)));
    for (size_t i = 0; i < n; i++) {
        struct str body = get(hot, fd, &answer, query);
        CHECK(body.n < 300); /* nothing in it */
    }
    close(fd);
    api_front_stop(hot->server, 1000);
}
