/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

void fd_cleanup(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* 0 all read, 1 there is more than the buffer may hold, -1. */
static int read_all(int fd, struct buf *text)
{
    char piece[4096];
    ssize_t n;
    while ((n = read(fd, piece, sizeof piece)) != 0 && !buf_is_full(text))
        if (n > 0)
            buf_add(text, str_make(piece, (size_t)n));
        else if (errno != EINTR)
            break;
    mem_wipe(piece, sizeof piece);
    return n < 0 ? -1 : buf_is_full(text);
}

static int read_open(struct arena *arena, int fd, const char *path, size_t max,
                     struct str *ret_text, struct err *err)
{
    struct buf text;
    buf_init(&text, max);
    int result = read_all(fd, &text);
    if (result < 0)
        err_internal(err, "%s: %s", path, strerror(errno));
    else if (result > 0)
        result = err_internal(err, "%s: larger than %zu bytes", path, max);
    else
        *ret_text = arena_str(arena, buf_str(&text));
    if (text.n > 0)
        mem_wipe(text.p, text.n); /* it may have been a key */
    buf_done(&text);
    return result;
}

int file_read(struct arena *arena, const char *path, size_t max, struct str *ret_text,
              struct err *err)
{
    CLEANUP(fd_cleanup) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_internal(err, "%s: %s", path, strerror(errno));
    return read_open(arena, fd, path, max, ret_text, err);
}

int file_read_secret(struct arena *arena, const char *path, size_t max, struct str *ret_text,
                     struct err *err)
{
    CLEANUP(fd_cleanup) int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0)
        return err_internal(err, "%s: %s", path, strerror(errno));
    if (st.st_mode & S_IRWXO)
        return err_internal(err, "%s: everybody may read it", path);
    return read_open(arena, fd, path, max, ret_text, err);
}

static int write_all(int fd, struct str text)
{
    while (text.n > 0) {
        ssize_t n = write(fd, text.p, text.n);
        if (n < 0 && errno != EINTR)
            return -1;
        text = str_skip(text, n < 0 ? 0 : (size_t)n);
    }
    return 0;
}

int file_open_directory_of(const char *path)
{
    char directory[PATH_MAX];
    const char *slash = strrchr(path, '/');
    int n = slash ? (int)(slash - path) : 0;
    snprintf(directory, sizeof directory, "%.*s%s", n, path, slash ? "/" : ".");
    return open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* A name in a directory is durable once the directory is. */
static int sync_directory_of(const char *path)
{
    CLEANUP(fd_cleanup) int fd = file_open_directory_of(path);
    return fd < 0 ? -1 : fsync(fd);
}

static int write_new(const char *path, mode_t mode, struct str text)
{
    unlink(path);
    CLEANUP(fd_cleanup) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0 || fchmod(fd, mode) < 0 || write_all(fd, text) < 0)
        return -1;
    return fsync(fd);
}

int file_replace(const char *path, mode_t mode, struct str text, struct err *err)
{
    char new_path[PATH_MAX];
    int n = snprintf(new_path, sizeof new_path, "%s.new", path);
    if (n < 0 || (size_t)n >= sizeof new_path)
        return err_internal(err, "%s: the path is too long", path);
    if (write_new(new_path, mode, text) < 0 || rename(new_path, path) < 0 ||
        sync_directory_of(path) < 0)
        return err_internal(err, "writing %s: %s", path, strerror(errno));
    return 0;
}

int file_rename(const char *from, const char *to, struct err *err)
{
    if (rename(from, to) < 0 || sync_directory_of(to) < 0)
        return err_internal(err, "%s: %s", to, strerror(errno));
    return 0;
}
