/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_DB_POSTGRES_H
#define CHAPPE_DB_POSTGRES_H

/* The PostgreSQL engine's own types, shared by its files.
 *
 * A connection is always in libpq's pipeline mode, with a non-blocking socket. What is sent is
 * noted in `sent`, in order; postgres_drain asks for a synchronisation point and reads the outcome
 * of each. Values go and come in binary: int8 and bytea, and arrays of them. */

#include <libpq-fe.h>

#include "base/buf.h"
#include "base/limits.h"
#include "db/engine.h"
#include "db/statement.h"

struct postgres_db {
    struct db db;
    char *uri;
};

/* A statement as this connection has prepared it. A type is 0 until a value of it was seen. */
struct postgres_entry {
    struct statement text;
    char *name;
    Oid types[LIMIT_SQL_PARAMS];
    bool prepared; /* or about to be, in the pipeline */
};

struct postgres_item {
    enum postgres_kind {
        POSTGRES_PREPARE,
        POSTGRES_COMMAND, /* its rows, if any, are left */
        POSTGRES_QUERY,
        POSTGRES_COMMIT,
        POSTGRES_SYNC,
    } kind;
    const char *what;             /* for the log */
    struct postgres_entry *entry; /* of a PREPARE */
    int64_t tag;
    int64_t expect; /* rows; -1: any number */
    bool forgotten; /* rolled back since: its outcome is of no interest */
};

struct postgres_conn {
    struct db_conn conn;
    PGconn *handle;
    struct int_map statements; /* address of the db_stmt → struct postgres_entry */
    struct int_map many;       /* the same, for db_insert_many */
    unsigned names;            /* given out */
    VEC(struct postgres_item) sent;
    size_t sent_bytes;
    bool to_begin; /* BEGIN goes with the first statement */
    bool begun;
};

/* ---- postgres_pipeline.c ---- */

/* libpq's last message, without the newline at its end. */
const char *postgres_message(struct postgres_conn *conn);

/* Notes what was just handed to libpq; ok is what its PQsend… function returned. */
int postgres_sent(struct postgres_conn *conn, struct postgres_item item, int ok, size_t bytes,
                  struct err *err) MUST_USE;
/* A text without parameters, as one item. */
int postgres_send_text(struct postgres_conn *conn, const char *sql, struct postgres_item item,
                       struct err *err) MUST_USE;
/* Sends the BEGIN that is due. */
int postgres_send_begin(struct postgres_conn *conn, struct err *err) MUST_USE;
/* Reads every outcome. *ret_rows (may be NULL) is the result of the last QUERY, the caller's. */
int postgres_drain(struct postgres_conn *conn, PGresult **ret_rows, struct err *err) MUST_USE;
/* The connection is dead. Always -1. */
int postgres_lose(struct postgres_conn *conn, int64_t tag, struct err *err);
/* Sends what ends the transaction, and does not wait for it. */
void postgres_send_rollback(struct postgres_conn *conn);

/* ---- postgres_listen.c ---- */

int postgres_listen(struct db_conn *conn, const char *channel, struct err *err);
int postgres_wait(struct db_conn *conn, int64_t timeout_ms, int wake_fd, db_hearer hear, void *arg,
                  struct err *err);

/* ---- postgres_statement.c ---- */

int postgres_query(struct db_conn *conn, const struct db_stmt *stmt, const struct db_param *params,
                   size_t n_params, struct db_query **ret_query, struct err *err);
int postgres_exec(struct db_conn *conn, const struct db_stmt *stmt, const struct db_param *params,
                  size_t n_params, int64_t expect, struct err *err);
int postgres_insert_many(struct db_conn *conn, const struct db_stmt *stmt,
                         const struct db_column *columns, size_t n_columns, size_t n_rows,
                         struct err *err);
int postgres_run_script(struct db_conn *conn, struct str script, struct err *err);
void postgres_statements_done(struct postgres_conn *conn);

/* ---- postgres_rows.c ---- */

struct db_query *postgres_rows_new(PGresult *rows);
int postgres_step(struct db_query *query, struct err *err);
int64_t postgres_column_int(struct db_query *query, int column);
bool postgres_column_is_null(struct db_query *query, int column);
struct str postgres_column_bytes(struct db_query *query, int column);
void postgres_query_end(struct db_query *query);

/* ---- postgres_value.c ---- */

enum {
    POSTGRES_BOOL = 16,
    POSTGRES_BYTEA = 17,
    POSTGRES_INT8 = 20,
    POSTGRES_INT2 = 21,
    POSTGRES_INT4 = 23,
    POSTGRES_OID = 26,
    POSTGRES_BYTEA_ARRAY = 1001,
    POSTGRES_INT8_ARRAY = 1016,
    POSTGRES_NUMERIC = 1700,
};

uint64_t postgres_big_endian(int64_t value);
/* An integer of one of the types above; what is after a decimal point is cut, what is too large
 * is brought to the nearest int64_t; other types are 0. */
int64_t postgres_read_int(Oid type, const char *p, size_t n);
/* Binary arrays of rows from..to of a column. */
void postgres_write_ints(struct buf *out, const int64_t *values, size_t from, size_t to);
void postgres_write_bytes(struct buf *out, const struct str *values, size_t from, size_t to);

#endif
