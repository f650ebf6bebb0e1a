/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ADMIN_TAR_H
#define CHAPPE_SERVICE_ADMIN_TAR_H

/* The archive of a backup: a POSIX tar (ustar) of regular files, so that any tar can look into it.
 * Sizes past 8 GiB are written in base 256, as GNU tar and libarchive do. An archive without its
 * end is refused: it was cut. */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"

#define TAR_NAME_MAX 100

/* ---- writing ---- */

/* size bytes from the file, from its start; it must have as many. */
int tar_add_file(int tar_fd, const char *name, int fd, int64_t size, int64_t mtime_s,
                 struct err *err) MUST_USE;
int tar_end(int tar_fd, struct err *err) MUST_USE;

/* ---- reading ---- */

struct tar_entry {
    char name[TAR_NAME_MAX + 1];
    int64_t size;
};

/* The next entry: 1; 0 at the archive's end; -1 also for anything that we do not write. Its content
 * must be taken by tar_extract before the next call. */
int tar_next(int tar_fd, struct tar_entry *ret_entry, struct err *err) MUST_USE;
int tar_extract(int tar_fd, const struct tar_entry *entry, int to_fd, struct err *err) MUST_USE;

#endif
