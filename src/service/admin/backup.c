/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/admin/backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "service/admin/answer.h"
#include "service/admin/private.h"
#include "service/admin/tar.h"
#include "service/audit.h"
#include "service/config.h"
#include "service/media/content.h"
#include "service/media/media.h"
#include "store/backup.h"

/* Directories below the media's. */
#define DEPTH_MAX 8

struct making {
    int tar_fd;
    struct arena *arena;
    struct err *err;
};

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static int add_fd(struct making *m, const char *name, int fd)
{
    struct stat st;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return err_internal(m->err, "%s: not a file", name);
    if (tar_add_file(m->tar_fd, name, fd, st.st_size, st.st_mtime, m->err) < 0) {
        err_prefix(m->err, "%s", name);
        return -1;
    }
    return 0;
}

static int add_path(struct making *m, const char *name, const char *path, bool may_be_absent)
{
    CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT && may_be_absent)
        return 0;
    if (fd < 0)
        return err_internal(m->err, "%s: %s", path, strerror(errno));
    return add_fd(m, name, fd);
}

static int add_directory(struct making *m, const char *name, int directory_fd, int depth);

/* A file, or a directory with its own; names that begin with a dot are work under way. */
static int add_item(struct making *m, const char *prefix, int directory_fd, const char *item,
                    int depth)
{
    struct stat st;
    struct str name = arena_printf(m->arena, "%s/%s", prefix, item);
    if (item[0] == '.')
        return 0;
    CLEANUP(close_fd)
    int fd = openat(directory_fd, item, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return 0; /* deleted meanwhile */
    if (fd < 0 || fstat(fd, &st) < 0)
        return err_internal(m->err, "%s: %s", name.p, strerror(errno));
    return S_ISDIR(st.st_mode) ? add_directory(m, name.p, fd, depth + 1) : add_fd(m, name.p, fd);
}

static int add_directory(struct making *m, const char *name, int directory_fd, int depth)
{
    if (depth > DEPTH_MAX)
        return err_internal(m->err, "%s: too deep", name);
    int status = 0, own_fd = fcntl(directory_fd, F_DUPFD_CLOEXEC, 0);
    DIR *directory = own_fd < 0 ? NULL : fdopendir(own_fd);
    if (!directory) {
        close_fd(&own_fd);
        return err_internal(m->err, "%s: %s", name, strerror(errno));
    }
    for (struct dirent *item = readdir(directory); item && status == 0; item = readdir(directory))
        status = add_item(m, name, directory_fd, item->d_name, depth);
    closedir(directory);
    return status;
}

static int add_media(struct making *m, const char *path)
{
    CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (fd < 0)
        return errno == ENOENT ? 0 : err_internal(m->err, "%s: %s", path, strerror(errno));
    return add_directory(m, "media", fd, 0);
}

static int add_all(struct making *m, const struct config *config, const char *database)
{
    const char *key = config->signing_key.p;
    struct str old = arena_printf(m->arena, "%s.old", key);
    if (add_path(m, "chappe.db", database, false) < 0 ||
        add_path(m, "signing.key", key, false) < 0 ||
        add_path(m, "signing.key.old", old.p, true) < 0)
        return -1;
    if (config->push_key.p && add_path(m, "push.key", config->push_key.p, true) < 0)
        return -1;
    const char *media = config_media_directory(config);
    if (media && add_media(m, media) < 0)
        return -1;
    return tar_end(m->tar_fd, m->err);
}

/* Durable, then under its name, which nobody else may have taken meanwhile. */
static int publish(struct making *m, const char *partial, const char *path)
{
    struct str directory = str_from(path);
    while (directory.n > 1 && directory.p[directory.n - 1] != '/')
        directory.n--;
    CLEANUP(close_fd)
    int fd = open(arena_str(m->arena, directory).p, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (fsync(m->tar_fd) < 0 ||
        renameat2(AT_FDCWD, partial, AT_FDCWD, path, RENAME_NOREPLACE) < 0 || fd < 0 ||
        fsync(fd) < 0)
        return err_internal(m->err, "%s: %s", path, strerror(errno));
    return 0;
}

/* What the snapshot names is not taken away before it is in the archive. */
static int copy_all(struct use *use, struct making *m, const char *database)
{
    struct content *content = media_content(use->server);
    if (content)
        content_hold(content);
    int status = store_backup(use->server->store, database, m->err);
    if (status == 0)
        status = add_all(m, use->server->config, database);
    if (content)
        content_release(content);
    return status;
}

int backup_make(struct use *use, struct str path)
{
    struct making m = {.tar_fd = -1, .arena = use->arena, .err = &use->err};
    struct str partial = arena_printf(use->arena, "%.*s.partial", STR_ARG(path));
    struct str database = arena_printf(use->arena, "%.*s.database", STR_ARG(path));
    if (access(path.p, F_OK) == 0)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "The file exists already");
    /* First, so that the backup tells of itself. */
    use_audit(use, STR("backup"), path, STR_NONE);
    if (use_audit_commit(use) < 0)
        return -1;
    CLEANUP(close_fd)
    int fd = open(partial.p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return err_internal(&use->err, "%s: %s", partial.p, strerror(errno));
    m.tar_fd = fd;
    unlink(database.p);
    int status = copy_all(use, &m, database.p);
    if (status == 0)
        status = publish(&m, partial.p, path.p);
    unlink(database.p);
    if (status < 0)
        unlink(partial.p);
    return status;
}

int admin_backup(struct use *use, const struct json *json, struct buf *out)
{
    struct str path = json_find_str(json, STR("file"));
    struct admin_answer answer;
    if (path.n < 2 || path.p[0] != '/' || path.n >= PATH_MAX - 16 || memchr(path.p, 0, path.n))
        return err_client(&use->err, 400, "M_INVALID_PARAM", "An absolute path is wanted");
    if (backup_make(use, arena_str(use->arena, path)) < 0)
        return -1;
    answer_begin(&answer, out);
    if (use->server->config->media_store.p && !config_media_directory(use->server->config))
        answer_line(&answer, "files are not in it: media.store keeps them (docs/ops/backup.md)");
    answer_end_lines(&answer);
    answer_end(&answer);
    return 0;
}
