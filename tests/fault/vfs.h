/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_TESTS_FAULT_VFS_H
#define CHAPPE_TESTS_FAULT_VFS_H

/* A disk for SQLite that fails on demand. It is a VFS over the default one: the program reads and
 * writes real files, while the shim remembers, for the database, its log and its journal, what a
 * disk would hold if the power went now: the bytes up to the last fsync of the file, and the list
 * of writes since. (The shared memory beside the log is memory and does not survive.)
 *
 * A power cut writes that image into another directory; from then on every write and fsync fails,
 * so that the program can be shut down, and a new one be started on the image.
 *
 * Known limits: a deletion is durable at once; a file exists from its first fsync on.
 *
 * Threads: any. One shim serves one directory of one test. */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct fault_vfs;

/* Registered under a name of its own, given in db_options.sqlite_vfs. */
struct fault_vfs *fault_vfs_new(void) MUST_USE;
const char *fault_vfs_name(const struct fault_vfs *vfs);
void fault_vfs_free(struct fault_vfs *vfs); /* after the databases that use it */

/* What becomes of the writes that were not synced; a seed always gives the same. */
enum fault_survival {
    FAULT_SURVIVAL_NONE,     /* all are lost */
    FAULT_SURVIVAL_SOME,     /* each with one chance in two, whatever their order was */
    FAULT_SURVIVAL_TORN_512, /* each sector of each with one chance in two */
    FAULT_SURVIVAL_TORN_4096,
    FAULT_SURVIVAL_ALL, /* the process died, not the machine */
};

enum fault_kind {
    FAULT_KIND_NONE,
    FAULT_KIND_CUT,        /* power cut at the n-th write, fsync or truncation, before it is done */
    FAULT_KIND_FSYNC,      /* the n-th fsync fails; what it was for is never synced */
    FAULT_KIND_WRITE_FULL, /* the n-th write finds no space */
    FAULT_KIND_WRITE_IO,   /* the n-th write fails */
    FAULT_KIND_WRITES_FULL, /* no space from the n-th write on, until the plan changes */
    FAULT_KIND_READ_IO,     /* the n-th read fails */
    FAULT_KIND_INDEX_FULL,  /* the n-th time that the index of the log grows, it finds no space */
};

struct fault_plan {
    enum fault_kind kind;
    bool lies; /* after the first of a file, an fsync is answered and not done */
    int64_t n; /* from 1, counted from fault_vfs_plan on */
    /* for FAULT_KIND_CUT */
    enum fault_survival survival;
    uint64_t seed;
    const char *directory; /* of the image; it exists */
};

void fault_vfs_plan(struct fault_vfs *vfs, struct fault_plan plan);

/* The power goes now: the image is in the directory when this returns. A second cut is ignored. */
void fault_vfs_cut(struct fault_vfs *vfs, enum fault_survival survival, uint64_t seed,
                   const char *directory);

/* A disk that stalls: from now on each fsync waits until this is taken back. */
void fault_vfs_stall(struct fault_vfs *vfs, bool stalled);

/* From now on (NULL: no more) each checkpoint calls when it has read the header of the log's index
 * and not yet how much of the log is copied: whatever others commit just then. The call runs in the
 * thread of the checkpoint; it may write unless the checkpoint holds writers back. */
void fault_vfs_at_checkpoint(struct fault_vfs *vfs, void (*call)(void *arg), void *arg);

struct fault_counts {
    int64_t writes, fsyncs, truncations, reads, growths; /* since the plan */
    int64_t failed;                                      /* by the plan, or after the cut */
    int64_t unsynced; /* writes that a cut would put at risk now */
    int happened;     /* the plan's fault or a cut has happened */
};
struct fault_counts fault_vfs_count(struct fault_vfs *vfs);

#endif
