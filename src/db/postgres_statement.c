/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "db/postgres.h"
#include "db/script.h"

/* The values of one statement, as libpq takes them. */
struct values {
    const char *p[LIMIT_SQL_PARAMS];
    int n[LIMIT_SQL_PARAMS];
    int format[LIMIT_SQL_PARAMS];
    Oid types[LIMIT_SQL_PARAMS];
    uint64_t integers[LIMIT_SQL_PARAMS];
    struct buf arrays[LIMIT_SQL_PARAMS];
    size_t count;
    size_t bytes;
};

enum { VALUE_MAX = 1 << 30 };

static void values_done(struct values *v)
{
    for (size_t i = 0; i < v->count; i++)
        buf_done(&v->arrays[i]);
}

/* Too many values for a whole initialisation at each statement: only what is used is set. */
static void values_start(struct values *v, size_t count)
{
    v->count = count;
    v->bytes = 0;
    for (size_t i = 0; i < count; i++)
        buf_init(&v->arrays[i], LIMIT_DB_LIST * 12 + 32 + LIMIT_DB_BATCH_BYTES);
}

static void set_value(struct values *v, size_t at, Oid type, struct str bytes)
{
    v->types[at] = type;
    v->p[at] = bytes.n || !bytes.p ? bytes.p : "";
    v->n[at] = (int)bytes.n;
    v->format[at] = 1;
    v->bytes += bytes.n;
}

/* False: too large. */
static bool set_param(struct values *v, size_t at, const struct db_param *param)
{
    switch (param->kind) {
    case DB_KIND_INT:
        v->integers[at] = postgres_big_endian(param->integer);
        set_value(v, at, POSTGRES_INT8, str_make(&v->integers[at], sizeof v->integers[at]));
        return true;
    case DB_KIND_BYTES:
        set_value(v, at, POSTGRES_BYTEA, param->bytes.p ? param->bytes : STR(""));
        return param->bytes.n < VALUE_MAX;
    case DB_KIND_INT_LIST:
        if (param->n_list > LIMIT_DB_LIST)
            return false;
        postgres_write_ints(&v->arrays[at], param->list, 0, param->n_list);
        set_value(v, at, POSTGRES_INT8_ARRAY, buf_str(&v->arrays[at]));
        return true;
    case DB_KIND_NULL:
        break;
    }
    set_value(v, at, 0, STR_NONE);
    return true;
}

static int set_params(struct values *v, const struct db_stmt *stmt, const struct statement *text,
                      const struct db_param *params, size_t n_params, struct err *err)
{
    for (size_t i = 0; i < text->n; i++) {
        const struct db_param *param;
        if (statement_find_param(stmt, &text->slots[i], params, n_params, &param, err))
            return -1;
        if (!set_param(v, i, param))
            return err_internal(err, "statement %s: :%.*s is too large", stmt->name,
                                STR_ARG(text->slots[i].name));
    }
    return 0;
}

/* ---- preparing ---- */

static void entry_free(struct postgres_entry *entry)
{
    statement_done(&entry->text);
    mem_free(entry->name);
    mem_free(entry);
}

static void entries_done(struct int_map *entries)
{
    int64_t key;
    void *value;
    for (size_t at = 0; int_map_next(entries, &at, &key, &value);)
        entry_free(value);
    int_map_done(entries);
}

void postgres_statements_done(struct postgres_conn *conn)
{
    entries_done(&conn->statements);
    entries_done(&conn->many);
}

static struct postgres_entry *keep_entry(struct int_map *entries, const struct db_stmt *stmt,
                                         struct statement text)
{
    struct postgres_entry *entry = MEM_NEW(struct postgres_entry);
    entry->text = text;
    int_map_put(entries, (int64_t)(intptr_t)stmt, entry);
    return entry;
}

static int find_entry(struct postgres_conn *conn, const struct db_stmt *stmt,
                      struct postgres_entry **ret_entry, struct err *err)
{
    struct statement text;
    *ret_entry = int_map_find(&conn->statements, (int64_t)(intptr_t)stmt);
    if (*ret_entry)
        return 0;
    if (statement_parse(stmt, DB_ENGINE_POSTGRESQL, &text, err))
        return -1;
    *ret_entry = keep_entry(&conn->statements, stmt, text);
    return 0;
}

/* A type that was open (NULL until now) and is known by this value asks for a new preparation;
 * another type than before is a mistake. */
static int settle_types(struct postgres_entry *entry, const struct db_stmt *stmt,
                        const struct values *v, struct err *err)
{
    for (size_t i = 0; i < v->count; i++) {
        if (v->types[i] == 0 || v->types[i] == entry->types[i])
            continue;
        if (entry->types[i] != 0)
            return err_internal(err, "statement %s: value %zu changed its type", stmt->name, i + 1);
        entry->types[i] = v->types[i];
        entry->prepared = false;
    }
    return 0;
}

/* A name for each preparation, since one that is in the pipeline cannot be replaced. */
static void name_entry(struct postgres_conn *conn, struct postgres_entry *entry,
                       const struct db_stmt *stmt)
{
    size_t n = strlen(stmt->name) + 16;
    mem_free(entry->name);
    entry->name = MEM_NEW_N(n, char);
    snprintf(entry->name, n, "%s#%u", stmt->name, ++conn->names);
}

static int prepare(struct postgres_conn *conn, struct postgres_entry *entry,
                   const struct db_stmt *stmt, const struct values *v, struct err *err)
{
    if (settle_types(entry, stmt, v, err))
        return conn_fail(&conn->conn, FAILURE_LOGICAL, conn->conn.tag);
    if (entry->prepared)
        return 0;
    name_entry(conn, entry, stmt);
    int ok = PQsendPrepare(conn->handle, entry->name, entry->text.sql, (int)v->count, entry->types);
    struct postgres_item item = {.kind = POSTGRES_PREPARE,
                                 .what = stmt->name,
                                 .entry = entry,
                                 .tag = conn->conn.tag,
                                 .expect = -1};
    entry->prepared = true;
    return postgres_sent(conn, item, ok, 0, err);
}

/* Puts the statement into the pipeline, with what must go before it. */
static int send(struct postgres_conn *conn, struct postgres_entry *entry,
                const struct db_stmt *stmt, const struct values *v, enum postgres_kind kind,
                int64_t expect, struct err *err)
{
    if (postgres_send_begin(conn, err) || prepare(conn, entry, stmt, v, err))
        return -1;
    int ok =
        PQsendQueryPrepared(conn->handle, entry->name, (int)v->count, v->p, v->n, v->format, 1);
    struct postgres_item item = {
        .kind = kind, .what = stmt->name, .tag = conn->conn.tag, .expect = expect};
    return postgres_sent(conn, item, ok, v->bytes, err);
}

static int send_with_params(struct postgres_conn *conn, const struct db_stmt *stmt,
                            const struct db_param *params, size_t n_params, enum postgres_kind kind,
                            int64_t expect, struct err *err)
{
    struct values v;
    struct postgres_entry *entry;
    if (find_entry(conn, stmt, &entry, err))
        return conn_fail(&conn->conn, FAILURE_LOGICAL, conn->conn.tag);
    values_start(&v, entry->text.n);
    int result = set_params(&v, stmt, &entry->text, params, n_params, err);
    if (result)
        conn_fail(&conn->conn, FAILURE_LOGICAL, conn->conn.tag);
    else
        result = send(conn, entry, stmt, &v, kind, expect, err);
    values_done(&v);
    return result;
}

/* ---- the engine's functions ---- */

int postgres_query(struct db_conn *base, const struct db_stmt *stmt, const struct db_param *params,
                   size_t n_params, struct db_query **ret_query, struct err *err)
{
    struct postgres_conn *conn = (struct postgres_conn *)base;
    PGresult *rows = NULL;
    if (send_with_params(conn, stmt, params, n_params, POSTGRES_QUERY, -1, err)) {
        struct err ignored = ERR_INIT;
        if (!base->in_transaction)
            (void)!postgres_drain(conn, NULL, &ignored);
        return -1;
    }
    if (postgres_drain(conn, &rows, err))
        return -1;
    *ret_query = postgres_rows_new(rows);
    return 0;
}

/* Outside a transaction the outcome is waited for; within one only when much is under way. */
static int drain_when_due(struct postgres_conn *conn, struct err *err)
{
    bool is_due = !conn->conn.in_transaction || conn->sent.n >= LIMIT_DB_PIPELINE ||
                  conn->sent_bytes >= 2 * LIMIT_DB_BATCH_BYTES;
    return is_due ? postgres_drain(conn, NULL, err) : 0;
}

int postgres_exec(struct db_conn *base, const struct db_stmt *stmt, const struct db_param *params,
                  size_t n_params, int64_t expect, struct err *err)
{
    struct postgres_conn *conn = (struct postgres_conn *)base;
    if (send_with_params(conn, stmt, params, n_params, POSTGRES_COMMAND, expect, err))
        return -1;
    return drain_when_due(conn, err);
}

static int find_many_entry(struct postgres_conn *conn, const struct db_stmt *stmt,
                           const struct db_column *columns, size_t n_columns,
                           struct postgres_entry **ret_entry, struct err *err)
{
    struct statement text;
    *ret_entry = int_map_find(&conn->many, (int64_t)(intptr_t)stmt);
    if (*ret_entry)
        return 0;
    if (n_columns > LIMIT_SQL_PARAMS)
        return err_internal(err, "statement %s: too many columns", stmt->name);
    if (statement_parse_many(stmt, columns, n_columns, &text, err))
        return -1;
    *ret_entry = keep_entry(&conn->many, stmt, text);
    return 0;
}

/* How many rows from `from` on go into one statement: at least one. */
static size_t count_rows(const struct db_column *columns, size_t n_columns, size_t from,
                         size_t n_rows)
{
    size_t bytes = 0, row = from;
    for (; row < n_rows; row++) {
        for (size_t c = 0; c < n_columns; c++)
            bytes += 12 + (columns[c].bytes ? columns[c].bytes[row].n : 0);
        if (row > from && bytes > LIMIT_DB_BATCH_BYTES)
            break;
    }
    return row - from;
}

static int send_rows(struct postgres_conn *conn, struct postgres_entry *entry,
                     const struct db_stmt *stmt, const struct db_column *columns, size_t n_columns,
                     size_t from, size_t to, struct err *err)
{
    struct values v;
    bool full = false;
    values_start(&v, n_columns);
    for (size_t c = 0; c < n_columns; c++) {
        if (columns[c].integers)
            postgres_write_ints(&v.arrays[c], columns[c].integers, from, to);
        else
            postgres_write_bytes(&v.arrays[c], columns[c].bytes, from, to);
        full |= buf_is_full(&v.arrays[c]);
        set_value(&v, c, columns[c].integers ? POSTGRES_INT8_ARRAY : POSTGRES_BYTEA_ARRAY,
                  buf_str(&v.arrays[c]));
    }
    int result = full ? err_internal(err, "statement %s: a row is too large", stmt->name)
                      : send(conn, entry, stmt, &v, POSTGRES_COMMAND, -1, err);
    if (full)
        conn_fail(&conn->conn, FAILURE_LOGICAL, conn->conn.tag);
    values_done(&v);
    return result;
}

int postgres_insert_many(struct db_conn *base, const struct db_stmt *stmt,
                         const struct db_column *columns, size_t n_columns, size_t n_rows,
                         struct err *err)
{
    struct postgres_conn *conn = (struct postgres_conn *)base;
    struct postgres_entry *entry;
    if (find_many_entry(conn, stmt, columns, n_columns, &entry, err))
        return conn_fail(base, FAILURE_LOGICAL, base->tag);
    for (size_t from = 0; from < n_rows;) {
        size_t to = from + count_rows(columns, n_columns, from, n_rows);
        if (send_rows(conn, entry, stmt, columns, n_columns, from, to, err) ||
            drain_when_due(conn, err))
            return -1;
        from = to;
    }
    return 0;
}

int postgres_run_script(struct db_conn *base, struct str script, struct err *err)
{
    struct postgres_conn *conn = (struct postgres_conn *)base;
    struct str rest = str_first(script, script.n - 1), statement;
    struct postgres_item item = {
        .kind = POSTGRES_COMMAND, .what = "script", .tag = base->tag, .expect = -1};
    if (postgres_send_begin(conn, err))
        return -1;
    while (script_next(&rest, &statement)) {
        CLEANUP(buf_done) struct buf text;
        buf_init(&text, LIMIT_SQL_BYTES);
        buf_add(&text, statement);
        buf_add_byte(&text, '\0');
        if (postgres_send_text(conn, text.p, item, err) || postgres_drain(conn, NULL, err)) {
            err_prefix(err, "script at \"%.*s\"", (int)(statement.n < 40 ? statement.n : 40),
                       statement.p);
            return -1;
        }
    }
    return 0;
}
