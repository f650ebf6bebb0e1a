/* SPDX-License-Identifier: EUPL-1.2 */
#include "fault/vfs.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/unit.h"
#include "db/db_unit.h"

/* The rig sees what it is made to see: a store that syncs survives every cut, one that does not
 * loses what it said was done. And the engine tells a full disk from a broken one. */

enum { TRANSACTIONS = 8, ROWS = 3, SIZE = 5000, CHECKPOINT_EVERY = 3 };

static const struct db_stmt row_insert = {
    "row_insert", "INSERT INTO line (id, number, data) VALUES (:id, :number, :data)"};
static const struct db_stmt row_touch = {"row_touch",
                                         "UPDATE line SET data = :data WHERE number = :number"};
static const struct db_stmt row_count = {
    "row_count", "SELECT number, count(*), sum(length(data)) FROM line GROUP BY number "
                 "ORDER BY number"};
static const struct db_stmt table_count = {
    "table_count", "SELECT count(*) FROM sqlite_schema WHERE name = 'line'"};

/* One life of a store on the shim. */
struct life {
    struct fault_vfs *vfs;
    struct db_unit *unit, *image;
    struct db *db;
    struct db_conn *conn;
    bool retry; /* a failed transaction is tried once more */
    bool made;  /* the table was committed */
    int done;   /* transactions that were committed */
    int failures, checkpoint_failures;
    bool uncertain, fatal; /* of the last failure */
    struct err err;
};

static void life_init(struct life *life)
{
    *life = (struct life){.err = ERR_INIT};
    life->vfs = fault_vfs_new();
    life->unit = db_unit_new(DB_ENGINE_SQLITE);
    life->image = db_unit_new(DB_ENGINE_SQLITE);
}

static void life_done(struct life *life)
{
    fault_vfs_free(life->vfs);
    db_unit_free(life->unit);
    db_unit_free(life->image);
}

static int open_store(struct life *life)
{
    /* Every checkpoint has the log restarted, which copies a part of it before. */
    struct db_options options = {.sqlite_vfs = fault_vfs_name(life->vfs), .wal_pages_max = 4};
    if (db_open(db_unit_uri(life->unit), &options, &life->db, &life->err))
        return -1;
    if (db_conn_open(life->db, DB_MODE_WRITE, &life->conn, &life->err))
        return -1;
    if (db_run_script(life->conn,
                      "CREATE TABLE IF NOT EXISTS line (id {pk}, number {int}, data {bytes})",
                      &life->err))
        return -1;
    life->made = true;
    return 0;
}

static void close_store(struct life *life)
{
    db_conn_close(life->conn);
    db_close(life->db);
    life->conn = NULL;
    life->db = NULL;
}

/* New rows, and those of two transactions before written over. */
static int write_rows(struct life *life, int number)
{
    char data[SIZE];
    memset(data, 'a' + number, sizeof data);
    struct str bytes = str_make(data, sizeof data);
    for (int64_t i = 0; i < ROWS; i++)
        if (db_exec(life->conn, &row_insert,
                    DB_PARAMS(DB_INT("id", number * ROWS + i), DB_INT("number", number),
                              DB_BYTES("data", bytes)),
                    &life->err))
            return -1;
    return db_exec(life->conn, &row_touch,
                   DB_PARAMS(DB_INT("number", number - 2), DB_BYTES("data", bytes)), &life->err);
}

static int transact(struct life *life, int number)
{
    int result = db_begin(life->conn, &life->err);
    if (result == 0)
        result = write_rows(life, number);
    if (result == 0)
        result = db_commit(life->conn, &life->err);
    if (result) {
        life->failures++;
        life->uncertain = db_commit_is_uncertain(life->conn);
        life->fatal = db_error_is_fatal(life->conn);
        db_rollback(life->conn);
    }
    return result;
}

static void live(struct life *life)
{
    int64_t pages;
    int result = open_store(life);
    if (result && life->retry) {
        close_store(life);
        result = open_store(life);
    }
    while (result == 0 && life->done < TRANSACTIONS) {
        result = transact(life, life->done);
        if (result && life->retry)
            result = transact(life, life->done);
        if (result)
            break;
        life->done++;
        if (life->done % CHECKPOINT_EVERY == 0 && db_checkpoint(life->db, &pages, &life->err))
            life->checkpoint_failures++;
        if (db_is_broken(life->db))
            break;
    }
}

/* What a new program finds: 0, or how many committed transactions are missing; -1 when what is
 * there is damaged. Of the one that was under way at the end all or nothing is there. */
static int count_rows(struct db_conn *conn, const struct life *life)
{
    struct err err = ERR_INIT;
    struct db_query *query;
    int64_t table = 0;
    int number = 0;
    if (db_query_int(conn, &table_count, DB_NO_PARAMS, &table, &err) < 0)
        return -1;
    if (!table)
        return life->made ? life->done + 1 : 0;
    if (db_query(conn, &row_count, DB_NO_PARAMS, &query, &err))
        return -1;
    int more;
    while ((more = db_step(query, &err)) > 0) {
        bool whole = db_column_int(query, 0) == number && db_column_int(query, 1) == ROWS &&
                     db_column_int(query, 2) == (int64_t)ROWS * SIZE;
        if (!whole || number++ > life->done)
            more = -1;
        if (more < 0)
            break;
    }
    db_query_end(query);
    return more < 0 ? -1 : number < life->done ? life->done - number : 0;
}

static int count_missing(const struct life *life)
{
    struct err err = ERR_INIT;
    struct db *db;
    struct db_conn *conn;
    struct str report;
    if (db_open(db_unit_uri(life->image), NULL, &db, &err))
        return -1;
    struct arena *arena = arena_new(1000);
    int missing = db_verify(db, arena, &report, &err) == 1 ? 0 : -1;
    arena_free(arena);
    if (missing == 0 && db_reader_take(db, &conn, &err) == 0) {
        missing = count_rows(conn, life);
        db_reader_give(db, conn);
    }
    db_close(db);
    return missing;
}

/* How many writes and fsyncs a life without a fault takes. */
static struct fault_counts count_operations(void)
{
    struct life life;
    life_init(&life);
    live(&life);
    struct fault_counts counts = fault_vfs_count(life.vfs);
    assert_int_equal(life.done, TRANSACTIONS);
    assert_int_equal(counts.happened, 0);
    fault_vfs_cut(life.vfs, FAULT_SURVIVAL_NONE, 0, db_unit_dir(life.image));
    close_store(&life);
    assert_int_equal(count_missing(&life), 0);
    life_done(&life);
    assert_true(counts.fsyncs > TRANSACTIONS);
    /* The log of a transaction leaves in one write; the rest are checkpoints. */
    assert_true(counts.writes > TRANSACTIONS);
    return counts;
}

/* Some pages, each with its header: db/sqlite_wal.h. */
static void test_a_transaction_is_one_write(void **state)
{
    (void)state;
    struct life life;
    life_init(&life);
    assert_int_equal(open_store(&life), 0);
    assert_int_equal(transact(&life, life.done++), 0);
    fault_vfs_plan(life.vfs, (struct fault_plan){0});
    assert_int_equal(transact(&life, life.done++), 0);
    struct fault_counts counts = fault_vfs_count(life.vfs);
    assert_int_equal(counts.writes, 1);
    assert_int_equal(counts.fsyncs, 1);
    fault_vfs_cut(life.vfs, FAULT_SURVIVAL_NONE, 0, db_unit_dir(life.image));
    close_store(&life);
    assert_int_equal(count_missing(&life), 0);
    life_done(&life);
}

/* ---- power cuts ---- */

static int cut_at(int64_t n, enum fault_survival survival, bool lies)
{
    struct life life;
    life_init(&life);
    fault_vfs_plan(life.vfs, (struct fault_plan){.kind = FAULT_KIND_CUT,
                                                 .lies = lies,
                                                 .n = n,
                                                 .survival = survival,
                                                 .seed = (uint64_t)n,
                                                 .directory = db_unit_dir(life.image)});
    live(&life);
    fault_vfs_cut(life.vfs, survival, (uint64_t)n, db_unit_dir(life.image));
    close_store(&life);
    assert_int_equal(fault_vfs_count(life.vfs).happened, 1);
    int missing = count_missing(&life);
    if (missing && !lies)
        print_error("cut at %d, survival %d: %d committed, missing %d\n", (int)n, (int)survival,
                    life.done, missing);
    life_done(&life);
    return missing;
}

static void test_what_was_committed_survives_every_cut(void **state)
{
    (void)state;
    struct fault_counts counts = count_operations();
    static const enum fault_survival survivals[] = {FAULT_SURVIVAL_NONE, FAULT_SURVIVAL_SOME,
                                                    FAULT_SURVIVAL_TORN_512,
                                                    FAULT_SURVIVAL_TORN_4096, FAULT_SURVIVAL_ALL};
    for (int64_t n = 1; n <= counts.writes + counts.fsyncs + counts.truncations; n++)
        assert_int_equal(cut_at(n, survivals[n % 5], false), 0);
}

static void test_a_disk_that_lies_is_caught(void **state)
{
    (void)state;
    struct fault_counts counts = count_operations();
    int lost = 0, kept = 0;
    for (int64_t n = counts.writes / 2; n <= counts.writes; n += 7) {
        lost += cut_at(n, FAULT_SURVIVAL_NONE, true) != 0;
        kept += cut_at(n, FAULT_SURVIVAL_ALL, true) == 0;
    }
    assert_true(lost > 0);
    assert_true(kept > 0); /* no power cut, no loss */
}

/* ---- failed fsyncs and writes ---- */

static void run_plan(struct life *life, enum fault_kind kind, int64_t n)
{
    fault_vfs_plan(life->vfs, (struct fault_plan){.kind = kind, .n = n});
    live(life);
}

/* The power goes after the failure, and takes what was not synced. */
static void expect_survival(struct life *life)
{
    fault_vfs_cut(life->vfs, FAULT_SURVIVAL_NONE, 0, db_unit_dir(life->image));
    close_store(life);
    assert_int_equal(count_missing(life), 0);
}

static void test_a_failed_fsync_ends_writing(void **state)
{
    (void)state;
    struct fault_counts counts = count_operations();
    int in_commit = 0, in_checkpoint = 0;
    for (int64_t n = 1; n <= counts.fsyncs; n++) {
        struct life life;
        life_init(&life);
        run_plan(&life, FAULT_KIND_FSYNC, n);
        assert_int_equal(fault_vfs_count(life.vfs).failed, 1);
        assert_true(life.done < TRANSACTIONS);
        if (life.failures) {
            assert_true(life.fatal && life.uncertain);
            assert_false(db_failure_is_logical(life.conn));
        }
        if (life.made)
            assert_true(db_is_broken(life.db));
        in_commit += life.failures;
        in_checkpoint += life.checkpoint_failures;
        expect_survival(&life);
        life_done(&life);
    }
    assert_true(in_commit >= TRANSACTIONS);
    assert_true(in_checkpoint > 0);
}

static void test_a_failed_write_ends_writing(void **state)
{
    (void)state;
    struct fault_counts counts = count_operations();
    for (int64_t n = 1; n <= counts.writes; n += 5) {
        struct life life;
        life_init(&life);
        run_plan(&life, FAULT_KIND_WRITE_IO, n);
        assert_int_equal(fault_vfs_count(life.vfs).failed, 1);
        if (life.made)
            assert_true(db_is_broken(life.db));
        expect_survival(&life);
        life_done(&life);
    }
}

static void test_a_full_disk_passes(void **state)
{
    (void)state;
    struct fault_counts counts = count_operations();
    for (int64_t n = 1; n <= counts.writes; n += 3) {
        struct life life;
        life_init(&life);
        life.retry = true;
        run_plan(&life, FAULT_KIND_WRITE_FULL, n);
        assert_int_equal(fault_vfs_count(life.vfs).failed, 1);
        assert_int_equal(life.done, TRANSACTIONS);
        assert_false(db_is_broken(life.db));
        assert_false(life.fatal || life.uncertain);
        expect_survival(&life);
        life_done(&life);
    }
}

static void test_a_disk_that_stays_full(void **state)
{
    (void)state;
    struct life life;
    struct fault_counts counts = count_operations();
    life_init(&life);
    life.retry = true;
    run_plan(&life, FAULT_KIND_WRITES_FULL, counts.writes / 2);
    assert_int_equal(life.failures, 2);
    assert_non_null(strstr(life.err.detail, "full"));
    assert_false(db_is_broken(life.db));
    fault_vfs_plan(life.vfs, (struct fault_plan){0});
    int before = life.done;
    assert_int_equal(transact(&life, life.done++), 0);
    assert_true(before > 0);
    expect_survival(&life);
    life_done(&life);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_transaction_is_one_write),
        cmocka_unit_test(test_what_was_committed_survives_every_cut),
        cmocka_unit_test(test_a_disk_that_lies_is_caught),
        cmocka_unit_test(test_a_failed_fsync_ends_writing),
        cmocka_unit_test(test_a_failed_write_ends_writing),
        cmocka_unit_test(test_a_full_disk_passes),
        cmocka_unit_test(test_a_disk_that_stays_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
