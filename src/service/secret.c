/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/secret.h"

#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/random.h"
#include "crypto/base64.h"

#define FILE_BYTES 256

static int make(const char *path, struct err *err)
{
    unsigned char secret[SECRET_BYTES];
    struct buf text;
    buf_init(&text, FILE_BYTES);
    random_bytes(secret, sizeof secret);
    base64_encode(&text, str_make(secret, sizeof secret), BASE64_STANDARD);
    buf_add_byte(&text, '\n');
    int result = file_replace(path, 0600, buf_str(&text), err);
    mem_wipe(secret, sizeof secret);
    mem_wipe(text.p, text.n);
    buf_done(&text);
    return result;
}

static int check_mode(const struct stat *st, const char *path, struct err *err)
{
    if (!S_ISREG(st->st_mode))
        return err_internal(err, "%s: is not a file", path);
    if (st->st_mode & 077)
        return err_internal(err, "%s: others may reach it (mode %04o): chmod 0600 it", path,
                            (unsigned)(st->st_mode & 07777));
    return 0;
}

static int load(const char *path, unsigned char ret_secret[SECRET_BYTES], struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(FILE_BYTES * 4);
    struct str text;
    if (file_read(arena, path, FILE_BYTES, &text, err) < 0)
        return -1;
    struct str line = text;
    while (line.n && (line.p[line.n - 1] == '\n' || line.p[line.n - 1] == '\r'))
        line.n--;
    int decoded = base64_decode_exactly(line, BASE64_STANDARD, ret_secret, SECRET_BYTES);
    mem_wipe((void *)(uintptr_t)text.p, text.n);
    return decoded < 0 ? err_internal(err, "%s: 32 bytes in Base64 are wanted", path) : 0;
}

int secret_load_or_make(const char *path, unsigned char ret_secret[SECRET_BYTES], struct err *err)
{
    CLEANUP(fd_cleanup) int directory = file_open_directory_of(path);
    struct stat st;
    if (directory < 0 || flock(directory, LOCK_EX) < 0)
        return err_internal(err, "the directory of %s: %s", path, strerror(errno));
    if (stat(path, &st) < 0) {
        if (errno != ENOENT)
            return err_internal(err, "%s: %s", path, strerror(errno));
        if (make(path, err) < 0)
            return -1;
    } else if (check_mode(&st, path, err) < 0) {
        return -1;
    }
    return load(path, ret_secret, err);
}
