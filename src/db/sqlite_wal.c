/* SPDX-License-Identifier: EUPL-1.2 */
#include "db/sqlite_wal.h"

#include <stdalign.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"

struct wal_vfs {
    sqlite3_vfs vfs; /* the real one's, with another xOpen */
    sqlite3_vfs *real;
    char name[32];
};

struct wal_file {
    sqlite3_file file;
    sqlite3_int64 at; /* where in the file the gathered bytes belong */
    size_t n;         /* of them */
    char *bytes;      /* NULL until something is written */
};

/* The real file's memory follows. */
enum { REAL_AT = (sizeof(struct wal_file) + alignof(max_align_t) - 1) & -alignof(max_align_t) };

static sqlite3_file *real_of(sqlite3_file *file)
{
    return (sqlite3_file *)((char *)file + REAL_AT);
}

/* ---- gathering ---- */

static int write_gathered(sqlite3_file *base)
{
    struct wal_file *file = (struct wal_file *)base;
    int n = (int)file->n;
    file->n = 0; /* also when it fails: SQLite takes the transaction for lost */
    if (n == 0)
        return SQLITE_OK;
    return real_of(base)->pMethods->xWrite(real_of(base), file->bytes, n, file->at);
}

static int file_write(sqlite3_file *base, const void *bytes, int size, sqlite3_int64 at)
{
    struct wal_file *file = (struct wal_file *)base;
    size_t n = (size_t)size;
    if (at != file->at + (sqlite3_int64)file->n || n > LIMIT_DB_WAL_GATHERED - file->n) {
        int code = write_gathered(base);
        if (code != SQLITE_OK)
            return code;
        if (n > LIMIT_DB_WAL_GATHERED)
            return real_of(base)->pMethods->xWrite(real_of(base), bytes, size, at);
        file->at = at;
    }
    if (!file->bytes)
        file->bytes = MEM_NEW_N(LIMIT_DB_WAL_GATHERED, char);
    memcpy(file->bytes + file->n, bytes, n);
    file->n += n;
    return SQLITE_OK;
}

/* ---- whatever else comes first makes them leave ---- */

static int file_sync(sqlite3_file *file, int flags)
{
    int code = write_gathered(file);
    return code == SQLITE_OK ? real_of(file)->pMethods->xSync(real_of(file), flags) : code;
}

static int file_read(sqlite3_file *file, void *out, int n, sqlite3_int64 at)
{
    int code = write_gathered(file);
    return code == SQLITE_OK ? real_of(file)->pMethods->xRead(real_of(file), out, n, at) : code;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    int code = write_gathered(file);
    return code == SQLITE_OK ? real_of(file)->pMethods->xTruncate(real_of(file), size) : code;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
    int code = write_gathered(file);
    return code == SQLITE_OK ? real_of(file)->pMethods->xFileSize(real_of(file), ret_size) : code;
}

static int file_close(sqlite3_file *base)
{
    struct wal_file *file = (struct wal_file *)base;
    int code = write_gathered(base);
    int closed = real_of(base)->pMethods->xClose(real_of(base));
    mem_free(file->bytes);
    return code == SQLITE_OK ? closed : code;
}

/* ---- the rest is the real file's ---- */

static int file_lock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int file_unlock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int file_reserved(sqlite3_file *file, int *ret_reserved)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), ret_reserved);
}

static int file_control(sqlite3_file *file, int operation, void *arg)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), operation, arg);
}

static int file_sector(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int file_traits(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

/* Version 1: the log has no shared memory of its own and is not mapped. */
static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_traits,
};

void wal_vfs_drop(sqlite3_file *file)
{
    if (file->pMethods == &methods)
        ((struct wal_file *)file)->n = 0;
}

/* ---- the file system ---- */

static int vfs_open(sqlite3_vfs *base, sqlite3_filename path, sqlite3_file *out, int flags,
                    int *ret_flags)
{
    sqlite3_vfs *real = ((struct wal_vfs *)base)->real;
    struct wal_file *file = (struct wal_file *)out;
    if (!(flags & SQLITE_OPEN_WAL))
        return real->xOpen(real, path, out, flags, ret_flags);
    *file = (struct wal_file){0};
    int code = real->xOpen(real, path, real_of(out), flags, ret_flags);
    if (code == SQLITE_OK)
        file->file.pMethods = &methods;
    return code;
}

struct wal_vfs *wal_vfs_new(const char *name)
{
    sqlite3_vfs *real = sqlite3_vfs_find(name);
    if (!real)
        return NULL;
    struct wal_vfs *vfs = MEM_NEW(struct wal_vfs);
    vfs->real = real;
    vfs->vfs = *real;
    snprintf(vfs->name, sizeof vfs->name, "wal-%p", (void *)vfs);
    vfs->vfs.pNext = NULL;
    vfs->vfs.zName = vfs->name;
    vfs->vfs.szOsFile += REAL_AT;
    vfs->vfs.xOpen = vfs_open;
    int code = sqlite3_vfs_register(&vfs->vfs, 0);
    if (code == SQLITE_OK)
        return vfs;
    mem_free(vfs);
    return NULL;
}

void wal_vfs_free(struct wal_vfs *vfs)
{
    if (!vfs)
        return;
    sqlite3_vfs_unregister(&vfs->vfs);
    mem_free(vfs);
}

const char *wal_vfs_name(const struct wal_vfs *vfs)
{
    return vfs->name;
}
