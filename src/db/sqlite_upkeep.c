/* SPDX-License-Identifier: EUPL-1.2 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "db/sqlite.h"

/* ---- checkpoints ---- */

/* A restart holds writers back while it copies what is left and waits for readers. It waits
 * RESTART_MS for the transaction under way, which writers would wait for anyway; for readers
 * READERS_MS, and as long as for writers once the log is PATIENCE times as long as it should be. */
enum { RESTART_MS = 100, READERS_MS = 5, PATIENCE = 2, RESTART_PAGES = 1024, ROUNDS = 4 };
enum { COPY_PAGES = 256 };

enum { REWRITE_BYTES = 65536 };

/* SQLite before 3.51.3 (sqlite.org/wal.html#walresetbug): of a log that is copied to its end, the
 * next commit begins anew. A checkpoint that began just before reads how long the log was and then
 * how much of it is copied, nothing now; what it copies is the new log, and it notes the old length
 * as copied. Later checkpoints then pass over what comes up to there, and it is lost when the log
 * is begun anew again.
 *
 * So none begins (RESTART apart, which writers wait for) before a transaction that began after the
 * last complete checkpoint has been committed. From then on there is something to copy, a log that
 * is not copied is not begun anew, and nobody copies but this connection: other programs are kept
 * out (store.h), and a connection that is closed is not the last one. When the database is opened
 * nothing counts as copied, but nothing asks for a checkpoint either before the first commit. */
static bool may_begin(struct sqlite_db *db)
{
    return !atomic_load(&db->db.broken) && sqlite_turn_commits(&db->turn) > db->copied_commits;
}

/* Copies pages of the log into the file: `log` is how many it has, `done` how many of them are
 * copied. Both 0 where another program is at it. */
static int copy_log(struct sqlite_db *db, int mode, int *ret_log, int *ret_done, struct err *err)
{
    int log = 0, done = 0;
    int code = sqlite3_wal_checkpoint_v2(db->upkeep->handle, NULL, mode, &log, &done);
    bool failed = code != SQLITE_OK && code != SQLITE_BUSY;
    bool complete = failed || log == done; /* a failure leaves it open: to be taken for complete */
    db->copied_commits = complete ? sqlite_turn_horizon(&db->turn) : -1;
    if (failed)
        return sqlite_fail(db->upkeep, code, "checkpoint", err);
    db->log_pages = *ret_log = log > 0 ? log : 0;
    db->copied_pages = *ret_done = done > 0 ? done : 0;
    return 0;
}

/* SQLite itself syncs the file only when all is copied, which a restart would wait for. */
static int sync_file(struct sqlite_db *db, struct err *err)
{
    sqlite3_file *file = NULL;
    sqlite3_file_control(db->upkeep->handle, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    int code = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
    return code == SQLITE_OK ? 0 : sqlite_fail(db->upkeep, code, "checkpoint: fsync", err);
}

static int restart_log(struct sqlite_db *db, int *ret_log, struct err *err)
{
    int done;
    bool too_long = *ret_log / PATIENCE > db->wal_pages_max;
    if (atomic_load(&db->db.broken) || !sqlite_turn_hold(&db->turn, RESTART_MS))
        return 0;
    sqlite3_busy_timeout(db->upkeep->handle, too_long ? RESTART_MS : READERS_MS);
    int result = copy_log(db, SQLITE_CHECKPOINT_RESTART, ret_log, &done, err);
    sqlite3_busy_timeout(db->upkeep->handle, db->busy_ms);
    sqlite_turn_release(&db->turn);
    return result;
}

/* A long log is copied while others write on, until only little of it is left, or they write as
 * fast as it is copied; then for the rest they wait. Not for a reader who stays: as long as no more
 * can be copied than before, a restart would wait for nothing. And not when a log that was copied
 * to its end was begun anew meanwhile, which leaves it shorter than what was copied. */
static int checkpoint_locked(struct sqlite_db *db, int *ret_log, struct err *err)
{
    int64_t left = 0;
    *ret_log = db->log_pages;
    if (!may_begin(db))
        return 0;
    sqlite_turn_clear_grown(&db->turn);
    for (int round = 1; round <= ROUNDS && may_begin(db); round++) {
        int before = db->copied_pages, done;
        if (copy_log(db, SQLITE_CHECKPOINT_PASSIVE, ret_log, &done, err))
            return -1;
        if (*ret_log <= db->wal_pages_max)
            return 0;
        left = sqlite_turn_log_pages(&db->turn) - done;
        if (left > RESTART_PAGES && done < *ret_log && done == before)
            return 0;
        if (sync_file(db, err))
            return -1;
        if (left <= RESTART_PAGES)
            break;
    }
    return left >= 0 ? restart_log(db, ret_log, err) : 0;
}

/* After a failed fsync the kernel may have pages of the file as written that are not on the disk,
 * and the next fsync says nothing of them: what the log holds is copied once more by the next
 * start. */
static int refuse_broken(const struct sqlite_db *db, struct err *err)
{
    return atomic_load(&db->db.broken)
               ? err_internal(err, "checkpoint: a write or an fsync has failed before")
               : 0;
}

int64_t sqlite_log_grown(struct db *base)
{
    return sqlite_turn_grown(&((struct sqlite_db *)base)->turn);
}

int sqlite_checkpoint(struct db *base, int64_t *ret_pages, struct err *err)
{
    struct sqlite_db *db = (struct sqlite_db *)base;
    int left = 0;
    pthread_mutex_lock(&db->upkeep_lock);
    int result = refuse_broken(db, err);
    if (result == 0)
        result = checkpoint_locked(db, &left, err);
    pthread_mutex_unlock(&db->upkeep_lock);
    if (result == 0)
        *ret_pages = left;
    return result;
}

/* ---- the log that a start finds ---- */

static int rewrite(sqlite3_file *file, char *bytes, sqlite3_int64 size)
{
    int code = SQLITE_OK;
    for (sqlite3_int64 at = 0; at < size && code == SQLITE_OK; at += REWRITE_BYTES) {
        int n = size - at < REWRITE_BYTES ? (int)(size - at) : REWRITE_BYTES;
        code = file->pMethods->xRead(file, bytes, n, at);
        if (code == SQLITE_OK)
            code = file->pMethods->xWrite(file, bytes, n, at);
    }
    return code == SQLITE_OK ? file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) : code;
}

int sqlite_rewrite_log(struct sqlite_conn *conn, struct err *err)
{
    sqlite3_file *file = NULL;
    sqlite3_int64 size = 0;
    if (sqlite_run(conn, "SELECT count(*) FROM sqlite_schema", err)) /* opens the log */
        return -1;
    sqlite3_file_control(conn->handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file);
    int code = file && file->pMethods ? file->pMethods->xFileSize(file, &size) : SQLITE_INTERNAL;
    if (code == SQLITE_OK && size > 0) {
        char *bytes = MEM_NEW_N(REWRITE_BYTES, char);
        code = rewrite(file, bytes, size);
        mem_free(bytes);
    }
    return code == SQLITE_OK ? 0 : sqlite_fail(conn, code, "writing the log again", err);
}

/* ---- a copy ---- */

/* The file is made here so that an existing one is never written over. */
static int make_file(const char *path, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_internal(err, "copying the database to %s: %s", path, strerror(errno));
    close(fd);
    return 0;
}

/* The name of the new file is durable once its directory is. */
static int sync_directory(const char *path, struct err *err)
{
    CLEANUP(buf_done) struct buf dir;
    const char *slash = strrchr(path, '/');
    buf_init(&dir, KIB(8));
    buf_add(&dir, slash ? str_make(path, (size_t)(slash - path) + 1) : STR("."));
    buf_add_byte(&dir, '\0');
    int fd = buf_is_full(&dir) ? -1 : open(dir.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = fd >= 0 ? fsync(fd) : -1;
    int error = errno;
    if (fd >= 0)
        close(fd);
    return result ? err_internal(err, "syncing the directory of %s: %s", path, strerror(error)) : 0;
}

static int copy_pages(struct sqlite_conn *from, sqlite3 *to, const char *path, struct err *err)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from->handle, "main");
    if (!backup)
        return err_internal(err, "copying the database to %s: %s", path, sqlite3_errmsg(to));
    int code;
    do
        code = sqlite3_backup_step(backup, COPY_PAGES);
    while (code == SQLITE_OK);
    int finished = sqlite3_backup_finish(backup);
    code = code == SQLITE_DONE ? finished : code;
    return code == SQLITE_OK
               ? 0
               : err_internal(err, "copying the database to %s: %s", path, sqlite3_errstr(code));
}

/* In WAL a reader holds no writer back. The read transaction keeps the source as it is, else each
 * write would make the copy start again. */
static int copy_snapshot(struct sqlite_conn *from, const char *path, struct err *err)
{
    sqlite3 *to = NULL;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    int result = -1;
    if (sqlite3_open_v2(path, &to, flags, NULL) != SQLITE_OK)
        (void)!err_internal(err, "copying the database to %s: cannot open it", path);
    else if (sqlite_run(from, "BEGIN; SELECT count(*) FROM sqlite_schema", err) == 0)
        result = copy_pages(from, to, path, err);
    sqlite3_close(to);
    return result;
}

int sqlite_copy_to(struct db *db, const char *path, struct err *err)
{
    struct db_conn *from;
    if (make_file(path, err))
        return -1;
    int result = sqlite_conn_open(db, DB_MODE_READ, &from, err);
    if (result == 0) {
        result = copy_snapshot((struct sqlite_conn *)from, path, err);
        sqlite_conn_close(from);
    }
    if (result == 0)
        result = sync_directory(path, err);
    if (result)
        unlink(path);
    return result;
}

/* ---- verification ---- */

static int read_report(struct sqlite_conn *conn, sqlite3_stmt *stmt, struct buf *report,
                       struct err *err)
{
    int code;
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        if (report->n)
            buf_add_byte(report, '\n');
        buf_add(report, str_from((const char *)sqlite3_column_text(stmt, 0)));
    }
    return code == SQLITE_DONE ? 0 : sqlite_fail(conn, code, "integrity_check", err);
}

/* A file that is too damaged to be looked through is an answer too. */
static int verify(struct sqlite_conn *conn, struct buf *report, struct err *err)
{
    sqlite3_stmt *stmt = NULL;
    int code = sqlite3_prepare_v2(conn->handle, "PRAGMA integrity_check(100)", -1, &stmt, NULL);
    int result = code == SQLITE_OK ? read_report(conn, stmt, report, err)
                                   : sqlite_fail(conn, code, "integrity_check", err);
    sqlite3_finalize(stmt);
    int primary = sqlite3_errcode(conn->handle) & 0xff;
    if (result == 0)
        return str_eq(buf_str(report), STR("ok")) ? 1 : 0;
    if (primary != SQLITE_CORRUPT && primary != SQLITE_NOTADB)
        return -1;
    buf_add(report, str_from(err->detail));
    return 0;
}

int sqlite_verify(struct db *db, struct arena *arena, struct str *ret_report, struct err *err)
{
    CLEANUP(buf_done) struct buf report;
    struct db_conn *conn;
    struct err failure = ERR_INIT;
    buf_init(&report, KIB(64));
    if (sqlite_conn_open(db, DB_MODE_READ, &conn, err))
        return -1;
    int result = verify((struct sqlite_conn *)conn, &report, &failure);
    sqlite_conn_close(conn);
    if (result < 0)
        *err = failure;
    else
        *ret_report = arena_str(arena, buf_str(&report));
    return result;
}
