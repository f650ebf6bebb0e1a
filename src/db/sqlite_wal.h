/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_DB_SQLITE_WAL_H
#define CHAPPE_DB_SQLITE_WAL_H

/* A file system for SQLite that gathers what a transaction writes to the log of the database.
 * SQLite writes each page with two system calls, its header and itself; a commit of a message is
 * some twelve pages. Here they wait in memory until the log is synced, which is one write, or until
 * anything else is asked of the file. Only for synchronous=FULL: SQLite tells other connections of
 * pages after the sync of their commit, and not before. A write that fails is reported by whatever
 * made it happen, as a rule the sync: the commit fails either way. What a transaction leaves that
 * was rolled back is dropped: written later, it could lie over what another connection committed
 * there. */

#include <sqlite3.h>

#include "base/attr.h"

struct wal_vfs;

/* Registered under wal_vfs_name, over the file system of that name (NULL: SQLite's own). NULL:
 * there is none of that name. */
struct wal_vfs *wal_vfs_new(const char *name) MUST_USE;

/* All its files are closed. NULL is allowed. */
void wal_vfs_free(struct wal_vfs *vfs);

/* After a rollback: forgets what waits for this file. Nothing for a file that is no log of these.
 */
void wal_vfs_drop(sqlite3_file *file);

const char *wal_vfs_name(const struct wal_vfs *vfs);

#endif
