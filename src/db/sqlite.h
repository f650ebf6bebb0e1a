/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_DB_SQLITE_H
#define CHAPPE_DB_SQLITE_H

/* The SQLite engine's own types, shared by its files. */

#include <sqlite3.h>

#include "db/engine.h"
#include "db/sqlite_wal.h"
#include "db/statement.h"

/* Whose turn it is: those who write, or who has the log used from its start again. SQLite's own
 * lock would do, but who waits for it looks now and then, and under load never finds it free. */
struct sqlite_turn {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    int writing;       /* transactions that write */
    bool held;         /* new ones wait */
    int64_t holds;     /* how often it was held; what tests look at */
    int64_t commits;   /* transactions that wrote to the log and are over */
    int64_t log_pages; /* of the log after the last of them */
    int64_t grown;     /* pages that they added since the last checkpoint began */
};

struct sqlite_db {
    struct db db;
    char *path;
    struct wal_vfs *vfs;
    int busy_ms, wal_pages_max;
    struct sqlite_turn turn;
    pthread_mutex_t upkeep_lock;
    struct sqlite_conn *upkeep;  /* checkpoints; open as long as the database is */
    int64_t copied_commits;      /* no checkpoint begins before there are more commits than this */
    int log_pages, copied_pages; /* what the last checkpoint saw, and left */
};

/* A prepared statement, kept by its connection. */
struct sqlite_entry {
    struct statement text;
    sqlite3_stmt *stmt;
    bool busy;
    bool passing; /* not in the table: prepared because the one there is busy */
};

/* What begins and ends transactions; prepared when first used. */
enum sqlite_bound { BOUND_READ, BOUND_WRITE, BOUND_COMMIT, BOUND_ROLLBACK };

struct sqlite_conn {
    struct db_conn conn;
    sqlite3 *handle;
    sqlite3_stmt *bounds[BOUND_ROLLBACK + 1];
    struct int_map statements; /* address of the db_stmt → struct sqlite_entry */
    bool in_turn;              /* it counts among those writing */
    int logged_pages;          /* 0, or of the log after what this turn has committed to it */
};

/* A connection that the pool knows nothing of. */
int sqlite_conn_open(struct db *db, enum db_mode mode, struct db_conn **ret_conn, struct err *err);
void sqlite_conn_close(struct db_conn *conn);

/* Records what SQLite just answered and fills err. Always -1. */
int sqlite_fail(struct sqlite_conn *conn, int code, const char *what, struct err *err);
int sqlite_run(struct sqlite_conn *conn, const char *sql, struct err *err);

void sqlite_turn_init(struct sqlite_turn *turn);
void sqlite_turn_done(struct sqlite_turn *turn);
/* A transaction that writes begins, once nobody holds it back; and is over: with so many pages in
 * the log if it has committed something to it, else 0. */
void sqlite_turn_take(struct sqlite_turn *turn);
void sqlite_turn_leave(struct sqlite_turn *turn, int log_pages);
/* A statement outside a transaction has committed. */
void sqlite_turn_note(struct sqlite_turn *turn, int log_pages);
int64_t sqlite_turn_commits(struct sqlite_turn *turn);
int64_t sqlite_turn_log_pages(struct sqlite_turn *turn);
int64_t sqlite_turn_grown(struct sqlite_turn *turn);
/* A checkpoint begins: the log grows from nothing again. */
void sqlite_turn_clear_grown(struct sqlite_turn *turn);
/* Once there are more commits than this, one of them began after now. */
int64_t sqlite_turn_horizon(struct sqlite_turn *turn);
/* Holds new ones back and waits until none writes. False: one still does when the time is up, and
 * nobody is held back. */
bool sqlite_turn_hold(struct sqlite_turn *turn, int64_t ms);
void sqlite_turn_release(struct sqlite_turn *turn);

/* What is known to be wrong in that version of the library: a sentence, or NULL. */
const char *sqlite_flaw(int version);

int64_t sqlite_log_grown(struct db *db);
int sqlite_checkpoint(struct db *db, int64_t *ret_pages, struct err *err);
/* Writes what the log holds over itself and syncs it; before anything else is written. The program
 * before this one may have ended after a failed fsync of the log: its last transaction is then read
 * from the kernel's memory as if it were on the disk, and a power cut would take it and, since each
 * page of the log vouches for those after it, all that was committed after it. */
int sqlite_rewrite_log(struct sqlite_conn *conn, struct err *err);
int sqlite_copy_to(struct db *db, const char *path, struct err *err);
int sqlite_verify(struct db *db, struct arena *arena, struct str *ret_report, struct err *err);

/* The statements behind struct engine_ops. */
int sqlite_query(struct db_conn *conn, const struct db_stmt *stmt, const struct db_param *params,
                 size_t n_params, struct db_query **ret_query, struct err *err);
int sqlite_step(struct db_query *query, struct err *err);
int64_t sqlite_column_int(struct db_query *query, int column);
bool sqlite_column_is_null(struct db_query *query, int column);
struct str sqlite_column_bytes(struct db_query *query, int column);
void sqlite_query_end(struct db_query *query);
int sqlite_exec(struct db_conn *conn, const struct db_stmt *stmt, const struct db_param *params,
                size_t n_params, int64_t expect, struct err *err);
int sqlite_insert_many(struct db_conn *conn, const struct db_stmt *stmt,
                       const struct db_column *columns, size_t n_columns, size_t n_rows,
                       struct err *err);
int sqlite_run_script(struct db_conn *conn, struct str script, struct err *err);
void sqlite_statements_done(struct sqlite_conn *conn);

#endif
