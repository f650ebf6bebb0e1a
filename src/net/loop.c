/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/loop.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/wait.h"
#include "net/conn.h"
#include "net/exchange.h"
#include "net/server.h"

/* Posts attended between two looks at the sockets. */
#define POSTS_AT_ONCE 32

static void timer_arm(struct loop *loop);

static void on_timer(uv_timer_t *timer)
{
    struct loop *loop = timer->data;
    loop->armed_ms = 0;
    wheel_advance(&loop->wheel, clock_monotonic_ms());
    timer_arm(loop);
}

static void timer_arm(struct loop *loop)
{
    int64_t now = clock_monotonic_ms(), wait = wheel_wait(&loop->wheel, now);
    if (wait < 0)
        return;
    loop->armed_ms = now + wait;
    uv_update_time(&loop->uv);
    uv_timer_start(&loop->timer, on_timer, (uint64_t)wait, 0);
}

void loop_set(struct loop *loop, struct wheel_entry *entry, int64_t due_ms,
              void (*fire)(struct wheel_entry *entry))
{
    entry->fire = fire;
    wheel_set(&loop->wheel, entry, due_ms);
    if (!loop->armed_ms || due_ms < loop->armed_ms)
        timer_arm(loop);
}

void loop_cancel(struct loop *loop, struct wheel_entry *entry)
{
    wheel_cancel(&loop->wheel, entry);
}

bool loop_is_stopping(const struct loop *loop)
{
    return loop->stopping;
}

/* ---- the inbox ---- */

/* Polls do not stand before what others wait for. */
void loop_post(struct loop *loop, struct http_exchange *x, enum lane lane)
{
    pthread_mutex_lock(&loop->lock);
    struct posts *posts = &loop->inbox[lane];
    x->next_post = NULL;
    if (posts->first)
        posts->last->next_post = x;
    else
        posts->first = x;
    posts->last = x;
    bool wake = loop->asleep;
    loop->asleep = false; /* one is enough */
    pthread_mutex_unlock(&loop->lock);
    if (wake)
        loop_wake(loop);
}

void loop_wake(struct loop *loop)
{
    (void)!eventfd_write(loop->wake_fd, 1);
}

/* Takes what was posted since. False when there is nothing: then the loop goes to sleep. */
static bool inbox_look(struct loop *loop)
{
    bool any = false;
    pthread_mutex_lock(&loop->lock);
    for (size_t lane = 0; lane < LANE_COUNT; lane++) {
        struct posts *taken = &loop->taken[lane], *inbox = &loop->inbox[lane];
        if (!taken->first)
            taken->first = inbox->first;
        else
            taken->last->next_post = inbox->first;
        if (inbox->first)
            taken->last = inbox->last;
        *inbox = (struct posts){0};
        any |= taken->first != NULL;
    }
    loop->asleep = !any;
    pthread_mutex_unlock(&loop->lock);
    return any;
}

static struct http_exchange *posts_pop(struct posts *posts)
{
    struct http_exchange *x = posts->first;
    if (x)
        posts->first = x->next_post;
    return x;
}

/* Of what was taken, one poll to three others, as far as there are. How many. */
static int attend(struct loop *loop, int max)
{
    int n = 0;
    for (; n < max; n++) {
        enum lane first = n % 4 == 3 ? LANE_POLLS : LANE_NORMAL;
        enum lane other = first == LANE_POLLS ? LANE_NORMAL : LANE_POLLS;
        struct http_exchange *x = posts_pop(&loop->taken[first]);
        if (!x)
            x = posts_pop(&loop->taken[other]);
        if (!x)
            break;
        exchange_attend(x);
    }
    return n;
}

/* A few. False when there are no more. */
static bool inbox_attend(struct loop *loop)
{
    int n = 0;
    while (n < POSTS_AT_ONCE) {
        if (!inbox_look(loop))
            return false;
        n += attend(loop, POSTS_AT_ONCE - n);
    }
    return true;
}

static void inbox_empty(struct loop *loop)
{
    while (inbox_attend(loop))
        continue;
}

/* Before the loop waits for its sockets. When ten thousand polls are answered at once, those of
 * others are looked at in between: it does not sleep then. */
static void on_sleep(uv_prepare_t *prepare)
{
    struct loop *loop = prepare->data;
    if (inbox_attend(loop))
        loop_wake(loop);
}

/* What is posted while it works is found before it sleeps again. */
static void on_awake(uv_check_t *check)
{
    struct loop *loop = check->data;
    pthread_mutex_lock(&loop->lock);
    loop->asleep = false;
    pthread_mutex_unlock(&loop->lock);
}

struct str loop_date(struct loop *loop)
{
    int64_t now = clock_wall_ms() / 1000;
    if (now != loop->date_s) {
        time_t seconds = (time_t)now;
        struct tm parts;
        gmtime_r(&seconds, &parts);
        strftime(loop->date, sizeof loop->date, "%a, %d %b %Y %H:%M:%S GMT", &parts);
        loop->date_s = now;
    }
    return str_from(loop->date);
}

/* ---- stopping ---- */

static void loop_close_handles(struct loop *loop)
{
    if (loop->n_conns || uv_is_closing((uv_handle_t *)&loop->wake))
        return;
    uv_close((uv_handle_t *)&loop->timer, NULL);
    uv_close((uv_handle_t *)&loop->wake, NULL);
    uv_close((uv_handle_t *)&loop->before_sleep, NULL);
    uv_close((uv_handle_t *)&loop->after_sleep, NULL);
}

static void stop_begin(struct loop *loop)
{
    loop->stopping = true;
    for (size_t i = 0; i < loop->n_listeners; i++)
        uv_close((uv_handle_t *)&loop->listeners[i].tcp, NULL);
    for (struct conn *conn = loop->conns, *next; conn; conn = next) {
        next = conn->next;
        conn_stop(conn);
    }
}

static void stop_cut(struct loop *loop)
{
    loop->cut = true;
    for (struct conn *conn = loop->conns, *next; conn; conn = next) {
        next = conn->next;
        conn_close(conn);
    }
}

static void on_wake(uv_poll_t *wake, int status, int events)
{
    struct loop *loop = wake->data;
    eventfd_t ignored;
    (void)status;
    (void)events;
    (void)!eventfd_read(loop->wake_fd, &ignored);
    if (atomic_load(&loop->stop_wanted) && !loop->stopping)
        stop_begin(loop);
    if (atomic_load(&loop->cut_wanted) && !loop->cut)
        stop_cut(loop);
    if (loop->stopping)
        loop_close_handles(loop);
}

void loop_wake_stop(struct loop *loop)
{
    atomic_store(&loop->stop_wanted, true);
    loop_wake(loop);
}

void loop_wake_cut(struct loop *loop)
{
    atomic_store(&loop->cut_wanted, true);
    loop_wake(loop);
}

/* ---- birth and end ---- */

struct loop *loop_new(struct http_server *server)
{
    struct loop *loop = MEM_NEW(struct loop);
    loop->server = server;
    pthread_mutex_init(&loop->lock, NULL);
    wait_init(&loop->is_over);
    wheel_init(&loop->wheel, clock_monotonic_ms());
    uv_loop_init(&loop->uv);
    loop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    CHECK(loop->wake_fd >= 0 && uv_poll_init(&loop->uv, &loop->wake, loop->wake_fd) == 0);
    uv_timer_init(&loop->uv, &loop->timer);
    uv_prepare_init(&loop->uv, &loop->before_sleep);
    uv_check_init(&loop->uv, &loop->after_sleep);
    loop->wake.data = loop->timer.data = loop->before_sleep.data = loop->after_sleep.data = loop;
    uv_poll_start(&loop->wake, UV_READABLE, on_wake);
    uv_prepare_start(&loop->before_sleep, on_sleep);
    uv_check_start(&loop->after_sleep, on_awake);
    loop->listeners = MEM_NEW_N(server->config.n_listen, struct listener);
    return loop;
}

static void on_connection(uv_stream_t *stream, int status)
{
    struct listener *listener = stream->data;
    if (status == 0)
        conn_accept(listener);
}

int loop_listen(struct loop *loop, int fd, size_t index, struct err *err)
{
    struct listener *listener = &loop->listeners[loop->n_listeners];
    int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (own < 0)
        return err_internal(err, "cannot duplicate a listening socket");
    listener->loop = loop;
    listener->index = index;
    uv_tcp_init(&loop->uv, &listener->tcp);
    loop->n_listeners++;
    listener->tcp.data = listener;
    int error = uv_tcp_open(&listener->tcp, own);
    if (error == 0)
        error = uv_listen((uv_stream_t *)&listener->tcp, 1024, on_connection);
    return error ? err_internal(err, "cannot listen: %s", uv_strerror(error)) : 0;
}

static void *loop_main(void *arg)
{
    struct loop *loop = arg;
    pthread_setname_np(pthread_self(), "io");
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    inbox_empty(loop);
    pthread_mutex_lock(&loop->lock);
    loop->over = true;
    pthread_cond_broadcast(&loop->is_over);
    pthread_mutex_unlock(&loop->lock);
    return NULL;
}

bool loop_wait(struct loop *loop, int64_t deadline_ms)
{
    pthread_mutex_lock(&loop->lock);
    while (loop->running && !loop->over && wait_until(&loop->is_over, &loop->lock, deadline_ms))
        ;
    bool over = loop->over || !loop->running;
    pthread_mutex_unlock(&loop->lock);
    return over;
}

int loop_start(struct loop *loop, struct err *err)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&loop->thread, NULL, loop_main, loop);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error)
        return err_internal(err, "cannot start an I/O thread: %s", strerror(error));
    loop->running = true;
    return 0;
}

void loop_join(struct loop *loop)
{
    if (loop->running)
        pthread_join(loop->thread, NULL);
    loop->running = false;
}

/* A loop that never ran still has its handles. */
static void close_walk(uv_handle_t *handle, void *arg)
{
    (void)arg;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    inbox_empty(loop);
    uv_walk(&loop->uv, close_walk, NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    uv_loop_close(&loop->uv);
    close(loop->wake_fd);
    pthread_cond_destroy(&loop->is_over);
    pthread_mutex_destroy(&loop->lock);
    mem_free(loop->listeners);
    mem_free(loop);
}
