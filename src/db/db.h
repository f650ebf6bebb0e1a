/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_DB_DB_H
#define CHAPPE_DB_DB_H

/* One small interface over two engines, SQLite and PostgreSQL. Statements are one text for both,
 * with parameters by name (":room"); values are integers, bytes or NULL. Text from outside is
 * stored as bytes and compared bytewise. Knows nothing of Matrix.
 *
 * Threads: a struct db is shared; a struct db_conn is used by one thread at a time.
 *
 * Two kinds of statement:
 *   - db_query reads: rows are stepped through. On PostgreSQL it first waits for what is in the
 *     pipeline.
 *   - db_exec writes. In a write transaction on PostgreSQL it goes into the pipeline, and its
 *     outcome is known at the next db_flush, db_query or db_commit; on SQLite it is done at once.
 *     db_exec_expect also states how many rows it must touch.
 * When a pipelined statement fails, or touches another number of rows than expected, the
 * transaction is lost: db_flush says which (db_failed_tag), the caller rolls back and does the rest
 * again. So one program text works for both engines. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"

enum db_engine { DB_ENGINE_SQLITE, DB_ENGINE_POSTGRESQL };
enum db_mode { DB_MODE_READ, DB_MODE_WRITE };

struct db;
struct db_conn;
struct db_query;

/* A statement is a static constant with a name that is unique in the program. It is prepared once a
 * connection, at its first use. */
struct db_stmt {
    const char *name; /* "event_insert" */
    const char *sql;  /* "INSERT INTO event (id, json) VALUES (:id, :json)" */
};

/* A parameter, made with the functions below. Its name has no colon. */
struct db_param {
    const char *name;
    enum db_kind { DB_KIND_NULL, DB_KIND_INT, DB_KIND_BYTES, DB_KIND_INT_LIST } kind;
    int64_t integer;
    struct str bytes;
    const int64_t *list; /* for "column {in:ids}" */
    size_t n_list;
};

#define DB_INT(name, value)   ((struct db_param){(name), DB_KIND_INT, (value), STR_NONE, NULL, 0})
#define DB_BYTES(name, value) ((struct db_param){(name), DB_KIND_BYTES, 0, (value), NULL, 0})
#define DB_NULL(name)         ((struct db_param){(name), DB_KIND_NULL, 0, STR_NONE, NULL, 0})
/* NULL when the str is STR_NONE. */
#define DB_BYTES_OR_NULL(name, value)                                                              \
    ((struct db_param){(name), (value).p ? DB_KIND_BYTES : DB_KIND_NULL, 0, (value), NULL, 0})
/* "WHERE id {in:ids}" becomes "= ANY($1)" or "IN (SELECT value FROM …)"; an empty list matches
 * none. (Its opposite is "NOT (id {in:ids})".) */
#define DB_INT_LIST(name, values, n)                                                               \
    ((struct db_param){(name), DB_KIND_INT_LIST, 0, STR_NONE, (values), (n)})

/* An array of parameters and its length, as the two arguments that db_query and db_exec take:
 *     db_exec(conn, &EVENT_INSERT, DB_PARAMS(DB_INT("id", id), DB_BYTES("json", json)), err) */
#define DB_PARAMS(...)                                                                             \
    (const struct db_param[]){__VA_ARGS__},                                                        \
        sizeof((const struct db_param[]){__VA_ARGS__}) / sizeof(struct db_param)
#define DB_NO_PARAMS NULL, 0

/* ---- databases and connections ---- */

struct db_options {
    const char *sqlite_vfs;  /* NULL: SQLite's own; tests name theirs */
    int64_t busy_timeout_ms; /* 0: 10 s; also how long db_reader_take waits */
    size_t readers_max;      /* read connections in the pool; 0: LIMIT_DB_READERS */
    int wal_pages_max;       /* SQLite: past it a checkpoint asks for a restart of the log; 0:
                                LIMIT_DB_WAL_PAGES */
};

/* "sqlite:PATH" or "postgresql://…". Checks that the engine is new enough and the database answers.
 * SQLite: WAL, synchronous=FULL, page size 4096, foreign keys off, mmap off. */
int db_open(const char *uri, const struct db_options *options, struct db **ret_db,
            struct err *err) MUST_USE;
void db_close(struct db *db); /* after its connections */
/* The program is about to stop: from here on a writing connection whose server is silent for
 * LIMIT_DB_HURRY_S seconds is given up as lost (PostgreSQL). Any thread. */
void db_hurry(struct db *db);
enum db_engine db_engine(const struct db *db);
/* What is known to be wrong in the library of this engine, by its version: a sentence for the
 * operator, or NULL. */
const char *db_flaw(const struct db *db);

int db_conn_open(struct db *db, enum db_mode mode, struct db_conn **ret_conn,
                 struct err *err) MUST_USE;
void db_conn_close(struct db_conn *conn); /* after its queries; NULL is allowed */
enum db_engine db_conn_engine(const struct db_conn *conn);

/* A pool of read connections: taken for a request, given back at its end. Who holds one must not
 * take another, nor wait for somebody who may take one: when all are held like that, nobody goes
 * on. A reader that ended while it was idle (a database that was started again) is not given out.
 */
int db_reader_take(struct db *db, struct db_conn **ret_conn, struct err *err) MUST_USE;
/* For who may hold another, reads little, and waits for nobody before giving it back: some places
 * are kept for them. */
int db_reader_take_briefly(struct db *db, struct db_conn **ret_conn, struct err *err) MUST_USE;
/* Ends its transaction. Its queries must have been ended. NULL is allowed. */
void db_reader_give(struct db *db, struct db_conn *conn);

/* The connection is dead: close it and open another one. (PostgreSQL only.) */
bool db_conn_is_lost(const struct db_conn *conn);
/* A failed fsync, an I/O error or a corrupt file was seen by this connection, or by any of the
 * database (checkpoints too): nothing may be written any more, and on SQLite the log stays as it
 * is, also when the database is closed. A full disk is not that. */
bool db_error_is_fatal(const struct db_conn *conn);
bool db_is_broken(const struct db *db);

/* ---- transactions ---- */

/* A read transaction is a snapshot from its first statement on (REPEATABLE READ on PostgreSQL). */
int db_begin(struct db_conn *conn, struct err *err) MUST_USE;
/* The statements of the open transaction of a reader may take as long as they need; else the server
 * ends each after LIMIT_DB_READ_MS (PostgreSQL; SQLite has no such limit). */
int db_take_time(struct db_conn *conn, struct err *err) MUST_USE;
/* Waits for the pipeline, then makes it durable. Either way the transaction is over. After -1
 * nothing of it is there, unless db_commit_is_uncertain: the connection was lost while the COMMIT
 * was under way or, on SQLite, its fsync failed (it may be there after a restart) or the index of
 * the log found no space or memory after it (it may be there after a restart, unless another one
 * was committed before). */
int db_commit(struct db_conn *conn, struct err *err) MUST_USE;
bool db_commit_is_uncertain(const struct db_conn *conn);
void db_rollback(struct db_conn *conn); /* without a transaction: nothing */

/* ---- statements ---- */

int db_query(struct db_conn *conn, const struct db_stmt *stmt, const struct db_param *params,
             size_t n_params, struct db_query **ret_query, struct err *err) MUST_USE;
/* 1: a row; 0: no more; -1. */
int db_step(struct db_query *query, struct err *err) MUST_USE;
/* Columns count from 0. Bytes are valid until the next step; db_column_copy puts them in an arena.
 */
int64_t db_column_int(struct db_query *query, int column); /* NULL is 0 */
bool db_column_is_null(struct db_query *query, int column);
struct str db_column_bytes(struct db_query *query, int column); /* NULL is STR_NONE */
struct str db_column_copy(struct db_query *query, int column, struct arena *arena);
void db_query_end(struct db_query *query); /* NULL is allowed */
void db_query_cleanup(struct db_query **query);

/* The first column of the first row as an integer: 1 found, 0 no row or NULL, -1. */
int db_query_int(struct db_conn *conn, const struct db_stmt *stmt, const struct db_param *params,
                 size_t n_params, int64_t *ret_value, struct err *err) MUST_USE;

int db_exec(struct db_conn *conn, const struct db_stmt *stmt, const struct db_param *params,
            size_t n_params, struct err *err) MUST_USE;
/* As db_exec, and exactly n_rows must be touched, else ERR_KIND_MOVED. */
int db_exec_expect(struct db_conn *conn, const struct db_stmt *stmt, const struct db_param *params,
                   size_t n_params, int64_t n_rows, struct err *err) MUST_USE;

/* How many times db_exec, db_exec_expect and db_insert_many were called on this connection: tells
 * whether somebody has written since. */
int64_t db_count_writes(const struct db_conn *conn);

/* How many statements were run on all connections since the database was opened, one for each call
 * of db_query, db_exec, db_exec_expect and db_insert_many: what a test holds a cost against. */
int64_t db_count_statements(const struct db *db);

/* Every statement sent carries the tag set last; after a failure db_failed_tag is the tag of the
 * statement that failed. (The appender tags with the index of the job.) */
void db_set_tag(struct db_conn *conn, int64_t tag);
int64_t db_failed_tag(const struct db_conn *conn);
/* Waits until all that was sent has been done, or has failed. Nothing to do on SQLite. */
int db_flush(struct db_conn *conn, struct err *err) MUST_USE;
/* True when the last failure was a constraint, an unmet expectation or a wrong text: the
 * statement's fault, and not the disk's or the network's. */
bool db_failure_is_logical(const struct db_conn *conn);

/* Many rows into one table by one statement: the statement inserts one row
 * ("INSERT INTO t (a, b) VALUES (:a, :b) [ON CONFLICT …]"), columns are given as arrays of equal
 * length. PostgreSQL: one INSERT … SELECT FROM unnest(…); SQLite: the statement reused. With ON
 * CONFLICT DO UPDATE no two of the rows may meet on one key: PostgreSQL refuses that. */
struct db_column {
    const char *name;
    const int64_t *integers; /* one of the two is set */
    const struct str *bytes; /* STR_NONE is NULL */
};
int db_insert_many(struct db_conn *conn, const struct db_stmt *stmt,
                   const struct db_column *columns, size_t n_columns, size_t n_rows,
                   struct err *err) MUST_USE;

/* ---- hints from other nodes ---- */

/* PostgreSQL: from now on the connection hears of "SELECT pg_notify('CHANNEL', TEXT)" in committed
 * transactions, its own included. A hint may be lost with the connection. The channel is a name of
 * ours, a-z and _. SQLite, where there is no other node: refused. */
int db_listen(struct db_conn *conn, const char *channel, struct err *err) MUST_USE;
/* Waits, outside a transaction, until a hint has come (all that have come are taken, and hear, when
 * not NULL, is given the text of each): 1; 0: the time is up, or wake_fd (-1: none) is readable;
 * -1. */
typedef void (*db_hearer)(void *arg, struct str text);
int db_wait(struct db_conn *conn, int64_t timeout_ms, int wake_fd, db_hearer hear, void *arg,
            struct err *err) MUST_USE;

/* ---- migrations (db/migrate.h) and upkeep ---- */

/* Runs statements without parameters, separated by ";". In table definitions {pk} stands for
 * INTEGER/BIGINT PRIMARY KEY, {int} for INTEGER/BIGINT, {bytes} for BLOB/BYTEA, {keyed} at the end
 * for WITHOUT ROWID or nothing. Text between {sqlite} and {/sqlite} is for that engine alone;
 * likewise {postgresql}. */
int db_run_script(struct db_conn *conn, const char *script, struct err *err) MUST_USE;

/* SQLite: how many pages commits have added to the log since a checkpoint last had something to
 * copy; no system call. PostgreSQL: 0. */
int64_t db_log_grown(struct db *db);

/* SQLite: moves the log into the database without blocking writers (PASSIVE, then RESTART when the
 * log is past its bound); called by a thread of its own. Nothing when all of it was copied and no
 * transaction has been committed since; refused once db_is_broken. PostgreSQL: nothing. *ret_pages:
 * what the log still holds. */
int db_checkpoint(struct db *db, int64_t *ret_pages, struct err *err) MUST_USE;

/* One consistent copy of an open SQLite database into a new file, in steps that let writers
 * through. PostgreSQL: refused with words that name pg_dump; see docs/ops. */
int db_copy_to(struct db *db, const char *path, struct err *err) MUST_USE;

/* The engine's own check of its files: 1 sound, 0 not (ret_report says what), -1. */
int db_verify(struct db *db, struct arena *arena, struct str *ret_report, struct err *err) MUST_USE;

#endif
