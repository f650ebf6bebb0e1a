/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ADMIN_BACKUP_H
#define CHAPPE_SERVICE_ADMIN_BACKUP_H

/* One file with all that cannot be made again: the database, the signing key with those before it,
 * and the media. Its entries are "chappe.db", "signing.key", "signing.key.old" and "media/…".
 * SQLite only; PostgreSQL has means of its own, which the refusal names.
 *
 * The database is one snapshot; the key and the media are read after it, and no file goes
 * meanwhile: so the archive has every file that the snapshot names. */

#include "service/use.h"

struct config;

/* Makes the file, which must not exist. It stands under its name only when it is whole and
 * durable. */
int backup_make(struct use *use, struct str path) MUST_USE;

/* Puts a backup in place. The caller holds the lock of the data directory, and no server is open;
 * neither database nor key may be there. The database gets its new epoch (store/backup.h) before it
 * gets its name, which it gets last: whatever happens on the way, no server starts on half of it.
 */
int backup_restore(const struct config *config, const char *path, struct err *err) MUST_USE;

#endif
