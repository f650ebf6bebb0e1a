/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_DB_DB_UNIT_H
#define CHAPPE_DB_DB_UNIT_H

/* For unit tests: an empty store on either engine. A test program is registered once an engine,
 * with "sqlite" or "postgresql" as its argument. PostgreSQL is the server of CHAPPE_TEST_PG_URI
 * (tools/with-postgres starts a private one); each unit gets a schema of its own on it, which costs
 * a hundredth of a database. Advisory locks and channels are shared by all.
 *
 *     int main(int argc, char **argv)
 *     {
 *         enum db_engine engine;
 *         if (!db_unit_engine(argc, argv, &engine))
 *             return DB_UNIT_SKIPPED;
 *         … cmocka tests, whose set-up calls db_unit_new(engine)
 *     } */

#include "db/db.h"

enum { DB_UNIT_SKIPPED = 77 };

/* False, after one line that says so, when the engine asked for is not there. */
bool db_unit_engine(int argc, char **argv, enum db_engine *ret_engine);

struct db_unit;

/* Ends the program with a message when it cannot. */
struct db_unit *db_unit_new(enum db_engine engine);
const char *db_unit_uri(const struct db_unit *unit);
/* A directory that goes with the unit, without a slash at its end. */
const char *db_unit_dir(const struct db_unit *unit);
/* After the database was closed. NULL is allowed. */
void db_unit_free(struct db_unit *unit);

#endif
