/* SPDX-License-Identifier: EUPL-1.2 */

/* The state machine of an exchange under many threads at once: wakers that run again, release and
 * let go of what they hold in any order, while clients come and go. To be run under TSan too. */

#include "base/unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/random.h"
#include "net/exchange.h"
#include "net/fixture.h"
#include "net/server.h"

#define WAKERS  4
#define CLIENTS 6
#define ROUNDS  300
#define QUEUE   4096

/* What a handler leaves for the wakers: a reference, and whether a hold comes with it. */
struct errand {
    struct http_exchange *x;
    bool held;
};

struct yard {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct errand errands[QUEUE];
    size_t n;
    bool over;
    atomic_int n_answers, n_closed;
};

static struct yard yard;

static void errand_leave(struct http_exchange *x, bool held)
{
    pthread_mutex_lock(&yard.lock);
    CHECK(yard.n < QUEUE);
    yard.errands[yard.n++] = (struct errand){x, held};
    pthread_cond_signal(&yard.changed);
    pthread_mutex_unlock(&yard.lock);
}

static bool errand_take(struct errand *ret_errand)
{
    pthread_mutex_lock(&yard.lock);
    while (yard.n == 0 && !yard.over)
        pthread_cond_wait(&yard.changed, &yard.lock);
    bool there = yard.n > 0;
    if (there) {
        size_t i = (size_t)random_below(yard.n);
        *ret_errand = yard.errands[i];
        yard.errands[i] = yard.errands[--yard.n];
    }
    pthread_mutex_unlock(&yard.lock);
    return there;
}

static void *waker_main(void *arg)
{
    struct errand errand;
    (void)arg;
    while (errand_take(&errand)) {
        unsigned what = (unsigned)random_below(4);
        if (what < 2 || !errand.held)
            http_rerun(errand.x);
        if (errand.held)
            http_release(errand.x);
        if (what == 3)
            http_rerun(errand.x);
        http_unref(errand.x);
    }
    return NULL;
}

static void on_close(struct http_exchange *x, void *arg)
{
    (void)x, (void)arg;
    atomic_fetch_add(&yard.n_closed, 1);
}

/* Some runs wait, some park, some hold; each leaves errands behind. The sixth run always answers.
 */
static enum http_outcome dispatch(struct http_exchange *x)
{
    unsigned *runs = http_state(x);
    if (!runs)
        http_set_state(x, runs = ARENA_NEW(http_arena(x), unsigned));
    ++*runs;
    CHECK(http_answer(x)->n == 0);
    buf_add(http_answer(x), STR("ok"));
    unsigned what = *runs > 5 ? 0 : (unsigned)random_below(4);
    if (what == 0)
        return HTTP_DONE;
    if (what == 1) {
        http_hold(x);
        http_ref(x);
        errand_leave(x, true);
        return HTTP_DONE;
    }
    http_on_close(x, on_close, NULL);
    http_set_deadline(x, clock_monotonic_ms() + 200);
    http_ref(x);
    errand_leave(x, false);
    return what == 2 ? HTTP_WAIT : HTTP_PARK;
}

static const struct http_route routes[] = {{HTTP_GET, "/", 0, 0, NULL, 0}};

static int the_port;

/* Asks; sometimes goes away before the answer. */
static void *client_main(void *arg)
{
    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        struct buf head, body;
        int fd = client_connect(the_port);
        client_send(fd, STR("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
        bool stays = random_below(3) > 0;
        if (stays) {
            CHECK(client_read(fd, &head, &body, false) == 200);
            CHECK(str_eq(buf_str(&body), STR("ok")));
            atomic_fetch_add(&yard.n_answers, 1);
            buf_done(&head);
            buf_done(&body);
        }
        close(fd);
    }
    return NULL;
}

static void wakers_end(pthread_t *wakers)
{
    pthread_mutex_lock(&yard.lock);
    yard.over = true;
    pthread_cond_broadcast(&yard.changed);
    pthread_mutex_unlock(&yard.lock);
    for (int i = 0; i < WAKERS; i++)
        pthread_join(wakers[i], NULL);
}

static void everyone_who_stays_is_answered_once(void **state)
{
    static const struct http_listen plain = {"127.0.0.1", 0, NULL, NULL};
    struct http_server_config config = {.listen = &plain,
                                        .n_listen = 1,
                                        .routes = routes,
                                        .n_routes = 1,
                                        .io_threads = 2,
                                        .workers = 4,
                                        .per_address_off = true,
                                        .dispatch = dispatch};
    struct http_server *server;
    struct err err = ERR_INIT;
    pthread_t wakers[WAKERS], clients[CLIENTS];
    (void)state;
    pthread_mutex_init(&yard.lock, NULL);
    pthread_cond_init(&yard.changed, NULL);
    assert_int_equal(http_server_new(&config, NULL, &server, &err), 0);
    assert_int_equal(http_server_start(server, &err), 0);
    the_port = http_server_port(server, 0);
    for (int i = 0; i < WAKERS; i++)
        pthread_create(&wakers[i], NULL, waker_main, NULL);
    for (int i = 0; i < CLIENTS; i++)
        pthread_create(&clients[i], NULL, client_main, NULL);
    for (int i = 0; i < CLIENTS; i++)
        pthread_join(clients[i], NULL);
    http_server_stop(server, 20000);
    wakers_end(wakers);
    struct http_server_counts counts;
    http_server_count(server, &counts);
    assert_int_equal(counts.connections, 0);
    assert_int_equal(counts.parked, 0);
    assert_int_equal(counts.queued + counts.woken_queued, 0);
    assert_true(yard.n_answers > 0);
    assert_true(yard.n_closed > 0);
    http_server_free(server);
}

static int no_piece(void *arg, struct buf *out, struct err *err)
{
    (void)arg, (void)out, (void)err;
    return 0;
}

/* TLS writes for itself too (a peer asks for new keys whenever it likes), so a socket is drained
 * also while a piece is being made: work that stood in the lane twice would tear it. */
static void a_piece_is_asked_for_once(void **state)
{
    struct http_server *server;
    struct err err = ERR_INIT;
    (void)state;
    assert_int_equal(http_server_new(&(struct http_server_config){0}, NULL, &server, &err), 0);
    struct http_exchange *x = exchange_new(server, NULL, STR_NONE, NULL, 0);
    http_stream(x, -1, no_piece, NULL, NULL);
    exchange_want_piece(x);
    exchange_want_piece(x);
    assert_int_equal(workers_queued(server->workers, LANE_NORMAL), 1);
    assert_non_null(workers_pop(server->workers, LANE_NORMAL));
    http_unref(x);
    http_unref(x);
    http_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_piece_is_asked_for_once),
        cmocka_unit_test(everyone_who_stays_is_answered_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
