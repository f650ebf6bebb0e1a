/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/backup.h"

#include "store/audit.h"
#include "store/private.h"

/* More positions than the lost time can have given out, and little of 2^53. */
#define EPOCH_GAP ((int64_t)1 << 32)

static const struct db_stmt EPOCH_INSERT = {
    "epoch_insert",
    "INSERT INTO epoch (epoch, base) VALUES (:epoch, :base)",
};
static const struct db_stmt BATCH_DELETE = {
    "batch_delete",
    "DELETE FROM batch",
};

/* Some were given out in the lost time. They count as given, and stay known as such: a client that
 * uploads one again does not have it given twice. */
static const struct db_stmt ONE_TIME_KEYS_GIVEN = {
    "one_time_keys_given",
    "UPDATE one_time_key SET given = 1 WHERE given = 0",
};

/* What the lost time wrote into a backup of room keys is not there any more: its clients see that
 * it has changed. */
static const struct db_stmt BACKUPS_CHANGED = {
    "backups_changed",
    "UPDATE backup_version SET etag = etag + 4294967296 WHERE deleted = 0",
};

/* Statements without parameters. */
static const struct db_stmt *const RESTORE_HOOKS[] = {
    &BATCH_DELETE, /* nodes of before are not there any more */
    &ONE_TIME_KEYS_GIVEN,
    &BACKUPS_CHANGED,
};

int store_backup(struct store *store, const char *path, struct err *err)
{
    return db_copy_to(store->db, path, err);
}

static int fix_up(struct write *w, void *arg, struct err *err)
{
    struct store *store = w->store;
    int64_t epoch = w->time_ms > store->epoch ? w->time_ms : store->epoch + 1;
    (void)arg;
    for (size_t i = 0; i < ARRAY_LEN(RESTORE_HOOKS); i++)
        if (db_exec(w->conn, RESTORE_HOOKS[i], DB_NO_PARAMS, err) < 0)
            return -1;
    w->pos = w->first + EPOCH_GAP;
    if (db_exec(w->conn, &EPOCH_INSERT, DB_PARAMS(DB_INT("epoch", epoch), DB_INT("base", w->pos)),
                err) < 0)
        return -1;
    const struct audit_entry entry = {STR("operator"), STR("restore"), STR(""), STR("{}")};
    return audit_append(w, &entry, err);
}

int store_restore_fixups(struct store *store, struct err *err)
{
    return store_run(store, fix_up, NULL, err);
}
