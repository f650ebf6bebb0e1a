/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/push/pushing_private.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "service/config.h"
#include "service/push/pushers.h"
#include "service/push/vapid.h"
#include "store/lease.h"

#define LEASE_MS    15000
#define RENEW_MS    5000
#define PASSIVE_MS  5000  /* between two looks for the lease, where there are other nodes */
#define ALONE_MS    60000 /* the same where there are none: we are woken */
#define SAVE_MS     1000
#define SAVE_AFTER  10000 /* positions in which nothing was pushed */
#define PAUSE_MS    1000
#define CATCH_UP_MS 250 /* between two looks for pushers that are due */
#define STOP_MS     2000
#define CRASHES_MAX 3
#define PART_MS     250

void pushing_begin_part(struct pushing *pushing)
{
    pushing->until_ms = clock_monotonic_ms() + pushing->part_ms;
}

bool pushing_has_time(const struct pushing *pushing)
{
    return clock_monotonic_ms() < pushing->until_ms;
}

int64_t pushing_seen_for(const struct pushing *pushing, int64_t user)
{
    const struct push_part *part = &pushing->part;
    return part->user && (user <= part->user || user == part->about) ? part->pos : pushing->seen;
}

bool pushing_is_stopping(struct pushing *pushing)
{
    return atomic_load(&pushing->stopping);
}

static bool is_alone(struct pushing *pushing)
{
    return db_engine(store_db(pushing->server->store)) == DB_ENGINE_SQLITE;
}

void pushing_tell(struct pushing *pushing, const struct err *err)
{
    log_line(LOG_LEVEL_ERROR, "push", "detail", LOG_Z(err->detail[0] ? err->detail : err->text),
             NULL);
    pushing->pause_ms = clock_monotonic_ms() + PAUSE_MS;
}

bool pushing_commit(struct pushing *pushing,
                    int (*run)(struct write *w, void *arg, struct err *err), void *arg)
{
    struct err err = ERR_INIT;
    if (store_run(pushing->server->store, run, arg, &err) == 0)
        return true;
    if (err.kind == ERR_KIND_MOVED)
        return false;
    pushing_tell(pushing, &err);
    return false;
}

/* ---- what crashes the program is set aside (DUR-12) ---- */

struct marking {
    int64_t pusher, pos;
};

static int write_at(struct write *w, void *arg, struct err *err)
{
    const struct marking *marking = arg;
    return push_progress_set_at(w, marking->pusher, marking->pos, err);
}

static int write_past(struct write *w, void *arg, struct err *err)
{
    (void)arg;
    return push_progress_set_past(w, err);
}

static bool is_set_aside(const struct pushing *pushing, int64_t pusher, int64_t pos)
{
    for (size_t i = 0; i < pushing->suspects.n; i++) {
        const struct push_suspect *suspect = &pushing->suspects.p[i];
        if (suspect->pusher == pusher && suspect->pos == pos)
            return suspect->crashes >= CRASHES_MAX - 1; /* and the one before it was looked for */
    }
    return false;
}

bool pushing_may_begin(struct pushing *pushing, int64_t pusher, int64_t pos, bool *ret_failed)
{
    struct marking marking = {pusher, pos};
    *ret_failed = false;
    if (!pushing->careful)
        return true;
    if (is_set_aside(pushing, pusher, pos)) {
        log_line(LOG_LEVEL_ERROR, "push_set_aside", "pusher", LOG_INT(pusher), "position",
                 LOG_INT(pos), "why", LOG_Z("the program ended three times while at it"), NULL);
        return false;
    }
    *ret_failed = !pushing_commit(pushing, write_at, &marking);
    return !*ret_failed;
}

static void leave_care(struct pushing *pushing)
{
    if (!pushing->careful || pushing->seen < pushing->careful_until || pushing->lanes.n)
        return;
    pushing->careful = !pushing_commit(pushing, write_past, NULL);
}

/* ---- the lease, and where the work begins ---- */

struct starting {
    int64_t node, pos;
    bool begins, ours;
    struct push_progress before;
};

static int write_lease(struct write *w, void *arg, struct err *err)
{
    struct starting *starting = arg;
    if (lease_take(w, STR("push"), starting->node, LEASE_MS, &starting->ours, err) < 0)
        return -1;
    return starting->ours && starting->begins ? push_progress_begin(w, &starting->before, err) : 0;
}

static int write_end(struct write *w, void *arg, struct err *err)
{
    const struct starting *starting = arg;
    if (push_progress_end(w, starting->pos, err) < 0)
        return -1;
    return lease_give(w, STR("push"), starting->node, err);
}

static int write_pos(struct write *w, void *arg, struct err *err)
{
    const int64_t *pos = arg;
    return push_progress_set_pos(w, *pos, err);
}

/* Nobody has a pusher: nothing is read, nothing is written. */
static bool is_wanted(struct pushing *pushing)
{
    struct err err = ERR_INIT;
    struct read read;
    read_begin(pushing->server->store, &read);
    int exists = pusher_exists(&read, &err);
    read_end(&read);
    if (exists < 0)
        pushing_tell(pushing, &err);
    return exists == 1;
}

static void forget_all(struct pushing *pushing)
{
    lanes_drop_all(pushing);
    recipients_forget_all(pushing->recipients);
    VEC_CLEAR(&pushing->found);
    pushing->part = (struct push_part){0};
    VEC_CLEAR(&pushing->counts);
    int_map_done(&pushing->counting);
    pushing->counting = (struct int_map){0};
    pushing->leased = false;
    atomic_store(&pushing->listening, false);
}

static int load_suspects(struct pushing *pushing)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(4));
    struct push_suspect *suspects;
    struct err err = ERR_INIT;
    struct read read;
    size_t n = 0;
    VEC_CLEAR(&pushing->suspects);
    read_begin(pushing->server->store, &read);
    int status = push_suspect_list(&read, arena, &suspects, &n, &err);
    read_end(&read);
    for (size_t i = 0; status == 0 && i < n; i++)
        VEC_ADD(&pushing->suspects, suspects[i]);
    if (status < 0)
        pushing_tell(pushing, &err);
    return status;
}

static void begin(struct pushing *pushing)
{
    struct starting starting = {.node = pushing->server->node, .begins = true};
    if (!is_wanted(pushing) || !pushing_commit(pushing, write_lease, &starting) || !starting.ours ||
        load_suspects(pushing) < 0)
        return;
    const struct push_progress *before = &starting.before;
    pushing->leased = true;
    pushing->renew_ms = clock_monotonic_ms() + RENEW_MS;
    pushing->generation = before->generation;
    pushing->seen = pushing->saved = before->pos;
    pushing->has_pushed = false;
    pushing->due_ms = 0;
    pushing->looked = (struct pusher_mark){0};
    pushing->careful = before->begun > 0;
    pushing->careful_until = store_head(pushing->server->store).pos;
    atomic_store(&pushing->listening, true);
}

static void renew(struct pushing *pushing)
{
    struct starting starting = {.node = pushing->server->node};
    if (is_alone(pushing) || clock_monotonic_ms() < pushing->renew_ms)
        return;
    if (!pushing_commit(pushing, write_lease, &starting) || !starting.ours)
        forget_all(pushing); /* another node goes on from what is stored */
    pushing->renew_ms = clock_monotonic_ms() + RENEW_MS;
}

static void end(struct pushing *pushing)
{
    struct starting starting = {.node = pushing->server->node, .pos = lanes_position(pushing)};
    if (pushing->leased)
        (void)pushing_commit(pushing, write_end, &starting);
    forget_all(pushing);
}

/* ---- how far ---- */

/* Behind what was answered for. Where nothing was pushed, to look again costs little. */
static void save(struct pushing *pushing)
{
    int64_t pos = lanes_position(pushing), now = clock_monotonic_ms();
    bool is_due = pushing->has_pushed ? now >= pushing->save_ms : pos - pushing->saved > SAVE_AFTER;
    if (pos <= pushing->saved || !is_due || !pushing_commit(pushing, write_pos, &pos))
        return;
    pushing->saved = pos;
    pushing->save_ms = now + SAVE_MS;
    pushing->has_pushed = pushing->lanes.n > 0;
}

/* Pushers may have come or gone, here or on another node: looked at in the snapshot that the log is
 * read in, so that no event is taken in by what was true before. */
int pushing_look_at_pushers(struct pushing *pushing, struct use *use)
{
    struct push_progress progress;
    if (push_progress_load(&use->read, &progress, &use->err) < 0)
        return -1;
    if (progress.generation == pushing->generation)
        return 0;
    pushing->generation = progress.generation;
    recipients_forget_all(pushing->recipients);
    if (progress.pos > pushing->seen) { /* the first of all was set, after it */
        pushing->seen = progress.pos;
        pushing->part = (struct push_part){0};
    }
    return 0;
}

bool pushing_can_read(struct pushing *pushing)
{
    struct push_progress progress;
    struct err err = ERR_INIT;
    struct read read;
    read_begin(pushing->server->store, &read);
    int status = push_progress_load(&read, &progress, &err);
    read_end(&read);
    return status == 0;
}

/* One that cannot be worked on though the store can be read is passed over the third time. */
bool pushing_is_hopeless(struct pushing *pushing, int64_t *n, int64_t pos)
{
    ++*n;
    if (!pushing_can_read(pushing) || *n < CRASHES_MAX)
        return false;
    log_line(LOG_LEVEL_ERROR, "push_set_aside", "position", LOG_INT(pos), "why",
             LOG_Z("it cannot be read"), NULL);
    return true;
}

/* What somebody has set or deleted: the last pusher may have gone, one that was behind may be tried
 * at once. */
static void take_changes(struct pushing *pushing)
{
    if (!atomic_exchange(&pushing->changed, false))
        return;
    pushing->due_ms = 0;
    if (!is_wanted(pushing) && clock_monotonic_ms() >= pushing->pause_ms)
        end(pushing);
}

/* ---- the thread ---- */

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* How long there is nothing to do, if nothing comes. */
static int64_t wait_ms(const struct pushing *pushing)
{
    int64_t now = clock_monotonic_ms(), due = pushing->due_ms - clock_wall_ms();
    int64_t wait = sooner(PASSIVE_MS, due < CATCH_UP_MS ? CATCH_UP_MS : due);
    if (pushing->pause_ms > now)
        return pushing->pause_ms - now;
    if (pushing->counts.n)
        wait = sooner(wait, pushing->counts.p[0].due_ms - now);
    if (pushing->has_pushed && lanes_position(pushing) > pushing->saved)
        wait = sooner(wait, pushing->save_ms - now);
    return wait < 0 ? 0 : wait;
}

/* Returns how long to wait. Each part ends in time for the lease, of which this thread alone takes
 * care, and for the answers, which are taken between two turns. */
static int64_t work(struct pushing *pushing)
{
    bool more = false;
    renew(pushing);
    if (pushing->leased)
        take_changes(pushing);
    if (!pushing->leased || clock_monotonic_ms() < pushing->pause_ms)
        return wait_ms(pushing);
    recipients_trim(pushing->recipients);
    if (!pushing->careful || !pushing->lanes.n)
        more = intake_some(pushing);
    if (!pushing->careful)
        behind_catch_up(pushing);
    intake_counts(pushing);
    more |= lanes_send(pushing);
    leave_care(pushing);
    save(pushing);
    atomic_store(&pushing->n_waiting, (int64_t)pushing->waiting);
    return more && clock_monotonic_ms() >= pushing->pause_ms ? 0 : wait_ms(pushing);
}

static void *pushing_main(void *arg)
{
    struct pushing *pushing = arg;
    pthread_setname_np(pthread_self(), "push");
    while (!pushing_is_stopping(pushing)) {
        if (!pushing->leased && clock_monotonic_ms() >= pushing->pause_ms)
            begin(pushing);
        int64_t wait = pushing->leased ? work(pushing)
                       : is_alone(pushing) && clock_monotonic_ms() >= pushing->pause_ms
                           ? ALONE_MS
                           : PASSIVE_MS;
        courier_turn(pushing->courier, wait);
    }
    int64_t until = clock_monotonic_ms() + STOP_MS;
    while (courier_under_way(pushing->courier) && clock_monotonic_ms() < until)
        courier_turn(pushing->courier, until - clock_monotonic_ms());
    end(pushing);
    return NULL;
}

void pushing_listen(struct pushing *pushing, const struct log_entry *entries, size_t n)
{
    if (!atomic_load(&pushing->listening))
        return;
    for (size_t i = 0; i < n; i++)
        if (entries[i].kind == LOG_KIND_EVENT || entries[i].kind == LOG_KIND_RECEIPT) {
            courier_wake(pushing->courier);
            return;
        }
}

void pushing_wake(struct pushing *pushing)
{
    atomic_store(&pushing->changed, true);
    courier_wake(pushing->courier);
}

/* ---- life ---- */

static int open_parts(struct pushing *pushing, struct err *err)
{
    const struct config *config = pushing->server->config;
    struct courier_rules rules;
    if (push_rules_of_way_out(config, &rules, err) < 0 ||
        courier_new(&rules, &pushing->courier, err) < 0)
        return -1;
    if (!config->push_web || !config->push_key.p)
        return 0;
    return vapid_load_or_make(config->push_key.p, &pushing->vapid, err);
}

int pushing_new(struct server *server, struct pushing **ret_pushing, struct err *err)
{
    struct pushing *pushing = MEM_NEW(struct pushing);
    pushing->server = server;
    pushing->part_ms = PART_MS;
    pushing->recipients = recipients_new();
    if (open_parts(pushing, err) < 0) {
        pushing_free(pushing);
        return -1;
    }
    *ret_pushing = pushing;
    return 0;
}

int pushing_start(struct pushing *pushing, struct err *err)
{
    pushing->running = pthread_create(&pushing->thread, NULL, pushing_main, pushing) == 0;
    return pushing->running ? 0 : err_internal(err, "starting the thread that pushes");
}

void pushing_stop(struct pushing *pushing)
{
    if (!pushing || !pushing->running)
        return;
    atomic_store(&pushing->stopping, true);
    courier_wake(pushing->courier);
    pthread_join(pushing->thread, NULL);
    pushing->running = false;
}

void pushing_free(struct pushing *pushing)
{
    if (!pushing)
        return;
    pushing_stop(pushing);
    lanes_drop_all(pushing);
    courier_free(pushing->courier);
    recipients_free(pushing->recipients);
    int_map_done(&pushing->lanes);
    int_map_done(&pushing->counting);
    VEC_DONE(&pushing->counts);
    VEC_DONE(&pushing->found);
    VEC_DONE(&pushing->suspects);
    vapid_free(pushing->vapid);
    mem_free(pushing);
}

const struct vapid *pushing_vapid(const struct pushing *pushing)
{
    return pushing->vapid;
}

void pushing_count(const struct pushing *pushing, struct pushing_counts *ret_counts)
{
    *ret_counts = (struct pushing_counts){
        .sent = atomic_load(&pushing->n_sent),
        .failed = atomic_load(&pushing->n_failed),
        .waiting = atomic_load(&pushing->n_waiting),
    };
}
