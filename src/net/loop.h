/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_LOOP_H
#define CHAPPE_NET_LOOP_H

/* One I/O thread: a libuv loop with its connections, its deadlines, and an inbox by which other
 * threads wake it. All but loop_post, loop_wake_stop and creation is for its own thread. */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <pthread.h>
#include <uv.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"
#include "net/wheel.h"
#include "net/workers.h"

struct conn;
struct http_exchange;
struct http_server;

#define LOOP_READ_BYTES 65536

struct listener {
    uv_tcp_t tcp;
    struct loop *loop;
    size_t index; /* in the configuration */
};

/* Exchanges to attend, in the order they were posted. */
struct posts {
    struct http_exchange *first, *last;
};

struct loop {
    struct http_server *server;
    uv_loop_t uv;
    /* An eventfd, and not a uv_async_t: that one has the loop spin until the write that woke it has
     * returned in the other thread. */
    uv_poll_t wake;
    int wake_fd;
    uv_prepare_t before_sleep;
    uv_check_t after_sleep;
    uv_timer_t timer;
    struct wheel wheel;
    int64_t armed_ms; /* when the timer will ring; 0: not set */
    struct conn *conns;
    size_t n_conns;
    struct listener *listeners;
    size_t n_listeners;
    pthread_t thread;
    int64_t date_s; /* the second `date` stands for */
    char date[32];
    bool running, stopping, cut;
    atomic_bool stop_wanted, cut_wanted;
    char read_buffer[LOOP_READ_BYTES]; /* lent to whichever connection reads */
    char plain_buffer[16384];          /* the same, decrypted */

    struct posts taken[LANE_COUNT]; /* out of the inbox, to be attended */
    pthread_mutex_t lock;
    struct posts inbox[LANE_COUNT]; /* under lock */
    bool asleep; /* under lock: about to wait, or waiting; who posts must wake it */
    bool over;   /* under lock */
    pthread_cond_t is_over;
};

struct loop *loop_new(struct http_server *server);
/* Takes a listening socket: duplicates it. */
int loop_listen(struct loop *loop, int fd, size_t index, struct err *err) MUST_USE;
int loop_start(struct loop *loop, struct err *err) MUST_USE;
/* Whether its thread has come to its end by that time on the monotonic clock. */
bool loop_wait(struct loop *loop, int64_t deadline_ms);
void loop_join(struct loop *loop);
void loop_free(struct loop *loop);

/* Any thread: has the loop attend to x, which stands in that lane. The caller's reference goes with
 * it. */
void loop_post(struct loop *loop, struct http_exchange *x, enum lane lane);
/* Any thread: has it look at what has changed. */
void loop_wake(struct loop *loop);
/* Any thread: no new connection, last calls; the loop ends once its connections have. */
void loop_wake_stop(struct loop *loop);
/* Any thread: cuts what is left. */
void loop_wake_cut(struct loop *loop);

/* For the Date header. */
struct str loop_date(struct loop *loop);

bool loop_is_stopping(const struct loop *loop);
void loop_set(struct loop *loop, struct wheel_entry *entry, int64_t due_ms,
              void (*fire)(struct wheel_entry *entry));
void loop_cancel(struct loop *loop, struct wheel_entry *entry);

#endif
