/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/reply.h"

#include "base/unit.h"

/* Gives the bytes in pieces of that size; whether exactly one response came out of them. */
static bool feed(struct reply *reply, struct str all, size_t piece)
{
    reply_init(reply);
    int whole = 0;
    while (all.n && whole == 0) {
        struct str part = str_first(all, piece), rest = part;
        whole = reply_feed(reply, &rest);
        all = str_skip(all, part.n - rest.n);
    }
    return whole == 1 && all.n == 0;
}

static void reads_however_it_comes(struct str response, int status, struct str body)
{
    for (size_t piece = 1; piece <= response.n; piece++) {
        struct reply reply;
        assert_true(feed(&reply, response, piece));
        assert_int_equal(reply.status, status);
        assert_true(str_eq(buf_str(&reply.body), body));
        reply_done(&reply);
    }
}

static void reads_a_body_of_a_length(void **state)
{
    (void)state;
    reads_however_it_comes(STR("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhello"), 200,
                           STR("hello"));
    reads_however_it_comes(STR("HTTP/1.1 404 Not Found\r\ncontent-length:0\r\n\r\n"), 404, STR(""));
}

static void reads_chunks(void **state)
{
    (void)state;
    reads_however_it_comes(STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                               "3\r\nhel\r\nA;x=y\r\nlo, people\r\n0\r\n\r\n"),
                           200, STR("hello, people"));
    reads_however_it_comes(STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                               "1\r\nx\r\n0\r\nTrailer: y\r\n\r\n"),
                           200, STR("x"));
}

static void notes_that_the_peer_closes(void **state)
{
    (void)state;
    struct reply reply;
    assert_true(
        feed(&reply, STR("HTTP/1.1 429 X\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"), 7));
    assert_true(reply.closes);
    reply_done(&reply);
}

static void refuses_what_is_no_http(void **state)
{
    (void)state;
    static const struct str bad[] = {
        STR_INIT("SSH-2.0-x\r\n\r\n"), STR_INIT("HTTP/1.1 abc\r\n\r\n"),
        STR_INIT("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct reply reply;
        struct str bytes = bad[i];
        reply_init(&reply);
        assert_int_equal(reply_feed(&reply, &bytes), -1);
        reply_done(&reply);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_body_of_a_length),
        cmocka_unit_test(reads_chunks),
        cmocka_unit_test(notes_that_the_peer_closes),
        cmocka_unit_test(refuses_what_is_no_http),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
