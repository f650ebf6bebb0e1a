/* SPDX-License-Identifier: EUPL-1.2 */

/* The lines HTTP-01 to HTTP-17 of the hostile-input list that are about plain HTTP/1.1, each a test
 * of its name, on a real server and raw sockets. */

#include "base/unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "net/fixture.h"

static struct fixture fixture;

static int setup(void **state)
{
    (void)state;
    fixture_start(&fixture, &(struct http_server_config){
                                .per_address_off = true,
                                .trusted_proxies = STR("10.0.0.1, 127.0.0.1"),
                            });
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fixture_stop(&fixture);
    return 0;
}

/* The answer has that status, the connection is closed after it, and no handler ran. */
static void refused(struct str bytes, int status)
{
    struct buf head, body;
    int runs = fixture.n_runs;
    int fd = client_connect(fixture.port);
    client_send(fd, bytes);
    int got = client_read(fd, &head, &body, false);
    if (got != status)
        print_error("for: %.*s\n", (int)(bytes.n < 200 ? bytes.n : 200), bytes.p);
    assert_int_equal(got, status);
    assert_true(str_contains(buf_str(&head), STR("\r\nConnection: close\r\n")));
    assert_true(client_is_closed(fd));
    assert_int_equal(fixture.n_runs, runs);
    close(fd);
    buf_done(&head);
    buf_done(&body);
}

static void refused_all(const char *const *cases, size_t n, int status)
{
    for (size_t i = 0; i < n; i++)
        refused(str_from(cases[i]), status);
}

#define POST    "POST /echo HTTP/1.1\r\nHost: a\r\n"
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
#define NEXT    "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"

static void http_01_lengths(void **state)
{
    static const char *const cases[] = {
        POST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT,
        POST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n" NEXT,
        POST "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        POST "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        POST "Content-Length: 5,5\r\n\r\nabcde",
        POST "Content-Length: +5\r\n\r\nabcde",
        POST "Content-Length: -1\r\n\r\n",
        POST "Content-Length: 0x5\r\n\r\nabcde",
        POST "Content-Length: 007\r\n\r\nabcdefg",
        POST "Content-Length: 18446744073709551616\r\n\r\n",
        POST "Content-Length: 18446744073709551615\r\n\r\n",
        POST "Content-Length: 9223372036854775808\r\n\r\n",
        POST "Content-Length: 5 5\r\n\r\nabcde",
        POST "Content-Length:\r\n\r\n",
        POST "Content-Length: \r\n\r\n",
    };
    (void)state;
    refused_all(cases, ARRAY_LEN(cases), 400);
}

static void http_02_transfer_encodings(void **state)
{
    static const char *const cases[] = {
        POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        POST "Transfer-Encoding: \x0b"
             "chunked\r\n\r\n0\r\n\r\n",
        POST "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        POST "Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n",
        POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        POST "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        POST "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n",
        POST " Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n",
        POST "Transfer-Encoding: identity\r\n\r\n",
        POST "Transfer-Encoding:\r\n\r\n",
        POST "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    };
    (void)state;
    refused_all(cases, ARRAY_LEN(cases), 400);
}

static struct str repeated(struct buf *out, struct str before, char c, size_t n)
{
    buf_init(out, MIB(4));
    buf_add(out, before);
    char *at = buf_reserve(out, n);
    assert_non_null(at);
    memset(at, c, n);
    buf_advance(out, n);
    return buf_str(out);
}

static void http_03_chunks(void **state)
{
    static const char *const cases[] = {
        CHUNKED "8000000000000000\r\n",
        CHUNKED "100000000\r\n",
        CHUNKED "-1\r\n",
        CHUNKED "+1\r\nx\r\n0\r\n\r\n",
        CHUNKED "0x1\r\nx\r\n0\r\n\r\n",
        CHUNKED "1 \r\nx\r\n0\r\n\r\n",
        CHUNKED "\r\n",
        CHUNKED "3\r\nabc0\r\n\r\n",
        CHUNKED "3\r\nabcd\r\n0\r\n\r\n",
        CHUNKED "3\nabc\r\n0\r\n\r\n",
        CHUNKED "3\r\nabc\n0\r\n\r\n",
        CHUNKED "3;a\nb\r\nabc\r\n0\r\n\r\n",
        CHUNKED "0\n\r\n",
        CHUNKED "0\r\n\n",
        CHUNKED "0\r\n folded\r\n\r\n",
    };
    struct buf long_one;
    (void)state;
    refused_all(cases, ARRAY_LEN(cases), 400);
    refused(repeated(&long_one, STR(CHUNKED "3;x="), 'e', MIB(1)), 400);
    buf_done(&long_one);
    refused(repeated(&long_one, STR(CHUNKED "0\r\nTrailer: "), 't', MIB(1)), 400);
    buf_done(&long_one);
}

static void http_03_the_body_of_many_chunks_has_a_maximum(void **state)
{
    struct buf bytes;
    (void)state;
    buf_init(&bytes, MIB(4));
    buf_add(&bytes, STR(CHUNKED));
    for (size_t i = 0; i < LIMIT_HTTP_BODY_JSON / 16 + 2; i++)
        buf_add(&bytes, STR("10\r\n0123456789abcdef\r\n"));
    refused(buf_str(&bytes), 413);
    buf_done(&bytes);
}

static void http_04_lines(void **state)
{
    static const char *const cases[] = {
        "GET /hello HTTP/1.1\nHost: a\n\n",
        "GET /hello HTTP/1.1\r\nHost: a\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\n\n",
        "GET /hello HTTP/1.1\r\nHost: a\rX: y\r\n\r\n",
        "GET /hello HTTP/1.1\rHost: a\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\nX: y\r\n folded\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\nX: y\r\n\tfolded\r\n\r\n",
        "GET /hello HTTP/1.1\r\n Host: a\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\n: empty\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\nX Y: z\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\nX : z\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\nX\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\nX(: z\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\nX\x80: z\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\nX: \x7f\r\n\r\n",
        "GET  /hello HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /hello  HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /hello\tHTTP/1.1\r\nHost: a\r\n\r\n",
        " GET /hello HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /hello\r\nHost: a\r\n\r\n",
        "\r\n\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n",
    };
    (void)state;
    refused_all(cases, ARRAY_LEN(cases), 400);
    refused(STR("GET /hello HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"), 400);
    refused(STR("GET /hello HTTP/1.1\r\nHost: a\r\nX\0: b\r\n\r\n"), 400);
    refused(STR("GET /he\0llo HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
    refused(STR("GET /hello HTTP/1.1\0\r\nHost: a\r\n\r\n"), 400);
}

static void http_05_sizes(void **state)
{
    struct buf bytes;
    (void)state;
    refused(repeated(&bytes, STR("GET /"), 'a', KIB(64)), 414);
    buf_done(&bytes);
    refused(repeated(&bytes, STR("GET /hello HTTP/1.1\r\nHost: a\r\nX: "), 'a', MIB(1)), 431);
    buf_done(&bytes);
    buf_init(&bytes, MIB(1));
    buf_add(&bytes, STR("GET /hello HTTP/1.1\r\nHost: a\r\n"));
    for (int i = 0; i < 10000; i++)
        buf_add(&bytes, STR("A: b\r\n"));
    refused(buf_str(&bytes), 431);
    buf_clear(&bytes);
    buf_add(&bytes, STR("GET /hello HTTP/1.1\r\nHost: a\r\n"));
    for (int i = 0; i < LIMIT_HTTP_HEADER_COUNT; i++)
        buf_add(&bytes, STR("A: b\r\n"));
    buf_add(&bytes, STR("\r\n"));
    refused(buf_str(&bytes), 431);
    buf_done(&bytes);
}

static void http_06_hosts(void **state)
{
    static const char *const cases[] = {
        "GET /hello HTTP/1.1\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: user@a\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a/b\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a b\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost:\r\n\r\n",
        "GET /hello HTTP/2.0\r\nHost: a\r\n\r\n",
        "GET /hello HTTP/0.9\r\nHost: a\r\n\r\n",
        "GET /hello HTTP/1.2\r\nHost: a\r\n\r\n",
        "GET /hello HTTP/1.10\r\nHost: a\r\n\r\n",
        "GET /hello http/1.1\r\nHost: a\r\n\r\n",
    };
    (void)state;
    refused_all(cases, ARRAY_LEN(cases), 400);
    refused(STR("GET /hello HTTP/1.1\r\nHost: a\0b\r\n\r\n"), 400);
}

/* A thousand requests in one go, each with a token of its own; the refused ones between them too.
 */
static void http_07_pipelining(void **state)
{
    struct buf bytes, head, body;
    char expected[32];
    (void)state;
    buf_init(&bytes, MIB(1));
    for (int i = 0; i < 1000; i++) {
        if (i % 7 == 3)
            buf_printf(&bytes, "GET /nothing%d HTTP/1.1\r\nHost: a\r\n\r\n", i);
        else
            buf_printf(&bytes, "GET /hello HTTP/1.1\r\nHost: a\r\nAuthorization: t%d\r\n\r\n", i);
    }
    int fd = client_connect(fixture.port);
    client_send(fd, buf_str(&bytes));
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(client_read(fd, &head, &body, false), i % 7 == 3 ? 404 : 200);
        snprintf(expected, sizeof expected, "hello t%d", i);
        if (i % 7 != 3)
            assert_str(buf_str(&body), str_from(expected));
        buf_done(&head);
        buf_done(&body);
    }
    close(fd);
    buf_done(&bytes);
}

static void http_08_no_proxy(void **state)
{
    static const char *const methods[] = {
        "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n",
        "TRACE /hello HTTP/1.1\r\nHost: a\r\n\r\n",
        "BREW /hello HTTP/1.1\r\nHost: a\r\n\r\n",
        "get /hello HTTP/1.1\r\nHost: a\r\n\r\n",
    };
    static const char *const targets[] = {
        "GET http://a/hello HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET https://b/hello HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET //a@b HTTP/1.1\r\nHost:\r\n\r\n",
        "GET * HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET hello HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /hello#x HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /h\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n",
    };
    (void)state;
    refused_all(methods, ARRAY_LEN(methods), 405);
    refused_all(targets, ARRAY_LEN(targets), 400);
    assert_int_equal(client_ask(fixture.port, STR("PATCH /hello HTTP/1.1\r\nHost: a\r\n\r\n")),
                     405);
}

static int ask_path(const char *path)
{
    struct buf bytes;
    buf_init(&bytes, KIB(16));
    buf_printf(&bytes, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path);
    int status = client_ask(fixture.port, buf_str(&bytes));
    buf_done(&bytes);
    return status;
}

static void http_09_paths(void **state)
{
    static const char *const not_found[] = {
        "/rooms/../hello",    "/./hello",          "//hello",    "/hello/",
        "/%2e%2e/hello",      "/rooms/%2e/hello",  "/hello%2f",  "/%68ello",
        "/rooms/a/state/b/c", "/rooms//state/b",   "/hello;x=1", "/hello%00",
        "/rooms%2fa/state/b", "/rooms/a%2fstate/b"};
    static const char *const malformed[] = {"/rooms/%/state/b",         "/rooms/%2/state/b",
                                            "/rooms/%zz/state/b",       "/rooms/%c0%af/state/b",
                                            "/rooms/%ed%a0%80/state/b", "/hello?q=%",
                                            "/hello?q=%c0%af",          "/hello?%ff=1"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(not_found); i++)
        assert_int_equal(ask_path(not_found[i]), 404);
    for (size_t i = 0; i < ARRAY_LEN(malformed); i++)
        assert_int_equal(ask_path(malformed[i]), 400);
    assert_int_equal(ask_path("/rooms/%00/state/%252e"), 200);
}

static void http_11_expect(void **state)
{
    (void)state;
    refused(STR(POST "Expect: 100-continue\r\nContent-Length: 10737418240\r\n\r\n"), 413);
    refused(STR(POST "Expect: a miracle\r\nContent-Length: 1\r\n\r\n"), 400);
    char line[64];
    struct buf head, body;
    int fd = client_connect(fixture.port);
    client_send(fd, STR(POST "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n"));
    ssize_t n = recv(fd, line, 25, MSG_WAITALL);
    assert_str(str_make(line, (size_t)n), STR("HTTP/1.1 100 Continue\r\n\r\n"));
    client_send(fd, STR("abc"));
    assert_int_equal(client_read(fd, &head, &body, false), 200);
    assert_str(buf_str(&body), STR("abc"));
    buf_done(&head);
    buf_done(&body);
    close(fd);
}

static void http_12_compressed_bodies(void **state)
{
    (void)state;
    assert_int_equal(client_ask(fixture.port, STR(POST "Content-Encoding: gzip\r\n"
                                                       "Content-Length: 3\r\n\r\nabc")),
                     415);
    refused(STR(POST "Content-Encoding: br\r\nTransfer-Encoding: chunked\r\n\r\n"), 415);
    assert_int_equal(client_ask(fixture.port, STR("PUT /echo HTTP/1.1\r\nHost: a\r\n"
                                                  "Content-Encoding: deflate\r\n"
                                                  "Content-Length: 3\r\n\r\nabc")),
                     415);
}

/* Whether a large answer of that path comes compressed. */
static bool is_compressed(const char *path)
{
    struct buf bytes, head, body;
    buf_init(&bytes, KIB(4));
    buf_printf(&bytes,
               "GET %s?n=5000 HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br, gzip;q=0.5\r\n\r\n",
               path);
    int fd = client_connect(fixture.port);
    client_send(fd, buf_str(&bytes));
    assert_int_equal(client_read(fd, &head, &body, false), 200);
    bool compressed = str_contains(buf_str(&head), STR("Content-Encoding: gzip\r\n"));
    assert_true(compressed ? body.n < 1000 : body.n == 5000);
    close(fd);
    buf_done(&bytes);
    buf_done(&head);
    buf_done(&body);
    return compressed;
}

static void http_13_secrets_are_not_compressed(void **state)
{
    (void)state;
    assert_true(is_compressed("/many"));
    assert_false(is_compressed("/secret"));
}

static void http_14_types(void **state)
{
    (void)state;
    refused(STR(POST "Content-Type: multipart/form-data; boundary=x\r\n"
                     "Content-Length: 104857600\r\n\r\n--x"),
            413);
    refused(STR(POST "Content-Type: multipart/form-data; boundary=x\r\n"
                     "Transfer-Encoding: chunked\r\n\r\n"),
            415);
    /* JSON under another name is read all the same. */
    assert_int_equal(client_ask(fixture.port, STR(POST "Content-Type: text/json\r\n"
                                                       "Content-Length: 2\r\n\r\n{}")),
                     200);
    assert_int_equal(
        client_ask(fixture.port, STR(POST "Content-Type: application/x-www-form-urlencoded\r\n"
                                          "Content-Length: 2\r\n\r\n{}")),
        200);
    assert_int_equal(client_ask(fixture.port, STR(POST "Content-Type: Application/JSON ;x=y\r\n"
                                                       "Content-Length: 2\r\n\r\n{}")),
                     200);
    assert_int_equal(client_ask(fixture.port, STR("PUT /echo HTTP/1.1\r\nHost: a\r\n"
                                                  "Content-Type: image/png\r\n"
                                                  "Content-Length: 2\r\n\r\n{}")),
                     200);
}

static void http_15_a_broken_preface_is_refused(void **state)
{
    (void)state;
    refused(STR("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"), 405);
}

/* The peer that a request with these headers is given. */
static void peer_is(const char *headers, const char *peer)
{
    struct buf bytes, head, body;
    buf_init(&bytes, KIB(4));
    buf_printf(&bytes, "GET /rooms/a/state/b HTTP/1.1\r\nHost: a\r\n%s\r\n", headers);
    int fd = client_connect(fixture.port);
    client_send(fd, buf_str(&bytes));
    assert_int_equal(client_read(fd, &head, &body, false), 200);
    assert_str(buf_str(&body), str_from(peer));
    close(fd);
    buf_done(&bytes);
    buf_done(&head);
    buf_done(&body);
}

/* Here 127.0.0.1 and 10.0.0.1 are proxies; http_test.c has a server that trusts none. */
static void http_17_forwarded_addresses(void **state)
{
    (void)state;
    peer_is("", "a|b||127.0.0.1");
    peer_is("X-Forwarded-For: 1.2.3.4\r\n", "a|b||1.2.3.4");
    peer_is("X-Forwarded-For: 6.6.6.6, 1.2.3.4\r\n", "a|b||1.2.3.4");
    peer_is("X-Forwarded-For: 6.6.6.6, 1.2.3.4, 10.0.0.1\r\n", "a|b||1.2.3.4");
    peer_is("X-Forwarded-For: 2001:db8::1\r\n", "a|b||2001:db8::1");
    peer_is("X-Forwarded-For: evil\r\n", "a|b||127.0.0.1");
    peer_is("X-Forwarded-For: evil, 1.2.3.4\r\n", "a|b||1.2.3.4");
    peer_is("X-Forwarded-For: ,\r\n", "a|b||127.0.0.1");
    peer_is("X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 1.2.3.4\r\n", "a|b||1.2.3.4");
    peer_is("X-Forwarded-For: 6.6.6.6, 1.2.3.4\r\nX-Forwarded-For: 10.0.0.1\r\n", "a|b||1.2.3.4");
    peer_is("X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: evil\r\n", "a|b||127.0.0.1");
    peer_is("X-Forwarded-For: ::ffff:1.2.3.4\r\n", "a|b||1.2.3.4");
    peer_is("X-Forwarded-For: 1.2.3.4, ::FFFF:10.0.0.1\r\n", "a|b||1.2.3.4");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(http_01_lengths),
        cmocka_unit_test(http_02_transfer_encodings),
        cmocka_unit_test(http_03_chunks),
        cmocka_unit_test(http_03_the_body_of_many_chunks_has_a_maximum),
        cmocka_unit_test(http_04_lines),
        cmocka_unit_test(http_05_sizes),
        cmocka_unit_test(http_06_hosts),
        cmocka_unit_test(http_07_pipelining),
        cmocka_unit_test(http_08_no_proxy),
        cmocka_unit_test(http_09_paths),
        cmocka_unit_test(http_11_expect),
        cmocka_unit_test(http_12_compressed_bodies),
        cmocka_unit_test(http_13_secrets_are_not_compressed),
        cmocka_unit_test(http_14_types),
        cmocka_unit_test(http_15_a_broken_preface_is_refused),
        cmocka_unit_test(http_17_forwarded_addresses),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
