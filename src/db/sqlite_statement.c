/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/buf.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"
#include "db/sqlite.h"

struct sqlite_query {
    struct db_query query;
    struct sqlite_entry *entry;
};

/* ---- preparing ---- */

static void entry_free(struct sqlite_entry *entry)
{
    sqlite3_finalize(entry->stmt);
    statement_done(&entry->text);
    mem_free(entry);
}

void sqlite_statements_done(struct sqlite_conn *conn)
{
    int64_t key;
    void *value;
    for (size_t at = 0; int_map_next(&conn->statements, &at, &key, &value);)
        entry_free(value);
    int_map_done(&conn->statements);
}

static int prepare(struct sqlite_conn *conn, const struct db_stmt *stmt, bool passing,
                   struct sqlite_entry **ret_entry, struct err *err)
{
    struct statement text;
    sqlite3_stmt *prepared;
    if (statement_parse(stmt, DB_ENGINE_SQLITE, &text, err))
        return conn_fail(&conn->conn, FAILURE_LOGICAL, conn->conn.tag);
    unsigned flags = passing ? 0 : SQLITE_PREPARE_PERSISTENT;
    int code = sqlite3_prepare_v3(conn->handle, text.sql, -1, flags, &prepared, NULL);
    if (code != SQLITE_OK) {
        statement_done(&text);
        return sqlite_fail(conn, code, stmt->name, err);
    }
    struct sqlite_entry *entry = MEM_NEW(struct sqlite_entry);
    *entry = (struct sqlite_entry){text, prepared, false, passing};
    *ret_entry = entry;
    return 0;
}

/* The connection's prepared statement, or one for this use when a query over it is open. */
static int find_entry(struct sqlite_conn *conn, const struct db_stmt *stmt,
                      struct sqlite_entry **ret_entry, struct err *err)
{
    struct sqlite_entry *entry = int_map_find(&conn->statements, (int64_t)(intptr_t)stmt);
    bool passing = entry && entry->busy;
    if (!entry || passing) {
        if (prepare(conn, stmt, passing, &entry, err))
            return -1;
        if (!passing)
            int_map_put(&conn->statements, (int64_t)(intptr_t)stmt, entry);
    }
    CHECK(entry);
    entry->busy = true;
    *ret_entry = entry;
    return 0;
}

static void entry_end(struct sqlite_entry *entry)
{
    sqlite3_reset(entry->stmt);
    sqlite3_clear_bindings(entry->stmt);
    entry->busy = false;
    if (entry->passing)
        entry_free(entry);
}

/* ---- binding ---- */

static int bind_list(sqlite3_stmt *stmt, int at, const struct db_param *param)
{
    CLEANUP(buf_done) struct buf json;
    buf_init(&json, (size_t)LIMIT_DB_LIST * 21 + 2);
    buf_add_byte(&json, '[');
    for (size_t i = 0; i < param->n_list; i++) {
        if (i)
            buf_add_byte(&json, ',');
        buf_add_int(&json, param->list[i]);
    }
    buf_add_byte(&json, ']');
    if (buf_is_full(&json))
        return SQLITE_TOOBIG;
    return sqlite3_bind_text64(stmt, at, json.p, json.n, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/* An empty blob is not NULL. */
static int bind_bytes(sqlite3_stmt *stmt, int at, struct str bytes, bool copy)
{
    if (bytes.n == 0)
        return sqlite3_bind_zeroblob(stmt, at, 0);
    return sqlite3_bind_blob64(stmt, at, bytes.p, bytes.n, copy ? SQLITE_TRANSIENT : SQLITE_STATIC);
}

static int bind_value(sqlite3_stmt *stmt, int at, const struct db_param *param, bool copy)
{
    switch (param->kind) {
    case DB_KIND_INT:
        return sqlite3_bind_int64(stmt, at, param->integer);
    case DB_KIND_BYTES:
        return bind_bytes(stmt, at, param->bytes, copy);
    case DB_KIND_INT_LIST:
        return bind_list(stmt, at, param);
    case DB_KIND_NULL:
        break;
    }
    return sqlite3_bind_null(stmt, at);
}

/* A query outlives the call, so that its bytes are copied; a statement that is done at once reads
 * them where they are. */
static int bind_params(struct sqlite_conn *conn, const struct db_stmt *stmt,
                       struct sqlite_entry *entry, const struct db_param *params, size_t n_params,
                       bool copy, struct err *err)
{
    for (size_t i = 0; i < entry->text.n; i++) {
        const struct db_param *param;
        if (statement_find_param(stmt, &entry->text.slots[i], params, n_params, &param, err))
            return conn_fail(&conn->conn, FAILURE_LOGICAL, conn->conn.tag);
        int code = bind_value(entry->stmt, (int)i + 1, param, copy);
        if (code != SQLITE_OK)
            return sqlite_fail(conn, code, stmt->name, err);
    }
    return 0;
}

/* ---- reading ---- */

int sqlite_query(struct db_conn *base, const struct db_stmt *stmt, const struct db_param *params,
                 size_t n_params, struct db_query **ret_query, struct err *err)
{
    struct sqlite_conn *conn = (struct sqlite_conn *)base;
    struct sqlite_entry *entry;
    if (find_entry(conn, stmt, &entry, err))
        return -1;
    if (bind_params(conn, stmt, entry, params, n_params, true, err)) {
        entry_end(entry);
        return -1;
    }
    struct sqlite_query *query = MEM_NEW(struct sqlite_query);
    query->entry = entry;
    *ret_query = &query->query;
    return 0;
}

int sqlite_step(struct db_query *base, struct err *err)
{
    struct sqlite_query *query = (struct sqlite_query *)base;
    int code = sqlite3_step(query->entry->stmt);
    if (code == SQLITE_ROW)
        return 1;
    if (code == SQLITE_DONE)
        return 0;
    return sqlite_fail((struct sqlite_conn *)base->conn, code, base->stmt->name, err);
}

int64_t sqlite_column_int(struct db_query *base, int column)
{
    return sqlite3_column_int64(((struct sqlite_query *)base)->entry->stmt, column);
}

bool sqlite_column_is_null(struct db_query *base, int column)
{
    sqlite3_stmt *stmt = ((struct sqlite_query *)base)->entry->stmt;
    return sqlite3_column_type(stmt, column) == SQLITE_NULL;
}

struct str sqlite_column_bytes(struct db_query *base, int column)
{
    sqlite3_stmt *stmt = ((struct sqlite_query *)base)->entry->stmt;
    if (sqlite3_column_type(stmt, column) == SQLITE_NULL)
        return STR_NONE;
    const void *p = sqlite3_column_blob(stmt, column);
    size_t n = (size_t)sqlite3_column_bytes(stmt, column);
    return n ? str_make(p, n) : STR("");
}

void sqlite_query_end(struct db_query *base)
{
    struct sqlite_query *query = (struct sqlite_query *)base;
    entry_end(query->entry);
    mem_free(query);
}

/* ---- writing ---- */

static int run_entry(struct sqlite_conn *conn, const struct db_stmt *stmt,
                     struct sqlite_entry *entry, int64_t expect, struct err *err)
{
    int code;
    do
        code = sqlite3_step(entry->stmt);
    while (code == SQLITE_ROW);
    if (code != SQLITE_DONE)
        return sqlite_fail(conn, code, stmt->name, err);
    int64_t touched = sqlite3_changes64(conn->handle);
    if (expect < 0 || touched == expect)
        return 0;
    conn_fail(&conn->conn, FAILURE_LOGICAL, conn->conn.tag);
    return err_moved(err, "statement %s touched %lld rows, not %lld", stmt->name,
                     (long long)touched, (long long)expect);
}

int sqlite_exec(struct db_conn *base, const struct db_stmt *stmt, const struct db_param *params,
                size_t n_params, int64_t expect, struct err *err)
{
    struct sqlite_conn *conn = (struct sqlite_conn *)base;
    struct sqlite_entry *entry;
    if (find_entry(conn, stmt, &entry, err))
        return -1;
    int result = bind_params(conn, stmt, entry, params, n_params, false, err);
    if (result == 0)
        result = run_entry(conn, stmt, entry, expect, err);
    entry_end(entry);
    return result;
}

/* For each parameter, the column that fills it: mostly the one after the last that was found. */
static int match_columns(struct sqlite_conn *conn, const struct db_stmt *stmt,
                         const struct statement *text, const struct db_column *columns,
                         size_t n_columns, const struct db_column **matched, struct err *err)
{
    size_t next = 0;
    for (size_t i = 0; i < text->n; i++) {
        matched[i] = NULL;
        for (size_t k = 0; k < n_columns && !matched[i]; k++, next = (next + 1) % n_columns)
            if (str_eq(text->slots[i].name, str_from(columns[next].name)))
                matched[i] = &columns[next];
        if (matched[i])
            continue;
        conn_fail(&conn->conn, FAILURE_LOGICAL, conn->conn.tag);
        return err_internal(err, "statement %s: no column for :%.*s", stmt->name,
                            STR_ARG(text->slots[i].name));
    }
    return 0;
}

static int bind_row(sqlite3_stmt *stmt, const struct db_column *const *matched, size_t n,
                    size_t row)
{
    int code = SQLITE_OK;
    for (size_t i = 0; i < n && code == SQLITE_OK; i++) {
        const struct db_column *column = matched[i];
        CHECK(column);
        if (column->integers)
            code = sqlite3_bind_int64(stmt, (int)i + 1, column->integers[row]);
        else if (column->bytes[row].p)
            code = bind_bytes(stmt, (int)i + 1, column->bytes[row], false);
        else
            code = sqlite3_bind_null(stmt, (int)i + 1);
    }
    return code;
}

static int insert_rows(struct sqlite_conn *conn, const struct db_stmt *stmt,
                       struct sqlite_entry *entry, const struct db_column *const *matched,
                       size_t n_rows, struct err *err)
{
    for (size_t row = 0; row < n_rows; row++) {
        int code = bind_row(entry->stmt, matched, entry->text.n, row);
        if (code != SQLITE_OK)
            return sqlite_fail(conn, code, stmt->name, err);
        if (run_entry(conn, stmt, entry, -1, err))
            return -1;
        sqlite3_reset(entry->stmt);
    }
    return 0;
}

int sqlite_insert_many(struct db_conn *base, const struct db_stmt *stmt,
                       const struct db_column *columns, size_t n_columns, size_t n_rows,
                       struct err *err)
{
    struct sqlite_conn *conn = (struct sqlite_conn *)base;
    struct sqlite_entry *entry;
    if (find_entry(conn, stmt, &entry, err))
        return -1;
    const struct db_column **matched = MEM_NEW_N(entry->text.n + 1, const struct db_column *);
    int result = match_columns(conn, stmt, &entry->text, columns, n_columns, matched, err);
    if (result == 0)
        result = insert_rows(conn, stmt, entry, matched, n_rows, err);
    mem_free(matched);
    entry_end(entry);
    return result;
}

int sqlite_run_script(struct db_conn *base, struct str script, struct err *err)
{
    return sqlite_run((struct sqlite_conn *)base, script.p, err);
}
