/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/wait.h"
#include "store/private.h"

/* Jobs in one transaction. What a batch may come to:
 *   - committed: the jobs that were not put out are durable;
 *   - again: a job failed and is put out; the transaction was lost, the others run again;
 *   - split: some statement failed and nobody knows whose: each half is a batch of its own;
 *   - failed: the store could not do it now (a full disk): all fail, later batches try again;
 *   - lost: the connection broke: the same again over a new one;
 *   - stopped: what was written cannot be trusted any more: nothing is written from here on. */
enum outcome {
    OUTCOME_COMMITTED,
    OUTCOME_AGAIN,
    OUTCOME_SPLIT,
    OUTCOME_FAILED,
    OUTCOME_LOST,
    OUTCOME_STOPPED,
};

/* Where a job stands. */
enum standing { STANDING_IN, STANDING_REFUSED, STANDING_FAILED };

struct batch {
    struct store *store;
    struct job **jobs;
    enum standing *standings;
    size_t n;
    int lost;                  /* connections lost by these very jobs */
    struct int_map *dead_ends; /* where the steps of jobs that were put out would have led */
};

/* A batch that breaks this many connections, while new ones can be had, is given up. */
#define LOST_MAX       5
#define TAG_NONE       (-1)
#define BACKOFF_MS     50
#define BACKOFF_MAX_MS 2000

/* ---- putting jobs out ---- */

static void put_out(struct batch *batch, size_t i, const struct err *err)
{
    bool refused = err->kind == ERR_KIND_MOVED || err->kind == ERR_KIND_CLIENT;
    struct job *job = batch->jobs[i];
    batch->standings[i] = refused ? STANDING_REFUSED : STANDING_FAILED;
    job->err = *err;
    for (size_t k = 0; k < job->steps.n; k++)
        int_map_put(batch->dead_ends, job->steps.p[k].to, batch);
}

static void put_all_out(struct batch *batch, const struct err *err)
{
    for (size_t i = 0; i < batch->n; i++)
        if (batch->standings[i] == STANDING_IN)
            put_out(batch, i, err);
}

static size_t count_in(const struct batch *batch)
{
    size_t n = 0;
    for (size_t i = 0; i < batch->n; i++)
        n += batch->standings[i] == STANDING_IN;
    return n;
}

/* A job that was decided on one that is put out goes with it. Jobs come in the order in which they
 * were decided, so that one look at each finds all, however long the chain. */
static bool goes_along(struct batch *batch, size_t i)
{
    struct err err = ERR_INIT;
    const struct job_steps *steps = &batch->jobs[i]->steps;
    bool dead = false;
    for (size_t k = 0; batch->dead_ends->n && k < steps->n; k++)
        dead |= int_map_find(batch->dead_ends, steps->p[k].from) != NULL;
    if (dead) {
        (void)!err_moved(&err, "a job that this one was decided on is not there");
        put_out(batch, i, &err);
    }
    return dead;
}

/* ---- one transaction ---- */

/* A failure of the database that is nobody's fault, or of the job whose tag it carries. */
static enum outcome judge(struct batch *batch, const struct err *err)
{
    struct db_conn *conn = batch->store->writer;
    if (db_error_is_fatal(conn) || db_is_broken(batch->store->db))
        return OUTCOME_STOPPED;
    if (db_conn_is_lost(conn))
        return OUTCOME_LOST;
    if (!db_failure_is_logical(conn))
        return OUTCOME_FAILED;
    int64_t tag = db_failed_tag(conn);
    if (tag >= 0 && tag < (int64_t)batch->n && batch->standings[tag] == STANDING_IN) {
        put_out(batch, (size_t)tag, err);
        return OUTCOME_AGAIN;
    }
    return OUTCOME_SPLIT;
}

/* A job ended with `own`, and the transaction is lost with `found`. When the failed statement was
 * another job's, that one must not be told what this one says for itself. */
static struct err whose(struct batch *batch, size_t i, const struct err *own,
                        const struct err *found)
{
    bool mine = db_failed_tag(batch->store->writer) == (int64_t)i;
    bool says = own->kind == ERR_KIND_CLIENT || found->kind == ERR_KIND_MOVED;
    return !mine && says ? *found : *own;
}

/* Runs one job. 0: go on, also when it was refused before it wrote; -1: the transaction is lost,
 * and *ret_outcome says how. */
static int run_job(struct batch *batch, struct write *w, size_t i, enum outcome *ret_outcome)
{
    struct err err = ERR_INIT, found = ERR_INIT;
    struct job *job = batch->jobs[i];
    int64_t writes = db_count_writes(w->conn);
    w->touched = false;
    db_set_tag(w->conn, (int64_t)i);
    int result = job->run(w, job->arg, &err);
    if (result == 0 && batch->store->engine == DB_ENGINE_SQLITE)
        result = write_flush(w, &err);
    db_set_tag(w->conn, TAG_NONE);
    if (result == 0)
        return 0;
    if (db_flush(w->conn, &found) < 0) { /* a statement has failed, of this job or before it */
        err = whose(batch, i, &err, &found);
        *ret_outcome = judge(batch, &err);
        return -1;
    }
    put_out(batch, i, &err);
    *ret_outcome = OUTCOME_AGAIN;
    bool written = w->touched || db_count_writes(w->conn) != writes;
    return written || batch->standings[i] == STANDING_FAILED ? -1 : 0;
}

static int run_jobs(struct batch *batch, struct write *w, enum outcome *ret_outcome)
{
    for (size_t i = 0; i < batch->n; i++)
        if (batch->standings[i] == STANDING_IN && !goes_along(batch, i) &&
            run_job(batch, w, i, ret_outcome) < 0)
            return -1;
    return 0;
}

static enum outcome commit(struct batch *batch, struct write *w, struct err *err)
{
    int64_t from = clock_monotonic_us();
    if (db_commit(w->conn, err) < 0)
        return judge(batch, err);
    int64_t us = clock_monotonic_us() - from;
    atomic_fetch_add(&batch->store->commit_us_total, us);
    if (us > atomic_load(&batch->store->commit_us_max))
        atomic_store(&batch->store->commit_us_max, us);
    return OUTCOME_COMMITTED;
}

/* Fills err unless committed or again. */
static enum outcome attempt(struct batch *batch, struct write *w, struct err *err)
{
    enum outcome outcome;
    db_set_tag(w->conn, TAG_NONE);
    if (write_begin(w, err) < 0)
        return judge(batch, err);
    if (run_jobs(batch, w, &outcome) < 0) {
        (void)!err_internal(err, "the store failed");
        return outcome;
    }
    if (batch->n && count_in(batch) == 0)
        return OUTCOME_AGAIN;
    if (write_finish(w, err) < 0)
        return judge(batch, err);
    if (w->names_moved) {
        (void)!err_moved(err, "a name has another node's id");
        put_all_out(batch, err);
        return OUTCOME_AGAIN;
    }
    return commit(batch, w, err);
}

/* ---- connections ---- */

static const struct db_stmt BATCH_FIND = {
    "batch_find",
    "SELECT seq FROM batch WHERE node = :node",
};

static void wait_ms(struct store *store, int64_t ms)
{
    int64_t until = clock_monotonic_ms() + ms;
    pthread_mutex_lock(&store->upkeep.lock);
    if (!store->upkeep.closing)
        (void)wait_until(&store->upkeep.wake, &store->upkeep.lock, until);
    pthread_mutex_unlock(&store->upkeep.lock);
}

/* Until there is a connection; -1 when the store is about to close and there is none. */
static int reconnect(struct store *store, struct err *err)
{
    int64_t pause = BACKOFF_MS;
    db_conn_close(store->writer);
    store->writer = NULL;
    while (db_conn_open(store->db, DB_MODE_WRITE, &store->writer, err) < 0) {
        store->writer = NULL;
        if (queue_hurries(&store->queue))
            return -1;
        log_line(LOG_LEVEL_ERROR, "database_unreachable", "detail", LOG_Z(err->detail), NULL);
        wait_ms(store, pause);
        pause = pause * 2 < BACKOFF_MAX_MS ? pause * 2 : BACKOFF_MAX_MS;
    }
    return 0;
}

/* Whether the transaction whose COMMIT got no answer is there. Taking the position lock first waits
 * for the lost connection's transaction to end, should the server still be at it. */
static int find_batch(struct store *store, int64_t attempt, struct err *err)
{
    int64_t seq = 0;
    struct write probe;
    write_init(&probe, store);
    int result = write_begin(&probe, err);
    if (result == 0)
        result = db_query_int(probe.conn, &BATCH_FIND, DB_PARAMS(DB_INT("node", store->node)), &seq,
                              err);
    db_rollback(probe.conn);
    write_done(&probe);
    return result < 0 ? -1 : seq == attempt;
}

/* After a lost connection: 1 it was committed, 0 it was not, -1 no connection can be had. */
static int recover(struct store *store, int64_t attempt, bool uncertain, struct err *err)
{
    for (;;) {
        if (reconnect(store, err) < 0)
            return -1;
        int found = uncertain ? find_batch(store, attempt, err) : 0;
        if (found >= 0)
            return found;
        if (queue_hurries(&store->queue))
            return -1;
        wait_ms(store, BACKOFF_MS);
    }
}

/* ---- to the end ---- */

static void run_to_end(struct batch *batch);

static void stop(struct batch *batch, struct err *err)
{
    if (!atomic_exchange(&batch->store->stopped, true))
        log_line(LOG_LEVEL_ERROR, "store_stopped", "detail", LOG_Z(err->detail), NULL);
    put_all_out(batch, err);
}

static void split(struct batch *batch, const struct err *err)
{
    if (batch->n <= 1) {
        put_all_out(batch, err);
        return;
    }
    size_t half = batch->n / 2;
    struct batch first = *batch, second = *batch;
    first.n = half;
    second.jobs += half;
    second.standings += half;
    second.n -= half;
    first.lost = second.lost = 0;
    run_to_end(&first);
    run_to_end(&second);
}

static void refuse_for_now(struct batch *batch, struct err *err)
{
    log_line(LOG_LEVEL_ERROR, "batch_failed", "detail", LOG_Z(err->detail), NULL);
    err->kind = ERR_KIND_INTERNAL;
    err->status = 503;
    err->errcode = "M_RESOURCE_LIMIT_EXCEEDED";
    err->retry_after_ms = 5000;
    put_all_out(batch, err);
}

/* True when the batch is over. */
static bool settle_lost(struct batch *batch, struct write *w, bool uncertain, struct err *err)
{
    int found = recover(batch->store, w->attempt, uncertain, err);
    if (found > 0)
        write_publish(w);
    bool gives_up = ++batch->lost > LOST_MAX || queue_hurries(&batch->store->queue);
    if (found < 0 || (found == 0 && gives_up)) {
        refuse_for_now(batch, err);
        return true;
    }
    return found > 0;
}

static bool settle(struct batch *batch, struct write *w, enum outcome outcome, struct err *err)
{
    bool uncertain = db_commit_is_uncertain(w->conn);
    if (outcome == OUTCOME_COMMITTED) {
        write_publish(w);
        return true;
    }
    db_rollback(w->conn);
    switch (outcome) {
    case OUTCOME_AGAIN:
        return false;
    case OUTCOME_LOST:
        return settle_lost(batch, w, uncertain, err);
    case OUTCOME_SPLIT:
        split(batch, err);
        return true;
    case OUTCOME_STOPPED:
        stop(batch, err);
        return true;
    default:
        refuse_for_now(batch, err);
        return true;
    }
}

/* Each turn puts a job out or ends. */
static void run_to_end(struct batch *batch)
{
    struct store *store = batch->store;
    bool over = batch->n > 0 && count_in(batch) == 0;
    while (!over) {
        struct err err = ERR_INIT;
        struct write w;
        if (store_has_stopped(store)) {
            (void)!err_internal(&err, "the store has stopped writing");
            stop(batch, &err);
            return;
        }
        if (!store->writer && reconnect(store, &err) < 0) {
            refuse_for_now(batch, &err);
            return;
        }
        write_init(&w, store);
        over = settle(batch, &w, attempt(batch, &w, &err), &err);
        write_done(&w);
        over = over || (batch->n > 0 && count_in(batch) == 0);
    }
}

static void answer(struct batch *batch)
{
    static const enum job_result results[] = {JOB_COMMITTED, JOB_REFUSED, JOB_FAILED};
    struct store *store = batch->store;
    for (size_t i = 0; i < batch->n; i++) {
        struct job *job = batch->jobs[i];
        enum standing standing = batch->standings[i];
        struct err err = job->err;
        atomic_fetch_add(&store->n_jobs, 1);
        if (standing != STANDING_IN)
            atomic_fetch_add(&store->n_refused, 1);
        job->done(job, results[standing], &err);
    }
}

void batch_run(struct store *store, struct job **jobs, size_t n)
{
    enum standing standings[BATCH_JOBS_MAX] = {STANDING_IN};
    struct int_map dead_ends = {0};
    struct batch batch = {store, jobs, standings, n, 0, &dead_ends};
    CHECK(n <= BATCH_JOBS_MAX);
    run_to_end(&batch);
    atomic_fetch_add(&store->n_batches, 1);
    upkeep_note_batch(store);
    int_map_done(&dead_ends);
    answer(&batch);
}
