/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_STORE_H
#define CHAPPE_STORE_STORE_H

/* The store: the log, its one appender, and consistent reads. Each aggregate has its own header
 * beside this one (store/event.h, store/state.h, store/account.h…) with functions over a `struct
 * read` or a `struct write`; nobody else writes SQL.
 *
 * Integers inside: users, rooms, events, states, event types and state keys have ids from one
 * sequence. Ids are given out in memory from blocks reserved in the store, so that a room can
 * decide on events that are not committed yet. The text of a name (user id, room id, alias, event
 * type, state key) is interned: one id a text.
 *
 * The log is one counter of positions. A stored change that a device or another server may have to
 * learn takes the next position (write_position). Positions are dense within an epoch and visible
 * in order: store_head is the highest one below which all is committed. */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"
#include "db/db.h"

struct store;

struct store_options {
    const char *uri;        /* see db_open */
    const char *sqlite_vfs; /* for tests */
    int wal_pages_max;      /* for tests; as in db_options */
    size_t queue_max;       /* jobs waiting at most; 0: 10000; past it store_submit refuses */
};

/* Opens, migrates, takes the exclusive lock (SQLite), starts the appender and its upkeep threads.
 */
int store_open(const struct store_options *options, struct store **ret_store,
               struct err *err) MUST_USE;
/* The program is about to stop: from here on jobs fail with 503 instead of waiting for a database
 * that cannot be reached, so that no thread that waits for one holds the stop up. Any thread. */
void store_hurry(struct store *store);
/* Jobs already submitted are run; then threads end. */
void store_close(struct store *store);
struct db *store_db(struct store *store);

/* ---- positions ---- */

struct log_position {
    int64_t epoch; /* changed by restore only */
    int64_t pos;
};
struct log_position store_head(const struct store *store);

/* What a position is about; the numbers are stored. */
enum log_kind {
    LOG_KIND_EVENT = 1,        /* room, ref = event */
    LOG_KIND_STATE = 2,        /* room; current state changed without an event */
    LOG_KIND_RECEIPT = 3,      /* room, user */
    LOG_KIND_ACCOUNT_DATA = 4, /* user, room or 0 */
    LOG_KIND_TO_DEVICE = 5,    /* user, ref = device */
    LOG_KIND_DEVICE_LIST = 6, /* user, room: one row per encrypted room, or room 0: the user only */
    LOG_KIND_PROFILE = 7,     /* user */
    LOG_KIND_DEVICE = 8,      /* user, ref = device: tokens revoked, device gone */
    LOG_KIND_KEYS = 9,        /* user, ref = device: one-time or fallback keys changed */
    LOG_KIND_PUSH_RULES = 10, /* user */
    LOG_KIND_REDACTION = 11,  /* room, ref = the event redacted */
    LOG_KIND_PURGE = 12,      /* room: old events of it are gone; room 0: one of them was here */
};

struct log_entry {
    int64_t pos;
    enum log_kind kind;
    int64_t room, user, ref; /* 0: none */
};

/* Called after each commit, on the appender's thread, before any job's done: all entries of the
 * batch in order. It wakes readers and must not block. On PostgreSQL entries of other nodes come
 * through it as well (on a thread of the store's). One listener a store, set before it is shared.
 */
typedef void (*store_listener)(void *arg, const struct log_entry *entries, size_t n);
void store_set_listener(struct store *store, store_listener listener, void *arg);
/* Takes in, and tells the listener, what other nodes have committed by now; their hints and a clock
 * do so unasked. On SQLite there is nothing to do. */
int store_follow(struct store *store, struct err *err) MUST_USE;
/* For who answers from memory: afterwards store_head holds all that other nodes had acknowledged
 * STORE_LAG_MS ago. Looks for itself only when the follower has not for so long (the database was
 * away). On SQLite store_head is always exact. */
#define STORE_LAG_MS 2000
int store_keep_up(struct store *store, struct err *err) MUST_USE;

/* Says a text of up to STORE_SAY_MAX bytes of UTF-8 to the other nodes: for what lives in memory
 * only. It may be lost; on SQLite there is nobody. Any thread; does not wait. */
#define STORE_SAY_MAX 200
void store_say(struct store *store, struct str text);
/* What other nodes say, on a thread of the store's. Set before the store is shared. */
typedef void (*store_hearer)(void *arg, struct str text);
void store_set_hearer(struct store *store, store_hearer hearer, void *arg);

/* ---- ids and names ---- */

/* The next id of the sequence; never 0, never given twice. */
int64_t store_new_id(struct store *store);

/* The id of a text, making one when it is new. The new row is written in the batch of the first job
 * that is submitted after; until then the id is only in memory. */
int store_intern(struct store *store, struct str text, int64_t *ret_id, struct err *err) MUST_USE;
/* 1 known, 0 unknown, -1. */
int store_find_name(struct store *store, struct str text, int64_t *ret_id,
                    struct err *err) MUST_USE;
/* The text of an id that exists, copied into the arena. */
int store_name(struct store *store, int64_t id, struct arena *arena, struct str *ret_text,
               struct err *err) MUST_USE;

/* ---- writing ---- */

struct write; /* the transaction a job runs in */

enum job_result {
    JOB_COMMITTED,
    JOB_REFUSED, /* its precondition did not hold: decide again (err is ERR_KIND_MOVED or the job's)
                  */
    JOB_FAILED,  /* the store failed: nothing of it is there */
};

/* A room's head that a job moves on, from the one that it was decided on (0: the room is new) to
 * the one that it leaves. Heads are ids of events, so no two jobs leave the same. */
struct job_step {
    int64_t from, to;
};
struct job_steps {
    const struct job_step *p; /* as long as the job */
    size_t n;
};

/* A job belongs to the one who submits it and stays where it is until done was called, once, on the
 * appender's thread. run reads its preconditions first and writes after; it may be run more than
 * once (a batch that is lost is run again without the job that lost it), so it keeps its results
 * in places that a second run overwrites. run returns 0, or -1 with err: ERR_KIND_MOVED and
 * ERR_KIND_CLIENT are refusals and must come before its first write. A job whose step begins where
 * that of a job put out of its batch would have led is refused as moved, and not run: it would cost
 * the batch another transaction to find that out. */
struct job {
    int (*run)(struct write *w, void *arg, struct err *err);
    void (*done)(struct job *job, enum job_result result, const struct err *err);
    void *arg;
    struct job_steps steps; /* none: nothing is taken along */
    struct job *next;       /* the store's */
    struct err err;         /* the store's */
};

/* Jobs run in the order they were submitted. -1: the queue is full or the store has stopped writing
 * (a failed fsync): 503 with retry_after_ms; done is not called. */
int store_submit(struct store *store, struct job *job, struct err *err) MUST_USE;
/* Submits and waits. For start-up, commands and tests; never on a worker. */
int store_run(struct store *store, int (*run)(struct write *w, void *arg, struct err *err),
              void *arg, struct err *err) MUST_USE;
/* The same for a job with steps. */
int store_run_steps(struct store *store, int (*run)(struct write *w, void *arg, struct err *err),
                    void *arg, struct job_steps steps, struct err *err) MUST_USE;
/* True after a failed fsync: nothing is written any more, reads go on. */
bool store_has_stopped(const struct store *store);

struct db_conn *write_conn(struct write *w);
struct store *write_store(struct write *w);
/* Takes the next position and writes its log row. */
int write_position(struct write *w, enum log_kind kind, int64_t room, int64_t user, int64_t ref,
                   int64_t *ret_pos, struct err *err) MUST_USE;
int64_t write_time_ms(const struct write *w); /* wall clock at the start of the batch */

/* ---- reading ---- */

/* A snapshot for one request: a read connection with a transaction that begins at the first
 * statement, and the head fixed at its start. What is committed later is not seen. With other nodes
 * about, the head is that of the snapshot, which may be above store_head, unless it is fixed. */
struct read {
    struct store *store;
    struct log_position head;
    bool fixed;           /* the head stays as its owner has set it */
    struct db_conn *conn; /* through read_conn only: NULL until the first statement */
};
void read_begin(struct store *store, struct read *ret_read);
/* The connection, taken and begun when it is first asked for. */
int read_conn(struct read *read, struct db_conn **ret_conn, struct err *err) MUST_USE;
/* db_query and db_query_int on it. */
int read_query(struct read *read, const struct db_stmt *stmt, const struct db_param *params,
               size_t n_params, struct db_query **ret_query, struct err *err) MUST_USE;
int read_query_int(struct read *read, const struct db_stmt *stmt, const struct db_param *params,
                   size_t n_params, int64_t *ret_value, struct err *err) MUST_USE;
/* When the next of something is due, by a statement that gives one number or nothing: INT64_MAX. */
int read_next_due(struct read *read, const struct db_stmt *stmt, const struct db_param *params,
                  size_t n_params, int64_t *ret_due_ms, struct err *err) MUST_USE;
void read_end(struct read *read);
/* Gives the snapshot up: the next statement begins another one, of what is committed by then.
 * Whoever is about to wait for others calls it, so as not to hold a connection that these may need.
 */
void read_renew(struct read *read);

/* ---- upkeep ---- */

struct store_counts {
    int64_t batches, jobs, refused, queue, positions, wal_pages;
    int64_t commit_us_total, commit_us_max;
};
void store_count(struct store *store, struct store_counts *ret_counts);

/* Every invariant of the store; a line a fault is given to report. 1 sound, 0 not, -1. */
int store_check(struct store *store, void (*report)(void *arg, const char *line), void *arg,
                struct err *err) MUST_USE;

#endif
