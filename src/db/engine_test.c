/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/unit.h"
#include "db/db.h"
#include "db/db_unit.h"

/* Every kind of statement, with the data that tells engines apart. Run once an engine. */

static const char schema[] = "CREATE TABLE item ("
                             "    id {pk},"
                             "    number {int},"
                             "    data {bytes},"
                             "    CONSTRAINT number_is_unique UNIQUE (number)"
                             ");"
                             "CREATE TABLE pair (a {int} NOT NULL, b {bytes} NOT NULL,"
                             "    c {int} NOT NULL, PRIMARY KEY (a, b)) {keyed}; -- end";

static const struct db_stmt item_insert = {
    "item_insert", "INSERT INTO item (id, number, data) VALUES (:id, :number, :data)"};
static const struct db_stmt item_insert_quietly = {
    "item_insert_quietly",
    "INSERT INTO item (id, number, data) VALUES (:id, :number, :data) ON CONFLICT (id) DO NOTHING"};
static const struct db_stmt item_find = {"item_find",
                                         "SELECT number, data FROM item WHERE id = :id"};
static const struct db_stmt item_all = {"item_all",
                                        "SELECT id, number, data FROM item ORDER BY data, id"};
static const struct db_stmt item_count = {"item_count", "SELECT count(*) FROM item"};
static const struct db_stmt item_update = {"item_update",
                                           "UPDATE item SET number = :number WHERE id = :id"};
static const struct db_stmt item_in = {
    "item_in", "SELECT id FROM item WHERE id {in:ids} AND id < :below ORDER BY id"};
static const struct db_stmt item_not_in = {"item_not_in",
                                           "SELECT count(*) FROM item WHERE NOT (id {in:ids})"};
static const struct db_stmt item_returning = {
    "item_returning", "INSERT INTO item (id, number, data) VALUES (:id, :number, :data) RETURNING "
                      "id + :more, data"};
static const struct db_stmt item_sum = {"item_sum", "SELECT sum(number), 7, sum(number) > 1 "
                                                    "FROM item WHERE number < 100"};
static const struct db_stmt item_less = {"item_less",
                                         "SELECT id FROM item WHERE data < :data ORDER BY id"};
static const struct db_stmt item_same = {
    "item_same", "SELECT id FROM item WHERE data = :data OR (:data IS NULL AND data IS NULL)"};
static const struct db_stmt pair_insert = {
    "pair_insert", "INSERT INTO pair (a, b, c) VALUES (:a, :b, 5) "
                   "ON CONFLICT (a, b) DO UPDATE SET c = pair.c + excluded.c"};
static const struct db_stmt pair_count = {"pair_count", "SELECT sum(c) FROM pair WHERE c = :c"};
static const struct db_stmt wrong_text = {"wrong_text", "SELEKT 1"};

/* ---- fixture ---- */

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
    ok(f, db_begin(f->conn, &f->err));
    ok(f, db_run_script(f->conn, schema, &f->err));
    ok(f, db_commit(f->conn, &f->err));
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

static void add(struct fixture *f, int64_t id, int64_t number, struct str data)
{
    ok(f, db_exec(
              f->conn, &item_insert,
              DB_PARAMS(DB_INT("id", id), DB_INT("number", number), DB_BYTES_OR_NULL("data", data)),
              &f->err));
}

static int64_t count_items(struct fixture *f, struct db_conn *conn)
{
    int64_t n = -1;
    assert_int_equal(db_query_int(conn, &item_count, DB_NO_PARAMS, &n, &f->err), 1);
    return n;
}

/* ---- values ---- */

static void expect_data(struct fixture *f, int64_t id, struct str expected)
{
    struct db_query *query;
    ok(f, db_query(f->conn, &item_find, DB_PARAMS(DB_INT("id", id)), &query, &f->err));
    assert_int_equal(db_step(query, &f->err), 1);
    assert_int_equal(db_column_is_null(query, 1), expected.p == NULL);
    assert_int_equal(db_column_bytes(query, 1).p == NULL, expected.p == NULL);
    assert_str(db_column_bytes(query, 1), expected);
    assert_int_equal(db_step(query, &f->err), 0);
    db_query_end(query);
}

static void test_bytes_come_back(void **state)
{
    struct fixture *f = *state;
    size_t n = 100 * 1024;
    char *large = MEM_NEW_N(n, char);
    for (size_t i = 0; i < n; i++)
        large[i] = (char)(i * 7 + i / 256);
    struct str values[] = {STR("a\0b"), STR("\0"), STR(""),    STR_NONE,           STR("é"),
                           STR("\xff"), STR("'"),  STR("\\x"), str_make(large, n), STR("\\000")};
    ok(f, db_begin(f->conn, &f->err));
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        add(f, (int64_t)i, (int64_t)i, values[i]);
    ok(f, db_commit(f->conn, &f->err));
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        expect_data(f, (int64_t)i, values[i]);
    mem_free(large);
}

static void test_integers_come_back(void **state)
{
    struct fixture *f = *state;
    const int64_t values[] = {
        0,         1,   -1,   LIMIT_SAFE_INTEGER, -LIMIT_SAFE_INTEGER, INT64_MAX, INT64_MIN,
        1LL << 53, 255, 65536};
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        int64_t got = 42;
        add(f, values[i], values[i], STR_NONE);
        assert_int_equal(
            db_query_int(f->conn, &item_find, DB_PARAMS(DB_INT("id", values[i])), &got, &f->err),
            1);
        assert_true(got == values[i]);
    }
}

static void test_null_integer_is_not_found(void **state)
{
    struct fixture *f = *state;
    int64_t got = 42;
    ok(f, db_exec(f->conn, &item_insert,
                  DB_PARAMS(DB_INT("id", 1), DB_NULL("number"), DB_NULL("data")), &f->err));
    assert_int_equal(db_query_int(f->conn, &item_find, DB_PARAMS(DB_INT("id", 1)), &got, &f->err),
                     0);
    assert_int_equal(db_query_int(f->conn, &item_find, DB_PARAMS(DB_INT("id", 2)), &got, &f->err),
                     0);
    assert_int_equal(got, 42);
    /* The same statement with values after it was prepared with NULLs. */
    add(f, 2, 1LL << 53, STR("x\0y"));
    expect_data(f, 2, STR("x\0y"));
}

static void expect_ids(struct fixture *f, const struct db_stmt *stmt, const struct db_param *params,
                       size_t n_params, const int64_t *ids, size_t n)
{
    struct db_query *query;
    ok(f, db_query(f->conn, stmt, params, n_params, &query, &f->err));
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(db_step(query, &f->err), 1);
        assert_int_equal(db_column_int(query, 0), ids[i]);
    }
    assert_int_equal(db_step(query, &f->err), 0);
    db_query_end(query);
}

static void test_bytes_are_compared_bytewise(void **state)
{
    struct fixture *f = *state;
    const struct str values[] = {STR("é"), STR("b"), STR("B"), STR("a\0"), STR("a"), STR("\xff")};
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        add(f, (int64_t)i, (int64_t)i, values[i]);
    expect_ids(f, &item_all, DB_NO_PARAMS, (const int64_t[]){2, 4, 3, 1, 0, 5}, 6);
    expect_ids(f, &item_less, DB_PARAMS(DB_BYTES("data", STR("a\0"))), (const int64_t[]){2, 4}, 2);
    expect_ids(f, &item_same, DB_PARAMS(DB_BYTES("data", STR("a"))), (const int64_t[]){4}, 1);
    expect_ids(f, &item_same, DB_PARAMS(DB_NULL("data")), NULL, 0);
    add(f, 9, 9, STR_NONE);
    expect_ids(f, &item_same, DB_PARAMS(DB_NULL("data")), (const int64_t[]){9}, 1);
    expect_ids(f, &item_same, DB_PARAMS(DB_BYTES("data", STR("b"))), (const int64_t[]){1}, 1);
}

static void test_expressions_are_integers(void **state)
{
    struct fixture *f = *state;
    struct db_query *query;
    add(f, 1, -20, STR_NONE);
    add(f, 2, 30, STR_NONE);
    ok(f, db_query(f->conn, &item_sum, DB_NO_PARAMS, &query, &f->err));
    assert_int_equal(db_step(query, &f->err), 1);
    assert_int_equal(db_column_int(query, 0), 10);
    assert_int_equal(db_column_int(query, 1), 7);
    assert_int_equal(db_column_int(query, 2), 1);
    db_query_end(query);
    add(f, 3, -INT64_C(1234567890123456789), STR_NONE);
    int64_t sum;
    assert_int_equal(db_query_int(f->conn, &item_sum, DB_NO_PARAMS, &sum, &f->err), 1);
    assert_true(sum == -INT64_C(1234567890123456779));
}

static void test_insert_returns_its_row(void **state)
{
    struct fixture *f = *state;
    struct db_query *query;
    ok(f, db_begin(f->conn, &f->err));
    ok(f, db_query(f->conn, &item_returning,
                   DB_PARAMS(DB_INT("id", 5), DB_INT("number", 6), DB_BYTES("data", STR("d")),
                             DB_INT("more", 1LL << 40)),
                   &query, &f->err));
    assert_int_equal(db_step(query, &f->err), 1);
    assert_true(db_column_int(query, 0) == 5 + (1LL << 40));
    assert_str(db_column_bytes(query, 1), STR("d"));
    db_query_end(query);
    ok(f, db_commit(f->conn, &f->err));
    assert_int_equal(count_items(f, f->conn), 1);
}

/* ---- lists ---- */

static void test_lists(void **state)
{
    struct fixture *f = *state;
    size_t n = 10000;
    int64_t *list = MEM_NEW_N(n, int64_t);
    for (size_t i = 0; i < n; i++)
        list[i] = (int64_t)(n - i) * 3;
    list[0] = INT64_MIN;
    for (int64_t i = 0; i < 8; i++)
        add(f, i, i, STR_NONE);
    add(f, INT64_MIN, -1, STR_NONE);
    expect_ids(f, &item_in, DB_PARAMS(DB_INT_LIST("ids", list, n), DB_INT("below", 100)),
               (const int64_t[]){INT64_MIN, 3, 6}, 3);
    expect_ids(f, &item_in, DB_PARAMS(DB_INT_LIST("ids", NULL, 0), DB_INT("below", 100)), NULL, 0);
    expect_ids(f, &item_in, DB_PARAMS(DB_INT("below", 3), DB_INT_LIST("ids", list + n - 2, 2)),
               NULL, 0);
    expect_ids(f, &item_not_in, DB_PARAMS(DB_INT_LIST("ids", NULL, 0)), (const int64_t[]){9}, 1);
    mem_free(list);
}

/* ---- nested and parallel queries ---- */

static void test_one_statement_may_be_open_twice(void **state)
{
    struct fixture *f = *state;
    struct db_query *outer, *inner;
    add(f, 1, 1, STR_NONE);
    add(f, 2, 2, STR_NONE);
    ok(f, db_query(f->conn, &item_all, DB_NO_PARAMS, &outer, &f->err));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(db_step(outer, &f->err), 1);
        ok(f, db_query(f->conn, &item_all, DB_NO_PARAMS, &inner, &f->err));
        for (int j = 0; j < 2; j++)
            assert_int_equal(db_step(inner, &f->err), 1);
        assert_int_equal(db_step(inner, &f->err), 0);
        db_query_end(inner);
    }
    db_query_end(outer);
}

static void test_columns_are_copied(void **state)
{
    struct fixture *f = *state;
    struct db_query *query;
    struct arena *arena = arena_new(1000);
    add(f, 1, 1, STR("one"));
    add(f, 2, 2, STR_NONE);
    ok(f, db_query(f->conn, &item_all, DB_NO_PARAMS, &query, &f->err));
    struct str copies[2];
    for (int64_t id; db_step(query, &f->err) > 0;) {
        id = db_column_int(query, 0);
        copies[id - 1] = db_column_copy(query, 2, arena);
    }
    db_query_end(query);
    assert_str(copies[0], STR("one"));
    assert_null(copies[1].p);
    arena_free(arena);
}

/* ---- many rows ---- */

static void test_many_rows(void **state)
{
    struct fixture *f = *state;
    enum { N = 3000 };
    int64_t *ids = MEM_NEW_N(N, int64_t);
    struct str *data = MEM_NEW_N(N, struct str);
    const struct str kinds[] = {STR("a\0b"), STR(""), STR_NONE, STR("é{},\"\\")};
    for (int64_t i = 0; i < N; i++) {
        ids[i] = i - 10;
        data[i] = kinds[i % 4];
    }
    const struct db_column columns[] = {
        {"id", ids, NULL}, {"number", ids, NULL}, {"data", NULL, data}};
    ok(f, db_begin(f->conn, &f->err));
    for (int i = 0; i < 2; i++)
        ok(f, db_insert_many(f->conn, &item_insert_quietly, columns, 3, N, &f->err));
    ok(f, db_insert_many(f->conn, &item_insert, columns, 3, 0, &f->err));
    ok(f, db_commit(f->conn, &f->err));
    assert_int_equal(count_items(f, f->conn), N);
    for (int64_t i = 0; i < 8; i++)
        expect_data(f, i - 10, kinds[i % 4]);
    mem_free(ids);
    mem_free(data);
}

static void test_many_rows_that_are_there(void **state)
{
    struct fixture *f = *state;
    const int64_t a[] = {1, 1, 2};
    const struct str b[] = {STR("x"), STR("\0"), STR("x")};
    const struct db_column columns[] = {{"a", a, NULL}, {"b", NULL, b}};
    int64_t sum;
    ok(f, db_insert_many(f->conn, &pair_insert, columns, 2, 3, &f->err));
    ok(f, db_insert_many(f->conn, &pair_insert, columns, 2, 2, &f->err));
    ok(f, db_query_int(f->conn, &pair_count, DB_PARAMS(DB_INT("c", 10)), &sum, &f->err));
    assert_int_equal(sum, 20);
    ok(f,
       db_exec(f->conn, &pair_insert, DB_PARAMS(DB_INT("a", 2), DB_BYTES("b", STR("x"))), &f->err));
    ok(f, db_query_int(f->conn, &pair_count, DB_PARAMS(DB_INT("c", 10)), &sum, &f->err));
    assert_int_equal(sum, 30);
}

static void test_many_large_rows(void **state)
{
    struct fixture *f = *state;
    enum { N = 300, SIZE = 100 * 1024 };
    char *large = MEM_NEW_N(SIZE, char);
    int64_t ids[N];
    struct str data[N];
    memset(large, 'x', SIZE);
    for (int i = 0; i < N; i++) {
        ids[i] = i;
        data[i] = str_make(large, SIZE);
    }
    const struct db_column columns[] = {
        {"id", ids, NULL}, {"number", ids, NULL}, {"data", NULL, data}};
    ok(f, db_begin(f->conn, &f->err));
    ok(f, db_insert_many(f->conn, &item_insert, columns, 3, N, &f->err));
    ok(f, db_commit(f->conn, &f->err));
    assert_int_equal(count_items(f, f->conn), N);
    expect_data(f, N - 1, data[0]);
    mem_free(large);
}

static void test_a_long_pipeline(void **state)
{
    struct fixture *f = *state;
    ok(f, db_begin(f->conn, &f->err));
    for (int64_t i = 0; i < 5000; i++)
        add(f, i, i, STR("some bytes"));
    ok(f, db_commit(f->conn, &f->err));
    assert_int_equal(count_items(f, f->conn), 5000);
}

/* Both directions full at once: a side that only sends, or only reads, would wait for ever. */
static void test_a_pipeline_of_large_answers(void **state)
{
    struct fixture *f = *state;
    size_t size = 100 * 1024;
    char *large = MEM_NEW_N(size, char);
    ok(f, db_begin(f->conn, &f->err));
    for (int64_t i = 0; i < 150; i++)
        ok(f, db_exec(f->conn, &item_returning,
                      DB_PARAMS(DB_INT("id", i), DB_INT("number", i), DB_INT("more", 1),
                                DB_BYTES("data", str_make(large, size))),
                      &f->err));
    ok(f, db_commit(f->conn, &f->err));
    assert_int_equal(count_items(f, f->conn), 150);
    mem_free(large);
}

/* ---- transactions ---- */

static void test_rollback_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    ok(f, db_begin(f->conn, &f->err));
    add(f, 1, 1, STR_NONE);
    db_rollback(f->conn);
    db_rollback(f->conn);
    assert_int_equal(count_items(f, f->conn), 0);
    ok(f, db_begin(f->conn, &f->err));
    add(f, 1, 1, STR_NONE);
    assert_int_equal(count_items(f, f->conn), 1);
    ok(f, db_commit(f->conn, &f->err));
    assert_int_equal(count_items(f, f->conn), 1);
}

/* Runs up to the failure, whenever the engine tells it. */
static int fail_with(struct fixture *f, int failing)
{
    ok(f, db_begin(f->conn, &f->err));
    for (int64_t i = 0; i < 6; i++) {
        int64_t number = i == failing ? 1000 : i;
        db_set_tag(f->conn, 70 + i);
        if (db_exec(f->conn, &item_insert,
                    DB_PARAMS(DB_INT("id", i), DB_INT("number", number), DB_NULL("data")), &f->err))
            return -1;
    }
    return db_flush(f->conn, &f->err);
}

static void test_a_constraint_names_its_tag(void **state)
{
    struct fixture *f = *state;
    add(f, 999, 1000, STR_NONE);
    assert_int_equal(fail_with(f, 3), -1);
    assert_int_equal(db_failed_tag(f->conn), 73);
    assert_true(db_failure_is_logical(f->conn));
    assert_false(db_error_is_fatal(f->conn));
    assert_false(db_conn_is_lost(f->conn));
    assert_int_equal(f->err.kind, ERR_KIND_INTERNAL);
    assert_non_null(strstr(f->err.detail, "item_insert"));
    db_rollback(f->conn);
    assert_int_equal(count_items(f, f->conn), 1);
    assert_int_equal(fail_with(f, -1), 0);
    ok(f, db_commit(f->conn, &f->err));
    assert_int_equal(count_items(f, f->conn), 7);
}

static void test_a_failed_transaction_takes_nothing_more(void **state)
{
    struct fixture *f = *state;
    struct db_query *query;
    int64_t n;
    add(f, 999, 1000, STR_NONE);
    assert_int_equal(fail_with(f, 0), -1);
    db_set_tag(f->conn, 99);
    assert_int_equal(db_query(f->conn, &item_all, DB_NO_PARAMS, &query, &f->err), -1);
    assert_int_equal(db_query_int(f->conn, &item_count, DB_NO_PARAMS, &n, &f->err), -1);
    assert_int_equal(db_flush(f->conn, &f->err), -1);
    assert_int_equal(db_failed_tag(f->conn), 70);
    assert_int_equal(db_commit(f->conn, &f->err), -1);
    assert_false(db_commit_is_uncertain(f->conn));
    assert_int_equal(count_items(f, f->conn), 1);
}

static int expect_update(struct fixture *f, int64_t id, int64_t n_rows)
{
    return db_exec_expect(f->conn, &item_update, DB_PARAMS(DB_INT("id", id), DB_INT("number", 50)),
                          n_rows, &f->err);
}

static void test_an_unmet_expectation_fails(void **state)
{
    struct fixture *f = *state;
    add(f, 1, 1, STR_NONE);
    ok(f, db_begin(f->conn, &f->err));
    db_set_tag(f->conn, 5);
    ok(f, expect_update(f, 1, 1));
    ok(f, expect_update(f, 2, 0));
    ok(f, db_flush(f->conn, &f->err));
    db_set_tag(f->conn, 6);
    int result = expect_update(f, 2, 1);
    if (result == 0)
        add(f, 3, 3, STR_NONE);
    if (result == 0)
        result = db_commit(f->conn, &f->err);
    assert_int_equal(result, -1);
    assert_int_equal(f->err.kind, ERR_KIND_MOVED);
    assert_int_equal(db_failed_tag(f->conn), 6);
    assert_true(db_failure_is_logical(f->conn));
    assert_false(db_commit_is_uncertain(f->conn));
    db_rollback(f->conn);
    expect_ids(f, &item_find, DB_PARAMS(DB_INT("id", 1)), (const int64_t[]){1}, 1);
    assert_int_equal(count_items(f, f->conn), 1);
}

static void test_a_query_sees_the_failure_before_it(void **state)
{
    struct fixture *f = *state;
    int64_t n;
    ok(f, db_begin(f->conn, &f->err));
    db_set_tag(f->conn, 8);
    int result = expect_update(f, 2, 1);
    db_set_tag(f->conn, 9);
    if (result == 0)
        result = db_query_int(f->conn, &item_count, DB_NO_PARAMS, &n, &f->err);
    assert_int_equal(result, -1);
    assert_int_equal(db_failed_tag(f->conn), 8);
    assert_int_equal(f->err.kind, ERR_KIND_MOVED);
    db_rollback(f->conn);
    assert_int_equal(count_items(f, f->conn), 0);
}

static void test_wrong_statements_are_the_caller_s_fault(void **state)
{
    struct fixture *f = *state;
    struct db_query *query;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(db_query(f->conn, &wrong_text, DB_NO_PARAMS, &query, &f->err), -1);
        assert_true(db_failure_is_logical(f->conn));
        assert_non_null(strstr(f->err.detail, "wrong_text"));
    }
    assert_int_equal(db_query(f->conn, &item_find, DB_NO_PARAMS, &query, &f->err), -1);
    assert_non_null(strstr(f->err.detail, ":id"));
    int64_t one = 1;
    assert_int_equal(
        db_query(f->conn, &item_find, DB_PARAMS(DB_INT_LIST("id", &one, 1)), &query, &f->err), -1);
    assert_int_equal(count_items(f, f->conn), 0);
}

static void test_a_failure_outside_a_transaction_is_told_at_once(void **state)
{
    struct fixture *f = *state;
    add(f, 1, 1, STR_NONE);
    assert_int_equal(db_exec(f->conn, &item_insert,
                             DB_PARAMS(DB_INT("id", 1), DB_NULL("number"), DB_NULL("data")),
                             &f->err),
                     -1);
    assert_int_equal(expect_update(f, 77, 1), -1);
    assert_int_equal(count_items(f, f->conn), 1);
}

/* ---- readers ---- */

static void test_a_reader_keeps_its_snapshot(void **state)
{
    struct fixture *f = *state;
    struct db_conn *reader;
    add(f, 1, 1, STR_NONE);
    ok(f, db_reader_take(f->db, &reader, &f->err));
    ok(f, db_begin(reader, &f->err));
    assert_int_equal(count_items(f, reader), 1);
    ok(f, db_begin(f->conn, &f->err));
    add(f, 2, 2, STR_NONE);
    assert_int_equal(count_items(f, reader), 1);
    ok(f, db_commit(f->conn, &f->err));
    assert_int_equal(count_items(f, reader), 1);
    db_reader_give(f->db, reader);
    ok(f, db_reader_take(f->db, &reader, &f->err));
    ok(f, db_begin(reader, &f->err));
    assert_int_equal(count_items(f, reader), 2);
    ok(f, db_commit(reader, &f->err));
    db_reader_give(f->db, reader);
}

static void test_a_reader_cannot_write(void **state)
{
    struct fixture *f = *state;
    struct db_conn *reader;
    ok(f, db_reader_take(f->db, &reader, &f->err));
    ok(f, db_begin(reader, &f->err));
    int result = db_exec(reader, &item_insert,
                         DB_PARAMS(DB_INT("id", 1), DB_NULL("number"), DB_NULL("data")), &f->err);
    assert_int_equal(result ? result : db_flush(reader, &f->err), -1);
    db_reader_give(f->db, reader);
    assert_int_equal(count_items(f, f->conn), 0);
}

static void test_the_pool_is_bounded(void **state)
{
    struct fixture *f = *state;
    struct db *db;
    struct db_conn *readers[2], *more[LIMIT_DB_READERS_MORE], *third;
    struct db_options options = {.busy_timeout_ms = 1, .readers_max = 2};
    ok(f, db_open(db_unit_uri(f->unit), &options, &db, &f->err));
    for (int i = 0; i < 2; i++)
        ok(f, db_reader_take(db, &readers[i], &f->err));
    assert_int_equal(db_reader_take(db, &third, &f->err), -1);
    for (int i = 0; i < LIMIT_DB_READERS_MORE; i++)
        ok(f, db_reader_take_briefly(db, &more[i], &f->err));
    assert_int_equal(db_reader_take_briefly(db, &third, &f->err), -1);
    for (int i = 0; i < LIMIT_DB_READERS_MORE; i++)
        db_reader_give(db, more[i]);
    assert_int_equal(db_reader_take(db, &third, &f->err), -1); /* though some are idle now */
    db_reader_give(db, readers[0]);
    ok(f, db_reader_take(db, &third, &f->err));
    assert_ptr_equal(third, readers[0]);
    db_reader_give(db, third);
    db_reader_give(db, readers[1]);
    db_close(db);
}

/* ---- upkeep ---- */

static void test_the_store_is_sound(void **state)
{
    struct fixture *f = *state;
    struct arena *arena = arena_new(1000);
    struct str report;
    int64_t pages = -1;
    add(f, 1, 1, STR_NONE);
    assert_int_equal(db_verify(f->db, arena, &report, &f->err), 1);
    ok(f, db_checkpoint(f->db, &pages, &f->err));
    assert_true(pages >= 0);
    assert_false(db_is_broken(f->db));
    arena_free(arena);
}

static void test_wrong_uris_are_refused(void **state)
{
    struct fixture *f = *state;
    struct db *db;
    const char *uris[] = {"mysql://x", "", "sqlite:/nowhere/at/all/x.db",
                          "postgresql:///x?host=/nowhere/at/all"};
    for (size_t i = 0; i < ARRAY_LEN(uris); i++)
        assert_int_equal(db_open(uris[i], NULL, &db, &f->err), -1);
}

#define TEST(fn) cmocka_unit_test_prestate_setup_teardown(fn, set_up, tear_down, &fixture)

int main(int argc, char **argv)
{
    struct fixture fixture = {0};
    if (!db_unit_engine(argc, argv, &fixture.engine))
        return DB_UNIT_SKIPPED;
    const struct CMUnitTest tests[] = {
        TEST(test_bytes_come_back),
        TEST(test_integers_come_back),
        TEST(test_null_integer_is_not_found),
        TEST(test_bytes_are_compared_bytewise),
        TEST(test_expressions_are_integers),
        TEST(test_insert_returns_its_row),
        TEST(test_lists),
        TEST(test_one_statement_may_be_open_twice),
        TEST(test_columns_are_copied),
        TEST(test_many_rows),
        TEST(test_many_rows_that_are_there),
        TEST(test_many_large_rows),
        TEST(test_a_long_pipeline),
        TEST(test_a_pipeline_of_large_answers),
        TEST(test_rollback_leaves_nothing),
        TEST(test_a_constraint_names_its_tag),
        TEST(test_a_failed_transaction_takes_nothing_more),
        TEST(test_an_unmet_expectation_fails),
        TEST(test_a_query_sees_the_failure_before_it),
        TEST(test_wrong_statements_are_the_caller_s_fault),
        TEST(test_a_failure_outside_a_transaction_is_told_at_once),
        TEST(test_a_reader_keeps_its_snapshot),
        TEST(test_a_reader_cannot_write),
        TEST(test_the_pool_is_bounded),
        TEST(test_the_store_is_sound),
        TEST(test_wrong_uris_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
