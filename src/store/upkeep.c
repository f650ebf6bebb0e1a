/* SPDX-License-Identifier: EUPL-1.2 */
#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/wait.h"
#include "store/private.h"
#include "store/schema.h"
#include "store/search.h"

/* Threads of the store that wake by the clock or when there is enough to do. SQLite: checkpoints,
 * away from the appender. PostgreSQL: following the other nodes. Both: what migrations left to do
 * in the background, first of all; and, on a thread of its own, what searches look in. */

/* After a checkpoint that copied everything the next commit begins the log anew, which costs it a
 * second fsync: where little is written, not after each message. */
#define CHECKPOINT_MS    30000
#define CHECKPOINT_PAGES 1000
#define FOLLOW_RETRY_MS  250

#define BACKGROUND_RETRY_MS 1000
#define INDEX_MS            1000

/* Sleeps until the time is up, or where a checkpoint is waited for until one is due. False:
 * closing.
 */
static bool sleep_ms(struct upkeep *upkeep, int64_t ms, bool checkpoints)
{
    int64_t until = clock_monotonic_ms() + ms;
    pthread_mutex_lock(&upkeep->lock);
    while (!upkeep->closing && !(checkpoints && upkeep->due) &&
           wait_until(&upkeep->wake, &upkeep->lock, until))
        ;
    bool on = !upkeep->closing;
    pthread_mutex_unlock(&upkeep->lock);
    return on;
}

void upkeep_note_batch(struct store *store)
{
    struct upkeep *upkeep = &store->upkeep;
    bool grown = db_log_grown(store->db) >= CHECKPOINT_PAGES;
    pthread_mutex_lock(&upkeep->lock);
    if (grown && !upkeep->due) {
        upkeep->due = true;
        pthread_cond_broadcast(&upkeep->wake);
    }
    pthread_mutex_unlock(&upkeep->lock);
}

/* ---- background migrations ---- */

struct background {
    int more;
};

static int run_background(struct write *w, void *arg, struct err *err)
{
    struct background *background = arg;
    background->more =
        db_migrate_background(write_conn(w), STORE_MIGRATIONS, STORE_MIGRATIONS_N, err);
    return background->more < 0 ? -1 : 0;
}

/* A piece that fails is tried again later: the program serves meanwhile. */
static void finish_migrations(struct store *store)
{
    struct background background = {.more = 1};
    int64_t pause_ms = 0;
    while (background.more > 0 && !store_has_stopped(store) &&
           sleep_ms(&store->upkeep, pause_ms, false)) {
        struct err err = ERR_INIT;
        bool done = store_run(store, run_background, &background, &err) == 0;
        bool busy = err.retry_after_ms > 0 || err.kind == ERR_KIND_MOVED;
        pause_ms = done ? 0 : BACKGROUND_RETRY_MS;
        if (done)
            continue;
        background.more = 1;
        if (!busy && !store_has_stopped(store))
            log_line(LOG_LEVEL_ERROR, "migration_failed", "detail", LOG_Z(err.detail), NULL);
    }
}

/* ---- checkpoints ---- */

/* Without new commits there is nothing to do, which db_checkpoint sees. It is due no more when the
 * checkpoint is over: what grows meanwhile, the next batch notes. */
static void checkpoint(struct store *store)
{
    struct err err = ERR_INIT;
    int64_t pages = 0;
    bool stopped = store_has_stopped(store);
    if (!stopped && db_checkpoint(store->db, &pages, &err) == 0)
        atomic_store(&store->wal_pages, pages);
    else if (!stopped)
        log_line(LOG_LEVEL_ERROR, "checkpoint_failed", "detail", LOG_Z(err.detail), NULL);
    pthread_mutex_lock(&store->upkeep.lock);
    store->upkeep.due = false;
    pthread_mutex_unlock(&store->upkeep.lock);
}

static void *checkpoints_main(void *arg)
{
    struct store *store = arg;
    pthread_setname_np(pthread_self(), "checkpoints");
    finish_migrations(store);
    while (sleep_ms(&store->upkeep, CHECKPOINT_MS, true))
        checkpoint(store);
    return NULL;
}

/* ---- other nodes ---- */

static void *follower_main(void *arg)
{
    struct store *store = arg;
    struct db_conn *ear = NULL;
    bool well = true;
    pthread_setname_np(pthread_self(), "follower");
    finish_migrations(store);
    while (sleep_ms(&store->upkeep, well ? 0 : FOLLOW_RETRY_MS, false)) {
        struct err err = ERR_INIT;
        bool was_well = well;
        well = follow_turn(store, &ear, &err) == 0;
        if (was_well && !well)
            log_line(LOG_LEVEL_ERROR, "following_failed", "detail", LOG_Z(err.detail), NULL);
    }
    db_conn_close(ear);
    return NULL;
}

/* ---- what searches look in ---- */

/* Rounds until nothing is left, another node was before us, or the store is about to close. */
static int index_turn(struct store *store, struct err *err)
{
    int more = 1;
    while (more == 1 && sleep_ms(&store->upkeep, 0, false))
        more = store_has_stopped(store) ? 0 : search_follow(store, err);
    return more < 0 && err->kind != ERR_KIND_MOVED ? -1 : 0;
}

static void *indexer_main(void *arg)
{
    struct store *store = arg;
    bool well = true;
    pthread_setname_np(pthread_self(), "indexer");
    while (sleep_ms(&store->upkeep, INDEX_MS, false)) {
        struct err err = ERR_INIT;
        bool was_well = well;
        well = index_turn(store, &err) == 0;
        if (was_well && !well)
            log_line(LOG_LEVEL_ERROR, "search_index_failed", "detail", LOG_Z(err.detail), NULL);
    }
    return NULL;
}

int upkeep_start(struct store *store, struct err *err)
{
    struct upkeep *upkeep = &store->upkeep;
    bool sqlite = store->engine == DB_ENGINE_SQLITE;
    int failed =
        pthread_create(&upkeep->thread, NULL, sqlite ? checkpoints_main : follower_main, store);
    upkeep->started = !failed;
    if (!failed)
        failed = pthread_create(&upkeep->indexer, NULL, indexer_main, store);
    upkeep->indexes = upkeep->started && !failed;
    return failed ? err_internal(err, "starting the upkeep: %s", strerror(failed)) : 0;
}

void upkeep_stop(struct store *store)
{
    struct upkeep *upkeep = &store->upkeep;
    pthread_mutex_lock(&upkeep->lock);
    upkeep->closing = true;
    pthread_cond_broadcast(&upkeep->wake);
    pthread_mutex_unlock(&upkeep->lock);
    follow_wake(&store->follow);
    if (upkeep->started)
        pthread_join(upkeep->thread, NULL);
    if (upkeep->indexes)
        pthread_join(upkeep->indexer, NULL);
}
