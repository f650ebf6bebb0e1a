/* SPDX-License-Identifier: EUPL-1.2 */

/* HTTP/2 on the plain port with prior knowledge, spoken by nghttp2's own client side. */

#include "base/unit.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nghttp2/nghttp2.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"
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

#define STREAMS_MAX 1200

struct answer {
    int status;
    struct buf body;
    bool closed;
    uint32_t error;
};

struct client {
    int fd;
    nghttp2_session *ng;
    struct answer answers[STREAMS_MAX]; /* by (id - 1) / 2 */
    int n_closed;
    bool going_away;
    uint32_t goodbye; /* the error of GOAWAY */
    int64_t got;
    bool over; /* the connection ended */
};

static struct answer *answer_of(struct client *client, int32_t id)
{
    CHECK(id > 0 && (id - 1) / 2 < STREAMS_MAX);
    return &client->answers[(id - 1) / 2];
}

static int on_header(nghttp2_session *ng, const nghttp2_frame *frame, const uint8_t *name,
                     size_t n_name, const uint8_t *value, size_t n_value, uint8_t flags, void *user)
{
    int64_t status;
    (void)ng, (void)flags;
    if (str_eq(str_make(name, n_name), STR(":status"))) {
        CHECK(str_parse_uint(str_make(value, n_value), &status) == 0);
        answer_of(user, frame->hd.stream_id)->status = (int)status;
    }
    return 0;
}

static int on_data(nghttp2_session *ng, uint8_t flags, int32_t id, const uint8_t *bytes, size_t n,
                   void *user)
{
    struct client *client = user;
    (void)ng, (void)flags;
    client->got += (int64_t)n;
    buf_add(&answer_of(client, id)->body, str_make(bytes, n));
    return 0;
}

static int on_close(nghttp2_session *ng, int32_t id, uint32_t error, void *user)
{
    struct client *client = user;
    (void)ng;
    answer_of(client, id)->closed = true;
    answer_of(client, id)->error = error;
    client->n_closed++;
    return 0;
}

static int on_frame(nghttp2_session *ng, const nghttp2_frame *frame, void *user)
{
    struct client *client = user;
    (void)ng;
    if (frame->hd.type == NGHTTP2_GOAWAY) {
        client->going_away = true;
        client->goodbye = frame->goaway.error_code;
    }
    return 0;
}

static void client_open(struct client *client)
{
    nghttp2_session_callbacks *callbacks;
    nghttp2_option *option;
    memset(client, 0, sizeof *client);
    client->fd = client_connect(fixture.port);
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_option_new(&option);
    nghttp2_option_set_peer_max_concurrent_streams(option, 100);
    nghttp2_option_set_max_send_header_block_length(option, MIB(1));
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_client_new2(&client->ng, callbacks, client, option);
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(client->ng, NGHTTP2_FLAG_NONE, NULL, 0);
    for (size_t i = 0; i < STREAMS_MAX; i++)
        buf_init(&client->answers[i].body, MIB(16));
}

static void client_close(struct client *client)
{
    for (size_t i = 0; i < STREAMS_MAX; i++)
        buf_done(&client->answers[i].body);
    nghttp2_session_del(client->ng);
    close(client->fd);
}

static void client_flush(struct client *client)
{
    const uint8_t *bytes;
    ssize_t n;
    while ((n = nghttp2_session_mem_send(client->ng, &bytes)) > 0)
        client_send(client->fd, str_make(bytes, (size_t)n));
}

/* One stretch of what the server sends. */
static void client_step(struct client *client)
{
    char room[16384];
    client_flush(client);
    ssize_t n = recv(client->fd, room, sizeof room, 0);
    client->over = n <= 0 || nghttp2_session_mem_recv(client->ng, (uint8_t *)room, (size_t)n) < 0;
    client_flush(client);
}

static void client_wait(struct client *client, int n_closed)
{
    while (client->n_closed < n_closed && !client->over)
        client_step(client);
    assert_true(client->n_closed >= n_closed);
}

static nghttp2_nv nv(const char *name, const char *value)
{
    return (nghttp2_nv){(uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value, strlen(name),
                        strlen(value), NGHTTP2_NV_FLAG_NONE};
}

static int32_t ask(struct client *client, const char *method, const char *path,
                   const nghttp2_data_provider *data)
{
    nghttp2_nv fields[] = {nv(":method", method), nv(":scheme", "http"), nv(":path", path),
                           nv(":authority", "a"), nv("authorization", path)};
    int32_t id = nghttp2_submit_request(client->ng, NULL, fields, 5, data, NULL);
    assert_true(id > 0);
    return id;
}

static void expect(struct client *client, int32_t id, int status, struct str body)
{
    const struct answer *answer = answer_of(client, id);
    assert_int_equal(answer->status, status);
    assert_str(buf_str(&answer->body), body);
}

struct upload {
    int64_t left;
};

static ssize_t upload_read(nghttp2_session *ng, int32_t id, uint8_t *room, size_t n,
                           uint32_t *flags, nghttp2_data_source *source, void *user)
{
    struct upload *upload = source->ptr;
    (void)ng, (void)id, (void)user;
    size_t piece = upload->left < (int64_t)n ? (size_t)upload->left : n;
    memset(room, 'u', piece);
    upload->left -= (int64_t)piece;
    if (upload->left == 0)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)piece;
}

static void streams_run_side_by_side(void **state)
{
    static struct client client;
    (void)state;
    client_open(&client);
    for (int i = 0; i < 100; i++)
        ask(&client, "GET", "/hello", NULL);
    client_wait(&client, 100);
    for (int32_t id = 1; id < 200; id += 2)
        expect(&client, id, 200, STR("hello /hello"));
    client_close(&client);
}

static void methods_and_errors(void **state)
{
    static struct client client;
    (void)state;
    client_open(&client);
    int32_t missing = ask(&client, "GET", "/nothing", NULL);
    int32_t wrong = ask(&client, "DELETE", "/echo", NULL);
    int32_t head = ask(&client, "HEAD", "/hello", NULL);
    int32_t options = ask(&client, "OPTIONS", "/hello", NULL);
    int32_t odd = ask(&client, "BREW", "/hello", NULL);
    int32_t bad = ask(&client, "GET", "hello", NULL);
    client_wait(&client, 6);
    expect(&client, missing, 404,
           STR("{\"errcode\":\"M_UNKNOWN\",\"error\":\"404 Unrecognized request\"}"));
    assert_int_equal(answer_of(&client, wrong)->status, 405);
    expect(&client, head, 200, STR(""));
    expect(&client, options, 204, STR(""));
    assert_int_equal(answer_of(&client, odd)->status, 405);
    assert_true(answer_of(&client, bad)->status == 400 || answer_of(&client, bad)->error);
    client_close(&client);
}

static void bodies_are_buffered_and_streamed(void **state)
{
    static struct client client;
    struct upload small = {5}, large = {10000000}, over = {1000000};
    (void)state;
    client_open(&client);
    nghttp2_data_provider data = {.read_callback = upload_read};
    data.source.ptr = &small;
    int32_t echo = ask(&client, "POST", "/echo", &data);
    data.source.ptr = &large;
    int32_t sink = ask(&client, "POST", "/sink", &data);
    data.source.ptr = &over;
    int32_t refused = ask(&client, "POST", "/echo", &data);
    client_wait(&client, 3);
    expect(&client, echo, 200, STR("uuuuu"));
    expect(&client, sink, 200, STR("10000000"));
    assert_int_equal(answer_of(&client, refused)->status, 413);
    client_close(&client);
}

/* Many large bodies on one connection are not all kept. */
static void the_bodies_of_a_connection_have_a_maximum(void **state)
{
    static struct client client;
    struct upload uploads[4] = {{MIB(7)}, {MIB(7)}, {MIB(7)}, {MIB(7)}};
    nghttp2_data_provider data = {.read_callback = upload_read};
    int n_refused = 0;
    (void)state;
    client_open(&client);
    for (int i = 0; i < 3; i++) {
        data.source.ptr = &uploads[i];
        ask(&client, "POST", "/large", &data);
    }
    client_wait(&client, 3);
    for (int32_t id = 1; id <= 5; id += 2)
        n_refused += answer_of(&client, id)->status == 503;
    assert_true(n_refused > 0);
    data.source.ptr = &uploads[3];
    int32_t after = ask(&client, "POST", "/large", &data);
    client_wait(&client, 4);
    assert_int_equal(answer_of(&client, after)->status, 200);
    assert_int_equal(answer_of(&client, after)->body.n, MIB(7));
    client_close(&client);
}

static void large_answers_are_streamed(void **state)
{
    static struct client client;
    (void)state;
    client_open(&client);
    int32_t one = ask(&client, "GET", "/big?n=3000000", NULL);
    int32_t two = ask(&client, "GET", "/big?n=2000000&known=1", NULL);
    client_wait(&client, 2);
    assert_int_equal(answer_of(&client, one)->body.n, 3000000);
    assert_int_equal(answer_of(&client, two)->body.n, 2000000);
    client_close(&client);
}

static void the_parked_are_woken_and_the_gone_are_seen(void **state)
{
    static struct client client;
    (void)state;
    int closed = fixture.n_closed;
    client_open(&client);
    int32_t first = ask(&client, "GET", "/gate", NULL);
    client_flush(&client);
    fixture_wait_parked(&fixture, 1);
    int32_t second = ask(&client, "GET", "/gate", NULL);
    client_flush(&client);
    fixture_wait_parked(&fixture, 2);
    nghttp2_submit_rst_stream(client.ng, NGHTTP2_FLAG_NONE, second, NGHTTP2_CANCEL);
    client_flush(&client);
    fixture_wait(&fixture, &fixture.n_closed, closed + 1);
    fixture_wake(&fixture);
    client_wait(&client, 2);
    expect(&client, first, 200, STR("open 0"));
    fixture.open = false;
    ask(&client, "GET", "/gate", NULL);
    client_flush(&client);
    fixture_wait_parked(&fixture, 1);
    client_close(&client);
    fixture_wait(&fixture, &fixture.n_closed, closed + 2);
}

/* Steps until the server ends the connection, which it must. */
static void expect_goodbye(struct client *client, uint32_t error)
{
    while (!client->over)
        client_step(client);
    assert_true(client->going_away);
    assert_int_equal(client->goodbye, error);
    client_close(client);
    assert_int_equal(client_ask(fixture.port, STR("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")), 200);
}

static void http_15_rapid_reset(void **state)
{
    static struct client client;
    (void)state;
    client_open(&client);
    for (int i = 0; i < STREAMS_MAX && !client.over; i++) {
        int32_t id = ask(&client, "GET", "/hello", NULL);
        client_flush(&client);
        nghttp2_submit_rst_stream(client.ng, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
        client_flush(&client);
    }
    expect_goodbye(&client, NGHTTP2_ENHANCE_YOUR_CALM);
}

/* A frame by hand. */
static void frame_send(int fd, size_t n, int type, int flags, int32_t id, const char *payload)
{
    unsigned char head[9] = {(unsigned char)(n >> 16),
                             (unsigned char)(n >> 8),
                             (unsigned char)n,
                             (unsigned char)type,
                             (unsigned char)flags,
                             0,
                             0,
                             (unsigned char)(id >> 8),
                             (unsigned char)id};
    client_send(fd, str_make(head, 9));
    client_send(fd, str_make(payload, n));
}

/* Reads frames to the end of the connection; the error of the GOAWAY, or -1 without one. */
static int goodbye_read(int fd)
{
    unsigned char head[9], payload[16384];
    int error = -1;
    while (recv(fd, head, 9, MSG_WAITALL) == 9) {
        size_t n = (size_t)head[0] << 16 | (size_t)head[1] << 8 | head[2];
        assert_true(n <= sizeof payload);
        if (n && recv(fd, payload, n, MSG_WAITALL) != (ssize_t)n)
            break;
        if (head[3] == NGHTTP2_GOAWAY)
            error = payload[7];
    }
    return error;
}

/* So many in one go that a slow machine is still quicker than the credit that comes back. */
#define AT_ONCE 50

static void make_reset(struct client *client, size_t made)
{
    int32_t ids[AT_ONCE];
    for (size_t i = 0; i < AT_ONCE; i++)
        ids[i] = ask(client, "GET", "/gate", NULL);
    client_flush(client);
    for (size_t i = 0; i < AT_ONCE; i++)
        frame_send(client->fd, 4, NGHTTP2_WINDOW_UPDATE, 0, ids[i], "\x7f\xff\xff\xff");
    while (client->n_closed < (int)(made + AT_ONCE) && !client->over)
        client_step(client);
}

/* The peer breaks its own streams, so that it is we who reset them while their requests run. */
static void http_15_made_to_reset(void **state)
{
    static struct client client;
    (void)state;
    client_open(&client);
    for (size_t made = 0; made < STREAMS_MAX && !client.over; made += AT_ONCE)
        make_reset(&client, made);
    expect_goodbye(&client, NGHTTP2_ENHANCE_YOUR_CALM);
}

/* Each stream past the maximum is refused with a frame, which a peer that does not read leaves with
 * us. */
static void http_15_refused_streams_flood(void **state)
{
    static const char block[] = "\x82\x86\x84\x41\x01"
                                "a";
    (void)state;
    int fd = client_connect(fixture.port);
    client_send(fd, str_make(NGHTTP2_CLIENT_MAGIC, NGHTTP2_CLIENT_MAGIC_LEN));
    frame_send(fd, 0, NGHTTP2_SETTINGS, 0, 0, "");
    for (int i = 0; i < LIMIT_HTTP2_STREAMS + 3000; i++)
        frame_send(fd, 6, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 2 * i + 1, block);
    assert_int_equal(goodbye_read(fd), NGHTTP2_ENHANCE_YOUR_CALM);
    close(fd);
}

static void http_15_ping_and_settings_floods(void **state)
{
    (void)state;
    for (int type = NGHTTP2_SETTINGS; type <= NGHTTP2_PING; type += 2) {
        int fd = client_connect(fixture.port);
        client_send(fd, str_make(NGHTTP2_CLIENT_MAGIC, NGHTTP2_CLIENT_MAGIC_LEN));
        frame_send(fd, 0, NGHTTP2_SETTINGS, 0, 0, "");
        for (int i = 0; i < 2000; i++)
            frame_send(fd, type == NGHTTP2_PING ? 8 : 0, type, 0, 0, "12345678");
        assert_int_equal(goodbye_read(fd), NGHTTP2_ENHANCE_YOUR_CALM);
        close(fd);
    }
    assert_int_equal(client_ask(fixture.port, STR("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")), 200);
}

static void http_15_continuation_flood(void **state)
{
    static struct client client;
    static char zeros[16384];
    (void)state;
    client_open(&client);
    client_step(&client);
    frame_send(client.fd, 1, NGHTTP2_HEADERS, 0, 1, "\x82");
    memset(zeros, 0x82, sizeof zeros);
    for (int i = 0; i < 200; i++)
        frame_send(client.fd, sizeof zeros, NGHTTP2_CONTINUATION, 0, 1, zeros);
    while (!client.over)
        client_step(&client);
    client_close(&client);
    assert_int_equal(client_ask(fixture.port, STR("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")), 200);
}

/* Small on the wire, since each field refers to one entry of the table; large once unpacked. */
static void http_15_header_table_bomb(void **state)
{
    static struct client client;
    static char value[3001];
    (void)state;
    client_open(&client);
    memset(value, 'v', 3000);
    nghttp2_nv fields[60];
    fields[0] = nv(":method", "GET");
    fields[1] = nv(":scheme", "http");
    fields[2] = nv(":path", "/hello");
    fields[3] = nv(":authority", "a");
    for (size_t i = 4; i < ARRAY_LEN(fields); i++)
        fields[i] = nv("x", value);
    int32_t id = nghttp2_submit_request(client.ng, NULL, fields, ARRAY_LEN(fields), NULL, NULL);
    client_wait(&client, 1);
    assert_int_equal(answer_of(&client, id)->status, 431);
    client_close(&client);
}

static size_t heap_now(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/* The header block of a poll as a browser sends it, all of it literal. */
static size_t poll_block(uint8_t *room, size_t n)
{
    nghttp2_nv fields[] = {
        nv(":method", "GET"),
        nv(":scheme", "https"),
        nv(":path", "/gate?since=s72594_4483_1934_0_1&timeout=30000"),
        nv(":authority", "matrix.agent.example.fr"),
        nv("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
        nv("accept", "application/json"),
        nv("accept-language", "fr,fr-FR;q=0.8,en-US;q=0.5,en;q=0.3"),
        nv("authorization", "Bearer syt_YWxpY2U_0123456789abcdef0123_0abcde"),
        nv("origin", "https://web.agent.example.fr"),
    };
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        fields[i].flags = NGHTTP2_NV_FLAG_NO_INDEX;
    nghttp2_hd_deflater *deflater;
    CHECK(nghttp2_hd_deflate_new(&deflater, 0) == 0);
    ssize_t made = nghttp2_hd_deflate_hd(deflater, room, n, fields, ARRAY_LEN(fields));
    nghttp2_hd_deflate_del(deflater);
    CHECK(made > 0);
    return (size_t)made;
}

static void a_parked_stream_is_small(void **state)
{
    static struct fixture own;
    uint8_t block[2048];
    (void)state;
    fixture_start(&own, NULL);
    size_t n = poll_block(block, sizeof block), before = 0;
    int fd = client_connect(own.port);
    client_send(fd, str_make(NGHTTP2_CLIENT_MAGIC, NGHTTP2_CLIENT_MAGIC_LEN));
    frame_send(fd, 0, NGHTTP2_SETTINGS, 0, 0, "");
    for (int i = 0; i < 120; i++) {
        frame_send(fd, n, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM,
                   2 * i + 1, (const char *)block);
        fixture_wait_parked(&own, (size_t)i + 1);
        if (i == 19)
            before = heap_now();
    }
    size_t each = (heap_now() - before) / 100;
    print_message("a parked stream: %zu bytes of heap\n", each);
    if (!IS_SANITIZED)
        assert_true(each <= 2048);
    close(fd);
    fixture_wait(&own, &own.n_closed, 120);
    fixture_stop(&own);
}

static void stopping_says_goodbye(void **state)
{
    static struct client client;
    static struct fixture own;
    (void)state;
    int port = fixture.port;
    fixture_start(&own, NULL);
    fixture.port = own.port;
    client_open(&client);
    fixture.port = port;
    int32_t id = ask(&client, "GET", "/gate", NULL);
    client_flush(&client);
    fixture_wait_parked(&own, 1);
    fixture_stop(&own);
    while (!client.over)
        client_step(&client);
    expect(&client, id, 200, STR("open 1"));
    assert_true(client.going_away);
    client_close(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_run_side_by_side),
        cmocka_unit_test(methods_and_errors),
        cmocka_unit_test(bodies_are_buffered_and_streamed),
        cmocka_unit_test(the_bodies_of_a_connection_have_a_maximum),
        cmocka_unit_test(large_answers_are_streamed),
        cmocka_unit_test(the_parked_are_woken_and_the_gone_are_seen),
        cmocka_unit_test(http_15_rapid_reset),
        cmocka_unit_test(http_15_made_to_reset),
        cmocka_unit_test(http_15_refused_streams_flood),
        cmocka_unit_test(http_15_ping_and_settings_floods),
        cmocka_unit_test(http_15_continuation_flood),
        cmocka_unit_test(http_15_header_table_bomb),
        cmocka_unit_test(a_parked_stream_is_small),
        cmocka_unit_test(stopping_says_goodbye),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
