/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/plan_test.h"

#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/mem.h"
#include "base/vec.h"
#include "db/statement.h"
#include "store/store_unit.h"

/* No statement reads a whole table that grows: each is planned on the real schema, by either
 * engine, and one that scans must stand below with its reason. PostgreSQL is told to scan only
 * where there is no index that serves. */

static const struct {
    const char *prefix; /* of the statement's name */
    const char *reason;
} MAY_SCAN[] = {
    {"check_", "chappe check reads everything, on purpose and away from requests"},
    {"audit_all", "chappe audit verify follows the whole chain"},
    {"audit_has", "once a rotation of the signing key, by an operator"},
    {"audit_last", "the one row at the end of the key"},
    {"backups_changed", "restore, on a server that is stopped"},
    {"batch_delete", "restore, on a server that is stopped"},
    {"hold_", "legal holds, which an operator makes by hand"},
    {"counter_load", "one row a restore, read when the store is opened"},
    {"media_scan_count", "what waits for the antivirus, for /metrics: worked off at once"},
    {"membership_list_closed", "an index of closed accounts alone"},
    {"network_room_list_all", "rooms that application services have listed, of all networks"},
    {"one_time_keys_given", "restore, on a server that is stopped"},
    {"profile_pending_list", "changed profiles on their way into rooms: worked off at once"},
    {"push_suspect_", "what was worked on at a crash: a few rows, gone once it is past"},
    {"registration_token_list", "what administrators have made by hand"},
    {"txn_copy", "a migration in the background, before the index goes that it reads by"},
    {"room_list_open", "an index of open rooms alone, up to its limit"},
};

static bool may_scan(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(MAY_SCAN); i++)
        if (str_starts(str_from(name), str_from(MAY_SCAN[i].prefix)))
            return true;
    return false;
}

/* Functions that SQLite has not: said between nodes, which it has not either. */
static const char *const POSTGRESQL_ONLY[] = {"follow_count", "follow_say", "follow_share"};

/* Full-text search has a text an engine, named after it. */
static bool is_for_other(const char *name, bool sqlite)
{
    if (str_ends(str_from(name), sqlite ? STR("_postgresql") : STR("_sqlite")))
        return true;
    for (size_t i = 0; sqlite && i < ARRAY_LEN(POSTGRESQL_ONLY); i++)
        if (strcmp(name, POSTGRESQL_ONLY[i]) == 0)
            return true;
    return false;
}

struct planning {
    struct db_conn *conn;
    struct arena *arena;
    bool index_read; /* PostgreSQL: a whole index, unless the next line says with what condition */
    size_t scans;
};

static bool contains(struct str line, const char *word)
{
    return memmem(line.p, line.n, word, strlen(word)) != NULL;
}

/* A list's values and a row of constants are no table. */
static bool is_sqlite_scan(struct planning *planning, struct str line)
{
    (void)planning;
    return (str_starts(line, STR("SCAN ")) && !contains(line, "VIRTUAL TABLE") &&
            !contains(line, "CONSTANT ROW")) ||
           contains(line, "AUTOMATIC");
}

/* The condition of an index stands on the line after it; an empty line ends the plan. */
static bool is_postgresql_scan(struct planning *planning, struct str line)
{
    bool whole_index = planning->index_read && !contains(line, "Index Cond");
    planning->index_read = contains(line, "Index Scan") || contains(line, "Index Only Scan");
    return whole_index || contains(line, "Seq Scan");
}

static const char *text_of(struct planning *planning, const char *before, const char *name,
                           const char *middle, const char *sql)
{
    return arena_printf(planning->arena, "%s%s%s%s%c", before, name, middle, sql, '\0').p;
}

/* What stands in the place of each parameter changes no plan: SQLite plans before they are bound.
 */
static struct db_param *params_of(struct planning *planning, const struct statement *statement)
{
    static const int64_t one = 1;
    struct db_param *params = ARENA_NEW_N(planning->arena, statement->n + 1, struct db_param);
    for (size_t i = 0; i < statement->n; i++) {
        struct str name = statement->slots[i].name;
        const char *copy = arena_printf(planning->arena, "%.*s%c", STR_ARG(name), '\0').p;
        params[i] = statement->slots[i].is_list ? DB_INT_LIST(copy, &one, 1) : DB_NULL(copy);
    }
    return params;
}

static void note(struct planning *planning, const char *name,
                 bool (*is_scan)(struct planning *planning, struct str line), struct str line)
{
    if (!is_scan(planning, line) || may_scan(name))
        return;
    print_error("%s: reads a whole table or index (%.*s)\n", name, STR_ARG(line));
    planning->scans++;
}

static void look(struct planning *planning, const struct db_stmt *explain, const char *name,
                 const struct db_param *params, size_t n, int column,
                 bool (*is_scan)(struct planning *planning, struct str line))
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    struct err err = ERR_INIT;
    int more;
    if (db_query(planning->conn, explain, params, n, &query, &err) < 0)
        fail_msg("%s: %s", name, err.detail);
    while ((more = db_step(query, &err)) > 0)
        note(planning, name, is_scan, db_column_bytes(query, column));
    note(planning, name, is_scan, STR(""));
    if (more < 0)
        fail_msg("%s: %s", name, err.detail);
}

static void plan_on_sqlite(struct planning *planning, const struct db_stmt *stmt)
{
    struct db_stmt *explain = ARENA_NEW(planning->arena, struct db_stmt);
    struct statement statement;
    struct err err = ERR_INIT;
    if (is_for_other(stmt->name, true))
        return;
    explain->name = text_of(planning, "explain_", stmt->name, "", "");
    explain->sql = text_of(planning, "EXPLAIN QUERY PLAN ", "", "", stmt->sql);
    if (statement_parse(explain, DB_ENGINE_SQLITE, &statement, &err) < 0)
        fail_msg("%s: %s", stmt->name, err.detail);
    look(planning, explain, stmt->name, params_of(planning, &statement), statement.n, 3,
         is_sqlite_scan);
    statement_done(&statement);
}

static void run(struct planning *planning, const char *script)
{
    struct err err = ERR_INIT;
    if (db_run_script(planning->conn, script, &err) < 0)
        fail_msg("%s: %s", script, err.detail);
}

static const char *nulls(struct planning *planning, size_t n)
{
    struct str list = STR("");
    for (size_t i = 0; i < n; i++)
        list = arena_printf(planning->arena, "%.*s%sNULL", STR_ARG(list), i ? ", " : "(");
    return arena_printf(planning->arena, "%.*s%s%c", STR_ARG(list), n ? ")" : "", '\0').p;
}

/* A generic plan, for which the values are not looked at. */
static void plan_on_postgresql(struct planning *planning, const struct db_stmt *stmt)
{
    struct db_stmt *explain = ARENA_NEW(planning->arena, struct db_stmt);
    struct statement statement;
    struct err err = ERR_INIT;
    if (is_for_other(stmt->name, false))
        return;
    if (statement_parse(stmt, DB_ENGINE_POSTGRESQL, &statement, &err) < 0)
        fail_msg("%s: %s", stmt->name, err.detail);
    run(planning, text_of(planning, "PREPARE plan_", stmt->name, " AS ", statement.sql));
    explain->name = text_of(planning, "explain_", stmt->name, "", "");
    explain->sql =
        text_of(planning, "EXPLAIN EXECUTE plan_", stmt->name, "", nulls(planning, statement.n));
    look(planning, explain, stmt->name, NULL, 0, 0, is_postgresql_scan);
    statement_done(&statement);
}

static void no_statement_scans_what_grows(void **state)
{
    struct store_unit *unit = *state;
    struct planning planning = {.arena = unit->arena};
    struct err err = ERR_INIT;
    bool sqlite = unit->engine == DB_ENGINE_SQLITE;
    assert_int_equal(db_conn_open(store_db(unit->store), DB_MODE_WRITE, &planning.conn, &err), 0);
    if (!sqlite)
        run(&planning, "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan");
    for (size_t i = 0; i < PLAN_STATEMENTS_N; i++)
        (sqlite ? plan_on_sqlite : plan_on_postgresql)(&planning, &PLAN_STATEMENTS[i]);
    db_conn_close(planning.conn);
    assert_int_equal(planning.scans, 0);
}

static const struct CMUnitTest tests[] = {
    store_unit_test(no_statement_scans_what_grows),
};
STORE_UNIT_MAIN(tests)
