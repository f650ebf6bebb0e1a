/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/timers.h"

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/turns.h"
#include "service/rooms/delay.h"
#include "service/server.h"
#include "store/lease.h"

/* Sent in a turn; one alone while the first of them has been begun before. */
#define BATCH       50
#define CRASHES_MAX 3
#define LEASE_MS    30000
/* On several nodes another may have scheduled one, and be gone. */
#define LOOK_AGAIN_MS 5000
/* Another node has the lease. */
#define HELD_UP_MS 200
/* The store or the room does not let it be sent now. */
#define RETRY_MS 2000
/* A room that others write into at the same time. */
#define TRIES 20

struct timers {
    struct server *server;
    struct turns turns;
    int64_t pause_ms;  /* before the next turn at least */
    int64_t forgot_ms; /* when old rows were last forgotten */
};

static bool is_stopping(const struct timers *timers)
{
    return turns_is_stopping(&timers->turns);
}

static void tell(const char *what, const struct err *err)
{
    log_line(LOG_LEVEL_ERROR, "delayed_events", "what", LOG_Z(what), "detail",
             LOG_Z(err->detail[0] ? err->detail : err->text), NULL);
}

/* ---- one event ---- */

/* What its owner, or the room, would be refused as well. */
static bool is_final(const struct err *err)
{
    return err->kind == ERR_KIND_CLIENT && err->status < 500 && err->status != 429;
}

/* Another user's change of the room came first, or the event is no longer as it was: looked at
 * again. 0 it has ended; -1, and when it may be tried again. */
static int fire(struct timers *timers, const struct delayed *delayed, int64_t *ret_retry_ms)
{
    struct err err = ERR_INIT;
    for (int i = 0; i < TRIES; i++) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(4));
        struct use use = {.server = timers->server, .arena = arena};
        read_begin(timers->server->store, &use.read);
        int status = rooms_delay_fire(&use, delayed);
        struct err why = use.err;
        if (status < 0 && is_final(&why))
            status = rooms_delay_fail(&use, delayed, &why);
        read_end(&use.read);
        if (status == 0)
            return 0;
        err = use.err;
        if (err.kind != ERR_KIND_MOVED)
            break;
    }
    if (err.status == 429)
        *ret_retry_ms = err.retry_after_ms;
    else if (err.kind != ERR_KIND_MOVED)
        tell("sending", &err);
    return -1;
}

static int set_aside(struct timers *timers, const struct delayed *delayed)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(64));
    struct use use = {.server = timers->server, .arena = arena};
    struct err why = ERR_INIT;
    (void)err_internal(&why, "set aside: delayed event %lld", (long long)delayed->id);
    tell("its sender ended three times while at it", &why);
    read_begin(timers->server->store, &use.read);
    int status = rooms_delay_fail(&use, delayed, &why);
    read_end(&use.read);
    return status < 0 && use.err.kind != ERR_KIND_MOVED ? -1 : 0;
}

struct postponing {
    const struct delayed *delayed;
    int64_t due_ms;
};

static int write_postponing(struct write *w, void *arg, struct err *err)
{
    const struct postponing *postponing = arg;
    return delayed_postpone(w, postponing->delayed, postponing->due_ms, err);
}

/* Those behind it are not held up. */
static void work_on(struct timers *timers, const struct delayed *delayed)
{
    struct err err = ERR_INIT;
    int64_t retry_ms = RETRY_MS;
    int status = delayed->tries >= CRASHES_MAX ? set_aside(timers, delayed)
                                               : fire(timers, delayed, &retry_ms);
    if (status == 0)
        return;
    struct postponing postponing = {delayed, clock_wall_ms() + retry_ms};
    if (store_run(timers->server->store, write_postponing, &postponing, &err) < 0) {
        tell("postponing", &err);
        timers->pause_ms = RETRY_MS;
    }
}

/* ---- a turn ---- */

struct turn {
    int64_t node, ids[BATCH];
    size_t n;
    bool ours;
};

static int write_turn(struct write *w, void *arg, struct err *err)
{
    struct turn *turn = arg;
    if (lease_take(w, STR("delayed"), turn->node, LEASE_MS, &turn->ours, err) < 0)
        return -1;
    return turn->ours ? delayed_begin(w, turn->ids, turn->n, err) : 0;
}

static int write_turn_end(struct write *w, void *arg, struct err *err)
{
    const struct turn *turn = arg;
    return lease_give(w, STR("delayed"), turn->node, err);
}

static int write_rest(struct write *w, void *arg, struct err *err)
{
    const struct turn *rest = arg;
    return delayed_leave(w, rest->ids, rest->n, err);
}

/* Those that the end of the server came before were not tried. */
static void leave_rest(struct timers *timers, const struct turn *turn, size_t done)
{
    struct turn rest = {.n = turn->n - done};
    struct err err = ERR_INIT;
    if (!rest.n)
        return;
    memcpy(rest.ids, turn->ids + done, rest.n * sizeof *rest.ids);
    if (store_run(timers->server->store, write_rest, &rest, &err) < 0)
        tell("leaving", &err);
}

static size_t list_due(struct timers *timers, struct arena *arena, struct delayed **ret_due)
{
    struct err err = ERR_INIT;
    struct read read;
    size_t n = 0;
    read_begin(timers->server->store, &read);
    if (delayed_list_due(&read, clock_wall_ms(), BATCH, arena, ret_due, &n, &err) < 0) {
        tell("looking", &err);
        timers->pause_ms = RETRY_MS;
        n = 0;
    }
    read_end(&read);
    return n;
}

static bool begin_turn(struct timers *timers, struct turn *turn)
{
    struct err err = ERR_INIT;
    if (store_run(timers->server->store, write_turn, turn, &err) < 0) {
        tell("beginning", &err);
        timers->pause_ms = RETRY_MS;
        return false;
    }
    if (!turn->ours)
        timers->pause_ms = HELD_UP_MS;
    return turn->ours;
}

static void end_turn(struct timers *timers, struct turn *turn)
{
    struct err err = ERR_INIT;
    if (db_engine(store_db(timers->server->store)) == DB_ENGINE_SQLITE)
        return;
    if (store_run(timers->server->store, write_turn_end, turn, &err) < 0)
        tell("ending", &err);
}

static void send_due(struct timers *timers)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(8));
    struct turn turn = {.node = timers->server->node};
    struct delayed *due;
    timers->pause_ms = 0;
    size_t n = list_due(timers, arena, &due);
    for (; turn.n < n && (turn.n == 0 || due[0].tries == 0); turn.n++)
        turn.ids[turn.n] = due[turn.n].id;
    if (!turn.n || !begin_turn(timers, &turn))
        return;
    size_t done = 0;
    for (; done < turn.n && !is_stopping(timers); done++)
        work_on(timers, &due[done]);
    leave_rest(timers, &turn, done);
    end_turn(timers, &turn);
}

static int write_forgotten(struct write *w, void *arg, struct err *err)
{
    (void)arg;
    return delayed_forget(w, write_time_ms(w) - LIMIT_DELAYED_FINAL_MS, err);
}

static void forget_old(struct timers *timers)
{
    int64_t now = clock_monotonic_ms();
    struct err err = ERR_INIT;
    if (timers->forgot_ms && now - timers->forgot_ms < LIMIT_DELAYED_FINAL_MS / 168)
        return;
    timers->forgot_ms = now;
    if (store_run(timers->server->store, write_forgotten, NULL, &err) < 0)
        tell("forgetting", &err);
}

/* ---- the thread ---- */

static struct turn_next next_turn(const struct timers *timers)
{
    struct err err = ERR_INIT;
    struct read read;
    int64_t due = INT64_MAX, wait = LOOK_AGAIN_MS, now = clock_wall_ms();
    read_begin(timers->server->store, &read);
    if (delayed_next_due(&read, &due, &err) == 0 && due - now < LOOK_AGAIN_MS)
        wait = due - now;
    read_end(&read);
    return (struct turn_next){.in_ms = wait, .pause_ms = timers->pause_ms};
}

static struct turn_next turn(void *arg)
{
    struct timers *timers = arg;
    forget_old(timers);
    send_due(timers);
    return next_turn(timers);
}

void timers_wake(struct timers *timers)
{
    turns_wake(&timers->turns);
}

int timers_new(struct server *server, struct timers **ret_timers, struct err *err)
{
    struct timers *timers = MEM_NEW(struct timers);
    timers->server = server;
    turns_init(&timers->turns, "timers");
    *ret_timers = timers; /* what is sent finds it through the server */
    if (turns_start(&timers->turns, turn, timers, err) == 0)
        return 0;
    *ret_timers = NULL;
    timers_free(timers);
    return -1;
}

void timers_stop(struct timers *timers)
{
    if (timers)
        turns_stop(&timers->turns);
}

void timers_free(struct timers *timers)
{
    if (!timers)
        return;
    turns_done(&timers->turns);
    mem_free(timers);
}
