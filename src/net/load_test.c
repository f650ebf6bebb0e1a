/* SPDX-License-Identifier: EUPL-1.2 */

/* Many at once, large, slow: what a parked connection costs, that streams keep memory bounded, that
 * slow peers are cut, and that stopping is graceful. */

#include "base/unit.h"

#include <malloc.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/fixture.h"

#define HELLO "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"

/* What a browser sends with its poll. */
#define POLL                                                                                       \
    "GET /gate?since=s72594_4483_1934_0_1&timeout=30000&filter=1 HTTP/1.1\r\n"                     \
    "Host: matrix.agent.example.fr\r\n"                                                            \
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"       \
    "Accept: application/json\r\nAccept-Language: fr,fr-FR;q=0.8,en-US;q=0.5,en;q=0.3\r\n"         \
    "Accept-Encoding: gzip, deflate, br\r\n"                                                       \
    "Authorization: Bearer syt_YWxpY2U_0123456789abcdef0123_0abcde\r\n"                            \
    "Origin: https://web.agent.example.fr\r\nReferer: https://web.agent.example.fr/\r\n"           \
    "Sec-Fetch-Dest: empty\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Site: cross-site\r\n"              \
    "Connection: keep-alive\r\n\r\n"

static size_t heap_now(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

static size_t files_allowed(size_t wanted)
{
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    size_t pairs = (size_t)(limit.rlim_cur - 100) / 2;
    return pairs < wanted ? pairs : wanted;
}

/* Two clients that hold back the ends of large bodies fill the server's memory for bodies: a third
 * large one is told to come back, a small one is served, and what was held is given back. */
static void bodies_are_bounded_in_all(void **state)
{
    static struct fixture fixture;
    static char half[KIB(600)];
    struct buf head, body;
    (void)state;
    memset(half, 'x', sizeof half);
    struct str part = str_make(half, sizeof half);
    fixture_start(&fixture, &(struct http_server_config){.bodies_max = KIB(1300)});
    const char *large = "POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: 614401\r\n\r\n";
    int held[2];
    for (size_t i = 0; i < 2; i++) {
        held[i] = client_connect(fixture.port);
        client_send(held[i], str_from(large));
        client_send(held[i], part);
    }
    int refused = client_connect(fixture.port);
    struct http_server_counts counts;
    do {
        sched_yield();
        http_server_count(fixture.server, &counts);
    } while (counts.bytes_in < (int64_t)(2 * sizeof half));
    client_send(refused, str_from(large));
    client_send(refused, part);
    assert_int_equal(client_read(refused, &head, &body, false), 503);
    buf_done(&head);
    buf_done(&body);
    close(refused);
    assert_int_equal(client_ask(fixture.port, STR("POST /echo HTTP/1.1\r\nHost: a\r\n"
                                                  "Content-Length: 2\r\n\r\n{}")),
                     200);
    for (size_t i = 0; i < 2; i++) {
        client_send(held[i], STR("x"));
        assert_int_equal(client_read(held[i], &head, &body, false), 200);
        assert_int_equal(body.n, sizeof half + 1);
        buf_done(&head);
        buf_done(&body);
        close(held[i]);
    }
    int again = client_connect(fixture.port);
    client_send(again, str_from(large));
    client_send(again, part);
    client_send(again, STR("x"));
    assert_int_equal(client_read(again, &head, &body, false), 200);
    buf_done(&head);
    buf_done(&body);
    close(again);
    fixture_stop(&fixture);
}

/* Both ends live in this process; the client's end is a bare descriptor. */
static void two_thousand_parked_are_small_and_woken(void **state)
{
    static struct fixture fixture;
    static int fds[2000];
    struct buf head, body;
    (void)state;
    size_t n = files_allowed(2000);
    fixture_start(&fixture, &(struct http_server_config){.per_address_off = true});
    client_ask(fixture.port, STR(HELLO));
    size_t before = heap_now();
    for (size_t i = 0; i < n; i++) {
        fds[i] = client_connect(fixture.port);
        client_send(fds[i], STR(POLL));
    }
    fixture_wait_parked(&fixture, n);
    size_t each = (heap_now() - before) / n;
    print_message("a parked connection: %zu bytes of heap\n", each);
    if (!IS_SANITIZED)
        assert_true(each <= 4096);
    /* A handler that has told us is parked a moment later, when it has returned. */
    struct http_server_counts counts;
    do {
        sched_yield();
        http_server_count(fixture.server, &counts);
    } while (counts.parked < (int64_t)n);
    assert_int_equal(counts.connections, n);
    fixture_wake(&fixture);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(client_read(fds[i], &head, &body, false), 200);
        assert_str(buf_str(&body), STR("open 0"));
        buf_done(&head);
        buf_done(&body);
        close(fds[i]);
    }
    fixture_stop(&fixture);
}

/* 100 MB go up while the handler takes them piece by piece. */
static void a_large_upload_keeps_memory_bounded(void **state)
{
    static struct fixture fixture;
    static char piece[65536];
    struct buf head, body;
    (void)state;
    fixture_start(&fixture, NULL);
    int fd = client_connect(fixture.port);
    size_t most = 0, before = heap_now();
    client_send(fd, STR("POST /sink HTTP/1.1\r\nHost: a\r\nContent-Length: 104857600\r\n\r\n"));
    for (int i = 0; i < 1600; i++) {
        client_send(fd, str_make(piece, sizeof piece));
        size_t now = heap_now() - before;
        most = now > most && now < SIZE_MAX / 2 ? now : most;
    }
    assert_int_equal(client_read(fd, &head, &body, false), 200);
    assert_str(buf_str(&body), STR("104857600"));
    if (!IS_SANITIZED)
        assert_true(most < MIB(3));
    buf_done(&head);
    buf_done(&body);
    close(fd);
    fixture_stop(&fixture);
}

/* 100 MB go down. As long as the reader does not read, the server makes no more than what socket
 * buffers and its own hold. */
static void a_large_download_waits_for_its_reader(void **state)
{
    static struct fixture fixture;
    (void)state;
    fixture_start(&fixture, NULL);
    int small = 65536;
    int fd = client_connect(fixture.port);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    client_send(fd, STR("GET /big?n=104857600&known=1 HTTP/1.1\r\nHost: a\r\n"
                        "Connection: close\r\n\r\n"));
    char first[65536];
    assert_true(recv(fd, first, sizeof first, MSG_WAITALL) == (ssize_t)sizeof first);
    /* Another request is answered meanwhile. */
    for (int i = 0; i < 20; i++)
        assert_int_equal(client_ask(fixture.port, STR(HELLO)), 200);
    pthread_mutex_lock(&fixture.lock);
    int64_t made = fixture.streamed;
    pthread_mutex_unlock(&fixture.lock);
    assert_true(made < (int64_t)MIB(20));
    size_t rest = client_read_to_end(fd);
    assert_true(rest + sizeof first > 104857600);
    fixture_wait(&fixture, &fixture.n_closed, 1);
    close(fd);
    fixture_stop(&fixture);
}

static void a_reader_that_leaves_ends_the_stream(void **state)
{
    static struct fixture fixture;
    char byte;
    (void)state;
    fixture_start(&fixture, NULL);
    int fd = client_connect(fixture.port);
    client_send(fd, STR("GET /big?n=104857600 HTTP/1.1\r\nHost: a\r\n\r\n"));
    assert_int_equal(recv(fd, &byte, 1, 0), 1);
    close(fd);
    fixture_wait(&fixture, &fixture.n_closed, 1);
    fixture_stop(&fixture);
}

static void an_upload_that_is_cut_is_told(void **state)
{
    static struct fixture fixture;
    (void)state;
    fixture_start(&fixture, NULL);
    int fd = client_connect(fixture.port);
    client_send(fd, STR("POST /sink HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc"));
    shutdown(fd, SHUT_WR);
    fixture_wait(&fixture, &fixture.n_closed, 1);
    client_read_to_end(fd);
    close(fd);
    fixture_stop(&fixture);
}

static void an_upload_over_its_maximum_is_refused(void **state)
{
    static struct fixture fixture;
    (void)state;
    fixture_start(&fixture, NULL);
    assert_int_equal(client_ask(fixture.port, STR("POST /sink HTTP/1.1\r\nHost: a\r\n"
                                                  "Content-Length: 209715201\r\n\r\n")),
                     413);
    fixture_stop(&fixture);
}

/* HTTP-10, with deadlines of a fraction of a second: each of these stalls for ever. */
static void http_10_slow_peers_are_cut(void **state)
{
    static struct fixture fixture;
    (void)state;
    fixture_start(&fixture, &(struct http_server_config){
                                .headers_ms = 100, .body_grace_ms = 100, .idle_ms = 100});
    assert_int_equal(client_ask(fixture.port, STR("GET /hello HTTP/1.1\r\nHost:")), 408);
    assert_int_equal(client_ask(fixture.port, STR("POST /echo HTTP/1.1\r\nHost: a\r\n"
                                                  "Content-Length: 5\r\n\r\nab")),
                     408);
    int fd = client_connect(fixture.port);
    assert_true(client_is_closed(fd));
    close(fd);
    fd = client_connect(fixture.port);
    client_send(fd, STR(HELLO));
    client_read_to_end(fd);
    close(fd);
    fd = client_connect(fixture.port);
    client_send(fd, STR("POST /sink HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab"));
    client_read_to_end(fd);
    assert_int_equal(fixture.n_closed, 1);
    close(fd);
    /* Reads nothing of a large answer. */
    fd = client_connect(fixture.port);
    client_send(fd, STR("GET /big?n=104857600 HTTP/1.1\r\nHost: a\r\n\r\n"));
    fixture_wait(&fixture, &fixture.n_closed, 2);
    close(fd);
    /* Neither the connections nor what they began are still there. */
    assert_int_equal(client_ask(fixture.port, STR(HELLO)), 200);
    fixture_stop(&fixture);
}

/* Blank lines between requests are read over; they keep nobody's connection open. */
static void http_10_blank_lines_are_no_life(void **state)
{
    static struct fixture fixture;
    struct buf head, body;
    (void)state;
    fixture_start(&fixture, &(struct http_server_config){.headers_ms = 200, .idle_ms = 200});
    int fd = client_connect(fixture.port);
    client_send(fd, STR(HELLO));
    assert_int_equal(client_read(fd, &head, &body, false), 200);
    int blanks = 0;
    while (blanks < 60 && send(fd, "\r\n", 2, MSG_NOSIGNAL) == 2) {
        nanosleep(&(struct timespec){.tv_nsec = 50 * 1000000}, NULL);
        blanks++;
    }
    assert_true(blanks < 60);
    close(fd);
    buf_done(&head);
    buf_done(&body);
    fixture_stop(&fixture);
}

static void an_address_has_a_cap(void **state)
{
    static struct fixture fixture;
    int fds[3];
    struct buf head, body;
    (void)state;
    fixture_start(&fixture, &(struct http_server_config){.per_address = 3});
    for (int i = 0; i < 3; i++) {
        fds[i] = client_connect(fixture.port);
        client_send(fds[i], STR(HELLO));
        assert_int_equal(client_read(fds[i], &head, &body, false), 200);
        buf_done(&head);
        buf_done(&body);
    }
    int over = client_connect(fixture.port);
    assert_true(client_is_closed(over));
    close(over);
    for (int i = 0; i < 3; i++)
        close(fds[i]);
    fixture_stop(&fixture);
}

static void *stop_main(void *arg)
{
    struct fixture *fixture = arg;
    http_server_stop(fixture->server, 20000);
    return NULL;
}

/* A poll is answered a last time, a held answer leaves when it is released, an idle connection is
 * closed, and then the server ends. */
static void stopping_is_graceful(void **state)
{
    static struct fixture fixture;
    struct buf head, body;
    pthread_t thread;
    (void)state;
    fixture_start(&fixture, &(struct http_server_config){.io_threads = 2});
    int held = client_connect(fixture.port);
    client_send(held, STR("POST /held HTTP/1.1\r\nHost: a\r\n\r\n"));
    fixture_wait_parked(&fixture, 1);
    struct http_exchange *x = fixture.parked[0];
    int parked = client_connect(fixture.port);
    client_send(parked, STR("GET /gate HTTP/1.1\r\nHost: a\r\n\r\n"));
    fixture_wait_parked(&fixture, 2);
    int idle = client_connect(fixture.port);
    client_send(idle, STR(HELLO));
    assert_int_equal(client_read(idle, &head, &body, false), 200);
    buf_done(&head);
    buf_done(&body);
    pthread_create(&thread, NULL, stop_main, &fixture);
    assert_true(client_is_closed(idle));
    assert_int_equal(client_read(parked, &head, &body, false), 200);
    assert_str(buf_str(&body), STR("open 1"));
    assert_true(str_contains(buf_str(&head), STR("Connection: close")));
    buf_done(&head);
    buf_done(&body);
    http_release(x);
    assert_int_equal(client_read(held, &head, &body, false), 200);
    buf_done(&head);
    buf_done(&body);
    close(held);
    close(parked);
    close(idle);
    pthread_join(thread, NULL);
    fixture_stop(&fixture);
}

/* With no time to finish, what is held is cut; its release comes when the loops are gone. */
static void a_release_after_the_stop_is_harmless(void **state)
{
    static struct fixture fixture;
    (void)state;
    fixture_start(&fixture, NULL);
    int held = client_connect(fixture.port);
    client_send(held, STR("POST /held HTTP/1.1\r\nHost: a\r\n\r\n"));
    fixture_wait_parked(&fixture, 1);
    http_server_stop(fixture.server, 0);
    assert_true(client_is_closed(held));
    http_release(fixture.parked[0]);
    close(held);
    fixture_stop(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_thousand_parked_are_small_and_woken),
        cmocka_unit_test(bodies_are_bounded_in_all),
        cmocka_unit_test(a_large_upload_keeps_memory_bounded),
        cmocka_unit_test(a_large_download_waits_for_its_reader),
        cmocka_unit_test(a_reader_that_leaves_ends_the_stream),
        cmocka_unit_test(an_upload_that_is_cut_is_told),
        cmocka_unit_test(an_upload_over_its_maximum_is_refused),
        cmocka_unit_test(http_10_slow_peers_are_cut),
        cmocka_unit_test(http_10_blank_lines_are_no_life),
        cmocka_unit_test(an_address_has_a_cap),
        cmocka_unit_test(stopping_is_graceful),
        cmocka_unit_test(a_release_after_the_stop_is_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
