/* SPDX-License-Identifier: EUPL-1.2 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/unit.h"
#include "db/db.h"
#include "db/db_unit.h"
#include "db/sqlite.h"

/* What concerns the files of SQLite: its settings, checkpoints, copies, damage. */

static const struct db_stmt item_insert = {"item_insert",
                                           "INSERT INTO item (id, data) VALUES (:id, :data)"};
static const struct db_stmt item_count = {"item_count", "SELECT count(*) FROM item"};
static const struct db_stmt page_size = {"page_size", "PRAGMA page_size"};
static const struct db_stmt synchronous = {"synchronous", "PRAGMA synchronous"};
static const struct db_stmt autocheckpoint = {"autocheckpoint", "PRAGMA wal_autocheckpoint"};
static const struct db_stmt journal_mode = {"journal_mode", "PRAGMA journal_mode"};

struct fixture {
    struct db_unit *unit;
    struct db *db;
    struct db_conn *conn;
    struct err err;
};

static void ok(struct fixture *f, int result)
{
    if (result < 0)
        print_error("%s / %s\n", f->err.text, f->err.detail);
    assert_true(result >= 0);
}

static void open_all(struct fixture *f)
{
    ok(f, db_open(db_unit_uri(f->unit), NULL, &f->db, &f->err));
    ok(f, db_conn_open(f->db, DB_MODE_WRITE, &f->conn, &f->err));
}

static int set_up(void **state)
{
    struct fixture *f = *state;
    f->unit = db_unit_new(DB_ENGINE_SQLITE);
    open_all(f);
    ok(f, db_run_script(f->conn, "CREATE TABLE item (id {pk}, data {bytes})", &f->err));
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    db_conn_close(f->conn);
    db_close(f->db);
    db_unit_free(f->unit);
    return 0;
}

static int insert(struct db_conn *conn, int64_t id, size_t size, struct err *err)
{
    char *data = MEM_NEW_N(size, char);
    int result = db_exec(conn, &item_insert,
                         DB_PARAMS(DB_INT("id", id), DB_BYTES("data", str_make(data, size))), err);
    mem_free(data);
    return result;
}

static int64_t read_int(struct fixture *f, struct db_conn *conn, const struct db_stmt *stmt)
{
    int64_t n = -1;
    ok(f, db_query_int(conn, stmt, DB_NO_PARAMS, &n, &f->err));
    return n;
}

static void test_settings(void **state)
{
    struct fixture *f = *state;
    struct db_query *query;
    assert_int_equal(read_int(f, f->conn, &page_size), 4096);
    assert_int_equal(read_int(f, f->conn, &synchronous), 2);
    assert_int_equal(read_int(f, f->conn, &autocheckpoint), 0);
    ok(f, db_query(f->conn, &journal_mode, DB_NO_PARAMS, &query, &f->err));
    assert_int_equal(db_step(query, &f->err), 1);
    assert_str(db_column_bytes(query, 0), STR("wal"));
    db_query_end(query);
}

static void test_one_writer_at_a_time(void **state)
{
    struct fixture *f = *state;
    struct db *db;
    struct db_conn *other;
    struct db_options options = {.busy_timeout_ms = 1};
    ok(f, db_open(db_unit_uri(f->unit), &options, &db, &f->err));
    ok(f, db_conn_open(db, DB_MODE_WRITE, &other, &f->err));
    ok(f, db_begin(f->conn, &f->err));
    assert_int_equal(db_begin(other, &f->err), -1);
    assert_false(db_failure_is_logical(other));
    assert_false(db_error_is_fatal(other));
    ok(f, db_commit(f->conn, &f->err));
    ok(f, db_begin(other, &f->err));
    db_conn_close(other);
    db_close(db);
}

/* Commits never move the log, a checkpoint does, and the log is used from its start again. */
static void test_checkpoints(void **state)
{
    struct fixture *f = *state;
    char path[200];
    int64_t pages;
    struct stat before, after;
    snprintf(path, sizeof path, "%s/test.db", db_unit_dir(f->unit));
    for (int64_t i = 0; i < 20; i++)
        ok(f, insert(f->conn, i, 1 << 20, &f->err));
    assert_int_equal(stat(path, &before), 0);
    assert_true(before.st_size < 1 << 20);
    ok(f, db_checkpoint(f->db, &pages, &f->err));
    assert_true(pages > 20 * 256);
    assert_int_equal(stat(path, &after), 0);
    assert_true(after.st_size > 20 << 20);
    ok(f, insert(f->conn, 100, 1, &f->err));
    ok(f, db_checkpoint(f->db, &pages, &f->err));
    assert_true(pages < 20);
}

struct readers {
    struct db *db;
    atomic_bool stop;
    atomic_int reads;
};

static void *read_on(void *arg)
{
    struct readers *r = arg;
    struct err err = ERR_INIT;
    struct db_conn *conn;
    int64_t n;
    while (!atomic_load(&r->stop)) {
        if (db_reader_take(r->db, &conn, &err))
            return "no reader";
        bool failed =
            db_begin(conn, &err) || db_query_int(conn, &item_count, DB_NO_PARAMS, &n, &err) != 1;
        sched_yield();
        db_reader_give(r->db, conn);
        atomic_fetch_add(&r->reads, 1);
        if (failed)
            return "no count";
    }
    return NULL;
}

/* Though some reader is in it nearly all the time: past twice its bound they are waited for. */
static void test_the_log_is_bounded(void **state)
{
    struct fixture *f = *state;
    enum { N = 3, ROWS = 150 };
    struct readers r = {.db = f->db};
    pthread_t threads[N];
    int64_t pages = 0, most = 0;
    for (int i = 0; i < N; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_on, &r), 0);
    for (int64_t i = 0; i < ROWS; i++) {
        ok(f, insert(f->conn, i, 1 << 20, &f->err));
        if (i % 10 == 9)
            ok(f, db_checkpoint(f->db, &pages, &f->err));
        most = pages > most ? pages : most;
    }
    atomic_store(&r.stop, true);
    for (int i = 0; i < N; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    assert_true(atomic_load(&r.reads) > 0);
    assert_true(most < 2 * LIMIT_DB_WAL_PAGES + 40 * 260);
}

/* ---- what is gathered for the log ---- */

/* A cache of a few pages makes a transaction write to the log before its commit. At its end
 * something waits, unless the rollback reads the first page again from the log: so it is copied
 * before. */
static void test_what_was_rolled_back_is_not_written_later(void **state)
{
    struct fixture *f = *state;
    enum { ROUNDS = 20, ROWS = 40 };
    struct db_conn *other;
    int64_t pages;
    ok(f, db_run_script(f->conn, "PRAGMA cache_size=4", &f->err));
    ok(f, db_conn_open(f->db, DB_MODE_WRITE, &other, &f->err));
    for (int64_t round = 1; round <= ROUNDS; round++) {
        ok(f, db_checkpoint(f->db, &pages, &f->err));
        ok(f, db_begin(f->conn, &f->err));
        for (int64_t i = 0; i < round; i++)
            ok(f, insert(f->conn, 100000 + i, 3000, &f->err));
        db_rollback(f->conn);
        ok(f, db_begin(other, &f->err));
        for (int64_t i = 0; i < ROWS; i++)
            ok(f, insert(other, round * ROWS + i, 3000, &f->err));
        ok(f, db_commit(other, &f->err));
        assert_int_equal(read_int(f, f->conn, &item_count), round * ROWS);
    }
    db_conn_close(other);
    db_conn_close(f->conn);
    db_close(f->db);
    open_all(f);
    assert_int_equal(read_int(f, f->conn, &item_count), ROUNDS * ROWS);
}

/* ---- turns ---- */

static void *begin_and_commit(void *arg)
{
    struct err err = ERR_INIT;
    return db_begin(arg, &err) || db_commit(arg, &err) ? "no transaction" : NULL;
}

/* Who would have the log restarted waits for what is being written, and is waited for. */
static void test_turns(void **state)
{
    struct fixture *f = *state;
    struct sqlite_turn *turn = &((struct sqlite_db *)f->db)->turn;
    pthread_t thread;
    void *failed;
    ok(f, db_begin(f->conn, &f->err));
    assert_false(sqlite_turn_hold(turn, 1));
    db_rollback(f->conn);
    assert_true(sqlite_turn_hold(turn, 1));
    assert_int_equal(pthread_create(&thread, NULL, begin_and_commit, f->conn), 0);
    sqlite_turn_release(turn);
    pthread_join(thread, &failed);
    assert_null(failed);
    assert_true(sqlite_turn_hold(turn, 1));
    sqlite_turn_release(turn);
    /* A connection that is closed in the middle gives its turn back. */
    ok(f, db_begin(f->conn, &f->err));
    db_conn_close(f->conn);
    assert_true(sqlite_turn_hold(turn, 1));
    sqlite_turn_release(turn);
    ok(f, db_conn_open(f->db, DB_MODE_WRITE, &f->conn, &f->err));
}

struct writer {
    struct db *db;
    atomic_bool stop;
    atomic_int written;
    bool failed;
};

static void *write_transactions(void *arg)
{
    struct writer *w = arg;
    struct err err = ERR_INIT;
    struct db_conn *conn;
    if (db_conn_open(w->db, DB_MODE_WRITE, &conn, &err))
        return "no connection";
    bool failed = false;
    for (int64_t i = 0; !failed && !atomic_load(&w->stop); i++) {
        failed = db_begin(conn, &err) || insert(conn, i, 1 << 20, &err) || db_commit(conn, &err);
        atomic_fetch_add(&w->written, 1);
    }
    db_conn_close(conn);
    return failed ? "no transaction" : NULL;
}

/* Though somebody writes all the time: no pause is left between his transactions. */
static void test_the_log_restarts_under_a_writer(void **state)
{
    struct fixture *f = *state;
    enum { ROWS_MAX = 400 };
    struct writer w = {.db = f->db};
    pthread_t thread;
    void *failed;
    int64_t pages = 0, most = 0;
    assert_int_equal(pthread_create(&thread, NULL, write_transactions, &w), 0);
    while (pages >= most && atomic_load(&w.written) < ROWS_MAX) {
        most = pages;
        ok(f, db_checkpoint(f->db, &pages, &f->err));
    }
    atomic_store(&w.stop, true);
    pthread_join(thread, &failed);
    assert_null(failed);
    assert_true(pages < most);
}

/* While he stays, no more can be copied: nobody waits for a restart that would be for nothing. */
static void test_a_reader_who_stays_holds_no_writer_back(void **state)
{
    struct fixture *f = *state;
    struct sqlite_turn *turn = &((struct sqlite_db *)f->db)->turn;
    struct db_conn *reader;
    int64_t pages, longest;
    ok(f, insert(f->conn, 1, 1, &f->err));
    ok(f, db_reader_take(f->db, &reader, &f->err));
    ok(f, db_begin(reader, &f->err));
    assert_int_equal(read_int(f, reader, &item_count), 1);
    for (int64_t i = 2; i < 25; i++)
        ok(f, insert(f->conn, i, 1 << 20, &f->err));
    ok(f, db_checkpoint(f->db, &pages, &f->err)); /* copies what there was before him */
    int64_t holds = turn->holds;
    for (int64_t i = 25; i < 28; i++) {
        ok(f, insert(f->conn, i, 1 << 20, &f->err));
        ok(f, db_checkpoint(f->db, &longest, &f->err));
        assert_int_equal(turn->holds, holds);
    }
    assert_true(longest > LIMIT_DB_WAL_PAGES);
    db_reader_give(f->db, reader);
    ok(f, db_checkpoint(f->db, &pages, &f->err));
    assert_int_equal(turn->holds, holds + 1);
    ok(f, insert(f->conn, 28, 1, &f->err));
    ok(f, db_checkpoint(f->db, &pages, &f->err));
    assert_true(pages < 20);
}

/* ---- when a checkpoint may begin ---- */

static void test_commits_are_counted(void **state)
{
    struct fixture *f = *state;
    struct sqlite_turn *turn = &((struct sqlite_db *)f->db)->turn;
    int64_t before = sqlite_turn_commits(turn);
    ok(f, db_begin(f->conn, &f->err));
    assert_int_equal(sqlite_turn_horizon(turn), before + 1); /* it may add one */
    ok(f, insert(f->conn, 1, 1, &f->err));
    assert_int_equal(sqlite_turn_commits(turn), before);
    ok(f, db_commit(f->conn, &f->err));
    assert_int_equal(sqlite_turn_commits(turn), before + 1);
    assert_int_equal(sqlite_turn_horizon(turn), before + 1);
    /* What wrote nothing, or was taken back, is none; one statement is. */
    ok(f, db_begin(f->conn, &f->err));
    ok(f, db_commit(f->conn, &f->err));
    ok(f, db_begin(f->conn, &f->err));
    ok(f, insert(f->conn, 2, 1, &f->err));
    db_rollback(f->conn);
    assert_int_equal(sqlite_turn_commits(turn), before + 1);
    ok(f, insert(f->conn, 3, 1, &f->err));
    assert_int_equal(sqlite_turn_commits(turn), before + 2);
}

static void test_versions_with_the_flaw(void **state)
{
    (void)state;
    static const int flawed[] = {3039000, 3040001, 3044005, 3045000, 3050006, 3051000, 3051002};
    static const int sound[] = {3044006, 3050007, 3051003, 3053000};
    for (size_t i = 0; i < ARRAY_LEN(flawed); i++)
        assert_non_null(sqlite_flaw(flawed[i]));
    for (size_t i = 0; i < ARRAY_LEN(sound); i++)
        assert_null(sqlite_flaw(sound[i]));
}

/* ---- copies ---- */

static void *write_on(void *arg)
{
    struct writer *w = arg;
    struct err err = ERR_INIT;
    struct db_conn *conn;
    w->failed = db_conn_open(w->db, DB_MODE_WRITE, &conn, &err);
    while (!w->failed && !atomic_load(&w->stop)) {
        w->failed = insert(conn, 1000 + atomic_load(&w->written), 10, &err) != 0;
        atomic_fetch_add(&w->written, 1);
    }
    db_conn_close(conn);
    return NULL;
}

static void expect_copy(struct fixture *f, const char *path, int64_t least)
{
    char uri[300];
    struct db *db;
    struct arena *arena = arena_new(1000);
    struct str report;
    struct db_conn *conn;
    snprintf(uri, sizeof uri, "sqlite:%s", path);
    ok(f, db_open(uri, NULL, &db, &f->err));
    assert_int_equal(db_verify(db, arena, &report, &f->err), 1);
    ok(f, db_reader_take(db, &conn, &f->err));
    assert_true(read_int(f, conn, &item_count) >= least);
    db_reader_give(db, conn);
    db_close(db);
    arena_free(arena);
}

static void test_a_copy_lets_writers_through(void **state)
{
    struct fixture *f = *state;
    struct writer w = {.db = f->db};
    pthread_t thread;
    char path[200];
    snprintf(path, sizeof path, "%s/copy.db", db_unit_dir(f->unit));
    for (int64_t i = 0; i < 50; i++)
        ok(f, insert(f->conn, i, 1 << 20, &f->err));
    assert_int_equal(pthread_create(&thread, NULL, write_on, &w), 0);
    while (atomic_load(&w.written) < 10)
        sched_yield();
    int before = atomic_load(&w.written);
    ok(f, db_copy_to(f->db, path, &f->err));
    int after = atomic_load(&w.written);
    atomic_store(&w.stop, true);
    pthread_join(thread, NULL);
    assert_false(w.failed);
    assert_true(after > before);
    expect_copy(f, path, 50 + 10);
    assert_int_equal(db_copy_to(f->db, path, &f->err), -1); /* it exists */
    expect_copy(f, path, 50 + 10);
}

/* ---- damage ---- */

static void overwrite(struct fixture *f, off_t at)
{
    char path[200], junk[4096];
    memset(junk, 0x5a, sizeof junk);
    snprintf(path, sizeof path, "%s/test.db", db_unit_dir(f->unit));
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, junk, sizeof junk, at), sizeof junk);
    close(fd);
}

static void test_damage_is_found(void **state)
{
    struct fixture *f = *state;
    struct arena *arena = arena_new(1000);
    struct str report;
    for (int64_t i = 0; i < 1000; i++)
        ok(f, insert(f->conn, i, 100, &f->err));
    db_conn_close(f->conn);
    db_close(f->db);
    overwrite(f, 3 * 8192);
    open_all(f);
    assert_int_equal(db_verify(f->db, arena, &report, &f->err), 0);
    assert_true(report.n > 0);
    struct db_query *query;
    static const struct db_stmt all = {"all", "SELECT sum(length(data)) FROM item"};
    ok(f, db_query(f->conn, &all, DB_NO_PARAMS, &query, &f->err));
    assert_int_equal(db_step(query, &f->err), -1);
    db_query_end(query);
    assert_true(db_error_is_fatal(f->conn));
    assert_true(db_is_broken(f->db));
    assert_false(db_failure_is_logical(f->conn));
    arena_free(arena);
}

static void test_what_is_no_database_is_refused(void **state)
{
    struct fixture *f = *state;
    struct db *db;
    db_conn_close(f->conn);
    db_close(f->db);
    overwrite(f, 0);
    assert_int_equal(db_open(db_unit_uri(f->unit), NULL, &db, &f->err), -1);
    assert_non_null(strstr(f->err.detail, "not a database"));
    f->conn = NULL;
    f->db = NULL;
}

#define TEST(fn) cmocka_unit_test_prestate_setup_teardown(fn, set_up, tear_down, &fixture)

int main(void)
{
    struct fixture fixture = {0};
    const struct CMUnitTest tests[] = {
        TEST(test_settings),
        TEST(test_one_writer_at_a_time),
        TEST(test_checkpoints),
        TEST(test_the_log_is_bounded),
        TEST(test_what_was_rolled_back_is_not_written_later),
        TEST(test_turns),
        TEST(test_the_log_restarts_under_a_writer),
        TEST(test_a_reader_who_stays_holds_no_writer_back),
        TEST(test_commits_are_counted),
        cmocka_unit_test(test_versions_with_the_flaw),
        TEST(test_a_copy_lets_writers_through),
        TEST(test_damage_is_found),
        TEST(test_what_is_no_database_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
