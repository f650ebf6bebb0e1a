/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/check.h"
#include "base/mem.h"
#include "db/postgres.h"

struct postgres_rows {
    struct db_query query;
    PGresult *rows;
    int at; /* the row that is read; -1 before the first */
};

struct db_query *postgres_rows_new(PGresult *rows)
{
    struct postgres_rows *query = MEM_NEW(struct postgres_rows);
    query->rows = rows;
    query->at = -1;
    return &query->query;
}

int postgres_step(struct db_query *base, struct err *err)
{
    struct postgres_rows *query = (struct postgres_rows *)base;
    (void)err;
    if (query->at < PQntuples(query->rows))
        query->at++;
    return query->at < PQntuples(query->rows);
}

bool postgres_column_is_null(struct db_query *base, int column)
{
    struct postgres_rows *query = (struct postgres_rows *)base;
    CHECK(column >= 0 && column < PQnfields(query->rows));
    return PQgetisnull(query->rows, query->at, column);
}

struct str postgres_column_bytes(struct db_query *base, int column)
{
    struct postgres_rows *query = (struct postgres_rows *)base;
    if (postgres_column_is_null(base, column))
        return STR_NONE;
    return str_make(PQgetvalue(query->rows, query->at, column),
                    (size_t)PQgetlength(query->rows, query->at, column));
}

int64_t postgres_column_int(struct db_query *base, int column)
{
    struct postgres_rows *query = (struct postgres_rows *)base;
    struct str value = postgres_column_bytes(base, column);
    return value.p ? postgres_read_int(PQftype(query->rows, column), value.p, value.n) : 0;
}

void postgres_query_end(struct db_query *base)
{
    struct postgres_rows *query = (struct postgres_rows *)base;
    PQclear(query->rows);
    mem_free(query);
}
