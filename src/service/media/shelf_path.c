/* SPDX-License-Identifier: EUPL-1.2 */

/* Contents in a directory of this machine: "ab/cd/abcd…". */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "service/media/disk.h"
#include "service/media/shelf.h"

/* Those of the first two bytes of hashes, "ab/cd": a page of a listing each. */
#define DIRECTORIES 65536

/* ---- keeping ---- */

/* Over a file of the same name, which has the same bytes: whether there was one makes no
 * difference, and one that was damaged is mended. */
static int path_keep(struct shelf *shelf, const struct shelf_file *file, struct str hash,
                     struct err *err)
{
    char name[CONTENT_NAME_BYTES];
    CLEANUP(fd_cleanup) int outer = -1;
    CLEANUP(fd_cleanup) int inner = -1;
    if (fsync(file->fd) < 0)
        return disk_fail(err, "writing a file");
    content_name(hash, name);
    name[2] = name[5] = 0;
    if (disk_open_directory(shelf->directory_fd, name, &outer, err) < 0 ||
        disk_open_directory(outer, name + 3, &inner, err) < 0)
        return -1;
    if (disk_rename(file->directory_fd, file->name, inner, name + 6, err) < 0)
        return -1;
    return fsync(inner) < 0 ? disk_fail(err, "naming a file") : 0;
}

static int path_remove(struct shelf *shelf, struct str hash, struct err *err)
{
    char name[CONTENT_NAME_BYTES];
    content_name(hash, name);
    bool gone = unlinkat(shelf->directory_fd, name, 0) == 0 || errno == ENOENT;
    return gone ? 0 : disk_fail(err, name);
}

/* ---- reading ---- */

static int path_open(struct shelf *shelf, struct str hash, int *ret_fd, int64_t *ret_size,
                     struct err *err)
{
    char name[CONTENT_NAME_BYTES];
    content_name(hash, name);
    return disk_open(shelf->directory_fd, name, ret_fd, ret_size, err);
}

static int path_examine(struct shelf *shelf, struct str hash, int64_t size,
                        enum shelf_finding *ret_finding, struct err *err)
{
    CLEANUP(fd_cleanup) int fd = -1;
    unsigned char digest[SHA256_BYTES];
    int64_t found_size;
    int found = path_open(shelf, hash, &fd, &found_size, err);
    if (found < 0 || (found && found_size == size && disk_hash(fd, digest, err) < 0))
        return -1;
    if (!found)
        *ret_finding = SHELF_ABSENT;
    else if (found_size != size)
        *ret_finding = SHELF_OTHER_SIZE;
    else
        *ret_finding =
            str_eq(str_make(digest, sizeof digest), hash) ? SHELF_SOUND : SHELF_OTHER_BYTES;
    return 0;
}

/* ---- listing ---- */

typedef int (*visitor)(void *arg, const struct shelf_item *item, struct err *err);

static int list_one(int directory_fd, const char *path, const char *name, visitor visit, void *arg,
                    struct err *err)
{
    unsigned char hash[SHA256_BYTES];
    char whole[CONTENT_NAME_BYTES];
    struct stat st;
    if (fstatat(directory_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : disk_fail(err, path); /* taken away meanwhile */
    struct shelf_item item = {STR(""), name, st.st_size, (int64_t)st.st_mtime * 1000};
    int n = snprintf(whole, sizeof whole, "%s/%s", path, name);
    if (n > 0 && (size_t)n < sizeof whole && content_name_parse(str_make(whole, (size_t)n), hash))
        item.hash = str_make(hash, sizeof hash);
    return visit(arg, &item, err);
}

static int list_directory(int parent_fd, const char *path, visitor visit, void *arg,
                          struct err *err)
{
    int status = 0;
    int fd = openat(parent_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : disk_fail(err, path);
    DIR *directory = fdopendir(fd);
    if (!directory) {
        close(fd);
        return disk_fail(err, path);
    }
    for (struct dirent *item = readdir(directory); item && status == 0; item = readdir(directory))
        if (item->d_name[0] != '.')
            status = list_one(fd, path, item->d_name, visit, arg, err);
    closedir(directory);
    return status;
}

/* The cursor is the number of the next directory. */
static int path_list(struct shelf *shelf, struct shelf_cursor *cursor, visitor visit, void *arg,
                     struct err *err)
{
    int64_t at = 0;
    char path[8];
    if (cursor->after[0] && str_parse_uint(str_from(cursor->after), &at) < 0)
        return err_internal(err, "media: a listing that is none");
    snprintf(path, sizeof path, "%02x/%02x", (unsigned)at >> 8 & 255, (unsigned)at & 255);
    if (list_directory(shelf->directory_fd, path, visit, arg, err) < 0)
        return -1;
    snprintf(cursor->after, sizeof cursor->after, "%lld", (long long)at + 1);
    return at + 1 < DIRECTORIES;
}

/* ---- life ---- */

static void path_free(struct shelf *shelf)
{
    fd_cleanup(&shelf->directory_fd);
    mem_free(shelf);
}

int shelf_path_new(const char *directory, struct shelf **ret_shelf, struct err *err)
{
    static const struct shelf_kind kind = {
        .keep = path_keep,
        .open = path_open,
        .examine = path_examine,
        .remove = path_remove,
        .list = path_list,
        .free = path_free,
    };
    int fd;
    if (disk_open_directory(AT_FDCWD, directory, &fd, err) < 0) {
        err_prefix(err, "%s", directory);
        return -1;
    }
    struct shelf *shelf = MEM_NEW(struct shelf);
    *shelf = (struct shelf){&kind, directory, fd};
    *ret_shelf = shelf;
    return 0;
}
