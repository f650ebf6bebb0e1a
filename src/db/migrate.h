/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_DB_MIGRATE_H
#define CHAPPE_DB_MIGRATE_H

/* Numbered, forward-only migrations. A foreground migration changes tables in one transaction with
 * its number, before the program serves. A background one touches many rows: it runs in small
 * transactions from a cursor that is stored with each of them, so that a kill resumes where it was.
 * A store with a higher number than the program knows is refused. */

#include "db/db.h"

struct db_migration {
    int number; /* 1, 2, 3… without a gap */
    const char *name;
    const char *script; /* for db_run_script; NULL: none */
    /* Background work from *cursor on, a bounded piece of it: 1 more to do (cursor moved), 0 done,
     * -1. NULL: none. */
    int (*background)(struct db_conn *conn, int64_t *cursor, struct err *err);
};

/* Applies what is missing. On PostgreSQL several nodes may start at once: one does it. */
int db_migrate(struct db *db, const struct db_migration *migrations, size_t n,
               struct err *err) MUST_USE;

/* One piece of background work: 1 there is more, 0 nothing left, -1. Runs in a transaction that the
 * caller has begun on the write connection. */
int db_migrate_background(struct db_conn *conn, const struct db_migration *migrations, size_t n,
                          struct err *err) MUST_USE;

/* The number in the store; 0 when it is empty. */
int db_migrate_version(struct db *db, int *ret_number, struct err *err) MUST_USE;

#endif
