/* SPDX-License-Identifier: EUPL-1.2 */
#include "db/postgres.h"

#include <poll.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/mem.h"

enum { VERSION_LEAST = 150000 };

/* A commit that is not durable is no commit here. The keepalives end the session, and with it the
 * locks, of a node that fell off the network. Short statements gain nothing by compiling. */
static const char setup[] =
    "SELECT set_config('synchronous_commit', 'on', false)"
    "    WHERE current_setting('synchronous_commit') = 'off';"
    "SET jit = off; SET tcp_keepalives_idle = 20; SET tcp_keepalives_interval = 5;"
    "SET tcp_keepalives_count = 3; SET tcp_user_timeout = 30000;";
#define TEXT_OF(value) #value
#define TEXT(value)    TEXT_OF(value)
/* A process that is paused in a transaction keeps its connection alive by its kernel, and with it
 * the lock that all others wait for. Its session ends, and when it goes on it runs the batch again.
 */
static const char setup_writer[] =
    "SET idle_in_transaction_session_timeout = " TEXT(LIMIT_DB_PAUSE_MS);
static const char setup_reader[] = "SET default_transaction_read_only = on;"
                                   "SET statement_timeout = " TEXT(LIMIT_DB_READ_MS);

/* ---- connections ---- */

static void ignore_notice(void *arg, const char *message)
{
    (void)arg;
    (void)message;
}

/* What stands before the URI is a default that the URI may change; what stands after is ours. */
static PGconn *connect(const char *uri)
{
    const char *const keys[] = {"connect_timeout",     "keepalives_idle",
                                "keepalives_interval", "keepalives_count",
                                "tcp_user_timeout",    "target_session_attrs",
                                "application_name",    "dbname",
                                "client_encoding",     NULL};
    const char *const values[] = {"10",         "20",     "5", "3",    "30000",
                                  "read-write", "chappe", uri, "UTF8", NULL};
    return PQconnectdbParams(keys, values, 1);
}

static int run_setup(struct postgres_conn *conn, const char *sql, struct err *err)
{
    PGresult *result = PQexec(conn->handle, sql);
    ExecStatusType status = PQresultStatus(result);
    PQclear(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        return 0;
    return err_internal(err, "postgresql: setting up: %s", postgres_message(conn));
}

static int open_handle(struct postgres_conn *conn, struct err *err)
{
    conn->handle = connect(((struct postgres_db *)conn->conn.db)->uri);
    if (PQstatus(conn->handle) != CONNECTION_OK)
        return err_internal(err, "postgresql: %s", postgres_message(conn));
    PQsetNoticeProcessor(conn->handle, ignore_notice, NULL);
    int version = PQserverVersion(conn->handle);
    if (version < VERSION_LEAST)
        return err_internal(err, "postgresql: server version %d is older than 15", version / 10000);
    const char *more = conn->conn.mode == DB_MODE_READ ? setup_reader : setup_writer;
    if (run_setup(conn, setup, err) || run_setup(conn, more, err))
        return -1;
    if (PQsetnonblocking(conn->handle, 1) || !PQenterPipelineMode(conn->handle))
        return err_internal(err, "postgresql: pipeline mode: %s", postgres_message(conn));
    return 0;
}

static void close_conn(struct db_conn *base)
{
    struct postgres_conn *conn = (struct postgres_conn *)base;
    PQfinish(conn->handle);
    postgres_statements_done(conn);
    VEC_DONE(&conn->sent);
    mem_free(conn);
}

static int open_conn(struct db *db, enum db_mode mode, struct db_conn **ret_conn, struct err *err)
{
    struct postgres_conn *conn = MEM_NEW(struct postgres_conn);
    conn->conn.db = db;
    conn->conn.mode = mode;
    if (open_handle(conn, err)) {
        close_conn(&conn->conn);
        return -1;
    }
    *ret_conn = &conn->conn;
    return 0;
}

/* A server that stops, or a session that is ended, closes its side. */
static bool has_ended(struct db_conn *base)
{
    struct postgres_conn *conn = (struct postgres_conn *)base;
    struct pollfd fd = {.fd = PQsocket(conn->handle), .events = POLLRDHUP};
    bool ended = poll(&fd, 1, 0) > 0 && (fd.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL));
    base->lost |= ended;
    return ended;
}

static void close_db(struct db *base)
{
    struct postgres_db *db = (struct postgres_db *)base;
    mem_free(db->uri);
    mem_free(db);
}

static int open_db(const char *uri, const struct db_options *options, struct db **ret_db,
                   struct err *err)
{
    struct postgres_db *db = MEM_NEW(struct postgres_db);
    struct db_conn *conn;
    (void)options;
    db->uri = mem_copy(uri, strlen(uri) + 1);
    if (open_conn(&db->db, DB_MODE_WRITE, &conn, err)) {
        close_db(&db->db);
        return -1;
    }
    close_conn(conn);
    *ret_db = &db->db;
    return 0;
}

/* ---- transactions ---- */

static int begin(struct db_conn *base, struct err *err)
{
    (void)err;
    ((struct postgres_conn *)base)->to_begin = true;
    return 0;
}

static void rollback(struct db_conn *base)
{
    struct postgres_conn *conn = (struct postgres_conn *)base;
    if (conn->begun && !base->lost)
        postgres_send_rollback(conn);
    conn->to_begin = conn->begun = false;
}

static bool has_expectations(const struct postgres_conn *conn)
{
    for (size_t i = 0; i < conn->sent.n; i++)
        if (conn->sent.p[i].expect >= 0)
            return true;
    return false;
}

/* COMMIT goes with the statements before it, unless their row counts decide whether to commit. */
static int send_commit(struct postgres_conn *conn, struct err *err)
{
    struct postgres_item item = {
        .kind = POSTGRES_COMMIT, .what = "commit", .tag = conn->conn.tag, .expect = -1};
    if (has_expectations(conn) && postgres_drain(conn, NULL, err))
        return -1;
    int result = postgres_send_text(conn, "COMMIT", item, err);
    conn->conn.uncertain = result && conn->conn.lost; /* a part of it may have left */
    return result ? -1 : postgres_drain(conn, NULL, err);
}

static int commit(struct db_conn *base, struct err *err)
{
    struct postgres_conn *conn = (struct postgres_conn *)base;
    int result = 0;
    if (conn->begun && base->mode == DB_MODE_WRITE)
        result = send_commit(conn, err);
    if (result == 0 && base->mode == DB_MODE_WRITE)
        conn->to_begin = conn->begun = false;
    rollback(base);
    return result;
}

static int flush(struct db_conn *conn, struct err *err)
{
    return postgres_drain((struct postgres_conn *)conn, NULL, err);
}

/* ---- upkeep ---- */

static int checkpoint(struct db *db, int64_t *ret_pages, struct err *err)
{
    (void)db;
    (void)err;
    *ret_pages = 0;
    return 0;
}

static int copy_to(struct db *db, const char *path, struct err *err)
{
    (void)db;
    return err_internal(err,
                        "PostgreSQL is not copied to %s from here: use pg_dump or "
                        "pg_basebackup (docs/ops)",
                        path);
}

/* What the server knows by itself: blocks whose checksum was wrong, indexes that are not usable. */
static const struct db_stmt verify_faults = {
    "verify_faults",
    "SELECT CAST('index ' || c.relname || ' is not valid' AS text)"
    "    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
    "    WHERE NOT i.indisvalid OR NOT i.indisready"
    " UNION ALL SELECT checksum_failures || ' blocks with a wrong checksum'"
    "    FROM pg_stat_database WHERE datname = current_database() AND checksum_failures > 0"};

static int read_faults(struct db_conn *conn, struct buf *report, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    if (db_query(conn, &verify_faults, DB_NO_PARAMS, &query, err))
        return -1;
    int more;
    while ((more = db_step(query, err)) > 0) {
        if (report->n)
            buf_add_byte(report, '\n');
        buf_add(report, db_column_bytes(query, 0));
    }
    return more;
}

static int verify(struct db *db, struct arena *arena, struct str *ret_report, struct err *err)
{
    CLEANUP(buf_done) struct buf report;
    struct db_conn *conn;
    buf_init(&report, KIB(64));
    if (db_reader_take(db, &conn, err))
        return -1;
    int result = read_faults(conn, &report, err);
    db_reader_give(db, conn);
    if (result)
        return -1;
    *ret_report = arena_str(arena, report.n ? buf_str(&report) : STR("ok"));
    return report.n == 0;
}

const struct engine_ops postgres_ops = {
    .db_open = open_db,
    .db_close = close_db,
    .conn_open = open_conn,
    .conn_close = close_conn,
    .has_ended = has_ended,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .query = postgres_query,
    .step = postgres_step,
    .column_int = postgres_column_int,
    .column_is_null = postgres_column_is_null,
    .column_bytes = postgres_column_bytes,
    .query_end = postgres_query_end,
    .exec = postgres_exec,
    .flush = flush,
    .insert_many = postgres_insert_many,
    .run_script = postgres_run_script,
    .listen = postgres_listen,
    .wait = postgres_wait,
    .checkpoint = checkpoint,
    .copy_to = copy_to,
    .verify = verify,
};
