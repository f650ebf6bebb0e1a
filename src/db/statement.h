/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_DB_STATEMENT_H
#define CHAPPE_DB_STATEMENT_H

/* The text of a statement as an engine wants it. ":room" becomes "?1" or "$1", always the same
 * number for the same name; "{in:ids}" becomes a list. Quoted text, comments and "::type" are left
 * as they are. */

#include "db/db.h"

struct statement {
    char *sql; /* ends with a NUL */
    struct statement_slot {
        struct str name; /* within db_stmt.sql */
        bool is_list;
    } * slots; /* the parameters in the order of their numbers */
    size_t n;
};

int statement_parse(const struct db_stmt *stmt, enum db_engine engine, struct statement *ret,
                    struct err *err) MUST_USE;
void statement_done(struct statement *statement);

/* PostgreSQL's form of a one-row INSERT: the values come from unnest() over one array a column.
 * The arrays are parameters 1, 2… in the order of the columns. */
int statement_parse_many(const struct db_stmt *stmt, const struct db_column *columns,
                         size_t n_columns, struct statement *ret, struct err *err) MUST_USE;

/* The value for a slot. -1 with err: none was given, or one of another kind. */
int statement_find_param(const struct db_stmt *stmt, const struct statement_slot *slot,
                         const struct db_param *params, size_t n_params,
                         const struct db_param **ret_param, struct err *err) MUST_USE;

/* The end of the quoted text, comment or single byte that starts at `at`: what a reader of SQL
 * steps over as one. At most sql.n. */
size_t statement_skip(struct str sql, size_t at);

#endif
