/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/clock.h"
#include "store/event_cache.h"
#include "store/private.h"
#include "store/state_cache.h"

static const struct db_stmt COUNTER_LOCK = {
    "counter_lock",
    "UPDATE counter SET pos = pos WHERE id = 1 RETURNING pos, next_id",
};
static const struct db_stmt COUNTER_SAVE = {
    "counter_save",
    "UPDATE counter SET pos = :pos, next_id = :next_id WHERE id = 1",
};
static const struct db_stmt BATCH_SAVE = {
    "batch_save",
    "INSERT INTO batch (node, seq, ts) VALUES (:node, :seq, :ts)"
    " ON CONFLICT (node) DO UPDATE SET seq = excluded.seq, ts = excluded.ts",
};
static const struct db_stmt LOG_INSERT = {
    "log_insert",
    "INSERT INTO log (pos, kind, room, user_id, ref) VALUES (:pos, :kind, :room, :user_id, :ref)",
};

void write_init(struct write *w, struct store *store)
{
    *w = (struct write){
        .store = store,
        .conn = store->writer,
        .arena = store->arena,
        .time_ms = clock_wall_ms(),
        .attempt = ++store->attempts,
    };
    arena_reset(w->arena);
}

void write_done(struct write *w)
{
    for (size_t i = 0; i < w->events.n; i++)
        event_unref(w->events.p[i]);
    for (size_t i = 0; i < w->states.n; i++)
        state_node_unref(w->states.p[i]);
    VEC_DONE(&w->events);
    VEC_DONE(&w->log);
    VEC_DONE(&w->states);
    VEC_DONE(&w->stale);
    VEC_DONE(&w->names);
}

/* ---- the counter ---- */

/* Takes the position lock: batches of several nodes come one after the other. */
static int lock_counter(struct write *w, int64_t *ret_next_id, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    if (db_query(w->conn, &COUNTER_LOCK, DB_NO_PARAMS, &query, err) < 0)
        return -1;
    int found = db_step(query, err);
    if (found <= 0)
        return found < 0 ? -1 : err_internal(err, "the store has no counter");
    w->first = db_column_int(query, 0);
    *ret_next_id = db_column_int(query, 1);
    return db_step(query, err) < 0 ? -1 : 0;
}

int write_begin(struct write *w, struct err *err)
{
    struct store *store = w->store;
    int64_t next_id;
    if (db_begin(w->conn, err) < 0)
        return -1;
    if (store->engine == DB_ENGINE_SQLITE) {
        w->first = w->pos = store->committed_pos;
        return 0;
    }
    if (lock_counter(w, &next_id, err) < 0)
        return -1;
    w->pos = w->first;
    w->block_from = w->block_end = next_id;
    if (ids_want_block(&store->ids))
        w->block_end += IDS_BLOCK;
    return 0;
}

static int put_counter(struct write *w, int64_t next_id, struct err *err)
{
    return db_exec_expect(w->conn, &COUNTER_SAVE,
                          DB_PARAMS(DB_INT("pos", w->pos), DB_INT("next_id", next_id)), 1, err);
}

/* One node: the log says which positions are taken, and ids are written down some way ahead, so
 * that most batches leave the row alone. */
static int save_ids(struct write *w, struct err *err)
{
    int64_t next_id = ids_peek(&w->store->ids);
    if (next_id <= w->store->ids_saved)
        return 0;
    w->ids_saved = next_id + IDS_AHEAD;
    return put_counter(w, w->ids_saved, err);
}

static int save_counter(struct write *w, struct err *err)
{
    struct store *store = w->store;
    if (store->engine == DB_ENGINE_SQLITE)
        return save_ids(w, err);
    if (db_exec(w->conn, &BATCH_SAVE,
                DB_PARAMS(DB_INT("node", store->node), DB_INT("seq", w->attempt),
                          DB_INT("ts", w->time_ms)),
                err) < 0 ||
        follow_hint(w, err) < 0)
        return -1;
    return put_counter(w, w->block_end, err);
}

/* ---- rows that wait ---- */

static int flush_log(struct write *w, struct err *err)
{
    size_t from = w->log_flushed, n = w->log.n - from;
    if (n == 0)
        return 0;
    int64_t *values = ARENA_NEW_N(w->arena, n * 5, int64_t);
    for (size_t i = 0; i < n; i++) {
        const struct log_entry *entry = &w->log.p[from + i];
        values[i] = entry->pos;
        values[n + i] = entry->kind;
        values[2 * n + i] = entry->room;
        values[3 * n + i] = entry->user;
        values[4 * n + i] = entry->ref;
    }
    struct db_column columns[] = {
        {"pos", values, NULL},          {"kind", values + n, NULL},
        {"room", values + 2 * n, NULL}, {"user_id", values + 3 * n, NULL},
        {"ref", values + 4 * n, NULL},
    };
    w->log_flushed = w->log.n;
    return db_insert_many(w->conn, &LOG_INSERT, columns, ARRAY_LEN(columns), n, err);
}

int write_flush(struct write *w, struct err *err)
{
    if (event_flush(w, err) < 0)
        return -1;
    return state_flush(w, err);
}

int write_finish(struct write *w, struct err *err)
{
    if (write_flush(w, err) < 0 || flush_log(w, err) < 0 || names_write(w, err) < 0 ||
        save_counter(w, err) < 0)
        return -1;
    return db_flush(w->conn, err);
}

void write_publish(struct write *w)
{
    struct store *store = w->store;
    names_saved(w);
    state_published(w);
    /* Without a position of its own the rewriting counts with the next one: see the cache. */
    int64_t rewritten = w->log.n ? w->pos : w->pos + 1;
    for (size_t i = 0; i < w->stale.n; i++)
        event_cache_drop(store->events, w->stale.p[i], rewritten);
    for (size_t i = 0; i < w->events.n; i++)
        event_cache_put(store->events, w->events.p[i]);
    if (w->ids_saved)
        store->ids_saved = w->ids_saved;
    if (w->block_end > w->block_from)
        ids_add_block(&store->ids, w->block_from, w->block_end);
    store->committed_pos = w->pos;
    deliver_own(store, w->first, w->log.p, w->log.n, w->pos);
}

/* ---- what jobs ask for ---- */

struct db_conn *write_conn(struct write *w)
{
    w->touched = true; /* whoever asks for it may write */
    return w->conn;
}

struct store *write_store(struct write *w)
{
    return w->store;
}

int64_t write_time_ms(const struct write *w)
{
    return w->time_ms;
}

int write_position(struct write *w, enum log_kind kind, int64_t room, int64_t user, int64_t ref,
                   int64_t *ret_pos, struct err *err)
{
    if (names_check(w->store, room, user, 0, err) < 0)
        return -1;
    w->touched = true;
    w->pos++;
    VEC_ADD(&w->log, (struct log_entry){w->pos, kind, room, user, ref});
    *ret_pos = w->pos;
    return 0;
}
