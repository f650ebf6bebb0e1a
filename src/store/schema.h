/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_SCHEMA_H
#define CHAPPE_STORE_SCHEMA_H

/* The migrations of the store, in order. A new table comes as a new migration at the end of the
 * list in schema.c; a migration that was released never changes. */

#include <stddef.h>

#include "db/migrate.h"

extern const struct db_migration STORE_MIGRATIONS[];
extern const size_t STORE_MIGRATIONS_N;

#endif
