/* SPDX-License-Identifier: EUPL-1.2 */

/* Contents as objects of S3-compatible storage, "PREFIX/ab/cd/abcd…", with copies at hand on this
 * machine. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/s3.h"
#include "service/config.h"
#include "service/media/copies.h"
#include "service/media/disk.h"
#include "service/media/shelf.h"

#define RETRY_MS 5000

struct shelf_s3 {
    struct shelf shelf; /* first */
    struct s3 *s3;
    struct copies *copies;
};

static struct shelf_s3 *self(struct shelf *shelf)
{
    return (struct shelf_s3 *)shelf;
}

/* What the storage did is for the log; people are told to come back. What failed here stays. */
static int away(struct err *err)
{
    if (err->kind == ERR_KIND_CLIENT)
        return -1;
    log_line(LOG_LEVEL_ERROR, "media_storage", "detail", LOG_Z(err->detail), NULL);
    *err = ERR_INIT;
    (void)err_client(err, 503, "M_UNKNOWN", "Files cannot be reached at the moment");
    err->retry_after_ms = RETRY_MS;
    return err_reason(err, "files_away");
}

/* ---- keeping ---- */

/* The storage compares the bytes with their hash, which is signed. */
static int s3_keep(struct shelf *shelf, const struct shelf_file *file, struct str hash,
                   struct err *err)
{
    char name[CONTENT_NAME_BYTES];
    struct str hex;
    content_name(hash, name);
    hex = str_make(name + 6, CONTENT_HEX_BYTES);
    if (s3_put(self(shelf)->s3, str_from(name), file->fd, file->size, hex, err) < 0)
        return away(err);
    return copies_take(self(shelf)->copies, file->directory_fd, file->name, hash, file->size, err);
}

static int s3_remove(struct shelf *shelf, struct str hash, struct err *err)
{
    char name[CONTENT_NAME_BYTES];
    content_name(hash, name);
    copies_drop(self(shelf)->copies, hash);
    return s3_delete(self(shelf)->s3, str_from(name), err) < 0 ? away(err) : 0;
}

/* ---- reading ---- */

static int s3_open(struct shelf *shelf, struct str hash, int *ret_fd, int64_t *ret_size,
                   struct err *err)
{
    return copies_open(self(shelf)->copies, hash, ret_fd, ret_size, err);
}

/* A content on its way here: hashed, and written where there is a file. */
struct incoming {
    struct sha256_stream *hash;
    int fd; /* -1: none */
    int64_t size;
};

static int begin_again(void *arg, struct err *err)
{
    struct incoming *incoming = arg;
    sha256_free(incoming->hash);
    incoming->hash = sha256_begin();
    incoming->size = 0;
    if (incoming->fd >= 0 && ftruncate(incoming->fd, 0) < 0)
        return disk_fail(err, "writing a copy");
    return 0;
}

static int take_piece(void *arg, struct str bytes, struct err *err)
{
    struct incoming *incoming = arg;
    sha256_add(incoming->hash, bytes);
    while (incoming->fd >= 0 && bytes.n > 0) {
        ssize_t n = pwrite(incoming->fd, bytes.p, bytes.n, incoming->size);
        if (n < 0 && errno != EINTR)
            return disk_fail(err, "writing a copy");
        incoming->size += n < 0 ? 0 : n;
        bytes = str_skip(bytes, n < 0 ? 0 : (size_t)n);
    }
    incoming->size += (int64_t)bytes.n;
    return 0;
}

/* 1 all of it came, and its hash; 0 there is none; -1. */
static int receive(struct shelf *shelf, struct str hash, int64_t max, struct incoming *incoming,
                   unsigned char ret_digest[SHA256_BYTES], struct err *err)
{
    struct s3_sink sink = {begin_again, take_piece, incoming};
    char name[CONTENT_NAME_BYTES];
    content_name(hash, name);
    incoming->hash = NULL;
    int found = s3_get(self(shelf)->s3, str_from(name),
                       max < LIMIT_S3_OBJECT ? max : LIMIT_S3_OBJECT, &sink, err);
    if (found == 1)
        sha256_end(incoming->hash, ret_digest);
    else
        sha256_free(incoming->hash);
    return found < 0 ? away(err) : found;
}

static int damaged(struct str hash, struct err *err)
{
    char hex[CONTENT_HEX_BYTES + 1];
    content_hex((const unsigned char *)hash.p, hash.n, hex);
    log_line(LOG_LEVEL_ERROR, "media_damaged", "content", LOG_Z(hex), "what",
             LOG_Z("has other bytes in the storage"), NULL);
    return err_internal(err, "a file's content has other bytes in the storage");
}

static int receive_copy(struct shelf *shelf, struct str hash, int64_t max, const char *name,
                        struct incoming *incoming, struct err *err)
{
    unsigned char digest[SHA256_BYTES];
    int found = receive(shelf, hash, max, incoming, digest, err);
    if (found != 1)
        return found;
    if (!str_eq(str_make(digest, sizeof digest), hash))
        return damaged(hash, err);
    return copies_take(self(shelf)->copies, -1, name, hash, incoming->size, err) < 0 ? -1 : 1;
}

static int s3_fetch(struct shelf *shelf, struct str hash, int64_t max, int *ret_fd,
                    int64_t *ret_size, struct err *err)
{
    struct copies *copies = self(shelf)->copies;
    struct incoming incoming = {0};
    char name[COPIES_NAME_BYTES];
    int found = copies_open(copies, hash, ret_fd, ret_size, err);
    if (found != 0)
        return found;
    if (copies_begin(copies, name, &incoming.fd, err) < 0)
        return -1;
    found = receive_copy(shelf, hash, max, name, &incoming, err);
    if (found != 1) {
        copies_give_up(copies, name);
        close(incoming.fd);
        return found;
    }
    *ret_fd = incoming.fd;
    *ret_size = incoming.size;
    return 1;
}

static int s3_examine(struct shelf *shelf, struct str hash, int64_t size,
                      enum shelf_finding *ret_finding, struct err *err)
{
    struct incoming incoming = {.fd = -1};
    unsigned char digest[SHA256_BYTES];
    int found = receive(shelf, hash, INT64_MAX, &incoming, digest, err);
    if (found < 0)
        return -1;
    if (!found)
        *ret_finding = SHELF_ABSENT;
    else if (incoming.size != size)
        *ret_finding = SHELF_OTHER_SIZE;
    else
        *ret_finding =
            str_eq(str_make(digest, sizeof digest), hash) ? SHELF_SOUND : SHELF_OTHER_BYTES;
    return 0;
}

/* ---- listing ---- */

struct listing {
    struct shelf_cursor *cursor;
    int (*visit)(void *arg, const struct shelf_item *item, struct err *err);
    void *arg;
    bool stopped; /* by the visitor: its words stand */
};

static int list_one(void *arg, const struct s3_object *object, struct err *err)
{
    struct listing *listing = arg;
    char *after = listing->cursor->after;
    unsigned char hash[SHA256_BYTES];
    struct shelf_item item = {STR(""), after, object->size, object->changed_ms};
    if (object->name.n >= SHELF_AFTER_BYTES)
        return err_internal(err, "the storage lists a name that is too long");
    memcpy(after, object->name.p, object->name.n);
    after[object->name.n] = 0;
    if (content_name_parse(object->name, hash)) {
        item.hash = str_make(hash, sizeof hash);
        item.name = after + 6;
    }
    listing->stopped = listing->visit(listing->arg, &item, err) < 0;
    return listing->stopped ? -1 : 0;
}

static int s3_list_page(struct shelf *shelf, struct shelf_cursor *cursor,
                        int (*visit)(void *arg, const struct shelf_item *item, struct err *err),
                        void *arg, struct err *err)
{
    struct shelf_cursor after = *cursor;
    struct listing listing = {cursor, visit, arg, false};
    int more = s3_list(self(shelf)->s3, str_from(after.after), list_one, &listing, err);
    return more < 0 && !listing.stopped ? away(err) : more;
}

/* ---- life ---- */

static void s3_trim(struct shelf *shelf, bool (*is_held)(void *arg, struct str hash), void *arg)
{
    copies_trim(self(shelf)->copies, is_held, arg);
}

static void s3_distrust(struct shelf *shelf)
{
    copies_clear(self(shelf)->copies);
}

static void s3_shelf_stop(struct shelf *shelf)
{
    s3_stop(self(shelf)->s3);
}

static void s3_shelf_free(struct shelf *shelf)
{
    s3_free(self(shelf)->s3);
    copies_free(self(shelf)->copies);
    fd_cleanup(&shelf->directory_fd);
    mem_free(self(shelf));
}

static const struct shelf_kind kind = {
    .is_shared = true,
    .keep = s3_keep,
    .open = s3_open,
    .fetch = s3_fetch,
    .examine = s3_examine,
    .remove = s3_remove,
    .list = s3_list_page,
    .trim = s3_trim,
    .distrust = s3_distrust,
    .stop = s3_shelf_stop,
    .free = s3_shelf_free,
};

int shelf_s3_new(const char *directory, int64_t copies_max, const struct s3_config *config,
                 struct shelf **ret_shelf, struct err *err)
{
    struct shelf_s3 *shelf = MEM_NEW(struct shelf_s3);
    shelf->shelf = (struct shelf){&kind, directory, -1};
    if (disk_open_directory(AT_FDCWD, directory, &shelf->shelf.directory_fd, err) < 0 ||
        copies_new(shelf->shelf.directory_fd, copies_max, &shelf->copies, err) < 0 ||
        s3_new(config, &shelf->s3, err) < 0) {
        err_prefix(err, "%s", directory);
        s3_shelf_free(&shelf->shelf);
        return -1;
    }
    *ret_shelf = &shelf->shelf;
    return 0;
}
