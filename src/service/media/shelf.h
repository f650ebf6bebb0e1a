/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_MEDIA_SHELF_H
#define CHAPPE_SERVICE_MEDIA_SHELF_H

/* Where contents durably are: one small interface, and its two kinds, a directory (shelf_path.c)
 * and S3-compatible storage (shelf_s3.c). service/media/content.h is the only one who calls it,
 * and sees to it that nobody takes away what another keeps: a shelf only does what it is told.
 *
 * Any thread, several at once. What sleeps may take as long as a disk or a network takes; nothing
 * of it takes longer than the limits of the kind. A hash is SHA256_BYTES bytes. */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "crypto/hash.h"

struct shelf;
struct s3_config; /* net/s3.h */

/* A file under way, of a directory on the same file system as the shelf's own files. */
struct shelf_file {
    int directory_fd;
    const char *name;
    int fd;
    int64_t size;
};

enum shelf_finding { SHELF_SOUND, SHELF_ABSENT, SHELF_OTHER_SIZE, SHELF_OTHER_BYTES };

/* One that is listed. hash empty: the name is not that of a content. */
struct shelf_item {
    struct str hash;
    const char *name;
    int64_t size, changed_ms;
};

/* Where a listing has got to; zeroed: at its beginning. */
#define SHELF_AFTER_BYTES 1025
struct shelf_cursor {
    char after[SHELF_AFTER_BYTES];
};

struct shelf_kind {
    /* Other nodes keep contents here, and take them away. */
    bool is_shared;
    /* Sleeps. The file's bytes are durable under the hash, which is theirs, and its name has gone:
     * 0. 409 when its name had gone before; 503 when there is no room, or no answer. */
    int (*keep)(struct shelf *shelf, const struct shelf_file *file, struct str hash,
                struct err *err);
    /* What is at hand, without waiting for anybody: 1, a descriptor that is the caller's, and its
     * size; 0; -1. */
    int (*open)(struct shelf *shelf, struct str hash, int *ret_fd, int64_t *ret_size,
                struct err *err);
    /* Sleeps. The same of all there is, if it has at most max bytes (else -1). NULL: what is not at
     * hand is not there. What comes from elsewhere is compared with its hash first: -1 when it is
     * another. */
    int (*fetch)(struct shelf *shelf, struct str hash, int64_t max, int *ret_fd, int64_t *ret_size,
                 struct err *err);
    /* Sleeps: reads all of it where it durably is. */
    int (*examine)(struct shelf *shelf, struct str hash, int64_t size,
                   enum shelf_finding *ret_finding, struct err *err);
    /* Sleeps. 0 also when it was not there. */
    int (*remove)(struct shelf *shelf, struct str hash, struct err *err);
    /* Sleeps. The next page of what there is, in some order: 1 and there may be more, 0 this was
     * the last, -1 (also when visit returns -1). */
    int (*list)(struct shelf *shelf, struct shelf_cursor *cursor,
                int (*visit)(void *arg, const struct shelf_item *item, struct err *err), void *arg,
                struct err *err);
    /* Copies at hand that are too many or too old go, but those that is_held names. NULL: there are
     * none. */
    void (*trim)(struct shelf *shelf, bool (*is_held)(void *arg, struct str hash), void *arg);
    /* The machine has started anew: what is at hand may not be what it was. NULL as above. */
    void (*distrust)(struct shelf *shelf);
    /* What sleeps ends soon, and fails. NULL: it does by itself. */
    void (*stop)(struct shelf *shelf);
    void (*free)(struct shelf *shelf);
};

struct shelf {
    const struct shelf_kind *kind;
    const char
        *directory; /* of its files on this machine, and of those under way; another's text */
    int directory_fd;
};

/* Contents in that directory, which is made where it is not; the text outlives the shelf. */
int shelf_path_new(const char *directory, struct shelf **ret_shelf, struct err *err) MUST_USE;
/* Contents in S3-compatible storage; copies of at most so many bytes, and files under way, are in
 * that directory. All texts outlive the shelf. Nothing is asked of the storage yet. */
int shelf_s3_new(const char *directory, int64_t copies_max, const struct s3_config *config,
                 struct shelf **ret_shelf, struct err *err) MUST_USE;

#endif
