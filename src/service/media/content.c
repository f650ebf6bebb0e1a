/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/media/content.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/random.h"
#include "base/vec.h"

#define INCOMING   ".incoming"
#define PART       ".part"
#define HEX_BYTES  ((size_t)SHA256_BYTES * 2)
#define PATH_BYTES (6 + HEX_BYTES + 1) /* "ab/cd/" and the hash */
#define READ_BYTES KIB(256)

struct digest {
    unsigned char bytes[SHA256_BYTES];
};

/* A content that must not be taken away, or that is being. */
struct pin {
    unsigned users;
    bool going;
};

struct content {
    int directory_fd, incoming_fd;
    bool is_after_boot;
    pthread_mutex_t lock;
    pthread_cond_t gone; /* a collection has ended */
    struct str_map pins; /* by hash */
    VEC(struct digest) suspects;
    unsigned holds;
};

struct content_draft {
    struct content *content;
    int fd;
    char name[33]; /* in ".incoming" */
    bool has_name, lasts;
    struct sha256_stream *hash; /* NULL: it is hashed when it is whole */
    int64_t size;
};

static int fail(struct err *err, const char *what)
{
    int code = errno;
    if (code != ENOSPC && code != EDQUOT)
        return err_internal(err, "media: %s: %s", what, strerror(code));
    log_line(LOG_LEVEL_ERROR, "media_disk_full", "what", LOG_Z(what), NULL);
    err_client(err, 503, "M_UNKNOWN", "The server has no room left for files");
    err->retry_after_ms = 60000;
    return -1;
}

static void hex_of(const unsigned char *bytes, size_t n, char *ret_hex)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        ret_hex[2 * i] = digits[bytes[i] >> 4];
        ret_hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    ret_hex[2 * n] = 0;
}

/* "ab/cd/abcd…" */
static void path_of(struct str hash, char ret_path[PATH_BYTES])
{
    char hex[HEX_BYTES + 1];
    CHECK(hash.n == SHA256_BYTES);
    hex_of((const unsigned char *)hash.p, hash.n, hex);
    snprintf(ret_path, PATH_BYTES, "%.2s/%.2s/%s", hex, hex + 2, hex);
}

/* ---- the directory ---- */

/* Opens a directory, making it where it is not; one that was made is durable. */
static int open_directory(int parent_fd, const char *name, int *ret_fd, struct err *err)
{
    bool made = mkdirat(parent_fd, name, 0700) == 0;
    if (!made && errno != EEXIST)
        return fail(err, name);
    int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail(err, name);
    if (made && parent_fd != AT_FDCWD && fsync(parent_fd) < 0) {
        close(fd);
        return fail(err, name);
    }
    *ret_fd = fd;
    return 0;
}

/* "ID.part": a draft that lasts. */
static bool part_parse(const char *name, int64_t *ret_id)
{
    struct str text = str_from(name);
    return str_ends(text, STR(PART)) &&
           str_parse_uint(str_first(text, text.n - sizeof PART + 1), ret_id) == 0;
}

/* What no request remembers. */
static int clear_incoming(int incoming_fd, struct err *err)
{
    int64_t id;
    int fd = fcntl(incoming_fd, F_DUPFD_CLOEXEC, 0);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    if (!directory) {
        fd_cleanup(&fd);
        return fail(err, INCOMING);
    }
    for (struct dirent *item = readdir(directory); item; item = readdir(directory))
        if (item->d_name[0] != '.' && !part_parse(item->d_name, &id))
            unlinkat(incoming_fd, item->d_name, 0);
    closedir(directory);
    return 0;
}

/* The kernel's name of this start of the machine is kept in a file; another is there now, or none
 * can be read: it has started anew. */
static int look_at_boot(struct content *content, const char *directory, struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(16));
    struct err none = ERR_INIT;
    struct str now = STR(""), then;
    struct str path = arena_printf(arena, "%s/" INCOMING "/.boot", directory);
    if (file_read(arena, "/proc/sys/kernel/random/boot_id", 256, &now, &none) < 0)
        now = STR("");
    bool is_known = file_read(arena, path.p, 256, &then, &none) == 0;
    content->is_after_boot = !is_known || !now.n || !str_eq(now, then);
    return content->is_after_boot ? file_replace(path.p, 0600, now, err) : 0;
}

bool content_is_after_boot(const struct content *content)
{
    return content->is_after_boot;
}

int content_new(const char *directory, struct content **ret_content, struct err *err)
{
    struct content *content = MEM_NEW(struct content);
    content->directory_fd = content->incoming_fd = -1;
    pthread_mutex_init(&content->lock, NULL);
    pthread_cond_init(&content->gone, NULL);
    if (open_directory(AT_FDCWD, directory, &content->directory_fd, err) < 0 ||
        open_directory(content->directory_fd, INCOMING, &content->incoming_fd, err) < 0 ||
        clear_incoming(content->incoming_fd, err) < 0 ||
        look_at_boot(content, directory, err) < 0) {
        err_prefix(err, "%s", directory);
        content_free(content);
        return -1;
    }
    *ret_content = content;
    return 0;
}

void content_free(struct content *content)
{
    size_t at = 0;
    struct str key;
    void *pin;
    if (!content)
        return;
    while (str_map_next(&content->pins, &at, &key, &pin))
        mem_free(pin);
    str_map_done(&content->pins);
    VEC_DONE(&content->suspects);
    fd_cleanup(&content->incoming_fd);
    fd_cleanup(&content->directory_fd);
    pthread_cond_destroy(&content->gone);
    pthread_mutex_destroy(&content->lock);
    mem_free(content);
}

/* ---- pins ---- */

/* Under lock. */
static struct pin *pin_get(struct content *content, struct str hash)
{
    struct pin *pin = str_map_find(&content->pins, hash);
    if (!pin) {
        pin = MEM_NEW(struct pin);
        str_map_put(&content->pins, hash, pin);
    }
    return pin;
}

/* Under lock. */
static void pin_put(struct content *content, struct str hash, struct pin *pin)
{
    if (pin->users || pin->going)
        return;
    str_map_remove(&content->pins, hash);
    mem_free(pin);
}

static void pin_take(struct content *content, struct str hash)
{
    struct pin *pin;
    pthread_mutex_lock(&content->lock);
    while ((pin = pin_get(content, hash))->going)
        pthread_cond_wait(&content->gone, &content->lock);
    pin->users++;
    pthread_mutex_unlock(&content->lock);
}

void content_unpin(struct content *content, struct str hash)
{
    pthread_mutex_lock(&content->lock);
    struct pin *pin = pin_get(content, hash);
    CHECK(pin->users > 0);
    pin->users--;
    pin_put(content, hash, pin);
    pthread_mutex_unlock(&content->lock);
}

/* Of all its bytes, wherever its position is. */
static int hash_file(int fd, unsigned char ret_digest[SHA256_BYTES], struct err *err)
{
    struct sha256_stream *stream = sha256_begin();
    char *piece = mem_new(1, READ_BYTES);
    int64_t at = 0;
    ssize_t n;
    while ((n = pread(fd, piece, READ_BYTES, at)) > 0) {
        sha256_add(stream, str_make(piece, (size_t)n));
        at += n;
    }
    int result = n < 0 ? fail(err, "reading a file") : 0;
    sha256_end(stream, ret_digest);
    mem_free(piece);
    return result;
}

/* ---- writing ---- */

int content_draft_new(struct content *content, struct content_draft **ret_draft, struct err *err)
{
    unsigned char name[16];
    struct content_draft *draft = MEM_NEW(struct content_draft);
    draft->content = content;
    random_bytes(name, sizeof name);
    hex_of(name, sizeof name, draft->name);
    draft->fd = openat(content->incoming_fd, draft->name,
                       O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (draft->fd < 0) {
        mem_free(draft);
        return fail(err, "making a file");
    }
    draft->has_name = true;
    draft->hash = sha256_begin();
    *ret_draft = draft;
    return 0;
}

int content_draft_resume(struct content *content, int64_t id, struct content_draft **ret_draft,
                         struct err *err)
{
    struct content_draft *draft = MEM_NEW(struct content_draft);
    struct stat st;
    draft->content = content;
    draft->lasts = true;
    snprintf(draft->name, sizeof draft->name, "%lld" PART, (long long)id);
    draft->fd =
        openat(content->incoming_fd, draft->name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (draft->fd < 0 || fstat(draft->fd, &st) < 0) {
        int status = fail(err, "opening a part of a file");
        fd_cleanup(&draft->fd);
        mem_free(draft);
        return status;
    }
    draft->has_name = true;
    draft->size = st.st_size;
    *ret_draft = draft;
    return 0;
}

int content_draft_add(struct content_draft *draft, struct str bytes, struct err *err)
{
    if (draft->hash)
        sha256_add(draft->hash, bytes);
    while (bytes.n > 0) {
        ssize_t n = pwrite(draft->fd, bytes.p, bytes.n, draft->size);
        if (n < 0 && errno != EINTR)
            return fail(err, "writing a file");
        draft->size += n < 0 ? 0 : n;
        bytes = str_skip(bytes, n < 0 ? 0 : (size_t)n);
    }
    return 0;
}

int content_draft_sync(struct content_draft *draft, struct err *err)
{
    if (fsync(draft->fd) < 0 || fsync(draft->content->incoming_fd) < 0)
        return fail(err, "writing a file");
    return 0;
}

int64_t content_draft_size(const struct content_draft *draft)
{
    return draft->size;
}

/* A draft that lasts was complete twice. */
static int completed(struct err *err)
{
    return err_client(err, 409, "M_CANNOT_OVERWRITE_MEDIA", "Another request completes this file");
}

/* Over a file of the same name, which has the same bytes: whether there was one makes no
 * difference, and one that was damaged is mended. */
static int give_name(struct content_draft *draft, struct str hash, struct err *err)
{
    struct content *content = draft->content;
    char path[PATH_BYTES];
    path_of(hash, path);
    path[2] = path[5] = 0;
    CLEANUP(fd_cleanup) int outer = -1;
    CLEANUP(fd_cleanup) int inner = -1;
    if (open_directory(content->directory_fd, path, &outer, err) < 0 ||
        open_directory(outer, path + 3, &inner, err) < 0)
        return -1;
    if (renameat(content->incoming_fd, draft->name, inner, path + 6) < 0)
        return errno == ENOENT && draft->lasts ? completed(err) : fail(err, "naming a file");
    draft->has_name = false;
    return fsync(inner) < 0 ? fail(err, "naming a file") : 0;
}

static int end_hash(struct content_draft *draft, unsigned char ret_digest[SHA256_BYTES],
                    struct err *err)
{
    if (!draft->hash)
        return hash_file(draft->fd, ret_digest, err);
    sha256_end(draft->hash, ret_digest);
    draft->hash = NULL;
    return 0;
}

int content_draft_keep(struct content_draft *draft, unsigned char ret_hash[SHA256_BYTES],
                       struct err *err)
{
    unsigned char digest[SHA256_BYTES];
    struct str hash = str_make(digest, sizeof digest);
    if (end_hash(draft, digest, err) < 0)
        return -1;
    if (fsync(draft->fd) < 0)
        return fail(err, "writing a file");
    pin_take(draft->content, hash);
    if (give_name(draft, hash, err) < 0) {
        content_suspect(draft->content, hash);
        content_unpin(draft->content, hash);
        return -1;
    }
    memcpy(ret_hash, digest, sizeof digest);
    return 0;
}

void content_draft_free(struct content_draft *draft)
{
    if (!draft)
        return;
    if (draft->has_name && !draft->lasts)
        unlinkat(draft->content->incoming_fd, draft->name, 0);
    close(draft->fd);
    sha256_free(draft->hash);
    mem_free(draft);
}

/* ---- drafts that last ---- */

int content_part_size(struct content *content, int64_t id, int64_t *ret_size, struct err *err)
{
    char name[33];
    struct stat st;
    snprintf(name, sizeof name, "%lld" PART, (long long)id);
    if (fstatat(content->incoming_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : fail(err, name);
    *ret_size = st.st_size;
    return 1;
}

static int cut_part(struct content *content, const char *name, int64_t size, struct err *err)
{
    CLEANUP(fd_cleanup)
    int fd = openat(content->incoming_fd, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    return fd < 0 || ftruncate(fd, size) < 0 ? fail(err, name) : 0;
}

static int judge_part(struct content *content, const char *name,
                      int (*judge)(void *arg, int64_t id, int64_t size, int64_t *ret_keep,
                                   struct err *err),
                      void *arg, struct err *err)
{
    int64_t id, size = 0, keep = -1;
    if (!part_parse(name, &id) || content_part_size(content, id, &size, err) < 0)
        return 0;
    if (judge(arg, id, size, &keep, err) < 0)
        return -1;
    if (keep < 0 && unlinkat(content->incoming_fd, name, 0) < 0 && errno != ENOENT)
        return fail(err, name);
    return keep >= 0 && keep < size ? cut_part(content, name, keep, err) : 0;
}

int content_part_judge(struct content *content,
                       int (*judge)(void *arg, int64_t id, int64_t size, int64_t *ret_keep,
                                    struct err *err),
                       void *arg, struct err *err)
{
    int status = 0;
    int fd = openat(content->incoming_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    if (!directory) {
        fd_cleanup(&fd);
        return fail(err, INCOMING);
    }
    for (struct dirent *item = readdir(directory); item && status == 0; item = readdir(directory))
        status = judge_part(content, item->d_name, judge, arg, err);
    closedir(directory);
    return status;
}

/* ---- reading ---- */

int content_open(struct content *content, struct str hash, int *ret_fd, int64_t *ret_size,
                 struct err *err)
{
    char path[PATH_BYTES];
    struct stat st;
    path_of(hash, path);
    int fd = openat(content->directory_fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT ? 0 : fail(err, path);
    if (fstat(fd, &st) < 0) {
        close(fd);
        return fail(err, path);
    }
    *ret_fd = fd;
    *ret_size = st.st_size;
    return 1;
}

int content_verify(int fd, struct str hash, struct err *err)
{
    unsigned char digest[SHA256_BYTES];
    if (hash_file(fd, digest, err) < 0)
        return -1;
    return str_eq(str_make(digest, sizeof digest), hash);
}

/* ---- taking away ---- */

void content_suspect(struct content *content, struct str hash)
{
    struct digest digest;
    CHECK(hash.n == SHA256_BYTES);
    memcpy(digest.bytes, hash.p, hash.n);
    pthread_mutex_lock(&content->lock);
    VEC_ADD(&content->suspects, digest);
    pthread_mutex_unlock(&content->lock);
}

void content_hold(struct content *content)
{
    pthread_mutex_lock(&content->lock);
    content->holds++;
    pthread_mutex_unlock(&content->lock);
}

void content_release(struct content *content)
{
    pthread_mutex_lock(&content->lock);
    CHECK(content->holds > 0);
    content->holds--;
    pthread_mutex_unlock(&content->lock);
}

/* The next suspect that nobody pins; it is going. Who pins one suspects it again if need be. */
static bool take_suspect(struct content *content, struct digest *ret_digest)
{
    bool found = false;
    pthread_mutex_lock(&content->lock);
    while (!found && !content->holds && content->suspects.n) {
        *ret_digest = content->suspects.p[--content->suspects.n];
        struct str hash = str_make(ret_digest->bytes, SHA256_BYTES);
        struct pin *pin = pin_get(content, hash);
        found = pin->users == 0;
        pin->going = found;
    }
    pthread_mutex_unlock(&content->lock);
    return found;
}

static void end_going(struct content *content, struct str hash)
{
    pthread_mutex_lock(&content->lock);
    struct pin *pin = pin_get(content, hash);
    pin->going = false;
    pin_put(content, hash, pin);
    pthread_cond_broadcast(&content->gone);
    pthread_mutex_unlock(&content->lock);
}

int content_collect_suspects(struct content *content, content_named named, void *arg,
                             struct err *err)
{
    struct digest digest;
    char path[PATH_BYTES];
    int status = 0;
    while (status == 0 && take_suspect(content, &digest)) {
        struct str hash = str_make(digest.bytes, SHA256_BYTES);
        int has_name = named(arg, hash, err);
        path_of(hash, path);
        if (has_name == 0 && unlinkat(content->directory_fd, path, 0) < 0 && errno != ENOENT)
            status = fail(err, path);
        if (has_name < 0)
            status = -1;
        end_going(content, hash);
        if (status < 0)
            content_suspect(content, hash);
    }
    return status;
}

/* ---- listing ---- */

/* The hash that a name says. */
static bool hash_parse(const char *name, unsigned char ret_hash[SHA256_BYTES])
{
    if (strlen(name) != HEX_BYTES)
        return false;
    for (size_t i = 0; i < SHA256_BYTES; i++) {
        int high = str_hex_digit(name[2 * i]), low = str_hex_digit(name[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        ret_hash[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

static int list_one(int directory_fd, const char *path, const char *name,
                    int (*visit)(void *arg, const struct content_file *file, struct err *err),
                    void *arg, struct err *err)
{
    unsigned char hash[SHA256_BYTES];
    char right[PATH_BYTES];
    struct stat st;
    if (fstatat(directory_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : fail(err, path); /* taken away meanwhile */
    struct content_file file = {STR(""), name, st.st_size, (int64_t)st.st_mtime * 1000};
    if (hash_parse(name, hash)) {
        path_of(str_make(hash, sizeof hash), right);
        if (memcmp(right, path, 5) == 0 && strcmp(right + 6, name) == 0)
            file.hash = str_make(hash, sizeof hash);
    }
    return visit(arg, &file, err);
}

int content_list(struct content *content, unsigned part,
                 int (*visit)(void *arg, const struct content_file *file, struct err *err),
                 void *arg, struct err *err)
{
    char path[8];
    int status = 0;
    snprintf(path, sizeof path, "%02x/%02x", part >> 8 & 255, part & 255);
    int fd = openat(content->directory_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : fail(err, path);
    DIR *directory = fdopendir(fd);
    if (!directory) {
        close(fd);
        return fail(err, path);
    }
    for (struct dirent *item = readdir(directory); item && status == 0; item = readdir(directory))
        if (item->d_name[0] != '.')
            status = list_one(fd, path, item->d_name, visit, arg, err);
    closedir(directory);
    return status;
}
