/* SPDX-License-Identifier: EUPL-1.2 */

/* Files under way: the directory ".incoming", where an upload is written and hashed before its
 * content is kept. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/random.h"
#include "service/media/content_private.h"
#include "service/media/disk.h"

#define PART ".part"

struct content_draft {
    struct content *content;
    int fd;
    char name[33]; /* in ".incoming" */
    bool has_name, lasts;
    struct sha256_stream *hash; /* NULL: it is hashed when it is whole */
    int64_t size;
};

/* ---- the directory ---- */

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
        return disk_fail(err, INCOMING);
    }
    for (struct dirent *item = readdir(directory); item; item = readdir(directory))
        if (item->d_name[0] != '.' && !part_parse(item->d_name, &id))
            unlinkat(incoming_fd, item->d_name, 0);
    closedir(directory);
    return 0;
}

/* The kernel's name of this start of the machine is kept in a file; another is there now, or none
 * can be read: it has started anew. */
static int look_at_boot(struct content *content, struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(16));
    struct err none = ERR_INIT;
    struct str now = STR(""), then;
    struct str path = arena_printf(arena, "%s/" INCOMING "/.boot", content->shelf->directory);
    if (file_read(arena, "/proc/sys/kernel/random/boot_id", 256, &now, &none) < 0)
        now = STR("");
    bool is_known = file_read(arena, path.p, 256, &then, &none) == 0;
    content->is_after_boot = !is_known || !now.n || !str_eq(now, then);
    return content->is_after_boot ? file_replace(path.p, 0600, now, err) : 0;
}

int draft_start(struct content *content, struct err *err)
{
    if (disk_open_directory(content->shelf->directory_fd, INCOMING, &content->incoming_fd, err) <
            0 ||
        clear_incoming(content->incoming_fd, err) < 0)
        return -1;
    if (look_at_boot(content, err) < 0)
        return -1;
    if (content->is_after_boot && content->shelf->kind->distrust)
        content->shelf->kind->distrust(content->shelf);
    return 0;
}

/* ---- writing ---- */

int content_draft_new(struct content *content, struct content_draft **ret_draft, struct err *err)
{
    unsigned char name[16];
    struct content_draft *draft = MEM_NEW(struct content_draft);
    draft->content = content;
    random_bytes(name, sizeof name);
    content_hex(name, sizeof name, draft->name);
    draft->fd = openat(content->incoming_fd, draft->name,
                       O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (draft->fd < 0) {
        mem_free(draft);
        return disk_fail(err, "making a file");
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
        int status = disk_fail(err, "opening a part of a file");
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
            return disk_fail(err, "writing a file");
        draft->size += n < 0 ? 0 : n;
        bytes = str_skip(bytes, n < 0 ? 0 : (size_t)n);
    }
    return 0;
}

int content_draft_sync(struct content_draft *draft, struct err *err)
{
    if (fsync(draft->fd) < 0 || fsync(draft->content->incoming_fd) < 0)
        return disk_fail(err, "writing a file");
    return 0;
}

int64_t content_draft_size(const struct content_draft *draft)
{
    return draft->size;
}

static int end_hash(struct content_draft *draft, unsigned char ret_digest[SHA256_BYTES],
                    struct err *err)
{
    if (!draft->hash)
        return disk_hash(draft->fd, ret_digest, err);
    sha256_end(draft->hash, ret_digest);
    draft->hash = NULL;
    return 0;
}

static int shelve(struct content_draft *draft, struct str hash, struct err *err)
{
    struct shelf *shelf = draft->content->shelf;
    struct shelf_file file = {draft->content->incoming_fd, draft->name, draft->fd, draft->size};
    if (shelf->kind->keep(shelf, &file, hash, err) < 0)
        return -1;
    draft->has_name = false;
    content_trim(draft->content);
    return 0;
}

int content_draft_keep(struct content_draft *draft, unsigned char ret_hash[SHA256_BYTES],
                       struct err *err)
{
    unsigned char digest[SHA256_BYTES];
    struct str hash = str_make(digest, sizeof digest);
    if (end_hash(draft, digest, err) < 0)
        return -1;
    if (content_pin(draft->content, hash, err) < 0)
        return -1;
    if (shelve(draft, hash, err) < 0) {
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
        return errno == ENOENT ? 0 : disk_fail(err, name);
    *ret_size = st.st_size;
    return 1;
}

static int cut_part(struct content *content, const char *name, int64_t size, struct err *err)
{
    CLEANUP(fd_cleanup)
    int fd = openat(content->incoming_fd, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    return fd < 0 || ftruncate(fd, size) < 0 ? disk_fail(err, name) : 0;
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
        return disk_fail(err, name);
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
        return disk_fail(err, INCOMING);
    }
    for (struct dirent *item = readdir(directory); item && status == 0; item = readdir(directory))
        status = judge_part(content, item->d_name, judge, arg, err);
    closedir(directory);
    return status;
}
