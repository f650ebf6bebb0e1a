/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/media/copies.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/random.h"
#include "service/media/disk.h"

#define DIRECTORY   "copies"
#define AGE_MS      (24 * 3600 * INT64_C(1000))
#define AGE_LOOK_MS 60000 /* between two looks for those that are too old */

struct copy {
    unsigned char hash[SHA256_BYTES];
    int64_t size, came_ms; /* wall clock: it outlives the process */
    struct copy *before, *after;
};

struct copies {
    int fd;
    int64_t max, bytes;
    pthread_mutex_t lock;
    struct str_map by_hash;
    struct copy *first, *last; /* by their last use */
    int64_t aged_ms;           /* monotonic: when ages were last looked at */
};

/* ---- the list; under lock ---- */

static struct str hash_of(const struct copy *copy)
{
    return str_make(copy->hash, sizeof copy->hash);
}

static void unlink_copy(struct copies *copies, struct copy *copy)
{
    *(copy->before ? &copy->before->after : &copies->first) = copy->after;
    *(copy->after ? &copy->after->before : &copies->last) = copy->before;
    copy->before = copy->after = NULL;
}

static void append(struct copies *copies, struct copy *copy)
{
    copy->before = copies->last;
    *(copies->last ? &copies->last->after : &copies->first) = copy;
    copies->last = copy;
}

static void add(struct copies *copies, struct str hash, int64_t size, int64_t came_ms)
{
    struct copy *copy = str_map_find(&copies->by_hash, hash);
    if (copy) {
        copies->bytes -= copy->size;
        unlink_copy(copies, copy);
    } else {
        copy = MEM_NEW(struct copy);
        memcpy(copy->hash, hash.p, sizeof copy->hash);
        str_map_put(&copies->by_hash, hash, copy);
    }
    copy->size = size;
    copy->came_ms = came_ms;
    copies->bytes += size;
    append(copies, copy);
}

/* Its file stays. */
static void forget(struct copies *copies, struct copy *copy)
{
    copies->bytes -= copy->size;
    unlink_copy(copies, copy);
    str_map_remove(&copies->by_hash, hash_of(copy));
}

/* The file of one that was forgotten. */
static void delete_file(struct copies *copies, struct copy *copy)
{
    char hex[CONTENT_HEX_BYTES + 1];
    content_hex(copy->hash, sizeof copy->hash, hex);
    unlinkat(copies->fd, hex, 0);
    mem_free(copy);
}

static void take_out(struct copies *copies, struct copy *copy)
{
    forget(copies, copy);
    delete_file(copies, copy);
}

/* ---- life ---- */

/* A file of an earlier run. */
static void find_one(struct copies *copies, const char *file)
{
    unsigned char hash[SHA256_BYTES];
    char name[CONTENT_NAME_BYTES];
    struct stat st;
    int n = snprintf(name, sizeof name, "%.2s/%.2s/%s", file, file + (file[0] && file[1] ? 2 : 0),
                     file);
    bool is =
        n > 0 && (size_t)n < sizeof name && content_name_parse(str_make(name, (size_t)n), hash);
    if (!is)
        unlinkat(copies->fd, file, 0);
    else if (fstatat(copies->fd, file, &st, AT_SYMLINK_NOFOLLOW) == 0)
        add(copies, str_make(hash, sizeof hash), st.st_size, (int64_t)st.st_ctime * 1000);
}

static int find_all(struct copies *copies, struct err *err)
{
    int fd = fcntl(copies->fd, F_DUPFD_CLOEXEC, 0);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    if (!directory) {
        fd_cleanup(&fd);
        return disk_fail(err, DIRECTORY);
    }
    for (struct dirent *item = readdir(directory); item; item = readdir(directory))
        if (strcmp(item->d_name, ".") != 0 && strcmp(item->d_name, "..") != 0)
            find_one(copies, item->d_name);
    closedir(directory);
    return 0;
}

int copies_new(int parent_fd, int64_t max, struct copies **ret_copies, struct err *err)
{
    int fd;
    if (disk_open_directory(parent_fd, DIRECTORY, &fd, err) < 0)
        return -1;
    struct copies *copies = MEM_NEW(struct copies);
    copies->fd = fd;
    copies->max = max;
    pthread_mutex_init(&copies->lock, NULL);
    if (find_all(copies, err) < 0) {
        copies_free(copies);
        return -1;
    }
    *ret_copies = copies;
    return 0;
}

void copies_clear(struct copies *copies)
{
    pthread_mutex_lock(&copies->lock);
    while (copies->first)
        take_out(copies, copies->first);
    pthread_mutex_unlock(&copies->lock);
}

void copies_free(struct copies *copies)
{
    if (!copies)
        return;
    for (struct copy *copy = copies->first, *next; copy; copy = next) {
        next = copy->after;
        mem_free(copy);
    }
    str_map_done(&copies->by_hash);
    pthread_mutex_destroy(&copies->lock);
    fd_cleanup(&copies->fd);
    mem_free(copies);
}

/* ---- reading ---- */

int copies_open(struct copies *copies, struct str hash, int *ret_fd, int64_t *ret_size,
                struct err *err)
{
    char hex[CONTENT_HEX_BYTES + 1];
    CHECK(hash.n == SHA256_BYTES);
    content_hex((const unsigned char *)hash.p, hash.n, hex);
    pthread_mutex_lock(&copies->lock);
    struct copy *copy = str_map_find(&copies->by_hash, hash);
    int found = copy ? disk_open(copies->fd, hex, ret_fd, ret_size, err) : 0;
    if (copy && found == 0) {
        take_out(copies, copy); /* somebody has deleted its file */
    } else if (copy) {
        unlink_copy(copies, copy);
        append(copies, copy);
    }
    pthread_mutex_unlock(&copies->lock);
    return found;
}

/* ---- writing ---- */

/* A dot at the beginning: no hash has one. */
int copies_begin(struct copies *copies, char ret_name[COPIES_NAME_BYTES], int *ret_fd,
                 struct err *err)
{
    unsigned char drawn[16];
    random_bytes(drawn, sizeof drawn);
    ret_name[0] = '.';
    content_hex(drawn, sizeof drawn, ret_name + 1);
    *ret_fd =
        openat(copies->fd, ret_name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    return *ret_fd < 0 ? disk_fail(err, "making a copy") : 0;
}

void copies_give_up(struct copies *copies, const char *name)
{
    unlinkat(copies->fd, name, 0);
}

int copies_take(struct copies *copies, int directory_fd, const char *name, struct str hash,
                int64_t size, struct err *err)
{
    char hex[CONTENT_HEX_BYTES + 1];
    int from = directory_fd < 0 ? copies->fd : directory_fd;
    CHECK(hash.n == SHA256_BYTES);
    content_hex((const unsigned char *)hash.p, hash.n, hex);
    pthread_mutex_lock(&copies->lock);
    int status = disk_rename(from, name, copies->fd, hex, err);
    if (status == 0)
        add(copies, hash, size, clock_wall_ms());
    pthread_mutex_unlock(&copies->lock);
    return status;
}

/* ---- taking away ---- */

void copies_drop(struct copies *copies, struct str hash)
{
    pthread_mutex_lock(&copies->lock);
    struct copy *copy = str_map_find(&copies->by_hash, hash);
    if (copy)
        take_out(copies, copy);
    pthread_mutex_unlock(&copies->lock);
}

/* Deleting takes long, and readers wait for the lock: files go after it. One that comes again in
 * between loses its new file, which copies_open finds out. */
void copies_trim(struct copies *copies, bool (*is_held)(void *arg, struct str hash), void *arg)
{
    struct copy *gone = NULL;
    int64_t now = clock_monotonic_ms(), oldest = clock_wall_ms() - AGE_MS;
    pthread_mutex_lock(&copies->lock);
    bool by_age = now - copies->aged_ms >= AGE_LOOK_MS;
    if (by_age)
        copies->aged_ms = now;
    for (struct copy *copy = copies->first, *next; copy; copy = next) {
        bool many = copies->bytes > copies->max;
        next = copy->after;
        if (!many && !by_age)
            break;
        if ((!many && copy->came_ms >= oldest) || is_held(arg, hash_of(copy)))
            continue;
        forget(copies, copy);
        copy->after = gone;
        gone = copy;
    }
    pthread_mutex_unlock(&copies->lock);
    for (struct copy *next; gone; gone = next) {
        next = gone->after;
        delete_file(copies, gone);
    }
}
