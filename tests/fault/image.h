/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_TESTS_FAULT_IMAGE_H
#define CHAPPE_TESTS_FAULT_IMAGE_H

/* What a disk holds of one file: bytes that are safe, and changes that are not yet. */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/vec.h"
#include "fault/vfs.h"

struct image_change {
    size_t at;
    char *bytes; /* NULL: the file is cut to `at` */
    size_t n;
    bool doomed; /* an fsync failed on it: no later one makes it safe */
};

struct image {
    char *name; /* of the file, without its directory */
    bool exists;
    struct buf safe;
    VEC(struct image_change) changes;
};

struct image *image_new(const char *path); /* what the file holds now is safe */
void image_free(struct image *image);

void image_write(struct image *image, const void *bytes, size_t n, size_t at);
void image_truncate(struct image *image, size_t n);
void image_delete(struct image *image);
void image_sync(struct image *image);
void image_fail_sync(struct image *image);

/* Writes what survives into the directory: the same for the same seed and name. */
void image_save(const struct image *image, enum fault_survival survival, uint64_t seed,
                const char *directory);

#endif
