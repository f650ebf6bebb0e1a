/* SPDX-License-Identifier: EUPL-1.2 */
#include "db/statement.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name_byte(char c)
{
    return is_name_start(c) || (c >= '0' && c <= '9');
}

static size_t name_length(struct str s)
{
    size_t n = 0;
    while (n < s.n && is_name_byte(s.p[n]))
        n++;
    return n;
}

/* The end of a text that runs to the next `end`, from `at` on. */
static size_t skip_to(struct str sql, size_t at, struct str end)
{
    for (; at < sql.n; at++)
        if (str_starts(str_skip(sql, at), end))
            return at + end.n;
    return sql.n;
}

/* $$ … $$ or $tag$ … $tag$; a plain "$1" is one byte. */
static size_t skip_dollar(struct str sql, size_t at)
{
    size_t n = name_length(str_skip(sql, at + 1));
    if (at + 1 + n >= sql.n || sql.p[at + 1 + n] != '$')
        return at + 1;
    struct str mark = str_first(str_skip(sql, at), n + 2);
    return skip_to(sql, at + mark.n, mark);
}

size_t statement_skip(struct str sql, size_t at)
{
    struct str rest = str_skip(sql, at);
    if (rest.n == 0)
        return sql.n;
    if (rest.p[0] == '\'')
        return skip_to(sql, at + 1, STR("'"));
    if (rest.p[0] == '"')
        return skip_to(sql, at + 1, STR("\""));
    if (rest.p[0] == '$')
        return skip_dollar(sql, at);
    if (str_starts(rest, STR("--")))
        return skip_to(sql, at + 2, STR("\n"));
    if (str_starts(rest, STR("/*")))
        return skip_to(sql, at + 2, STR("*/"));
    if (str_starts(rest, STR("::")))
        return at + 2;
    return at + 1;
}

/* A parameter at the start of `rest`: the number of bytes it takes, or 0. */
static size_t match_param(struct str rest, struct str *ret_name, bool *ret_is_list)
{
    bool is_list = str_starts(rest, STR("{in:"));
    if (!is_list && (rest.n < 2 || rest.p[0] != ':' || !is_name_start(rest.p[1])))
        return 0;
    size_t start = is_list ? 4 : 1;
    size_t n = name_length(str_skip(rest, start));
    if (is_list && (start + n >= rest.n || rest.p[start + n] != '}'))
        return 0;
    *ret_name = str_first(str_skip(rest, start), n);
    *ret_is_list = is_list;
    return start + n + (is_list ? 1 : 0);
}

static size_t slot_number(struct statement *s, struct str name, bool is_list)
{
    for (size_t i = 0; i < s->n; i++)
        if (str_eq(s->slots[i].name, name))
            return i + 1;
    s->slots = mem_resize(s->slots, s->n + 1, sizeof *s->slots);
    s->slots[s->n++] = (struct statement_slot){name, is_list};
    return s->n;
}

static void write_param(struct buf *out, enum db_engine engine, size_t number, bool is_list)
{
    if (engine == DB_ENGINE_POSTGRESQL)
        buf_printf(out, is_list ? "= ANY($%zu)" : "$%zu", number);
    else
        buf_printf(out, is_list ? "IN (SELECT value FROM json_each(?%zu))" : "?%zu", number);
}

static int take_text(const struct db_stmt *stmt, struct buf *out, struct statement *ret,
                     struct err *err)
{
    buf_add_byte(out, '\0');
    if (buf_is_full(out) || ret->n > LIMIT_SQL_PARAMS)
        return err_internal(err, "statement %s is too long", stmt->name);
    ret->sql = mem_copy(out->p, out->n);
    return 0;
}

int statement_parse(const struct db_stmt *stmt, enum db_engine engine, struct statement *ret,
                    struct err *err)
{
    CLEANUP(buf_done) struct buf out;
    struct str sql = str_from(stmt->sql);
    *ret = (struct statement){0};
    buf_init(&out, LIMIT_SQL_BYTES);
    for (size_t at = 0; at < sql.n;) {
        struct str name;
        bool is_list;
        size_t n = match_param(str_skip(sql, at), &name, &is_list);
        if (n) {
            write_param(&out, engine, slot_number(ret, name, is_list), is_list);
            at += n;
            continue;
        }
        size_t end = statement_skip(sql, at);
        buf_add(&out, str_make(sql.p + at, end - at));
        at = end;
    }
    if (take_text(stmt, &out, ret, err) == 0)
        return 0;
    statement_done(ret);
    return -1;
}

void statement_done(struct statement *statement)
{
    mem_free(statement->sql);
    mem_free(statement->slots);
    *statement = (struct statement){0};
}

static bool kind_fits(const struct statement_slot *slot, const struct db_param *param)
{
    return slot->is_list == (param->kind == DB_KIND_INT_LIST);
}

static bool is_named(struct str name, const char *text)
{
    return strncmp(name.p, text, name.n) == 0 && text[name.n] == '\0';
}

int statement_find_param(const struct db_stmt *stmt, const struct statement_slot *slot,
                         const struct db_param *params, size_t n_params,
                         const struct db_param **ret_param, struct err *err)
{
    for (size_t i = 0; i < n_params; i++) {
        if (!is_named(slot->name, params[i].name))
            continue;
        if (!kind_fits(slot, &params[i]))
            return err_internal(err, "statement %s: wrong kind of value for :%.*s", stmt->name,
                                STR_ARG(slot->name));
        *ret_param = &params[i];
        return 0;
    }
    return err_internal(err, "statement %s: no value for :%.*s", stmt->name, STR_ARG(slot->name));
}

/* ---- many rows ---- */

/* Finds "VALUES (…)": where the word starts and where its parentheses open and close. */
static bool find_values(struct str sql, size_t *ret_word, size_t *ret_open, size_t *ret_close)
{
    size_t at = 0, depth = 0;
    for (; at < sql.n; at = statement_skip(sql, at))
        if (str_eq_nocase(str_first(str_skip(sql, at), 6), STR("VALUES")) && at > 0 &&
            !is_name_byte(sql.p[at - 1]))
            break;
    *ret_word = at;
    for (at += 6; at < sql.n; at = statement_skip(sql, at)) {
        if (sql.p[at] == '(' && depth++ == 0)
            *ret_open = at;
        if (sql.p[at] == ')' && --depth == 0) {
            *ret_close = at;
            return true;
        }
        if (depth == 0 && sql.p[at] != ' ' && sql.p[at] != '\n')
            return false;
    }
    return false;
}

static bool has_column(const struct db_column *columns, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(name, str_from(columns[i].name)))
            return true;
    return false;
}

/* Copies an expression, parameters becoming columns of the unnested arrays. */
static int write_many(struct buf *out, const struct db_stmt *stmt, struct str text,
                      const struct db_column *columns, size_t n_columns, struct err *err)
{
    for (size_t at = 0; at < text.n;) {
        struct str name;
        bool is_list;
        size_t n = match_param(str_skip(text, at), &name, &is_list);
        if (n && (is_list || !has_column(columns, n_columns, name)))
            return err_internal(err, "statement %s: no column for :%.*s", stmt->name,
                                STR_ARG(name));
        if (n)
            buf_printf(out, "many.\"%.*s\"", STR_ARG(name));
        size_t end = n ? at + n : statement_skip(text, at);
        if (!n)
            buf_add(out, str_make(text.p + at, end - at));
        at = end;
    }
    return 0;
}

static void write_unnest(struct buf *out, const struct db_column *columns, size_t n)
{
    buf_printf(out, " FROM unnest(");
    for (size_t i = 0; i < n; i++)
        buf_printf(out, "%s$%zu::%s", i ? ", " : "", i + 1,
                   columns[i].integers ? "int8[]" : "bytea[]");
    buf_printf(out, ") AS many(");
    for (size_t i = 0; i < n; i++)
        buf_printf(out, "%s\"%s\"", i ? ", " : "", columns[i].name);
    buf_printf(out, ")");
}

int statement_parse_many(const struct db_stmt *stmt, const struct db_column *columns,
                         size_t n_columns, struct statement *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf out;
    struct str sql = str_from(stmt->sql);
    size_t word = 0, open = 0, close = 0;
    *ret = (struct statement){0};
    buf_init(&out, LIMIT_SQL_BYTES);
    if (!find_values(sql, &word, &open, &close))
        return err_internal(err, "statement %s is not INSERT … VALUES (…)", stmt->name);
    buf_add(&out, str_first(sql, word));
    buf_printf(&out, "SELECT ");
    if (write_many(&out, stmt, str_make(sql.p + open + 1, close - open - 1), columns, n_columns,
                   err))
        return -1;
    write_unnest(&out, columns, n_columns);
    if (write_many(&out, stmt, str_skip(sql, close + 1), NULL, 0, err))
        return -1;
    return take_text(stmt, &out, ret, err);
}
