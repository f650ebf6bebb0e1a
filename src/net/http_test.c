/* SPDX-License-Identifier: EUPL-1.2 */

/* Requests and answers over real sockets: what handlers rely on. */

#include "base/unit.h"

#include <sys/socket.h>
#include <unistd.h>

#include "net/fixture.h"

static struct fixture fixture;

static int setup(void **state)
{
    (void)state;
    fixture_start(&fixture, &(struct http_server_config){.per_address_off = true});
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fixture_stop(&fixture);
    return 0;
}

#define HELLO "GET /hello HTTP/1.1\r\nHost: a\r\n"

static void expect(int fd, int status, struct str body)
{
    struct buf head, got;
    assert_int_equal(client_read(fd, &head, &got, false), status);
    assert_str(buf_str(&got), body);
    buf_done(&head);
    buf_done(&got);
}

static void a_connection_carries_many_requests(void **state)
{
    (void)state;
    int fd = client_connect(fixture.port);
    for (int i = 0; i < 50; i++) {
        client_send(fd, STR(HELLO "Authorization: me\r\n\r\n"));
        expect(fd, 200, STR("hello me"));
    }
    client_send(fd, STR(HELLO "Connection: close\r\n\r\n"));
    expect(fd, 200, STR("hello "));
    assert_true(client_is_closed(fd));
    close(fd);
}

static void bodies_come_by_length_and_by_chunks(void **state)
{
    (void)state;
    int fd = client_connect(fixture.port);
    client_send(fd, STR("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json; "
                        "charset=utf-8\r\nContent-Length: 4\r\n\r\n{\"a}"));
    expect(fd, 200, STR("{\"a}"));
    client_send(fd, STR("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nA: b\r\n\r\n"));
    expect(fd, 200, STR("abcde"));
    client_send(fd, STR("POST /echo HTTP/1.1\r\nHost: a\r\n\r\n"));
    expect(fd, 200, STR(""));
    close(fd);
}

static void bytes_may_come_one_by_one(void **state)
{
    struct str bytes = STR("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                           "3\r\nabc\r\n0\r\n\r\n" HELLO "\r\n");
    (void)state;
    int fd = client_connect(fixture.port);
    for (size_t i = 0; i < bytes.n; i++)
        client_send(fd, str_make(bytes.p + i, 1));
    expect(fd, 200, STR("abc"));
    expect(fd, 200, STR("hello "));
    close(fd);
}

static void parameters_and_queries_are_decoded_once(void **state)
{
    (void)state;
    int fd = client_connect(fixture.port);
    client_send(fd, STR("GET /rooms/%21a%2Fb/state/%2525?q=x%20y+z&q=2 HTTP/1.1\r\nHost: a\r\n"
                        "X-Forwarded-For: 9.9.9.9\r\n\r\n"));
    expect(fd, 200, STR("!a/b|%25|x y z|127.0.0.1"));
    close(fd);
}

static void head_has_no_body_and_options_runs_nothing(void **state)
{
    struct buf head, body;
    (void)state;
    int runs = fixture.n_runs;
    int fd = client_connect(fixture.port);
    client_send(fd, STR("OPTIONS /hello HTTP/1.1\r\nHost: a\r\n\r\n"));
    assert_int_equal(client_read(fd, &head, &body, false), 204);
    assert_true(str_contains(buf_str(&head), STR("Access-Control-Allow-Origin: *")));
    assert_false(str_contains(buf_str(&head), STR("Content-Length")));
    assert_int_equal(fixture.n_runs, runs);
    buf_done(&head);
    client_send(fd, STR("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n" HELLO "\r\n"));
    assert_int_equal(client_read(fd, &head, &body, true), 200);
    assert_true(str_contains(buf_str(&head), STR("Content-Length: 6\r\n")));
    buf_done(&head);
    expect(fd, 200, STR("hello "));
    close(fd);
}

static void unknown_paths_and_methods_differ(void **state)
{
    struct buf head, body;
    (void)state;
    int fd = client_connect(fixture.port);
    client_send(fd, STR("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n"));
    expect(fd, 404, STR("{\"errcode\":\"M_UNKNOWN\",\"error\":\"404 Unrecognized request\"}"));
    client_send(fd, STR("DELETE /echo HTTP/1.1\r\nHost: a\r\n\r\n"));
    assert_int_equal(client_read(fd, &head, &body, false), 405);
    assert_true(str_contains(buf_str(&head), STR("\r\nAllow: POST, PUT, OPTIONS\r\n")));
    buf_done(&head);
    buf_done(&body);
    client_send(fd, STR("GET /hello/ HTTP/1.1\r\nHost: a\r\n\r\n"));
    expect(fd, 404, STR("{\"errcode\":\"M_UNKNOWN\",\"error\":\"404 Unrecognized request\"}"));
    close(fd);
}

static void a_refused_small_body_keeps_the_connection(void **state)
{
    (void)state;
    int fd = client_connect(fixture.port);
    client_send(
        fd, STR("POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" HELLO "\r\n"));
    expect(fd, 404, STR("{\"errcode\":\"M_UNKNOWN\",\"error\":\"404 Unrecognized request\"}"));
    expect(fd, 200, STR("hello "));
    close(fd);
}

static void the_parked_are_woken(void **state)
{
    (void)state;
    int fd = client_connect(fixture.port);
    client_send(fd, STR("GET /gate HTTP/1.1\r\nHost: a\r\n\r\n" HELLO "\r\n"));
    fixture_wait_parked(&fixture, 1);
    fixture_wake(&fixture);
    expect(fd, 200, STR("open 0"));
    expect(fd, 200, STR("hello "));
    close(fd);
}

/* No deadline would save it if the wish were lost. */
static void a_rerun_asked_while_running_is_honoured(void **state)
{
    (void)state;
    int fd = client_connect(fixture.port);
    client_send(fd, STR("GET /again?how=park HTTP/1.1\r\nHost: a\r\n\r\n"
                        "GET /again?how=wait HTTP/1.1\r\nHost: a\r\n\r\n"
                        "GET /again?how=done HTTP/1.1\r\nHost: a\r\n\r\n"));
    for (int i = 0; i < 3; i++)
        expect(fd, 200, STR("again 1"));
    close(fd);
}

static void a_deadline_wakes_the_parked(void **state)
{
    (void)state;
    fixture.open = false;
    int fd = client_connect(fixture.port);
    client_send(fd, STR("GET /gate?ms=30 HTTP/1.1\r\nHost: a\r\n\r\n"));
    expect(fd, 200, STR("open 1"));
    close(fd);
    fixture_wake(&fixture);
}

static void a_client_that_goes_while_parked_is_seen(void **state)
{
    (void)state;
    for (int half = 0; half < 2; half++) {
        int closed = fixture.n_closed;
        fixture.open = false;
        int fd = client_connect(fixture.port);
        client_send(fd, STR("GET /gate HTTP/1.1\r\nHost: a\r\n\r\n"));
        fixture_wait_parked(&fixture, 1);
        if (half)
            shutdown(fd, SHUT_WR);
        else
            close(fd);
        fixture_wait(&fixture, &fixture.n_closed, closed + 1);
        assert_int_equal(fixture.n_parked, 0);
        if (half) {
            assert_true(client_is_closed(fd));
            close(fd);
        }
    }
}

/* Takes the one exchange that /held has left. */
static struct http_exchange *held_take(void)
{
    fixture_wait_parked(&fixture, 1);
    pthread_mutex_lock(&fixture.lock);
    struct http_exchange *x = fixture.parked[--fixture.n_parked];
    pthread_mutex_unlock(&fixture.lock);
    return x;
}

static void a_held_answer_leaves_when_released(void **state)
{
    char c;
    (void)state;
    int fd = client_connect(fixture.port);
    client_send(fd, STR("POST /held HTTP/1.1\r\nHost: a\r\n\r\n"));
    struct http_exchange *x = held_take();
    assert_int_equal(recv(fd, &c, 1, MSG_DONTWAIT), -1);
    http_release(x);
    http_unref(x);
    expect(fd, 200, STR("held 0"));
    close(fd);
}

static void a_held_answer_can_be_made_again(void **state)
{
    (void)state;
    int fd = client_connect(fixture.port);
    client_send(fd, STR("POST /held HTTP/1.1\r\nHost: a\r\n\r\n"));
    struct http_exchange *first = held_take();
    http_rerun(first);
    http_release(first);
    http_unref(first);
    struct http_exchange *second = held_take();
    assert_ptr_equal(first, second);
    http_release(second);
    http_unref(second);
    expect(fd, 200, STR("held 1"));
    close(fd);
}

static void a_half_closed_client_gets_its_answer(void **state)
{
    (void)state;
    int fd = client_connect(fixture.port);
    client_send(fd, STR("POST /held HTTP/1.1\r\nHost: a\r\n\r\n"));
    struct http_exchange *x = held_take();
    shutdown(fd, SHUT_WR);
    http_release(x);
    http_unref(x);
    expect(fd, 200, STR("held 0"));
    assert_true(client_is_closed(fd));
    close(fd);
}

static void http_1_0_is_answered_and_closed(void **state)
{
    (void)state;
    int fd = client_connect(fixture.port);
    client_send(fd, STR("GET /hello HTTP/1.0\r\n\r\n"));
    expect(fd, 200, STR("hello "));
    assert_true(client_is_closed(fd));
    close(fd);
}

/* Descriptors are left to the database, whoever connects. */
static void connections_have_a_maximum(void **state)
{
    static struct fixture own;
    struct str request = STR(HELLO "Connection: close\r\n\r\n");
    (void)state;
    fixture_start(&own,
                  &(struct http_server_config){.per_address_off = true, .connections_max = 2});
    int first = client_connect(own.port), second = client_connect(own.port);
    client_send(first, STR(HELLO "\r\n"));
    expect(first, 200, STR("hello "));
    client_send(second, STR(HELLO "\r\n"));
    expect(second, 200, STR("hello "));
    assert_int_equal(client_ask(own.port, request), 0);
    close(first);
    while (client_ask(own.port, request) != 200)
        ;
    close(second);
    fixture_stop(&own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_carries_many_requests),
        cmocka_unit_test(bodies_come_by_length_and_by_chunks),
        cmocka_unit_test(bytes_may_come_one_by_one),
        cmocka_unit_test(parameters_and_queries_are_decoded_once),
        cmocka_unit_test(head_has_no_body_and_options_runs_nothing),
        cmocka_unit_test(unknown_paths_and_methods_differ),
        cmocka_unit_test(a_refused_small_body_keeps_the_connection),
        cmocka_unit_test(the_parked_are_woken),
        cmocka_unit_test(a_rerun_asked_while_running_is_honoured),
        cmocka_unit_test(a_deadline_wakes_the_parked),
        cmocka_unit_test(a_client_that_goes_while_parked_is_seen),
        cmocka_unit_test(a_held_answer_leaves_when_released),
        cmocka_unit_test(a_held_answer_can_be_made_again),
        cmocka_unit_test(a_half_closed_client_gets_its_answer),
        cmocka_unit_test(http_1_0_is_answered_and_closed),
        cmocka_unit_test(connections_have_a_maximum),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
