/* SPDX-License-Identifier: EUPL-1.2 */
#include "db/migrate.h"

#include <pthread.h>
#include <string.h>

#include "base/unit.h"
#include "db/db_unit.h"

static const struct db_stmt row_add = {"row_add", "INSERT INTO line (id, done) VALUES (:id, 0)"};
static const struct db_stmt row_done = {"row_done",
                                        "UPDATE line SET done = done + 1 WHERE id = :id"};
static const struct db_stmt done_count = {"done_count", "SELECT count(*) FROM line WHERE done = 1"};

enum { ROWS = 10, PIECE = 3 };

/* Marks PIECE rows a call. */
static int mark(struct db_conn *conn, int64_t *cursor, struct err *err)
{
    for (int i = 0; i < PIECE && *cursor < ROWS; i++, ++*cursor)
        if (db_exec_expect(conn, &row_done, DB_PARAMS(DB_INT("id", *cursor)), 1, err))
            return -1;
    return *cursor < ROWS;
}

static int nothing(struct db_conn *conn, int64_t *cursor, struct err *err)
{
    (void)conn;
    (void)err;
    assert_int_equal(*cursor, 0);
    return 0;
}

static int fail_always(struct db_conn *conn, int64_t *cursor, struct err *err)
{
    (void)conn;
    *cursor = 77;
    return err_internal(err, "on purpose");
}

static const struct db_migration good[] = {
    {1, "tables", "CREATE TABLE line (id {pk}, done {int} NOT NULL)", NULL},
    {2, "mark", NULL, mark},
    {3, "index", "CREATE INDEX line_done ON line (done)", nothing},
};
static const struct db_migration bad[] = {
    {1, "tables", "CREATE TABLE line (id {pk}, done {int} NOT NULL)", NULL},
    {2, "broken", "CREATE TABLE half (id {pk}); CREATE TABLE line (id {pk})", NULL},
};
static const struct db_migration failing[] = {
    {1, "tables", "CREATE TABLE line (id {pk}, done {int} NOT NULL)", NULL},
    {2, "mark", NULL, fail_always},
    {3, "index", NULL, nothing},
};

struct fixture {
    enum db_engine engine;
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

static int set_up(void **state)
{
    struct fixture *f = *state;
    f->unit = db_unit_new(f->engine);
    f->err = ERR_INIT;
    ok(f, db_open(db_unit_uri(f->unit), NULL, &f->db, &f->err));
    ok(f, db_conn_open(f->db, DB_MODE_WRITE, &f->conn, &f->err));
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

static void expect_version(struct fixture *f, int expected)
{
    int number = -1;
    ok(f, db_migrate_version(f->db, &number, &f->err));
    assert_int_equal(number, expected);
}

static void test_fresh_and_again(void **state)
{
    struct fixture *f = *state;
    expect_version(f, 0);
    ok(f, db_migrate(f->db, good, 1, &f->err));
    expect_version(f, 1);
    ok(f, db_exec(f->conn, &row_add, DB_PARAMS(DB_INT("id", 1)), &f->err));
    ok(f, db_migrate(f->db, good, 3, &f->err));
    ok(f, db_migrate(f->db, good, 3, &f->err));
    expect_version(f, 3);
}

static void test_a_newer_store_is_refused(void **state)
{
    struct fixture *f = *state;
    ok(f, db_migrate(f->db, good, 3, &f->err));
    assert_int_equal(db_migrate(f->db, good, 2, &f->err), -1);
    assert_non_null(strstr(f->err.detail, "version 3"));
    assert_non_null(strstr(f->err.detail, "newer"));
    expect_version(f, 3);
}

static void test_a_failed_migration_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(db_migrate(f->db, bad, 2, &f->err), -1);
        assert_non_null(strstr(f->err.detail, "migration 2 (broken)"));
        expect_version(f, 1);
    }
    /* "half" is not there: it can be made. */
    ok(f, db_run_script(f->conn, "CREATE TABLE half (id {pk})", &f->err));
}

static int run_piece(struct fixture *f, const struct db_migration *migrations, bool commit)
{
    ok(f, db_begin(f->conn, &f->err));
    int more = db_migrate_background(f->conn, migrations, 3, &f->err);
    if (more >= 0 && commit)
        ok(f, db_commit(f->conn, &f->err));
    else
        db_rollback(f->conn);
    return more;
}

static int64_t count_done(struct fixture *f)
{
    int64_t n;
    ok(f, db_query_int(f->conn, &done_count, DB_NO_PARAMS, &n, &f->err));
    return n;
}

static void add_rows(struct fixture *f)
{
    for (int64_t i = 0; i < ROWS; i++)
        ok(f, db_exec(f->conn, &row_add, DB_PARAMS(DB_INT("id", i)), &f->err));
}

static void test_background_work_goes_on_where_it_was(void **state)
{
    struct fixture *f = *state;
    ok(f, db_migrate(f->db, good, 3, &f->err));
    add_rows(f);
    assert_int_equal(run_piece(f, good, true), 1);
    assert_int_equal(count_done(f), PIECE);
    assert_int_equal(run_piece(f, good, false), 1); /* interrupted */
    assert_int_equal(count_done(f), PIECE);
    db_conn_close(f->conn);
    ok(f, db_conn_open(f->db, DB_MODE_WRITE, &f->conn, &f->err));
    for (int pieces = 1; pieces <= 3; pieces++) {
        assert_int_equal(run_piece(f, good, true), 1);
        assert_int_equal(count_done(f), pieces < 3 ? (pieces + 1) * PIECE : ROWS);
    }
    assert_int_equal(run_piece(f, good, true), 0); /* that of migration 3 */
    assert_int_equal(run_piece(f, good, true), 0);
    assert_int_equal(count_done(f), ROWS);
}

static void test_failed_background_work_keeps_its_cursor(void **state)
{
    struct fixture *f = *state;
    ok(f, db_migrate(f->db, failing, 3, &f->err));
    add_rows(f);
    assert_int_equal(run_piece(f, failing, true), -1);
    assert_non_null(strstr(f->err.detail, "background migration 2 (mark): on purpose"));
    for (int i = 0; i < 4; i++)
        assert_int_equal(run_piece(f, good, true), 1);
    assert_int_equal(count_done(f), ROWS);
}

static void *migrate_thread(void *arg)
{
    struct err err = ERR_INIT;
    return db_migrate(arg, good, 3, &err) ? "failed" : NULL;
}

static void test_several_start_at_once(void **state)
{
    struct fixture *f = *state;
    enum { N = 4 };
    pthread_t threads[N];
    for (int i = 0; i < N; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, migrate_thread, f->db), 0);
    for (int i = 0; i < N; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    expect_version(f, 3);
}

#define TEST(fn) cmocka_unit_test_prestate_setup_teardown(fn, set_up, tear_down, &fixture)

int main(int argc, char **argv)
{
    struct fixture fixture = {0};
    if (!db_unit_engine(argc, argv, &fixture.engine))
        return DB_UNIT_SKIPPED;
    const struct CMUnitTest tests[] = {
        TEST(test_fresh_and_again),
        TEST(test_a_newer_store_is_refused),
        TEST(test_a_failed_migration_leaves_nothing),
        TEST(test_background_work_goes_on_where_it_was),
        TEST(test_failed_background_work_keeps_its_cursor),
        TEST(test_several_start_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
