/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/admin/tar.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"

#define BLOCK       512
#define PIECE       KIB(64)
#define OCTAL_MAX   ((int64_t)1 << 33)
#define ENTRY_MAX   ((int64_t)1 << 50)
#define CHECKSUM_AT 148

/* IEEE 1003.1, pax, "ustar Interchange Format". */
struct header {
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100],
        magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155], padding[12];
};
_Static_assert(sizeof(struct header) == BLOCK, "a header is one block");

/* ---- bytes ---- */

static int write_all(int fd, const void *p, size_t n, struct err *err)
{
    const char *at = p;
    while (n) {
        ssize_t done = write(fd, at, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return err_internal(err, "writing: %s", strerror(errno));
        at += done;
        n -= (size_t)done;
    }
    return 0;
}

static int read_all(int fd, void *p, size_t n, struct err *err)
{
    char *at = p;
    while (n) {
        ssize_t done = read(fd, at, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return err_internal(err, "%s", done ? strerror(errno) : "the file is cut");
        at += done;
        n -= (size_t)done;
    }
    return 0;
}

static int copy(int from_fd, int to_fd, int64_t size, struct err *err)
{
    char piece[PIECE];
    while (size > 0) {
        size_t n = size < (int64_t)PIECE ? (size_t)size : PIECE;
        if (read_all(from_fd, piece, n, err) < 0 || write_all(to_fd, piece, n, err) < 0)
            return -1;
        size -= (int64_t)n;
    }
    return 0;
}

static size_t padding_of(int64_t size)
{
    return (size_t)((BLOCK - size % BLOCK) % BLOCK);
}

/* ---- headers ---- */

static void put_octal(char *field, size_t width, int64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%0*llo", (int)width - 1, (unsigned long long)value);
    memcpy(field, text, width);
}

static void put_size(char field[12], int64_t value)
{
    if (value < OCTAL_MAX) {
        put_octal(field, 12, value);
        return;
    }
    field[0] = (char)0x80;
    for (int i = 11; i > 0; i--, value >>= 8)
        field[i] = (char)(unsigned char)(value & 0xff);
}

static int64_t get_size(const char field[12])
{
    const unsigned char *p = (const unsigned char *)field;
    int64_t value = 0;
    if (p[0] == 0x80) {
        for (int i = 1; i < 12; i++) {
            if (value > ENTRY_MAX)
                return -1;
            value = value << 8 | p[i];
        }
        return value <= ENTRY_MAX ? value : -1;
    }
    for (int i = 0; i < 11; i++) {
        if (p[i] < '0' || p[i] > '7')
            return -1;
        value = value << 3 | (p[i] - '0');
    }
    return value;
}

/* The sum of the header's bytes, its own field counting as blanks. */
static unsigned checksum_of(const struct header *header)
{
    const unsigned char *p = (const unsigned char *)header;
    unsigned sum = 0;
    for (size_t i = 0; i < BLOCK; i++)
        sum += i >= CHECKSUM_AT && i < CHECKSUM_AT + sizeof header->checksum ? ' ' : p[i];
    return sum;
}

int tar_add_file(int tar_fd, const char *name, int fd, int64_t size, int64_t mtime_s,
                 struct err *err)
{
    static const char zeros[BLOCK];
    struct header header = {.type = '0', .magic = "ustar", .version = {'0', '0'}};
    size_t n = strlen(name);
    if (n > TAR_NAME_MAX)
        return err_internal(err, "the name \"%s\" is too long for the archive", name);
    memcpy(header.name, name, n);
    put_octal(header.mode, 8, 0600);
    put_octal(header.uid, 8, 0);
    put_octal(header.gid, 8, 0);
    put_size(header.size, size);
    put_octal(header.mtime, 12, mtime_s);
    put_octal(header.checksum, 7, checksum_of(&header));
    header.checksum[7] = ' ';
    if (write_all(tar_fd, &header, sizeof header, err) < 0 || copy(fd, tar_fd, size, err) < 0)
        return -1;
    return write_all(tar_fd, zeros, padding_of(size), err);
}

int tar_end(int tar_fd, struct err *err)
{
    static const char zeros[2 * BLOCK];
    return write_all(tar_fd, zeros, sizeof zeros, err);
}

/* ---- reading ---- */

static bool is_zero(const struct header *header)
{
    static const struct header zero;
    return memcmp(header, &zero, sizeof zero) == 0;
}

static bool checksum_fits(const struct header *header)
{
    char wanted[8];
    put_octal(wanted, 7, checksum_of(header));
    return memcmp(header->checksum, wanted, 6) == 0;
}

int tar_next(int tar_fd, struct tar_entry *ret_entry, struct err *err)
{
    struct header header;
    struct tar_entry entry = {.name = ""};
    if (read_all(tar_fd, &header, sizeof header, err) < 0)
        return -1;
    if (is_zero(&header))
        return 0;
    entry.size = get_size(header.size);
    if (memcmp(header.magic, "ustar", 5) != 0 || !checksum_fits(&header) || header.type != '0' ||
        header.prefix[0] || entry.size < 0)
        return err_internal(err, "this is no archive of chappe backup");
    memcpy(entry.name, header.name, TAR_NAME_MAX);
    *ret_entry = entry;
    return 1;
}

int tar_extract(int tar_fd, const struct tar_entry *entry, int to_fd, struct err *err)
{
    char rest[BLOCK];
    if (copy(tar_fd, to_fd, entry->size, err) < 0)
        return -1;
    return read_all(tar_fd, rest, padding_of(entry->size), err);
}
