/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_PRIVATE_H
#define CHAPPE_STORE_PRIVATE_H

/* What the files of store/ share and nobody else sees: the store itself, the transaction of a
 * batch, and the hooks between the appender and the tables. */

#include <pthread.h>
#include <stdatomic.h>

#include "base/map.h"
#include "base/vec.h"
#include "store/event.h"
#include "store/store.h"

struct event_cache;
struct state_cache;
struct state_node;

/* ---- ids (ids.c) ---- */

/* Ids given out in memory. On SQLite there is one node: they are counted on, and a batch that
 * comes past what is written down writes how far, and some more (so `end` has no end). On
 * PostgreSQL they come from blocks that batches reserve. */
struct ids {
    pthread_mutex_t lock;
    pthread_cond_t refilled;
    int64_t next, end;             /* the block in use */
    int64_t spare_next, spare_end; /* the next one; equal: none */
};

void ids_init(struct ids *ids);
void ids_done(struct ids *ids);
/* True when a batch should reserve a block, with ids_add_block after its commit. */
bool ids_want_block(struct ids *ids);
void ids_add_block(struct ids *ids, int64_t from, int64_t end);
int64_t ids_peek(struct ids *ids); /* all ids given out are below it */

#define IDS_BLOCK 1048576
#define IDS_AHEAD 65536 /* SQLite: so many are lost at most when the program starts anew */

/* ---- names (names.c) ---- */

struct name {
    int64_t id;
    struct str text; /* owned */
    bool saved;
};

struct names {
    pthread_mutex_t lock;
    struct str_map by_text;
    struct int_map by_id;
    VEC(struct name *) pending; /* not in the store yet, in the order of their ids' making */
    struct int_map dead;        /* ids that lost against another node's: nothing may use them */
    int64_t evictions;          /* times that names were dropped from memory */
};

void names_init(struct names *names);
void names_done(struct names *names);
/* Writes the names that are pending into the transaction; names_saved after its commit. */
int names_write(struct write *w, struct err *err) MUST_USE;
void names_saved(struct write *w);
/* ERR_KIND_MOVED when one of the ids is dead. 0 is nobody's id. */
int names_check(struct store *store, int64_t a, int64_t b, int64_t c, struct err *err) MUST_USE;

/* ---- the store ---- */

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct job *first, *last;
    size_t n, max;
    bool closing;
    bool hurries; /* a lost connection is not waited for */
    bool wanted;  /* a batch is wanted though no job waits: ids ran low */
};

/* The thread that wakes by the clock (upkeep.c). */
struct upkeep {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool closing;
    bool due; /* SQLite's log has grown enough for a checkpoint */
    pthread_t thread, indexer;
    bool started, indexes;
};

/* What nodes say to each other (follow.c). */
struct follow {
    pthread_mutex_t lock;
    VEC(char *) said; /* not sent yet; owned */
    int wake_fd;      /* an eventfd, or -1 */
    /* Another node listens, or it is not known whether one does. */
    atomic_bool is_heard;
    /* The thread's own. */
    int64_t looked_ms; /* when the log was looked at */
    bool moved;        /* another node says that it has moved */
    store_hearer hearer;
    void *hearer_arg;
};

/* The names of the types that searches find (search.h). */
struct search_types {
    int64_t message, name, topic;
};

/* What follows the mark holds nothing to index up to here, whatever the store says. Of that mark
 * alone: whoever reads an older one must not think that its snapshot holds what came with a later
 * one. */
struct search_seen {
    pthread_mutex_t lock;
    int64_t mark, to;
};

struct store {
    struct db *db;
    enum db_engine engine;
    int64_t epoch, base; /* base: the position before the first of the epoch */
    _Atomic int64_t head;
    _Atomic int64_t followed_ms; /* when it was known to hold what all nodes had committed */
    atomic_bool stopped;
    int lock_fd;         /* SQLite: the lock on the store, or -1 */
    int64_t node;        /* random, one a start: names the batches on PostgreSQL */
    int64_t type_member; /* the name m.room.member */
    struct search_types search_types;
    struct search_seen search_seen;

    struct queue queue;
    struct ids ids;
    struct names names;
    struct event_cache *events;
    struct state_cache *states;
    struct upkeep upkeep;
    struct follow follow;

    /* The appender's own. */
    pthread_t appender;
    bool has_appender;
    struct db_conn *writer; /* NULL while a connection is lost */
    int64_t attempts;       /* transactions tried */
    int64_t committed_pos;  /* SQLite: the last position */
    int64_t ids_saved;      /* SQLite: ids below it are written down as given out */
    struct arena *arena;    /* of the transaction */

    /* Entries are handed over in order, under this lock. */
    pthread_mutex_t deliver_lock;
    store_listener listener;
    void *listener_arg;

    _Atomic int64_t n_batches, n_jobs, n_refused, commit_us_total, commit_us_max, wal_pages;
};

/* ---- the transaction of a batch (write.c) ---- */

/* Rows wait here and are written many at once by write_flush. */
struct write {
    struct store *store;
    struct db_conn *conn;
    struct arena *arena; /* until the end of the transaction */
    int64_t time_ms;
    int64_t attempt;    /* differs between transactions */
    int64_t first, pos; /* positions before the batch, and so far */
    bool touched;       /* the job that runs has handed in rows */
    VEC(struct log_entry) log;
    VEC(struct event *) events; /* referenced */
    VEC(struct state_node *) states;
    VEC(int64_t) stale; /* events whose cached copy is not what is stored any more */
    VEC(struct name *) names;
    size_t log_flushed, events_flushed, states_flushed;
    int64_t block_from, block_end; /* ids reserved; equal: none */
    int64_t ids_saved;             /* SQLite: what the counter's row now says; 0: not written */
    bool names_moved;              /* a name of ours has another node's id: all must decide again */
};

void write_init(struct write *w, struct store *store);
void write_done(struct write *w);
/* Writes the rows that wait. Statements that must see them (an UPDATE of an event) call it first.
 */
int write_flush(struct write *w, struct err *err) MUST_USE;
/* Reads the counter (taking the position lock), and reserves ids. */
int write_begin(struct write *w, struct err *err) MUST_USE;
/* The counter, the names, and what still waits. */
int write_finish(struct write *w, struct err *err) MUST_USE;
/* After the commit: what is in memory becomes true. */
void write_publish(struct write *w);

/* event.c, state.c: rows from `flushed` on. */
int event_flush(struct write *w, struct err *err) MUST_USE;
int state_flush(struct write *w, struct err *err) MUST_USE;
void state_published(struct write *w);

/* ---- batches (batch.c) and the appender (appender.c, queue.c) ---- */

#define BATCH_JOBS_MAX 512

/* Runs jobs to the end, calling their done. */
void batch_run(struct store *store, struct job **jobs, size_t n);
int appender_start(struct store *store, struct err *err) MUST_USE;
void appender_stop(struct store *store);

void queue_init(struct queue *queue, size_t max);
void queue_done(struct queue *queue);
/* Waits for jobs, and takes up to max. False: closing and empty. */
bool queue_take(struct queue *queue, struct job **jobs, size_t max, size_t *ret_n);
void queue_want_batch(struct queue *queue);
void queue_close(struct queue *queue);
void queue_hurry(struct queue *queue); /* store_hurry */
bool queue_hurries(struct queue *queue);

/* ---- delivery and upkeep ---- */

/* Tells the listener of a batch of this node (entries after `first`), after those of other nodes
 * that come before it, and moves the head. */
void deliver_own(struct store *store, int64_t first, const struct log_entry *entries, size_t n,
                 int64_t head);
/* Reads and delivers what other nodes have committed. */
int deliver_others(struct store *store, struct err *err) MUST_USE;

/* ---- following the other nodes (follow.c) ---- */

int follow_init(struct follow *follow, struct err *err) MUST_USE;
void follow_done(struct follow *follow);
void follow_wake(struct follow *follow);
/* A turn of the thread that follows other nodes: says, takes in, and waits. *ear is NULL at first
 * and after a failure. */
int follow_turn(struct store *store, struct db_conn **ear, struct err *err) MUST_USE;
/* In the batch: others are told that the log has moved. */
int follow_hint(struct write *w, struct err *err) MUST_USE;

int upkeep_start(struct store *store, struct err *err) MUST_USE;
void upkeep_stop(struct store *store);
void upkeep_note_batch(struct store *store);

#endif
