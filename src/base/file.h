/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BASE_FILE_H
#define CHAPPE_BASE_FILE_H

/* Small files, read whole and replaced whole. */

#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* The whole file, at most max bytes of it: a larger one is refused. err's detail names the path. */
int file_read(struct arena *arena, const char *path, size_t max, struct str *ret_text,
              struct err *err) MUST_USE;

/* The same of one that holds secrets: one that everybody may read, write or run is refused. */
int file_read_secret(struct arena *arena, const char *path, size_t max, struct str *ret_text,
                     struct err *err) MUST_USE;

/* Replaces the file, or makes it: a reader, and the disk after a power cut, have the old text or
 * the new one. */
int file_replace(const char *path, mode_t mode, struct str text, struct err *err) MUST_USE;

/* Gives a durable file another name of the same directory, over what had it; durable when it
 * returns. */
int file_rename(const char *from, const char *to, struct err *err) MUST_USE;

/* The directory that a path stands in, opened; -1: errno tells. */
int file_open_directory_of(const char *path) MUST_USE;

/* For CLEANUP(fd_cleanup) int fd. Negative: nothing to close. */
void fd_cleanup(int *fd);

#endif
