/* SPDX-License-Identifier: EUPL-1.2 */
#include "db/migrate.h"

#include "base/check.h"
#include "base/clock.h"

/* ---- statements ---- */

static const char tables[] = "CREATE TABLE IF NOT EXISTS store_version ("
                             "    number {int} NOT NULL PRIMARY KEY,"
                             "    name {bytes} NOT NULL,"
                             "    applied_at {int} NOT NULL"
                             ") {keyed};"
                             "CREATE TABLE IF NOT EXISTS store_background ("
                             "    number {int} NOT NULL PRIMARY KEY,"
                             "    cursor {int} NOT NULL,"
                             "    done {int} NOT NULL"
                             ") {keyed};";

static const struct db_stmt table_exists_sqlite = {
    "migrate_table_exists",
    "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'store_version'"};
static const struct db_stmt table_exists_postgresql = {
    "migrate_table_exists",
    "SELECT count(*) FROM pg_class WHERE oid = to_regclass('store_version')"};
static const struct db_stmt lock_postgresql = {"migrate_lock",
                                               "SELECT pg_advisory_xact_lock(:key)"};
static const struct db_stmt version_load = {"migrate_version_load",
                                            "SELECT max(number) FROM store_version"};
static const struct db_stmt version_save = {
    "migrate_version_save",
    "INSERT INTO store_version (number, name, applied_at) VALUES (:number, :name, :now)"};
static const struct db_stmt background_add = {
    "migrate_background_add",
    "INSERT INTO store_background (number, cursor, done) VALUES (:number, 0, 0)"};
static const struct db_stmt background_next = {
    "migrate_background_next",
    "SELECT number, cursor FROM store_background WHERE done = 0 ORDER BY number LIMIT 1"};
static const struct db_stmt background_save = {
    "migrate_background_save",
    "UPDATE store_background SET cursor = :cursor, done = :done WHERE number = :number"};

/* "Chappe", so that no other program on the cluster takes the same lock by chance. */
enum { LOCK_MIGRATE = 0x43686170, LOCK_BACKGROUND };

/* ---- foreground ---- */

/* Until the transaction ends no other node migrates. On SQLite the write transaction is that lock.
 */
static int lock(struct db_conn *conn, enum db_engine engine, int64_t key, struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    if (engine == DB_ENGINE_SQLITE)
        return 0;
    if (db_query(conn, &lock_postgresql, DB_PARAMS(DB_INT("key", key)), &query, err))
        return -1;
    return db_step(query, err) < 0 ? -1 : 0;
}

static int load_version(struct db_conn *conn, enum db_engine engine, int *ret_number,
                        struct err *err)
{
    int64_t exists = 0, number = 0;
    const struct db_stmt *stmt =
        engine == DB_ENGINE_SQLITE ? &table_exists_sqlite : &table_exists_postgresql;
    if (db_query_int(conn, stmt, DB_NO_PARAMS, &exists, err) < 0)
        return -1;
    if (exists && db_query_int(conn, &version_load, DB_NO_PARAMS, &number, err) < 0)
        return -1;
    *ret_number = (int)number;
    return 0;
}

static int apply(struct db_conn *conn, const struct db_migration *m, struct err *err)
{
    if (m->script && db_run_script(conn, m->script, err))
        return -1;
    if (m->background &&
        db_exec(conn, &background_add, DB_PARAMS(DB_INT("number", m->number)), err))
        return -1;
    return db_exec(conn, &version_save,
                   DB_PARAMS(DB_INT("number", m->number), DB_BYTES("name", str_from(m->name)),
                             DB_INT("now", clock_wall_ms())),
                   err);
}

/* One migration, in the transaction that is open: 1 applied, 0 none was missing, -1. */
static int migrate_next(struct db_conn *conn, enum db_engine engine,
                        const struct db_migration *migrations, size_t n, struct err *err)
{
    int number;
    if (lock(conn, engine, LOCK_MIGRATE, err) || load_version(conn, engine, &number, err))
        return -1;
    if (number < 0 || (size_t)number > n)
        return err_internal(err,
                            "the store is at version %d, which is newer than this program's %zu: "
                            "run the program that wrote it, or restore a backup",
                            number, n);
    if ((size_t)number == n)
        return 0;
    if (number == 0 && db_run_script(conn, tables, err))
        return -1;
    const struct db_migration *m = &migrations[number];
    if (apply(conn, m, err) == 0 && db_flush(conn, err) == 0)
        return 1;
    err_prefix(err, "migration %d (%s)", m->number, m->name);
    return -1;
}

static int migrate_all(struct db_conn *conn, enum db_engine engine,
                       const struct db_migration *migrations, size_t n, struct err *err)
{
    for (;;) {
        if (db_begin(conn, err))
            return -1;
        int more = migrate_next(conn, engine, migrations, n, err);
        if (more < 0) {
            db_rollback(conn);
            return -1;
        }
        if (db_commit(conn, err))
            return -1;
        if (!more)
            return 0;
    }
}

int db_migrate(struct db *db, const struct db_migration *migrations, size_t n, struct err *err)
{
    struct db_conn *conn;
    for (size_t i = 0; i < n; i++)
        CHECK(migrations[i].number == (int)i + 1);
    if (db_conn_open(db, DB_MODE_WRITE, &conn, err))
        return -1;
    int result = migrate_all(conn, db_engine(db), migrations, n, err);
    db_conn_close(conn);
    return result;
}

int db_migrate_version(struct db *db, int *ret_number, struct err *err)
{
    struct db_conn *conn;
    if (db_reader_take(db, &conn, err))
        return -1;
    int result = load_version(conn, db_engine(db), ret_number, err);
    db_reader_give(db, conn);
    return result;
}

/* ---- background ---- */

/* The first work that is not done: 1, 0 none, -1. */
static int find_work(struct db_conn *conn, int64_t *ret_number, int64_t *ret_cursor,
                     struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    if (db_query(conn, &background_next, DB_NO_PARAMS, &query, err))
        return -1;
    int found = db_step(query, err);
    if (found > 0) {
        *ret_number = db_column_int(query, 0);
        *ret_cursor = db_column_int(query, 1);
    }
    return found;
}

static int run_piece(struct db_conn *conn, const struct db_migration *m, int64_t cursor,
                     struct err *err)
{
    int more = m->background(conn, &cursor, err);
    if (more < 0) {
        err_prefix(err, "background migration %d (%s)", m->number, m->name);
        return -1;
    }
    return db_exec_expect(conn, &background_save,
                          DB_PARAMS(DB_INT("number", m->number), DB_INT("cursor", cursor),
                                    DB_INT("done", more ? 0 : 1)),
                          1, err);
}

int db_migrate_background(struct db_conn *conn, const struct db_migration *migrations, size_t n,
                          struct err *err)
{
    int64_t number, cursor;
    if (lock(conn, db_conn_engine(conn), LOCK_BACKGROUND, err))
        return -1;
    int found = find_work(conn, &number, &cursor, err);
    if (found <= 0)
        return found;
    if (number < 1 || (size_t)number > n || !migrations[number - 1].background)
        return err_internal(err, "the store waits for work of migration %lld, which is unknown",
                            (long long)number);
    if (run_piece(conn, &migrations[number - 1], cursor, err))
        return -1;
    return find_work(conn, &number, &cursor, err);
}
