/* SPDX-License-Identifier: EUPL-1.2 */
#include "db/db.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/limits.h"
#include "db/engine.h"
#include "db/script.h"

int db_open(const char *uri, const struct db_options *options, struct db **ret_db, struct err *err)
{
    static const struct db_options none = {0};
    struct str s = str_from(uri);
    options = options ? options : &none;
    bool is_sqlite = str_starts(s, STR("sqlite:"));
    if (!is_sqlite && !str_starts(s, STR("postgresql://")) && !str_starts(s, STR("postgres://")))
        return err_internal(err, "database: neither sqlite:PATH nor postgresql://…");
    const struct engine_ops *ops = is_sqlite ? &sqlite_ops : &postgres_ops;
    struct db *db;
    if (ops->db_open(uri, options, &db, err))
        return -1;
    db->ops = ops;
    db->engine = is_sqlite ? DB_ENGINE_SQLITE : DB_ENGINE_POSTGRESQL;
    pool_init(db, options);
    *ret_db = db;
    return 0;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    pool_done(db);
    db->ops->db_close(db);
}

void db_hurry(struct db *db)
{
    atomic_store(&db->hurries, true);
}

enum db_engine db_engine(const struct db *db)
{
    return db->engine;
}

const char *db_flaw(const struct db *db)
{
    return db->ops->flaw ? db->ops->flaw() : NULL;
}

bool db_is_broken(const struct db *db)
{
    return atomic_load(&db->broken);
}

int db_conn_open(struct db *db, enum db_mode mode, struct db_conn **ret_conn, struct err *err)
{
    struct db_conn *conn;
    if (db->ops->conn_open(db, mode, &conn, err))
        return -1;
    conn->db = db;
    conn->mode = mode;
    *ret_conn = conn;
    return 0;
}

void db_conn_close(struct db_conn *conn)
{
    if (!conn)
        return;
    CHECK(conn->queries == 0);
    db_rollback(conn);
    conn->db->ops->conn_close(conn);
}

enum db_engine db_conn_engine(const struct db_conn *conn)
{
    return conn->db->engine;
}

/* ---- failures ---- */

int conn_fail(struct db_conn *conn, enum failure failure, int64_t tag)
{
    if (failure == FAILURE_LOST)
        conn->lost = true;
    if (failure == FAILURE_FATAL) {
        conn->fatal = true;
        atomic_store(&conn->db->broken, true);
    }
    if (conn->in_transaction && conn->failed)
        return -1;
    conn->logical = failure == FAILURE_LOGICAL;
    conn->failed_tag = tag;
    conn->failed = conn->in_transaction;
    return -1;
}

bool db_failure_is_logical(const struct db_conn *conn)
{
    return conn->logical;
}

bool db_error_is_fatal(const struct db_conn *conn)
{
    return conn->fatal;
}

bool db_conn_is_lost(const struct db_conn *conn)
{
    return conn->lost;
}

void db_set_tag(struct db_conn *conn, int64_t tag)
{
    conn->tag = tag;
}

int64_t db_count_statements(const struct db *db)
{
    return atomic_load(&db->statements);
}

static void count_statement(struct db_conn *conn)
{
    atomic_fetch_add_explicit(&conn->db->statements, 1, memory_order_relaxed);
}

static void count_write(struct db_conn *conn)
{
    conn->writes++;
    count_statement(conn);
}

int64_t db_count_writes(const struct db_conn *conn)
{
    return conn->writes;
}

int64_t db_failed_tag(const struct db_conn *conn)
{
    return conn->failed_tag;
}

static int refuse_failed(const struct db_conn *conn, struct err *err)
{
    if (conn->in_transaction && conn->failed)
        return err_internal(err, "a statement of this transaction has failed before");
    return conn->lost ? err_internal(err, "the connection to the database was lost") : 0;
}

/* ---- transactions ---- */

int db_begin(struct db_conn *conn, struct err *err)
{
    CHECK(!conn->in_transaction);
    conn->failed = conn->uncertain = conn->logical = false;
    if (refuse_failed(conn, err) || conn->db->ops->begin(conn, err))
        return -1;
    conn->in_transaction = true;
    return 0;
}

static const struct db_stmt TAKE_TIME = {
    "db_take_time",
    "SELECT length(set_config('statement_timeout', '0', true))",
};

int db_take_time(struct db_conn *conn, struct err *err)
{
    int64_t length;
    CHECK(conn->in_transaction);
    if (conn->db->engine == DB_ENGINE_SQLITE)
        return 0;
    return db_query_int(conn, &TAKE_TIME, DB_NO_PARAMS, &length, err) < 0 ? -1 : 0;
}

int db_commit(struct db_conn *conn, struct err *err)
{
    CHECK(conn->in_transaction);
    if (refuse_failed(conn, err)) {
        db_rollback(conn);
        return -1;
    }
    int result = conn->db->ops->commit(conn, err);
    conn->in_transaction = false;
    return result;
}

bool db_commit_is_uncertain(const struct db_conn *conn)
{
    return conn->uncertain;
}

void db_rollback(struct db_conn *conn)
{
    if (!conn->in_transaction)
        return;
    conn->db->ops->rollback(conn);
    conn->in_transaction = false;
}

/* ---- statements ---- */

int db_query(struct db_conn *conn, const struct db_stmt *stmt, const struct db_param *params,
             size_t n_params, struct db_query **ret_query, struct err *err)
{
    struct db_query *query;
    count_statement(conn);
    if (refuse_failed(conn, err) || conn->db->ops->query(conn, stmt, params, n_params, &query, err))
        return -1;
    query->conn = conn;
    query->stmt = stmt;
    conn->queries++;
    *ret_query = query;
    return 0;
}

int db_step(struct db_query *query, struct err *err)
{
    return query->conn->db->ops->step(query, err);
}

int64_t db_column_int(struct db_query *query, int column)
{
    return query->conn->db->ops->column_int(query, column);
}

bool db_column_is_null(struct db_query *query, int column)
{
    return query->conn->db->ops->column_is_null(query, column);
}

struct str db_column_bytes(struct db_query *query, int column)
{
    return query->conn->db->ops->column_bytes(query, column);
}

struct str db_column_copy(struct db_query *query, int column, struct arena *arena)
{
    struct str bytes = db_column_bytes(query, column);
    return bytes.p ? arena_str(arena, bytes) : STR_NONE;
}

void db_query_end(struct db_query *query)
{
    if (!query)
        return;
    query->conn->queries--;
    query->conn->db->ops->query_end(query);
}

void db_query_cleanup(struct db_query **query)
{
    db_query_end(*query);
}

int db_query_int(struct db_conn *conn, const struct db_stmt *stmt, const struct db_param *params,
                 size_t n_params, int64_t *ret_value, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    if (db_query(conn, stmt, params, n_params, &query, err))
        return -1;
    int found = db_step(query, err);
    if (found <= 0 || db_column_is_null(query, 0))
        return found < 0 ? -1 : 0;
    *ret_value = db_column_int(query, 0);
    return 1;
}

int db_exec(struct db_conn *conn, const struct db_stmt *stmt, const struct db_param *params,
            size_t n_params, struct err *err)
{
    count_write(conn);
    return refuse_failed(conn, err) ? -1
                                    : conn->db->ops->exec(conn, stmt, params, n_params, -1, err);
}

int db_exec_expect(struct db_conn *conn, const struct db_stmt *stmt, const struct db_param *params,
                   size_t n_params, int64_t n_rows, struct err *err)
{
    CHECK(n_rows >= 0);
    count_write(conn);
    return refuse_failed(conn, err)
               ? -1
               : conn->db->ops->exec(conn, stmt, params, n_params, n_rows, err);
}

int db_flush(struct db_conn *conn, struct err *err)
{
    return refuse_failed(conn, err) ? -1 : conn->db->ops->flush(conn, err);
}

int db_insert_many(struct db_conn *conn, const struct db_stmt *stmt,
                   const struct db_column *columns, size_t n_columns, size_t n_rows,
                   struct err *err)
{
    count_write(conn);
    if (refuse_failed(conn, err))
        return -1;
    return n_rows ? conn->db->ops->insert_many(conn, stmt, columns, n_columns, n_rows, err) : 0;
}

int db_run_script(struct db_conn *conn, const char *script, struct err *err)
{
    CLEANUP(buf_done) struct buf text;
    buf_init(&text, LIMIT_SQL_BYTES);
    if (refuse_failed(conn, err) || script_expand(script, conn->db->engine, &text, err))
        return -1;
    return conn->db->ops->run_script(conn, buf_str(&text), err);
}

/* ---- hints ---- */

int db_listen(struct db_conn *conn, const char *channel, struct err *err)
{
    if (!conn->db->ops->listen)
        return err_internal(err, "there is no other node to listen to");
    return refuse_failed(conn, err) ? -1 : conn->db->ops->listen(conn, channel, err);
}

int db_wait(struct db_conn *conn, int64_t timeout_ms, int wake_fd, db_hearer hear, void *arg,
            struct err *err)
{
    CHECK(!conn->in_transaction && conn->db->ops->wait);
    return refuse_failed(conn, err)
               ? -1
               : conn->db->ops->wait(conn, timeout_ms, wake_fd, hear, arg, err);
}

/* ---- upkeep ---- */

int64_t db_log_grown(struct db *db)
{
    return db->ops->log_grown ? db->ops->log_grown(db) : 0;
}

int db_checkpoint(struct db *db, int64_t *ret_pages, struct err *err)
{
    return db->ops->checkpoint(db, ret_pages, err);
}

int db_copy_to(struct db *db, const char *path, struct err *err)
{
    return db->ops->copy_to(db, path, err);
}

int db_verify(struct db *db, struct arena *arena, struct str *ret_report, struct err *err)
{
    return db->ops->verify(db, arena, ret_report, err);
}
