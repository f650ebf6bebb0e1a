/* SPDX-License-Identifier: EUPL-1.2 */
#include "fault/vfs.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "fault/image.h"

struct fault_vfs {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    char name[40];
    pthread_mutex_t lock;
    struct str_map images; /* path → struct image */
    struct fault_plan plan;
    struct fault_counts counts;
    bool is_cut, is_stalled;
    pthread_cond_t moves; /* a stall is over */
    void (*at_checkpoint)(void *arg);
    void *at_checkpoint_arg;
};

struct fault_file {
    sqlite3_file file;
    struct fault_vfs *vfs;
    struct image *image; /* NULL: a file whose loss is of no interest */
    sqlite3_file *real;  /* behind this struct */
};

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((struct fault_file *)file)->real;
}

/* ---- faults ---- */

static void cut(struct fault_vfs *vfs, enum fault_survival survival, uint64_t seed,
                const char *directory)
{
    struct str key;
    void *image;
    if (vfs->is_cut)
        return;
    for (size_t at = 0; str_map_next(&vfs->images, &at, &key, &image);)
        image_save(image, survival, seed, directory);
    vfs->is_cut = true;
    vfs->counts.happened = 1;
}

static int fail(struct fault_vfs *vfs, int code, int error)
{
    vfs->counts.failed++;
    vfs->counts.happened = 1;
    errno = error; /* what SQLite asks for as the system's own number */
    return code;
}

static void cut_when_due(struct fault_vfs *vfs)
{
    const struct fault_plan *plan = &vfs->plan;
    int64_t n = vfs->counts.writes + vfs->counts.fsyncs + vfs->counts.truncations;
    if (plan->kind == FAULT_KIND_CUT && n == plan->n)
        cut(vfs, plan->survival, plan->seed, plan->directory);
}

/* What the plan says of the next write. */
static int judge_write(struct fault_vfs *vfs)
{
    const struct fault_plan *plan = &vfs->plan;
    int64_t n = ++vfs->counts.writes;
    cut_when_due(vfs);
    if (vfs->is_cut)
        return fail(vfs, SQLITE_IOERR_WRITE, EIO);
    if ((plan->kind == FAULT_KIND_WRITE_FULL && n == plan->n) ||
        (plan->kind == FAULT_KIND_WRITES_FULL && n >= plan->n))
        return fail(vfs, SQLITE_FULL, ENOSPC);
    if (plan->kind == FAULT_KIND_WRITE_IO && n == plan->n)
        return fail(vfs, SQLITE_IOERR_WRITE, EIO);
    return SQLITE_OK;
}

static int judge_fsync(struct fault_vfs *vfs)
{
    int64_t n = ++vfs->counts.fsyncs;
    cut_when_due(vfs);
    if (vfs->is_cut || (vfs->plan.kind == FAULT_KIND_FSYNC && n == vfs->plan.n))
        return fail(vfs, SQLITE_IOERR_FSYNC, EIO);
    return SQLITE_OK;
}

static int judge_truncate(struct fault_vfs *vfs)
{
    vfs->counts.truncations++;
    cut_when_due(vfs);
    return vfs->is_cut ? fail(vfs, SQLITE_IOERR_TRUNCATE, EIO) : SQLITE_OK;
}

/* ---- files ---- */

static int file_close(sqlite3_file *file)
{
    return real_of(file)->pMethods->xClose(real_of(file));
}

static int judge_read(struct fault_vfs *vfs)
{
    bool fails = ++vfs->counts.reads == vfs->plan.n && vfs->plan.kind == FAULT_KIND_READ_IO;
    return fails ? fail(vfs, SQLITE_IOERR_READ, EIO) : SQLITE_OK;
}

static int file_read(sqlite3_file *base, void *p, int n, sqlite3_int64 at)
{
    struct fault_file *file = (struct fault_file *)base;
    if (file->image) {
        pthread_mutex_lock(&file->vfs->lock);
        int code = judge_read(file->vfs);
        pthread_mutex_unlock(&file->vfs->lock);
        if (code != SQLITE_OK)
            return code;
    }
    return file->real->pMethods->xRead(file->real, p, n, at);
}

static int file_write(sqlite3_file *base, const void *p, int n, sqlite3_int64 at)
{
    struct fault_file *file = (struct fault_file *)base;
    if (!file->image)
        return file->real->pMethods->xWrite(file->real, p, n, at);
    pthread_mutex_lock(&file->vfs->lock);
    int code = judge_write(file->vfs);
    if (code == SQLITE_OK)
        code = file->real->pMethods->xWrite(file->real, p, n, at);
    if (code == SQLITE_OK)
        image_write(file->image, p, (size_t)n, (size_t)at);
    pthread_mutex_unlock(&file->vfs->lock);
    return code;
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 n)
{
    struct fault_file *file = (struct fault_file *)base;
    if (!file->image)
        return file->real->pMethods->xTruncate(file->real, n);
    pthread_mutex_lock(&file->vfs->lock);
    int code = judge_truncate(file->vfs);
    if (code == SQLITE_OK)
        code = file->real->pMethods->xTruncate(file->real, n);
    if (code == SQLITE_OK)
        image_truncate(file->image, (size_t)n);
    pthread_mutex_unlock(&file->vfs->lock);
    return code;
}

/* The disk is this shim: the real one is spared the fsync. */
static int file_sync(sqlite3_file *base, int flags)
{
    struct fault_file *file = (struct fault_file *)base;
    (void)flags;
    if (!file->image)
        return SQLITE_OK;
    pthread_mutex_lock(&file->vfs->lock);
    while (file->vfs->is_stalled)
        pthread_cond_wait(&file->vfs->moves, &file->vfs->lock);
    int code = judge_fsync(file->vfs);
    if (code == SQLITE_OK && !(file->vfs->plan.lies && file->image->exists))
        image_sync(file->image);
    else
        image_fail_sync(file->image);
    pthread_mutex_unlock(&file->vfs->lock);
    return code;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *ret_n)
{
    return real_of(file)->pMethods->xFileSize(real_of(file), ret_n);
}

static int file_lock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int file_unlock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int file_reserved(sqlite3_file *file, int *ret)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), ret);
}

static int file_control(sqlite3_file *file, int op, void *arg)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), op, arg);
}

static int file_sector(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int file_traits(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int judge_growth(struct fault_vfs *vfs)
{
    bool fails = ++vfs->counts.growths == vfs->plan.n && vfs->plan.kind == FAULT_KIND_INDEX_FULL;
    return fails ? fail(vfs, SQLITE_IOERR_SHMSIZE, ENOSPC) : SQLITE_OK;
}

static int shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **ret_p)
{
    struct fault_vfs *vfs = ((struct fault_file *)file)->vfs;
    if (extend) {
        pthread_mutex_lock(&vfs->lock);
        int code = judge_growth(vfs);
        pthread_mutex_unlock(&vfs->lock);
        if (code != SQLITE_OK)
            return code;
    }
    return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, ret_p);
}

static int shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, n, flags);
}

static void shm_barrier(sqlite3_file *file)
{
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int shm_unmap(sqlite3_file *file, int drop)
{
    return real_of(file)->pMethods->xShmUnmap(real_of(file), drop);
}

/* Nothing is mapped. */
static int map_fetch(sqlite3_file *file, sqlite3_int64 at, int n, void **ret_p)
{
    (void)file;
    (void)at;
    (void)n;
    *ret_p = NULL;
    return SQLITE_OK;
}

/* A checkpoint that has just read the header of the log's index gives up all that is mapped before
 * it looks how far the log was copied: the only call between the two. */
static int map_unfetch(sqlite3_file *base, sqlite3_int64 at, void *p)
{
    struct fault_vfs *vfs = ((struct fault_file *)base)->vfs;
    (void)at;
    pthread_mutex_lock(&vfs->lock);
    void (*call)(void *) = p ? NULL : vfs->at_checkpoint;
    void *arg = vfs->at_checkpoint_arg;
    pthread_mutex_unlock(&vfs->lock);
    if (call)
        call(arg);
    return SQLITE_OK;
}

/* Version 3: with shared memory, and with memory-mapped reads for the sake of map_unfetch alone. */
static const sqlite3_io_methods methods = {
    .iVersion = 3,
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
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
    .xFetch = map_fetch,
    .xUnfetch = map_unfetch,
};

/* ---- the file system ---- */

static struct image *find_image(struct fault_vfs *vfs, const char *path, int flags)
{
    int kinds = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL;
    if (!path || !(flags & kinds))
        return NULL;
    pthread_mutex_lock(&vfs->lock);
    struct image *image = str_map_find(&vfs->images, str_from(path));
    if (!image) {
        image = image_new(path);
        str_map_put(&vfs->images, str_from(path), image);
    }
    pthread_mutex_unlock(&vfs->lock);
    return image;
}

static int vfs_open(sqlite3_vfs *base, sqlite3_filename path, sqlite3_file *out, int flags,
                    int *ret_flags)
{
    struct fault_vfs *vfs = base->pAppData;
    struct fault_file *file = (struct fault_file *)out;
    file->vfs = vfs;
    file->image = find_image(vfs, path, flags);
    file->real = (sqlite3_file *)(file + 1);
    int code = vfs->real->xOpen(vfs->real, path, file->real, flags, ret_flags);
    file->file.pMethods = code == SQLITE_OK ? &methods : NULL;
    return code;
}

static int vfs_delete(sqlite3_vfs *base, const char *path, int sync)
{
    struct fault_vfs *vfs = base->pAppData;
    pthread_mutex_lock(&vfs->lock);
    int code = vfs->is_cut ? fail(vfs, SQLITE_IOERR_DELETE, EIO)
                           : vfs->real->xDelete(vfs->real, path, sync);
    struct image *image = str_map_find(&vfs->images, str_from(path));
    if (code == SQLITE_OK && image)
        image_delete(image);
    pthread_mutex_unlock(&vfs->lock);
    return code;
}

struct fault_vfs *fault_vfs_new(void)
{
    struct fault_vfs *vfs = MEM_NEW(struct fault_vfs);
    vfs->real = sqlite3_vfs_find(NULL);
    vfs->vfs = *vfs->real;
    snprintf(vfs->name, sizeof vfs->name, "fault-%p", (void *)vfs);
    pthread_mutex_init(&vfs->lock, NULL);
    pthread_cond_init(&vfs->moves, NULL);
    vfs->vfs.pNext = NULL;
    vfs->vfs.zName = vfs->name;
    vfs->vfs.pAppData = vfs;
    vfs->vfs.szOsFile = (int)sizeof(struct fault_file) + vfs->real->szOsFile;
    vfs->vfs.xOpen = vfs_open;
    vfs->vfs.xDelete = vfs_delete;
    sqlite3_vfs_register(&vfs->vfs, 0);
    return vfs;
}

const char *fault_vfs_name(const struct fault_vfs *vfs)
{
    return vfs->name;
}

void fault_vfs_free(struct fault_vfs *vfs)
{
    struct str key;
    void *image;
    sqlite3_vfs_unregister(&vfs->vfs);
    for (size_t at = 0; str_map_next(&vfs->images, &at, &key, &image);)
        image_free(image);
    str_map_done(&vfs->images);
    pthread_mutex_destroy(&vfs->lock);
    pthread_cond_destroy(&vfs->moves);
    mem_free(vfs);
}

void fault_vfs_plan(struct fault_vfs *vfs, struct fault_plan plan)
{
    pthread_mutex_lock(&vfs->lock);
    vfs->plan = plan;
    vfs->counts = (struct fault_counts){.happened = vfs->is_cut};
    pthread_mutex_unlock(&vfs->lock);
}

void fault_vfs_cut(struct fault_vfs *vfs, enum fault_survival survival, uint64_t seed,
                   const char *directory)
{
    pthread_mutex_lock(&vfs->lock);
    cut(vfs, survival, seed, directory);
    pthread_mutex_unlock(&vfs->lock);
}

void fault_vfs_stall(struct fault_vfs *vfs, bool stalled)
{
    pthread_mutex_lock(&vfs->lock);
    vfs->is_stalled = stalled;
    pthread_cond_broadcast(&vfs->moves);
    pthread_mutex_unlock(&vfs->lock);
}

void fault_vfs_at_checkpoint(struct fault_vfs *vfs, void (*call)(void *arg), void *arg)
{
    pthread_mutex_lock(&vfs->lock);
    vfs->at_checkpoint = call;
    vfs->at_checkpoint_arg = arg;
    pthread_mutex_unlock(&vfs->lock);
}

struct fault_counts fault_vfs_count(struct fault_vfs *vfs)
{
    struct str key;
    void *image;
    pthread_mutex_lock(&vfs->lock);
    struct fault_counts counts = vfs->counts;
    for (size_t at = 0; str_map_next(&vfs->images, &at, &key, &image);)
        counts.unsynced += (int64_t)((struct image *)image)->changes.n;
    pthread_mutex_unlock(&vfs->lock);
    return counts;
}
