/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_BACKUP_H
#define CHAPPE_STORE_BACKUP_H

/* The database's part of a backup and of a restore. The archive around it is made elsewhere. */

#include "store/store.h"

/* One consistent copy of the database into a new file, while the store is in use. PostgreSQL:
 * refused, with words that name pg_dump. */
int store_backup(struct store *store, const char *path, struct err *err) MUST_USE;

/* After a restore, before the store serves: run once, on a store that no one else has open.
 *
 *   - A new epoch begins, its positions far above the old head: what the lost time had given out is
 *     never given again. Its number comes from the clock, so that two restores of one backup are
 *     two epochs. The store must be opened again to see it.
 *   - A row of the audit table tells of it.
 *   - What was true of the lost time and is not of the copy is undone by the hooks in backup.c
 *     (RESTORE_HOOKS): one-time keys are given no more, since some were given out since. A table
 * that holds such things adds its statement there. */
int store_restore_fixups(struct store *store, struct err *err) MUST_USE;

#endif
