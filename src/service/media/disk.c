/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/media/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"

#define READ_BYTES KIB(256)

/* ---- names ---- */

void content_hex(const unsigned char *bytes, size_t n, char *ret_hex)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        ret_hex[2 * i] = digits[bytes[i] >> 4];
        ret_hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    ret_hex[2 * n] = 0;
}

void content_name(struct str hash, char ret_name[CONTENT_NAME_BYTES])
{
    char hex[CONTENT_HEX_BYTES + 1];
    CHECK(hash.n == SHA256_BYTES);
    content_hex((const unsigned char *)hash.p, hash.n, hex);
    snprintf(ret_name, CONTENT_NAME_BYTES, "%.2s/%.2s/%s", hex, hex + 2, hex);
}

bool content_name_parse(struct str name, unsigned char ret_hash[SHA256_BYTES])
{
    char right[CONTENT_NAME_BYTES];
    if (name.n != CONTENT_NAME_BYTES - 1)
        return false;
    const char *hex = name.p + 6;
    for (size_t i = 0; i < SHA256_BYTES; i++) {
        int high = str_hex_digit(hex[2 * i]), low = str_hex_digit(hex[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        ret_hash[i] = (unsigned char)(high << 4 | low);
    }
    content_name(str_make(ret_hash, SHA256_BYTES), right);
    return str_eq(name, str_from(right));
}

/* ---- files ---- */

int disk_fail(struct err *err, const char *what)
{
    int code = errno;
    if (code != ENOSPC && code != EDQUOT)
        return err_internal(err, "media: %s: %s", what, strerror(code));
    log_line(LOG_LEVEL_ERROR, "media_disk_full", "what", LOG_Z(what), NULL);
    err_client(err, 503, "M_UNKNOWN", "The server has no room left for files");
    err->retry_after_ms = 60000;
    return -1;
}

int disk_open_directory(int parent_fd, const char *name, int *ret_fd, struct err *err)
{
    bool made = mkdirat(parent_fd, name, 0700) == 0;
    if (!made && errno != EEXIST)
        return disk_fail(err, name);
    int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return disk_fail(err, name);
    if (made && parent_fd != AT_FDCWD && fsync(parent_fd) < 0) {
        close(fd);
        return disk_fail(err, name);
    }
    *ret_fd = fd;
    return 0;
}

int disk_open(int directory_fd, const char *name, int *ret_fd, int64_t *ret_size, struct err *err)
{
    struct stat st;
    int fd = openat(directory_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT ? 0 : disk_fail(err, name);
    if (fstat(fd, &st) < 0) {
        close(fd);
        return disk_fail(err, name);
    }
    *ret_fd = fd;
    *ret_size = st.st_size;
    return 1;
}

int disk_rename(int from_fd, const char *from, int to_fd, const char *to, struct err *err)
{
    if (renameat(from_fd, from, to_fd, to) == 0)
        return 0;
    if (errno != ENOENT)
        return disk_fail(err, "naming a file");
    return err_client(err, 409, "M_CANNOT_OVERWRITE_MEDIA", "Another request completes this file");
}

int disk_hash(int fd, unsigned char ret_digest[SHA256_BYTES], struct err *err)
{
    struct sha256_stream *stream = sha256_begin();
    char *piece = mem_new(1, READ_BYTES);
    int64_t at = 0;
    ssize_t n;
    while ((n = pread(fd, piece, READ_BYTES, at)) > 0) {
        sha256_add(stream, str_make(piece, (size_t)n));
        at += n;
    }
    int result = n < 0 ? disk_fail(err, "reading a file") : 0;
    sha256_end(stream, ret_digest);
    mem_free(piece);
    return result;
}
