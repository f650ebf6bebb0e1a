/* SPDX-License-Identifier: EUPL-1.2 */
#include "db/sqlite.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"

/* SQLite 3.39 has RETURNING, IS NOT DISTINCT FROM and json_each built in. */
enum { VERSION_LEAST = 3039000, BUSY_MS = 10000 };

/* The default page cache is made for small programs. */
static const char setup[] = "PRAGMA page_size=4096;"
                            "PRAGMA journal_mode=WAL;"
                            "PRAGMA synchronous=FULL;"
                            "PRAGMA wal_autocheckpoint=0;"
                            "PRAGMA journal_size_limit=67108864;"
                            "PRAGMA foreign_keys=OFF;"
                            "PRAGMA mmap_size=0;"
                            "PRAGMA temp_store=MEMORY;"
                            "PRAGMA secure_delete=FAST;"
                            "PRAGMA trusted_schema=OFF;";

/* A version may have the mending of others ported back to it, which its number does not tell. */
const char *sqlite_flaw(int version)
{
    bool mended = version >= 3051003 || (version >= 3050007 && version < 3051000) ||
                  (version >= 3044006 && version < 3045000);
    return mended
               ? NULL
               : "this version of SQLite has the WAL-reset bug, of which checkpoints keep clear; "
                 "3.51.3, 3.50.7 and 3.44.6 do not have it";
}

static const char *flaw(void)
{
    return sqlite_flaw(sqlite3_libversion_number());
}

/* ---- failures ---- */

/* I/O errors that leave what was written before intact and may go away. */
static bool is_passing_io(sqlite3 *handle, int extended)
{
    switch (extended) {
    case SQLITE_IOERR_NOMEM:
    case SQLITE_IOERR_BLOCKED:
    case SQLITE_IOERR_LOCK:
    case SQLITE_IOERR_SHMSIZE: /* a full disk, when the index of the log grows */
    case SQLITE_IOERR_GETTEMPPATH:
        return true;
    case SQLITE_IOERR_WRITE:
        return sqlite3_system_errno(handle) == EDQUOT;
    default:
        return false;
    }
}

static enum failure classify(sqlite3 *handle, int extended)
{
    switch (extended & 0xff) {
    case SQLITE_IOERR:
        return is_passing_io(handle, extended) ? FAILURE_PASSING : FAILURE_FATAL;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return FAILURE_FATAL;
    case SQLITE_CONSTRAINT:
    case SQLITE_ERROR:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
    case SQLITE_RANGE:
        return FAILURE_LOGICAL;
    default:
        return FAILURE_PASSING;
    }
}

int sqlite_fail(struct sqlite_conn *conn, int code, const char *what, struct err *err)
{
    int extended = conn->handle ? sqlite3_extended_errcode(conn->handle) : code;
    if ((extended & 0xff) != (code & 0xff))
        extended = code;
    conn_fail(&conn->conn, classify(conn->handle, extended), conn->conn.tag);
    return err_internal(err, "sqlite: %s: %s (%d)", what,
                        conn->handle ? sqlite3_errmsg(conn->handle) : sqlite3_errstr(code),
                        extended);
}

int sqlite_run(struct sqlite_conn *conn, const char *sql, struct err *err)
{
    int code = sqlite3_exec(conn->handle, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? 0 : sqlite_fail(conn, code, sql, err);
}

/* ---- connections ---- */

/* The answer to "PRAGMA journal_mode" is a text, and anything but "wal" is no error to SQLite. */
static int check_wal(struct sqlite_conn *conn, struct err *err)
{
    sqlite3_stmt *stmt = NULL;
    int code = sqlite3_prepare_v2(conn->handle, "PRAGMA journal_mode", -1, &stmt, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(stmt);
    bool is_wal = code == SQLITE_ROW &&
                  str_eq(str_from((const char *)sqlite3_column_text(stmt, 0)), STR("wal"));
    sqlite3_finalize(stmt);
    if (code != SQLITE_ROW)
        return sqlite_fail(conn, code, "journal mode", err);
    return is_wal ? 0 : err_internal(err, "sqlite: this file system does not allow WAL");
}

static struct sqlite_turn *turn_of(struct sqlite_conn *conn)
{
    return &((struct sqlite_db *)conn->conn.db)->turn;
}

static void leave_turn(struct sqlite_conn *conn)
{
    if (conn->in_turn)
        sqlite_turn_leave(turn_of(conn), conn->logged_pages);
    conn->in_turn = false;
    conn->logged_pages = 0;
}

/* SQLite calls this after each commit that wrote to the log, once others see it. */
static int note_commit(void *arg, sqlite3 *handle, const char *name, int pages)
{
    struct sqlite_conn *conn = arg;
    (void)handle;
    (void)name;
    if (conn->in_turn)
        conn->logged_pages = pages;
    else
        sqlite_turn_note(turn_of(conn), pages);
    return SQLITE_OK;
}

static int open_handle(struct sqlite_conn *conn, struct err *err)
{
    struct sqlite_db *db = (struct sqlite_db *)conn->conn.db;
    int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int code = sqlite3_open_v2(db->path, &conn->handle, flags, wal_vfs_name(db->vfs));
    if (code != SQLITE_OK)
        return sqlite_fail(conn, code, db->path, err);
    sqlite3_busy_timeout(conn->handle, db->busy_ms);
    sqlite3_db_config(conn->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (sqlite_run(conn, setup, err) || check_wal(conn, err))
        return -1;
    sqlite3_wal_hook(conn->handle, note_commit, conn); /* takes the place of autocheckpoints */
    return sqlite_run(conn,
                      conn->conn.mode == DB_MODE_READ
                          ? "PRAGMA cache_size=-4096; PRAGMA query_only=ON"
                          : "PRAGMA cache_size=-32768",
                      err);
}

int sqlite_conn_open(struct db *db, enum db_mode mode, struct db_conn **ret_conn, struct err *err)
{
    struct sqlite_conn *conn = MEM_NEW(struct sqlite_conn);
    conn->conn.db = db;
    conn->conn.mode = mode;
    if (open_handle(conn, err)) {
        sqlite_conn_close(&conn->conn);
        return -1;
    }
    *ret_conn = &conn->conn;
    return 0;
}

void sqlite_conn_close(struct db_conn *base)
{
    struct sqlite_conn *conn = (struct sqlite_conn *)base;
    leave_turn(conn);
    sqlite_statements_done(conn);
    for (size_t i = 0; i < ARRAY_LEN(conn->bounds); i++)
        sqlite3_finalize(conn->bounds[i]);
    /* Who closes last copies the log and deletes it: not after a failed fsync (sqlite_upkeep.c). */
    if (conn->handle && atomic_load(&base->db->broken))
        sqlite3_db_config(conn->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    int code = sqlite3_close(conn->handle);
    CHECK(code == SQLITE_OK);
    mem_free(conn);
}

static void close_db(struct db *base)
{
    struct sqlite_db *db = (struct sqlite_db *)base;
    if (db->upkeep)
        sqlite_conn_close(&db->upkeep->conn);
    pthread_mutex_destroy(&db->upkeep_lock);
    sqlite_turn_done(&db->turn);
    mem_free(db->path);
    wal_vfs_free(db->vfs);
    mem_free(db);
}

static int open_db(const char *uri, const struct db_options *options, struct db **ret_db,
                   struct err *err)
{
    if (sqlite3_libversion_number() < VERSION_LEAST || !sqlite3_threadsafe())
        return err_internal(err, "sqlite: version %s is too old", sqlite3_libversion());
    struct sqlite_db *db = MEM_NEW(struct sqlite_db);
    struct db_conn *upkeep;
    pthread_mutex_init(&db->upkeep_lock, NULL);
    sqlite_turn_init(&db->turn);
    const char *path = uri + strlen("sqlite:");
    db->path = mem_copy(path, strlen(path) + 1);
    db->busy_ms = options->busy_timeout_ms ? (int)options->busy_timeout_ms : BUSY_MS;
    db->wal_pages_max = options->wal_pages_max ? options->wal_pages_max : LIMIT_DB_WAL_PAGES;
    db->vfs = wal_vfs_new(options->sqlite_vfs);
    if (!db->vfs) {
        close_db(&db->db);
        return err_internal(err, "sqlite: no file system named %s",
                            options->sqlite_vfs ? options->sqlite_vfs : "");
    }
    if (sqlite_conn_open(&db->db, DB_MODE_WRITE, &upkeep, err)) {
        close_db(&db->db);
        return -1;
    }
    db->upkeep = (struct sqlite_conn *)upkeep;
    if (sqlite_rewrite_log(db->upkeep, err)) {
        close_db(&db->db);
        return -1;
    }
    *ret_db = &db->db;
    return 0;
}

/* ---- transactions ---- */

static int run_bound(struct sqlite_conn *conn, enum sqlite_bound bound, struct err *err)
{
    static const char *const texts[] = {"BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"};
    sqlite3_stmt **stmt = &conn->bounds[bound];
    int code = SQLITE_OK;
    if (!*stmt)
        code = sqlite3_prepare_v3(conn->handle, texts[bound], -1, SQLITE_PREPARE_PERSISTENT, stmt,
                                  NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_step(*stmt);
        int result = code == SQLITE_DONE ? 0 : sqlite_fail(conn, code, texts[bound], err);
        sqlite3_reset(*stmt);
        return result;
    }
    return sqlite_fail(conn, code, texts[bound], err);
}

static int begin(struct db_conn *base, struct err *err)
{
    struct sqlite_conn *conn = (struct sqlite_conn *)base;
    if (base->mode == DB_MODE_READ)
        return run_bound(conn, BOUND_READ, err);
    sqlite_turn_take(turn_of(conn));
    conn->in_turn = true;
    int result = run_bound(conn, BOUND_WRITE, err);
    if (result)
        leave_turn(conn);
    return result;
}

static void drop_gathered(struct sqlite_conn *conn)
{
    sqlite3_file *log = NULL;
    sqlite3_file_control(conn->handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    if (log)
        wal_vfs_drop(log);
}

/* SQLite may have rolled back by itself after a full disk or an I/O error. */
static void rollback(struct db_conn *base)
{
    struct sqlite_conn *conn = (struct sqlite_conn *)base;
    struct err ignored = ERR_INIT;
    if (!sqlite3_get_autocommit(conn->handle))
        (void)!run_bound(conn, BOUND_ROLLBACK, &ignored);
    if (base->mode == DB_MODE_WRITE)
        drop_gathered(conn);
    leave_turn(conn);
}

/* A commit syncs the log, then enters its pages in the index of the log, which may have to grow and
 * find no memory or no space: others do not see the transaction and the next one is written over
 * it, but a program that reads the log before that finds it. */
static bool may_be_in_log(sqlite3 *handle)
{
    switch (sqlite3_extended_errcode(handle)) {
    case SQLITE_NOMEM:
    case SQLITE_IOERR_NOMEM:
    case SQLITE_IOERR_SHMSIZE:
        return true;
    default:
        return false;
    }
}

static int commit(struct db_conn *base, struct err *err)
{
    struct sqlite_conn *conn = (struct sqlite_conn *)base;
    if (sqlite3_get_autocommit(conn->handle)) {
        leave_turn(conn);
        conn_fail(base, FAILURE_PASSING, base->tag);
        return err_internal(err, "sqlite: the transaction was rolled back");
    }
    if (run_bound(conn, BOUND_COMMIT, err) == 0) {
        leave_turn(conn);
        return 0;
    }
    /* After a failed fsync the frames may be in the log, to be found when it is read again. */
    base->uncertain = base->fatal || may_be_in_log(conn->handle);
    rollback(base);
    return -1;
}

static int flush(struct db_conn *conn, struct err *err)
{
    (void)conn;
    (void)err;
    return 0;
}

const struct engine_ops sqlite_ops = {
    .db_open = open_db,
    .db_close = close_db,
    .conn_open = sqlite_conn_open,
    .conn_close = sqlite_conn_close,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .query = sqlite_query,
    .step = sqlite_step,
    .column_int = sqlite_column_int,
    .column_is_null = sqlite_column_is_null,
    .column_bytes = sqlite_column_bytes,
    .query_end = sqlite_query_end,
    .exec = sqlite_exec,
    .flush = flush,
    .insert_many = sqlite_insert_many,
    .run_script = sqlite_run_script,
    .flaw = flaw,
    .log_grown = sqlite_log_grown,
    .checkpoint = sqlite_checkpoint,
    .copy_to = sqlite_copy_to,
    .verify = sqlite_verify,
};
