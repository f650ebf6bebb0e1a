/* SPDX-License-Identifier: EUPL-1.2 */

/* Queueing, holding, running again, parking and the client's going: the state machine of
 * net/exchange.h. Callbacks of others are never called under the lock, since they take locks of
 * their own and call back. Nobody is woken under it either, who would wait for it at once: what is
 * to be queued or posted is noted, and done when it is given back (leave). */

#include "base/check.h"
#include "base/clock.h"
#include "net/exchange.h"
#include "net/loop.h"
#include "net/server.h"

static struct http_exchange *of_work(struct work *work)
{
    return (struct http_exchange *)(void *)((char *)work - offsetof(struct http_exchange, work));
}

static struct http_exchange *of_timer(struct wheel_entry *entry)
{
    return (struct http_exchange *)(void *)((char *)entry - offsetof(struct http_exchange, timer));
}

static void run(struct work *work, void *worker_data);

/* Under lock. The lane has a reference of its own. */
static void enqueue(struct http_exchange *x)
{
    if (x->phase == EXCHANGE_IDLE && x->parked)
        atomic_fetch_sub(&x->server->n_parked, 1);
    x->phase = EXCHANGE_QUEUED;
    x->rerun_wanted = x->body_came = x->body_wanted = false;
    x->work.run = run;
    http_ref(x);
    x->push_due = true;
}

/* Under lock. The inbox has a reference of its own. */
static void post(struct http_exchange *x)
{
    if (x->posted)
        return;
    x->posted = true;
    http_ref(x);
    x->post_due = true;
}

/* Gives the lock back, then does what was noted under it. */
static void leave(struct http_exchange *x)
{
    bool push_due = x->push_due, post_due = x->post_due;
    /* One that has ended may outlive the server, and its routes. */
    enum lane lane = push_due || post_due ? exchange_lane(x) : LANE_NORMAL;
    x->push_due = x->post_due = false;
    pthread_mutex_unlock(&x->lock);
    if (push_due)
        workers_push(x->server->workers, &x->work, lane);
    if (post_due)
        loop_post(x->loop, x, lane);
}

/* Under lock: leaves the phase it is in for good. */
static void end(struct http_exchange *x)
{
    if (x->phase == EXCHANGE_IDLE && x->parked)
        atomic_fetch_sub(&x->server->n_parked, 1);
    x->phase = EXCHANGE_ENDED;
}

/* Under lock: what follows from a handler's return. */
static void settle(struct http_exchange *x, enum http_outcome outcome)
{
    bool again = x->rerun_wanted || (x->body_came && outcome != HTTP_DONE);
    x->body_wanted &= outcome != HTTP_DONE;
    if (again && !x->gone) {
        enqueue(x);
        return;
    }
    if (outcome == HTTP_DONE) {
        x->phase = x->holds ? EXCHANGE_HELD : EXCHANGE_LEAVING;
        if (!x->holds)
            post(x);
        return;
    }
    x->phase = EXCHANGE_IDLE;
    x->parked = outcome == HTTP_PARK;
    if (x->parked)
        atomic_fetch_add(&x->server->n_parked, 1);
    post(x);
}

/* What a run that did not answer leaves behind is given back before the exchange goes idle. */
static void run_forget(struct http_exchange *x)
{
    buf_done(&x->answer);
    arena_free(x->scratch);
    x->scratch = NULL;
}

static void run(struct work *work, void *worker_data)
{
    struct http_exchange *x = of_work(work);
    pthread_mutex_lock(&x->lock);
    bool wanted = x->phase == EXCHANGE_QUEUED;
    if (wanted)
        x->phase = EXCHANGE_RUNNING;
    leave(x);
    if (wanted) {
        x->worker_data = worker_data;
        if (x->runs++ > 0)
            answer_discard(x);
        enum http_outcome outcome = server_dispatch(x);
        if (outcome == HTTP_DONE)
            answer_finish(x);
        else
            run_forget(x);
        pthread_mutex_lock(&x->lock);
        settle(x, outcome);
        leave(x);
    }
    http_unref(x);
}

void http_hold(struct http_exchange *x)
{
    http_ref(x);
    pthread_mutex_lock(&x->lock);
    x->holds++;
    leave(x);
}

void http_release(struct http_exchange *x)
{
    pthread_mutex_lock(&x->lock);
    CHECK(x->holds > 0);
    if (--x->holds == 0 && x->phase == EXCHANGE_HELD) {
        x->phase = EXCHANGE_LEAVING;
        post(x);
    }
    leave(x);
    http_unref(x);
}

void http_rerun(struct http_exchange *x)
{
    pthread_mutex_lock(&x->lock);
    if (x->phase == EXCHANGE_RUNNING)
        x->rerun_wanted = true;
    else if (x->gone)
        x->phase = x->phase == EXCHANGE_HELD ? EXCHANGE_ENDED : x->phase;
    else if (x->phase == EXCHANGE_IDLE || x->phase == EXCHANGE_HELD)
        enqueue(x);
    leave(x);
}

void exchange_dispatch(struct http_exchange *x)
{
    pthread_mutex_lock(&x->lock);
    CHECK(x->phase == EXCHANGE_NEW);
    enqueue(x);
    leave(x);
}

void exchange_detach(struct http_exchange *x)
{
    bool tell = false;
    loop_cancel(x->loop, &x->timer);
    exchange_body_release(x);
    x->owner = NULL;
    pthread_mutex_lock(&x->lock);
    x->gone = true;
    if (x->phase == EXCHANGE_IDLE || x->phase == EXCHANGE_QUEUED) {
        tell = x->phase == EXCHANGE_IDLE || x->runs > 0;
        end(x);
    } else if (x->phase == EXCHANGE_NEW || x->phase == EXCHANGE_LEAVING) {
        end(x);
    }
    leave(x);
    if (tell && x->on_close)
        x->on_close(x, x->on_close_arg);
    http_unref(x);
}

bool exchange_is_idle(struct http_exchange *x)
{
    pthread_mutex_lock(&x->lock);
    bool idle = x->phase == EXCHANGE_IDLE;
    leave(x);
    return idle;
}

static void deadline_fire(struct wheel_entry *entry)
{
    struct http_exchange *x = of_timer(entry);
    pthread_mutex_lock(&x->lock);
    if (x->phase == EXCHANGE_IDLE)
        enqueue(x);
    leave(x);
}

void exchange_last_call(struct http_exchange *x)
{
    pthread_mutex_lock(&x->lock);
    if (x->phase == EXCHANGE_IDLE && x->parked) {
        x->last_call = true;
        enqueue(x);
    }
    leave(x);
}

/* The handler went idle: the peer may have gone meanwhile, the server may be stopping. Otherwise
 * its deadline is set; the exchange is alive while its owner is, so the timer needs no reference.
 */
static void attend_idle(struct http_exchange *x, int64_t deadline_ms)
{
    if (x->owner && loop_is_stopping(x->loop) && !x->last_call)
        exchange_last_call(x);
    else if (x->owner && deadline_ms)
        loop_set(x->loop, &x->timer, deadline_ms, deadline_fire);
}

/* Gone while it ran, and then it went idle: it will not run again, so its function is called. */
static bool end_if_gone(struct http_exchange *x)
{
    bool gone = x->gone && (x->phase == EXCHANGE_IDLE || x->phase == EXCHANGE_LEAVING);
    bool tell = gone && x->phase == EXCHANGE_IDLE;
    if (gone)
        end(x);
    return tell;
}

void exchange_attend(struct http_exchange *x)
{
    pthread_mutex_lock(&x->lock);
    bool tell = end_if_gone(x);
    enum exchange_phase phase = x->phase;
    bool piece = x->piece_ready, room = x->body_room;
    int64_t deadline_ms = phase == EXCHANGE_IDLE ? x->deadline_ms : 0;
    x->posted = x->piece_ready = x->body_room = false;
    leave(x);
    if (tell && x->on_close)
        x->on_close(x, x->on_close_arg);
    if (room && x->owner && x->carrier->body_room)
        x->carrier->body_room(x);
    if (phase == EXCHANGE_IDLE && x->owner && x->carrier->is_gone(x))
        phase = EXCHANGE_ENDED; /* is_gone closes, which detaches */
    if (phase == EXCHANGE_IDLE)
        attend_idle(x, deadline_ms);
    if (piece)
        x->piece_asked = false;
    if (phase == EXCHANGE_LEAVING && x->owner) {
        loop_cancel(x->loop, &x->timer);
        if (piece)
            x->carrier->piece(x);
        else
            x->carrier->answer(x);
    }
    http_unref(x);
}

/* ---- streamed bodies ---- */

/* Under lock: bytes the handler asked for. If it has answered without them, they change nothing. */
static void body_wake(struct http_exchange *x)
{
    if (!x->body_wanted)
        return;
    x->body_wanted = false;
    if (x->phase == EXCHANGE_RUNNING)
        x->body_came = true;
    else if (x->phase == EXCHANGE_IDLE)
        enqueue(x);
}

bool exchange_body_add(struct http_exchange *x, struct str bytes, bool at_end)
{
    pthread_mutex_lock(&x->lock);
    buf_add(&x->body, bytes);
    x->body_end |= at_end;
    if (buf_is_full(&x->body))
        x->body_cut = 413;
    x->body_full = x->body.n >= LIMIT_HTTP_STREAM_BUFFER / 2;
    bool room = !x->body_full;
    body_wake(x);
    leave(x);
    return room;
}

void exchange_body_cut(struct http_exchange *x, int status)
{
    pthread_mutex_lock(&x->lock);
    x->body_cut = status;
    body_wake(x);
    leave(x);
}

/* Hands what has come to the handler and its buffer back to the I/O thread. */
static void body_swap(struct http_exchange *x)
{
    struct buf taken = x->piece;
    x->piece = x->body;
    buf_clear(&taken);
    taken.max = x->piece.max;
    x->body = taken;
    if (x->body_full) {
        x->body_full = false;
        x->body_room = true;
        post(x);
    }
}

static int cut_error(int status, struct err *err)
{
    if (status == 413)
        return err_client(err, status, "M_TOO_LARGE", "The body is too large");
    return err_client(err, status, "M_UNKNOWN", "The body came too slowly or was cut short");
}

/* Under lock. */
static void body_ask(struct http_exchange *x)
{
    if (x->body_asked)
        return;
    x->body_asked = x->body_room = true;
    post(x);
}

int http_body_next(struct http_exchange *x, struct str *ret_piece, struct err *err)
{
    int result = 1;
    pthread_mutex_lock(&x->lock);
    int cut = x->body_cut;
    if (cut)
        result = -1;
    else if (x->body.n)
        body_swap(x);
    else if (x->body_end)
        result = 0;
    else
        result = 2;
    x->body_wanted = result == 2;
    if (result == 2)
        body_ask(x);
    leave(x);
    if (result < 0)
        return cut_error(cut, err);
    if (result == 1)
        *ret_piece = buf_str(&x->piece);
    return result;
}

/* ---- streamed answers ---- */

static void piece_run(struct work *work, void *worker_data)
{
    struct http_exchange *x = of_work(work);
    struct err err = ERR_INIT;
    (void)worker_data;
    buf_clear(&x->piece);
    x->piece.max = LIMIT_HTTP_OUT_BUFFER;
    x->piece_result = x->stream.next(x->stream.arg, &x->piece, &err);
    if (buf_is_full(&x->piece))
        x->piece_result = -1;
    pthread_mutex_lock(&x->lock);
    x->piece_ready = true;
    post(x);
    leave(x);
    http_unref(x);
}

void exchange_want_piece(struct http_exchange *x)
{
    if (x->piece_asked)
        return;
    x->piece_asked = true;
    x->work.run = piece_run;
    http_ref(x);
    workers_push(x->server->workers, &x->work, LANE_NORMAL);
}
