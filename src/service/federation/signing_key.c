/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/federation/signing_key.h"

#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/random.h"
#include "base/vec.h"
#include "crypto/base64.h"
#include "crypto/token.h"

#define VERSION_BYTES_MAX 64

/* A line of either file, in words. */
struct line {
    struct str version, base64, expired;
};

struct key_line {
    struct str version;
    unsigned char seed[ED25519_SEED_BYTES];
};

typedef VEC(struct key_line) key_lines;

static const char *old_path(struct arena *arena, const char *path)
{
    return arena_printf(arena, "%s.old", path).p;
}

static const char *next_path(struct arena *arena, const char *path)
{
    return arena_printf(arena, "%s.next", path).p;
}

static bool is_version(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!good && c != '_')
            return false;
    }
    return s.n > 0 && s.n <= VERSION_BYTES_MAX;
}

/* "ed25519 VERSION BASE64", and with_time a number after it; one blank between. */
static int parse_line(struct str text, bool with_time, struct line *ret_line)
{
    struct str algorithm, rest;
    if (!str_cut(text, ' ', &algorithm, &rest) || !str_eq(algorithm, STR("ed25519")) ||
        !str_cut(rest, ' ', &ret_line->version, &rest) || !is_version(ret_line->version))
        return -1;
    bool more = str_cut(rest, ' ', &ret_line->base64, &ret_line->expired);
    return more == with_time ? 0 : -1;
}

/* ---- the file of secrets ---- */

/* The seed's text is decoded into an arena of its own, which is wiped with it. */
static int parse_seed(struct str base64, unsigned char ret_seed[ED25519_SEED_BYTES])
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(4));
    struct str bytes;
    if (base64.n > 64 || base64_decode_secret(arena, base64, BASE64_STANDARD, &bytes) < 0)
        return -1;
    bool good = bytes.n == ED25519_SEED_BYTES;
    if (good)
        memcpy(ret_seed, bytes.p, ED25519_SEED_BYTES);
    mem_wipe((void *)(uintptr_t)bytes.p, bytes.n);
    return good ? 0 : -1;
}

static void wipe_lines(key_lines *keys)
{
    if (keys->n)
        mem_wipe(keys->p, keys->n * sizeof *keys->p);
    VEC_DONE(keys);
}

static int parse_keys(struct str text, const char *path, key_lines *keys, struct err *err)
{
    struct str line_text;
    for (int number = 1; text.n; number++) {
        struct key_line key;
        struct line line;
        str_cut(text, '\n', &line_text, &text);
        if (line_text.n == 0)
            continue;
        if (parse_line(line_text, false, &line) < 0 || parse_seed(line.base64, key.seed) < 0)
            return err_internal(err, "%s:%d: \"ed25519 VERSION SEED\" is wanted", path, number);
        key.version = line.version;
        VEC_ADD(keys, key);
        mem_wipe(key.seed, sizeof key.seed);
    }
    return keys->n ? 0 : err_internal(err, "%s: holds no key", path);
}

static int check_mode(const char *path, struct err *err)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return err_internal(err, "%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return err_internal(err, "%s: is not a file", path);
    if (st.st_mode & 077)
        return err_internal(err, "%s: others may reach it (mode %04o): chmod 0600 it", path,
                            (unsigned)(st.st_mode & 07777));
    return 0;
}

/* *ret_text holds the versions that the lines point to; the caller wipes it. */
static int read_keys(struct arena *arena, const char *path, struct str *ret_text, key_lines *keys,
                     struct err *err)
{
    if (check_mode(path, err) < 0 ||
        file_read(arena, path, LIMIT_KEY_FILE_BYTES, ret_text, err) < 0)
        return -1;
    return parse_keys(*ret_text, path, keys, err);
}

/* ---- the file of old public keys ---- */

static int parse_old(struct arena *arena, struct str text, const char *path,
                     struct signing_key *key, struct err *err)
{
    VEC(struct old_key) old = {0};
    struct str line_text;
    for (int number = 1; text.n; number++) {
        struct old_key one;
        struct line line;
        str_cut(text, '\n', &line_text, &text);
        if (line_text.n == 0)
            continue;
        if (parse_line(line_text, true, &line) < 0 ||
            base64_decode(arena, line.base64, BASE64_STANDARD, &one.public_key) < 0 ||
            one.public_key.n != ED25519_PUBLIC_BYTES ||
            str_parse_uint(line.expired, &one.expired_ms) < 0)
            return err_internal(err, "%s:%d: \"ed25519 VERSION PUBLIC EXPIRED\" is wanted", path,
                                number);
        one.version = line.version;
        /* A rotation that was cut short: this one is still in force. */
        if (!str_eq(one.version, str_skip(key->id, sizeof "ed25519:" - 1)))
            ARENA_VEC_ADD(arena, &old, one);
    }
    key->old = old.p;
    key->n_old = old.n;
    return 0;
}

static int load_old(struct arena *arena, const char *path, struct signing_key *key, struct err *err)
{
    struct str text;
    struct stat st;
    path = old_path(arena, path);
    if (stat(path, &st) < 0 && errno == ENOENT)
        return 0;
    if (file_read(arena, path, LIMIT_KEY_FILE_BYTES, &text, err) < 0)
        return -1;
    return parse_old(arena, text, path, key, err);
}

/* ---- both ---- */

int signing_key_load(struct arena *arena, const char *path, struct signing_key *ret_key,
                     struct err *err)
{
    struct signing_key key = {0};
    struct str text = STR_NONE;
    key_lines keys = {0};
    int result = read_keys(arena, path, &text, &keys, err);
    if (result == 0) {
        ed25519_key_from_seed(&key.key, keys.p[0].seed);
        key.id = arena_printf(arena, "ed25519:%.*s", STR_ARG(keys.p[0].version));
        result = load_old(arena, path, &key, err);
    }
    mem_wipe((void *)(uintptr_t)text.p, text.n);
    wipe_lines(&keys);
    if (result == 0)
        *ret_key = key;
    signing_key_done(&key);
    return result;
}

static int write_fresh(struct arena *arena, const char *path, struct err *err)
{
    unsigned char seed[ED25519_SEED_BYTES];
    struct buf text;
    buf_init(&text, 256);
    random_bytes(seed, sizeof seed);
    buf_add(&text, STR("ed25519 a_"));
    buf_add(&text, token_new(arena, 6));
    buf_add_byte(&text, ' ');
    base64_encode(&text, str_make(seed, sizeof seed), BASE64_STANDARD);
    buf_add_byte(&text, '\n');
    int result = file_replace(path, 0600, buf_str(&text), err);
    mem_wipe(seed, sizeof seed);
    mem_wipe(text.p, text.n);
    buf_done(&text);
    return result;
}

int signing_key_load_or_make(struct arena *arena, const char *path, struct signing_key *ret_key,
                             struct err *err)
{
    struct stat st;
    if (stat(path, &st) < 0 && errno == ENOENT && write_fresh(arena, path, err) < 0)
        return -1;
    return signing_key_load(arena, path, ret_key, err);
}

static void add_old(struct buf *text, struct str version, struct str public_key, int64_t expired_ms)
{
    buf_printf(text, "ed25519 %.*s ", STR_ARG(version));
    base64_encode(text, public_key, BASE64_STANDARD);
    buf_printf(text, " %lld\n", (long long)expired_ms);
}

/* The old keys with those of the file of secrets after them. */
static int retire(struct arena *arena, const char *path, const struct signing_key *key,
                  const key_lines *keys, int64_t now_ms, struct err *err)
{
    struct buf text;
    buf_init(&text, LIMIT_KEY_FILE_BYTES);
    for (size_t i = 0; i < key->n_old; i++)
        add_old(&text, key->old[i].version, key->old[i].public_key, key->old[i].expired_ms);
    for (size_t i = 0; i < keys->n; i++) {
        struct ed25519_key one;
        ed25519_key_from_seed(&one, keys->p[i].seed);
        add_old(&text, keys->p[i].version, str_make(one.public_key, ED25519_PUBLIC_BYTES), now_ms);
        ed25519_key_wipe(&one);
    }
    int result = buf_is_full(&text)
                     ? err_internal(err, "%s.old: too many old keys", path)
                     : file_replace(old_path(arena, path), 0600, buf_str(&text), err);
    buf_done(&text);
    return result;
}

/* ---- rotation ---- */

int signing_key_lock(const char *path, int *ret_fd, struct err *err)
{
    int fd = file_open_directory_of(path);
    if (fd < 0 || flock(fd, LOCK_EX) < 0) {
        err_internal(err, "the directory of %s: %s", path, strerror(errno));
        fd_cleanup(&fd);
        return -1;
    }
    *ret_fd = fd;
    return 0;
}

bool signing_key_is_staged(const char *path)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(64));
    struct stat st;
    return stat(next_path(arena, path), &st) == 0;
}

int signing_key_stage(struct arena *arena, const char *path, struct signing_key *ret_next,
                      struct err *err)
{
    return signing_key_load_or_make(arena, next_path(arena, path), ret_next, err);
}

int signing_key_install(struct arena *arena, const char *path, int64_t now_ms, struct err *err)
{
    struct signing_key key;
    struct str text = STR_NONE;
    key_lines keys = {0};
    if (signing_key_load(arena, path, &key, err) < 0)
        return -1;
    int result = read_keys(arena, path, &text, &keys, err);
    if (result == 0)
        result = retire(arena, path, &key, &keys, now_ms, err);
    if (result == 0)
        result = file_rename(next_path(arena, path), path, err);
    mem_wipe((void *)(uintptr_t)text.p, text.n);
    wipe_lines(&keys);
    signing_key_done(&key);
    return result;
}

void signing_key_done(struct signing_key *key)
{
    ed25519_key_wipe(&key->key);
}
