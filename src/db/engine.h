/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_DB_ENGINE_H
#define CHAPPE_DB_ENGINE_H

/* What db.c and the two engines share; nobody outside this directory includes it.
 *
 * db.c keeps the rules that hold for both engines (a failed transaction takes no more statements,
 * a query belongs to its connection, the pool); an engine does the work behind struct engine_ops.
 * An engine embeds struct db, db_conn and db_query as the first member of its own. */

#include <pthread.h>
#include <stdatomic.h>

#include "base/map.h"
#include "base/vec.h"
#include "db/db.h"

struct engine_ops {
    int (*db_open)(const char *uri, const struct db_options *options, struct db **ret_db,
                   struct err *err);
    void (*db_close)(struct db *db);
    int (*conn_open)(struct db *db, enum db_mode mode, struct db_conn **ret_conn, struct err *err);
    void (*conn_close)(struct db_conn *conn);
    /* Of a connection that was idle: the other side has closed it. Does not wait. May be NULL. */
    bool (*has_ended)(struct db_conn *conn);

    int (*begin)(struct db_conn *conn, struct err *err);
    /* Sets conn->uncertain. The transaction is over, however it ends. */
    int (*commit)(struct db_conn *conn, struct err *err);
    void (*rollback)(struct db_conn *conn);

    int (*query)(struct db_conn *conn, const struct db_stmt *stmt, const struct db_param *params,
                 size_t n_params, struct db_query **ret_query, struct err *err);
    int (*step)(struct db_query *query, struct err *err);
    int64_t (*column_int)(struct db_query *query, int column);
    bool (*column_is_null)(struct db_query *query, int column);
    struct str (*column_bytes)(struct db_query *query, int column);
    void (*query_end)(struct db_query *query);

    /* expect < 0: any number of rows. */
    int (*exec)(struct db_conn *conn, const struct db_stmt *stmt, const struct db_param *params,
                size_t n_params, int64_t expect, struct err *err);
    int (*flush)(struct db_conn *conn, struct err *err);
    int (*insert_many)(struct db_conn *conn, const struct db_stmt *stmt,
                       const struct db_column *columns, size_t n_columns, size_t n_rows,
                       struct err *err);
    /* The text is expanded (db/script.h) and ends with a NUL. */
    int (*run_script)(struct db_conn *conn, struct str script, struct err *err);

    int (*listen)(struct db_conn *conn, const char *channel, struct err *err);
    int (*wait)(struct db_conn *conn, int64_t timeout_ms, int wake_fd, db_hearer hear, void *arg,
                struct err *err);

    const char *(*flaw)(void);           /* may be NULL */
    int64_t (*log_grown)(struct db *db); /* may be NULL */
    int (*checkpoint)(struct db *db, int64_t *ret_pages, struct err *err);
    int (*copy_to)(struct db *db, const char *path, struct err *err);
    int (*verify)(struct db *db, struct arena *arena, struct str *ret_report, struct err *err);
};

extern const struct engine_ops sqlite_ops;
extern const struct engine_ops postgres_ops;

struct db {
    const struct engine_ops *ops;
    enum db_engine engine;
    atomic_llong statements;
    atomic_bool hurries; /* db_hurry */
    atomic_bool broken;  /* a connection has seen a failed fsync, an I/O error, a corrupt file */

    pthread_mutex_t pool_lock;
    pthread_cond_t pool_free;
    VEC(struct db_conn *) idle;
    size_t readers;     /* idle or taken */
    size_t readers_max; /* taken at most, but for LIMIT_DB_READERS_MORE */
    int64_t wait_ms;
};

struct db_conn {
    struct db *db;
    enum db_mode mode;
    bool in_transaction;
    bool failed;    /* the transaction that is open has failed */
    bool uncertain; /* the last commit */
    bool lost;      /* the connection is dead */
    bool logical;   /* the last failure */
    bool fatal;
    int64_t tag, failed_tag;
    int64_t writes;
    size_t queries; /* begun and not ended */
};

struct db_query {
    struct db_conn *conn;
    const struct db_stmt *stmt;
};

enum failure {
    FAILURE_LOGICAL, /* the statement's fault */
    FAILURE_PASSING, /* disk full, busy, network: may go away */
    FAILURE_LOST,    /* the connection is dead */
    FAILURE_FATAL,   /* what was written cannot be trusted any more */
};

/* Records a failure of a statement that carried the tag. In a transaction only the first one
 * counts, since the others follow from it. Always returns -1. */
int conn_fail(struct db_conn *conn, enum failure failure, int64_t tag);

void pool_init(struct db *db, const struct db_options *options);
void pool_done(struct db *db);

#endif
