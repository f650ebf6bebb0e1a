/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/random.h"
#include "base/wait.h"
#include "store/event_cache.h"
#include "store/private.h"
#include "store/schema.h"
#include "store/state_cache.h"

/* On SQLite the counter's row is not written with every batch: the log tells how far it goes. */
static const struct db_stmt COUNTER_LOAD = {
    "counter_load",
    "SELECT counter.pos, (SELECT coalesce(max(log.pos), 0) FROM log), counter.next_id,"
    " epoch.epoch, epoch.base FROM counter, epoch"
    " WHERE counter.id = 1 ORDER BY epoch.epoch DESC LIMIT 1",
};

/* ---- opening ---- */

static int load_counter(struct store *store, int64_t *ret_next_id, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    if (db_query(store->writer, &COUNTER_LOAD, DB_NO_PARAMS, &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found <= 0)
        return found < 0 ? -1 : err_internal(err, "the store has no counter");
    int64_t logged = db_column_int(query, 1);
    *ret_next_id = db_column_int(query, 2);
    store->epoch = db_column_int(query, 3);
    store->base = db_column_int(query, 4);
    store->committed_pos = db_column_int(query, 0);
    if (store->committed_pos < logged)
        store->committed_pos = logged;
    if (store->committed_pos < store->base)
        store->committed_pos = store->base;
    store->ids_saved = *ret_next_id;
    atomic_store(&store->head, store->committed_pos);
    return 0;
}

/* One program at a time on a SQLite store: positions and ids are counted in memory. The lock goes
 * when the process ends, however it ends. */
static int take_lock(struct store *store, const char *uri, struct err *err)
{
    CLEANUP(buf_done) struct buf path;
    if (!str_starts(str_from(uri), STR("sqlite:")))
        return 0;
    buf_init(&path, KIB(8));
    buf_printf(&path, "%s.lock", uri + strlen("sqlite:"));
    buf_add_byte(&path, '\0');
    if (buf_is_full(&path))
        return err_internal(err, "the path of the store is too long");
    store->lock_fd = open(path.p, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (store->lock_fd < 0)
        return err_internal(err, "opening %s: %s", path.p, strerror(errno));
    if (flock(store->lock_fd, LOCK_EX | LOCK_NB) < 0)
        return err_internal(err, "%s is held: another program runs on this store", path.p);
    return 0;
}

static struct store *store_new(const struct store_options *options)
{
    struct store *store = MEM_NEW(struct store);
    store->lock_fd = -1;
    queue_init(&store->queue, options->queue_max);
    ids_init(&store->ids);
    names_init(&store->names);
    pthread_mutex_init(&store->upkeep.lock, NULL);
    wait_init(&store->upkeep.wake);
    pthread_mutex_init(&store->deliver_lock, NULL);
    pthread_mutex_init(&store->search_seen.lock, NULL);
    store->events = event_cache_new();
    store->states = state_cache_new();
    random_bytes(&store->node, sizeof store->node);
    store->node &= INT64_MAX;
    return store;
}

static int open_tables(struct store *store, int64_t *ret_next_id, struct err *err)
{
    if (db_migrate(store->db, STORE_MIGRATIONS, STORE_MIGRATIONS_N, err) < 0 ||
        db_conn_open(store->db, DB_MODE_WRITE, &store->writer, err) < 0)
        return -1;
    return load_counter(store, ret_next_id, err);
}

static int nothing(struct write *w, void *arg, struct err *err)
{
    (void)w;
    (void)arg;
    (void)err;
    return 0;
}

static int intern_types(struct store *store, struct err *err)
{
    struct search_types *types = &store->search_types;
    if (store_intern(store, STR("m.room.member"), &store->type_member, err) < 0 ||
        store_intern(store, STR("m.room.message"), &types->message, err) < 0 ||
        store_intern(store, STR("m.room.name"), &types->name, err) < 0)
        return -1;
    return store_intern(store, STR("m.room.topic"), &types->topic, err);
}

/* On PostgreSQL ids come from blocks; two batches of nothing fetch the first ones. */
static int start_ids(struct store *store, int64_t next_id, struct err *err)
{
    if (store->engine == DB_ENGINE_SQLITE)
        ids_add_block(&store->ids, next_id, INT64_MAX);
    else if (store_run(store, nothing, NULL, err) < 0 || store_run(store, nothing, NULL, err) < 0)
        return -1;
    return intern_types(store, err);
}

static int open_store(struct store *store, const struct store_options *options, struct err *err)
{
    struct db_options db_options = {.sqlite_vfs = options->sqlite_vfs,
                                    .wal_pages_max = options->wal_pages_max};
    int64_t next_id;
    if (follow_init(&store->follow, err) < 0 || take_lock(store, options->uri, err) < 0 ||
        db_open(options->uri, &db_options, &store->db, err) < 0)
        return -1;
    store->engine = db_engine(store->db);
    if (open_tables(store, &next_id, err) < 0 || appender_start(store, err) < 0 ||
        start_ids(store, next_id, err) < 0)
        return -1;
    return upkeep_start(store, err);
}

int store_open(const struct store_options *options, struct store **ret_store, struct err *err)
{
    struct store *store = store_new(options);
    if (open_store(store, options, err) < 0) {
        store_close(store);
        return -1;
    }
    *ret_store = store;
    return 0;
}

void store_hurry(struct store *store)
{
    queue_hurry(&store->queue);
    db_hurry(store->db);
    pthread_mutex_lock(&store->upkeep.lock);
    pthread_cond_broadcast(&store->upkeep.wake); /* the appender may be waiting for its next try */
    pthread_mutex_unlock(&store->upkeep.lock);
}

void store_close(struct store *store)
{
    if (!store)
        return;
    queue_close(&store->queue); /* from here on a lost connection is not waited for */
    if (store->db)
        db_hurry(store->db);
    upkeep_stop(store);
    appender_stop(store);
    db_conn_close(store->writer);
    db_close(store->db);
    state_cache_free(store->states);
    event_cache_free(store->events);
    names_done(&store->names);
    ids_done(&store->ids);
    queue_done(&store->queue);
    follow_done(&store->follow);
    pthread_mutex_destroy(&store->deliver_lock);
    pthread_mutex_destroy(&store->search_seen.lock);
    pthread_mutex_destroy(&store->upkeep.lock);
    pthread_cond_destroy(&store->upkeep.wake);
    if (store->lock_fd >= 0)
        close(store->lock_fd);
    mem_free(store);
}

/* ---- what is asked of it ---- */

struct db *store_db(struct store *store)
{
    return store->db;
}

bool store_has_stopped(const struct store *store)
{
    return atomic_load(&store->stopped) || db_is_broken(store->db);
}

void store_count(struct store *store, struct store_counts *ret_counts)
{
    pthread_mutex_lock(&store->queue.lock);
    int64_t queue = (int64_t)store->queue.n;
    pthread_mutex_unlock(&store->queue.lock);
    *ret_counts = (struct store_counts){
        .batches = atomic_load(&store->n_batches),
        .jobs = atomic_load(&store->n_jobs),
        .refused = atomic_load(&store->n_refused),
        .queue = queue,
        .positions = atomic_load(&store->head) - store->base,
        .wal_pages = atomic_load(&store->wal_pages),
        .commit_us_total = atomic_load(&store->commit_us_total),
        .commit_us_max = atomic_load(&store->commit_us_max),
    };
}
