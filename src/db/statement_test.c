/* SPDX-License-Identifier: EUPL-1.2 */
#include "db/statement.h"

#include "base/unit.h"
#include "db/script.h"

static void expect_text(const char *sql, enum db_engine engine, const char *expected, size_t n)
{
    struct db_stmt stmt = {"test", sql};
    struct statement parsed;
    struct err err = ERR_INIT;
    assert_int_equal(statement_parse(&stmt, engine, &parsed, &err), 0);
    assert_string_equal(parsed.sql, expected);
    assert_int_equal(parsed.n, n);
    statement_done(&parsed);
}

static void test_names_become_numbers(void **state)
{
    (void)state;
    const char *sql = "SELECT :b + :a_1 + :b";
    expect_text(sql, DB_ENGINE_SQLITE, "SELECT ?1 + ?2 + ?1", 2);
    expect_text(sql, DB_ENGINE_POSTGRESQL, "SELECT $1 + $2 + $1", 2);
    sql = "WHERE id {in:ids} AND x = :x";
    expect_text(sql, DB_ENGINE_SQLITE, "WHERE id IN (SELECT value FROM json_each(?1)) AND x = ?2",
                2);
    expect_text(sql, DB_ENGINE_POSTGRESQL, "WHERE id = ANY($1) AND x = $2", 2);
}

static void test_quoted_text_is_left_alone(void **state)
{
    (void)state;
    static const char *const same[] = {
        "SELECT ':a', \":b\", 'it''s :c'",
        "SELECT x::int8 -- :a\n, 1",
        "/* :a {in:b} */ SELECT 1",
        "DO $$ BEGIN :a; END $$",
        "DO $f$ :a $$ :b $f$",
        "SELECT '{in:a}'",
        "SELECT ':unended",
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        expect_text(same[i], DB_ENGINE_SQLITE, same[i], 0);
    expect_text("SELECT $1, :a", DB_ENGINE_POSTGRESQL, "SELECT $1, $1", 1);
}

static void test_values_become_arrays(void **state)
{
    (void)state;
    static const int64_t ints[1];
    static const struct str bytes[1];
    struct db_column columns[] = {{"a", ints, NULL}, {"b", NULL, bytes}};
    struct db_stmt stmt = {"test", "INSERT INTO t (a, b, c) VALUES (:a, coalesce(:b, ':b'), 0) "
                                   "ON CONFLICT (a) DO UPDATE SET b = excluded.b"};
    struct statement parsed;
    struct err err = ERR_INIT;
    assert_int_equal(statement_parse_many(&stmt, columns, 2, &parsed, &err), 0);
    assert_string_equal(parsed.sql,
                        "INSERT INTO t (a, b, c) SELECT many.\"a\", coalesce(many.\"b\", ':b'), 0"
                        " FROM unnest($1::int8[], $2::bytea[]) AS many(\"a\", \"b\")"
                        " ON CONFLICT (a) DO UPDATE SET b = excluded.b");
    statement_done(&parsed);
    assert_int_equal(statement_parse_many(&stmt, columns, 1, &parsed, &err), -1);
    struct db_stmt update = {"update", "UPDATE t SET a = :a"};
    assert_int_equal(statement_parse_many(&update, columns, 2, &parsed, &err), -1);
}

static void expect_script(const char *script, enum db_engine engine, const char *expected)
{
    struct buf out;
    struct err err = ERR_INIT;
    buf_init(&out, 1000);
    assert_int_equal(script_expand(script, engine, &out, &err), 0);
    assert_string_equal(out.p, expected);
    buf_done(&out);
}

static void test_scripts_are_expanded(void **state)
{
    (void)state;
    const char *script = "CREATE TABLE t (a {pk}, b {int}, c {bytes}) {keyed}; "
                         "{sqlite}S '{x}';{/sqlite}{postgresql}P{/postgresql} E";
    expect_script(script, DB_ENGINE_SQLITE,
                  "CREATE TABLE t (a INTEGER PRIMARY KEY, b INTEGER, c BLOB) WITHOUT ROWID; "
                  "S '{x}'; E");
    expect_script(script, DB_ENGINE_POSTGRESQL,
                  "CREATE TABLE t (a BIGINT PRIMARY KEY, b BIGINT, c BYTEA) ; P E");
}

static void test_wrong_scripts_are_refused(void **state)
{
    (void)state;
    struct buf out;
    struct err err = ERR_INIT;
    buf_init(&out, 1000);
    assert_int_equal(script_expand("a {bigint}", DB_ENGINE_SQLITE, &out, &err), -1);
    assert_int_equal(script_expand("{sqlite} a", DB_ENGINE_SQLITE, &out, &err), -1);
    assert_int_equal(script_expand("{sqlite} a", DB_ENGINE_POSTGRESQL, &out, &err), -1);
    buf_done(&out);
}

static void test_scripts_are_cut_at_semicolons(void **state)
{
    (void)state;
    struct str rest = STR(" a ';' $$;$$; -- nothing; here\n ; b"), statement;
    assert_true(script_next(&rest, &statement));
    assert_str(statement, STR(" a ';' $$;$$"));
    assert_true(script_next(&rest, &statement));
    assert_str(statement, STR(" b"));
    assert_false(script_next(&rest, &statement));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_become_numbers),
        cmocka_unit_test(test_quoted_text_is_left_alone),
        cmocka_unit_test(test_values_become_arrays),
        cmocka_unit_test(test_scripts_are_expanded),
        cmocka_unit_test(test_wrong_scripts_are_refused),
        cmocka_unit_test(test_scripts_are_cut_at_semicolons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
