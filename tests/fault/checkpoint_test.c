/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/unit.h"
#include "db/db_unit.h"
#include "fault/vfs.h"

/* The log of SQLite and the file that it is copied into: what was committed is found again,
 * whatever happens between the two. */

enum { SIZE = 5000 /* of a row: more than a page */, LONG = 60, ROUNDS = 5 };

static const struct db_stmt row_insert = {"row_insert",
                                          "INSERT INTO line (id, data) VALUES (:id, :data)"};
static const struct db_stmt row_count = {
    "row_count", "SELECT count(*) FROM line WHERE length(data) = 5000 AND id > 0"};

/* A database on the shim. */
struct rig {
    struct fault_vfs *vfs;
    struct db_unit *unit, *image;
    struct db *db;
    struct db_conn *conn;
    int64_t rows; /* committed */
    int calls;    /* of a checkpoint */
};

static void open_db(struct rig *rig, int wal_pages_max)
{
    struct err err = ERR_INIT;
    struct db_options options = {.sqlite_vfs = fault_vfs_name(rig->vfs),
                                 .wal_pages_max = wal_pages_max};
    if (db_open(db_unit_uri(rig->unit), &options, &rig->db, &err) ||
        db_conn_open(rig->db, DB_MODE_WRITE, &rig->conn, &err))
        fail_msg("%s", err.detail);
}

static void close_db(struct rig *rig)
{
    db_conn_close(rig->conn);
    db_close(rig->db);
    rig->conn = NULL;
    rig->db = NULL;
}

static void rig_begin(struct rig *rig, int wal_pages_max)
{
    struct err err = ERR_INIT;
    *rig = (struct rig){.vfs = fault_vfs_new(),
                        .unit = db_unit_new(DB_ENGINE_SQLITE),
                        .image = db_unit_new(DB_ENGINE_SQLITE)};
    open_db(rig, wal_pages_max);
    assert_int_equal(db_run_script(rig->conn, "CREATE TABLE line (id {pk}, data {bytes})", &err),
                     0);
}

static void rig_end(struct rig *rig)
{
    close_db(rig);
    fault_vfs_free(rig->vfs);
    db_unit_free(rig->unit);
    db_unit_free(rig->image);
}

/* One transaction. */
static void commit_rows(struct rig *rig, int64_t n)
{
    struct err err = ERR_INIT;
    char data[SIZE];
    memset(data, 'a', sizeof data);
    assert_int_equal(db_begin(rig->conn, &err), 0);
    for (int64_t i = 1; i <= n; i++)
        assert_int_equal(db_exec(rig->conn, &row_insert,
                                 DB_PARAMS(DB_INT("id", rig->rows + i),
                                           DB_BYTES("data", str_make(data, sizeof data))),
                                 &err),
                         0);
    assert_int_equal(db_commit(rig->conn, &err), 0);
    rig->rows += n;
}

static int64_t checkpoint(struct rig *rig)
{
    struct err err = ERR_INIT;
    int64_t pages = -1;
    assert_int_equal(db_checkpoint(rig->db, &pages, &err), 0);
    return pages;
}

/* What a program finds that opens these files on a good disk. */
static void expect_all(const struct rig *rig, const struct db_unit *unit)
{
    struct err err = ERR_INIT;
    struct db *db;
    struct db_conn *conn;
    struct str report;
    int64_t rows = -1;
    struct arena *arena = arena_new(1000);
    assert_int_equal(db_open(db_unit_uri(unit), NULL, &db, &err), 0);
    if (db_verify(db, arena, &report, &err) != 1)
        fail_msg("the file is damaged");
    assert_int_equal(db_reader_take(db, &conn, &err), 0);
    assert_int_equal(db_query_int(conn, &row_count, DB_NO_PARAMS, &rows, &err), 1);
    assert_int_equal(rows, rig->rows);
    db_reader_give(db, conn);
    db_close(db);
    arena_free(arena);
}

/* ---- the log is used from its start again while a checkpoint begins ---- */

static void commit_in_checkpoint(void *arg)
{
    struct rig *rig = arg;
    rig->calls++;
    commit_rows(rig, 1);
}

/* SQLite before 3.51.3 takes a log that is used from its start again, after it was copied to its
 * end and while the next checkpoint begins, for one that is copied as far as it was before; what is
 * then written up to there never comes into the file (sqlite.org/wal.html#walresetbug). No
 * checkpoint may begin where that can be. */
static void a_log_restarted_as_a_checkpoint_begins_loses_nothing(void **state)
{
    struct rig rig;
    (void)state;
    rig_begin(&rig, 0);
    for (int i = 0; i < ROUNDS; i++) {
        commit_rows(&rig, LONG + i);
        checkpoint(&rig);
        fault_vfs_at_checkpoint(rig.vfs, commit_in_checkpoint, &rig);
        checkpoint(&rig);
        fault_vfs_at_checkpoint(rig.vfs, NULL, NULL);
        commit_rows(&rig, 1);
    }
    checkpoint(&rig);
    commit_rows(&rig, 1);
    close_db(&rig);
    expect_all(&rig, rig.unit);
    rig_end(&rig);
}

/* Where the log cannot be used from its start again, a checkpoint begins though others write. */
static void commits_as_a_checkpoint_begins_are_kept(void **state)
{
    struct rig rig;
    (void)state;
    rig_begin(&rig, 0);
    fault_vfs_at_checkpoint(rig.vfs, commit_in_checkpoint, &rig);
    for (int i = 0; i < ROUNDS; i++) {
        commit_rows(&rig, LONG);
        checkpoint(&rig);
    }
    fault_vfs_at_checkpoint(rig.vfs, NULL, NULL);
    assert_true(rig.calls > 1); /* the first checkpoint of a connection may read no new header */
    checkpoint(&rig);
    commit_rows(&rig, 1);
    close_db(&rig);
    expect_all(&rig, rig.unit);
    rig_end(&rig);
}

/* ---- when there is something to copy ---- */

static void count_call(void *arg)
{
    ((struct rig *)arg)->calls++;
}

static void without_new_commits_nothing_is_copied(void **state)
{
    struct rig rig;
    (void)state;
    rig_begin(&rig, 0);
    commit_rows(&rig, LONG);
    assert_true(db_log_grown(rig.db) >= LONG);
    int64_t pages = checkpoint(&rig);
    assert_int_equal(db_log_grown(rig.db), 0);
    fault_vfs_at_checkpoint(rig.vfs, count_call, &rig);
    fault_vfs_plan(rig.vfs, (struct fault_plan){.kind = FAULT_KIND_NONE});
    for (int i = 0; i < 3; i++)
        assert_int_equal(checkpoint(&rig), pages);
    assert_int_equal(rig.calls, 0);
    assert_int_equal(fault_vfs_count(rig.vfs).fsyncs, 0);
    commit_rows(&rig, 1); /* begins the log anew */
    assert_in_range(db_log_grown(rig.db), 2, LONG);
    assert_in_range(checkpoint(&rig), 2, LONG);
    assert_int_equal(rig.calls, 1);
    fault_vfs_at_checkpoint(rig.vfs, NULL, NULL);
    rig_end(&rig);
}

/* ---- a failed fsync ---- */

/* A reader who stays keeps a checkpoint from copying all. */
static struct db_conn *begin_reading(struct rig *rig)
{
    struct err err = ERR_INIT;
    struct db_conn *reader;
    int64_t rows;
    assert_int_equal(db_reader_take(rig->db, &reader, &err), 0);
    assert_int_equal(db_begin(reader, &err), 0);
    assert_int_equal(db_query_int(reader, &row_count, DB_NO_PARAMS, &rows, &err), 1);
    return reader;
}

static void cut_power(struct rig *rig)
{
    fault_vfs_cut(rig->vfs, FAULT_SURVIVAL_NONE, 0, db_unit_dir(rig->image));
}

/* False: the checkpoint has not so many fsyncs. */
static bool fail_checkpoint(int64_t n)
{
    struct rig rig;
    struct err err = ERR_INIT;
    int64_t pages;
    rig_begin(&rig, 4);
    commit_rows(&rig, LONG);
    struct db_conn *reader = begin_reading(&rig);
    commit_rows(&rig, LONG);
    fault_vfs_plan(rig.vfs, (struct fault_plan){.kind = FAULT_KIND_FSYNC, .n = n});
    int failed = db_checkpoint(rig.db, &pages, &err);
    db_reader_give(rig.db, reader);
    bool happened = fault_vfs_count(rig.vfs).happened;
    if (happened) {
        assert_int_equal(failed, -1);
        assert_true(db_is_broken(rig.db));
        assert_int_equal(db_checkpoint(rig.db, &pages, &err), -1);
        assert_int_equal(db_checkpoint(rig.db, &pages, &err), -1);
    }
    close_db(&rig);
    cut_power(&rig);
    expect_all(&rig, rig.image);
    expect_all(&rig, rig.unit);
    rig_end(&rig);
    return happened;
}

/* The kernel forgets what an fsync failed on, and the next fsync succeeds: neither later
 * checkpoints nor closing may take for copied what was not synced. */
static void dur_04_a_failed_fsync_in_a_checkpoint_keeps_the_log(void **state)
{
    int64_t n = 1;
    (void)state;
    while (fail_checkpoint(n))
        n++;
    assert_true(n > 2);
}

/* A transaction whose fsync failed may be there or not; what is committed after a restart is. */
static void dur_04_what_is_committed_after_a_restart_is_kept(void **state)
{
    static const struct db_stmt uncertain = {"uncertain", "INSERT INTO line (id) VALUES (0)"};
    struct err err = ERR_INIT;
    struct rig rig;
    (void)state;
    rig_begin(&rig, 0);
    commit_rows(&rig, 2);
    fault_vfs_plan(rig.vfs, (struct fault_plan){.kind = FAULT_KIND_FSYNC, .n = 1});
    assert_int_equal(db_begin(rig.conn, &err), 0);
    assert_int_equal(db_exec(rig.conn, &uncertain, DB_NO_PARAMS, &err), 0);
    assert_int_equal(db_commit(rig.conn, &err), -1);
    assert_true(db_commit_is_uncertain(rig.conn));
    close_db(&rig);
    fault_vfs_plan(rig.vfs, (struct fault_plan){.kind = FAULT_KIND_NONE});
    open_db(&rig, 0);
    commit_rows(&rig, 2);
    cut_power(&rig);
    close_db(&rig);
    expect_all(&rig, rig.image);
    rig_end(&rig);
}

/* ---- the index of the log ---- */

enum { GROWN = 4500 /* rows: more pages than the first part of the index has */ };

static void fail_to_grow(struct rig *rig)
{
    static const struct db_stmt grow = {
        "grow", "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows) "
                "INSERT INTO line (id, data) SELECT i, zeroblob(5000) FROM n"};
    struct err err = ERR_INIT;
    fault_vfs_plan(rig->vfs, (struct fault_plan){.kind = FAULT_KIND_INDEX_FULL, .n = 1});
    assert_int_equal(db_begin(rig->conn, &err), 0);
    assert_int_equal(db_exec(rig->conn, &grow, DB_PARAMS(DB_INT("rows", GROWN)), &err), 0);
    assert_int_equal(db_commit(rig->conn, &err), -1);
    assert_int_equal(fault_vfs_count(rig->vfs).failed, 1);
    assert_true(db_commit_is_uncertain(rig->conn));
    assert_false(db_is_broken(rig->db));
}

/* It grows after the log's sync: who is told of a failure finds the transaction after a cut. */
static void a_commit_that_the_index_has_no_space_for_is_uncertain(void **state)
{
    struct rig rig;
    (void)state;
    rig_begin(&rig, 0);
    fail_to_grow(&rig);
    cut_power(&rig);
    rig.rows = GROWN;
    expect_all(&rig, rig.image);
    rig_end(&rig);
}

/* The next transaction takes its place. */
static void a_commit_after_it_takes_its_place(void **state)
{
    struct rig rig;
    (void)state;
    rig_begin(&rig, 0);
    fail_to_grow(&rig);
    commit_rows(&rig, 2);
    assert_false(db_commit_is_uncertain(rig.conn));
    cut_power(&rig);
    close_db(&rig);
    expect_all(&rig, rig.image);
    expect_all(&rig, rig.unit);
    rig_end(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_log_restarted_as_a_checkpoint_begins_loses_nothing),
        cmocka_unit_test(commits_as_a_checkpoint_begins_are_kept),
        cmocka_unit_test(without_new_commits_nothing_is_copied),
        cmocka_unit_test(dur_04_a_failed_fsync_in_a_checkpoint_keeps_the_log),
        cmocka_unit_test(dur_04_what_is_committed_after_a_restart_is_kept),
        cmocka_unit_test(a_commit_that_the_index_has_no_space_for_is_uncertain),
        cmocka_unit_test(a_commit_after_it_takes_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
