/* SPDX-License-Identifier: EUPL-1.2 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "service/admin/backup.h"
#include "service/admin/tar.h"
#include "service/config.h"
#include "store/backup.h"

#define STAGED ".restore"

struct restoring {
    int tar_fd;
    struct arena *arena;
    const struct config *config;
    struct err *err;
    struct str database; /* where the database goes */
    bool has_database, has_key, has_old_key, has_push_key;
};

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static int sync_directory_of(struct arena *arena, const char *path)
{
    struct str directory = str_from(path);
    while (directory.n > 1 && directory.p[directory.n - 1] != '/')
        directory.n--;
    CLEANUP(close_fd)
    int fd = open(arena_str(arena, directory).p, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    return fd < 0 ? -1 : fsync(fd);
}

/* ---- names ---- */

/* "media/ab/cd": parts of letters, digits, - and _, and dots that do not begin one. Nothing leaves
 * the directory. */
static bool is_media_name(struct str name)
{
    bool begins = true;
    if (!str_starts(name, STR("media/")))
        return false;
    for (size_t i = 6; i < name.n; i++) {
        char c = name.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_';
        if (!letter && (begins || (c != '.' && c != '/')))
            return false;
        begins = c == '/';
    }
    return name.n > 6 && !begins;
}

/* The directories of a path under the media's. */
static int make_directories(char *path, size_t from)
{
    for (char *slash = strchr(path + from, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        int result = mkdir(path, 0700);
        *slash = '/';
        if (result < 0 && errno != EEXIST)
            return -1;
    }
    return 0;
}

/* Where an entry is written to, before it gets its name. */
static int destination(struct restoring *r, struct str name, const char **ret_path)
{
    const char *key = r->config->signing_key.p;
    struct str media = str_from(config_media_directory(r->config)), path;
    if (str_eq(name, STR("chappe.db")) && !r->has_database) {
        r->has_database = true;
        path = arena_printf(r->arena, "%.*s" STAGED, STR_ARG(r->database));
    } else if (str_eq(name, STR("signing.key")) && !r->has_key) {
        r->has_key = true;
        path = arena_printf(r->arena, "%s" STAGED, key);
    } else if (str_eq(name, STR("signing.key.old")) && !r->has_old_key) {
        r->has_old_key = true;
        path = arena_printf(r->arena, "%s.old" STAGED, key);
    } else if (str_eq(name, STR("push.key")) && !r->has_push_key && r->config->push_key.p) {
        r->has_push_key = true;
        path = arena_printf(r->arena, "%.*s" STAGED, STR_ARG(r->config->push_key));
    } else if (is_media_name(name) && media.p) {
        path = arena_printf(r->arena, "%.*s/%.*s", STR_ARG(media), STR_ARG(str_skip(name, 6)));
        if ((mkdir(media.p, 0700) < 0 && errno != EEXIST) ||
            make_directories((char *)(uintptr_t)path.p, media.n + 1) < 0)
            return err_internal(r->err, "%s: %s", path.p, strerror(errno));
    } else if (is_media_name(name)) {
        return err_internal(r->err, "the archive holds files: restore it with media.store: "
                                    "path:DIR, then copy them to where they belong");
    } else {
        return err_internal(r->err, "the archive holds \"%.*s\", which is not ours", STR_ARG(name));
    }
    *ret_path = path.p;
    return 0;
}

/* ---- steps ---- */

static int refuse_existing(struct restoring *r)
{
    const char *paths[] = {r->database.p, r->config->signing_key.p};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        if (access(paths[i], F_OK) == 0)
            return err_internal(r->err, "%s exists: move it away first", paths[i]);
    return 0;
}

static int extract(struct restoring *r, const struct tar_entry *entry)
{
    const char *path;
    if (destination(r, str_from(entry->name), &path) < 0)
        return -1;
    CLEANUP(close_fd)
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return err_internal(r->err, "%s: %s", path, strerror(errno));
    if (tar_extract(r->tar_fd, entry, fd, r->err) < 0) {
        err_prefix(r->err, "%s", entry->name);
        return -1;
    }
    if (fsync(fd) < 0 || sync_directory_of(r->arena, path) < 0)
        return err_internal(r->err, "%s: %s", path, strerror(errno));
    return 0;
}

static int extract_all(struct restoring *r)
{
    struct tar_entry entry;
    int more;
    while ((more = tar_next(r->tar_fd, &entry, r->err)) == 1)
        if (extract(r, &entry) < 0)
            return -1;
    if (more == 0 && (!r->has_database || !r->has_key))
        return err_internal(r->err, "the archive lacks the database or the key");
    return more;
}

/* On the staged copy: a server never sees it without its new epoch. */
static int begin_epoch(struct restoring *r)
{
    struct str uri = arena_printf(r->arena, "sqlite:%.*s" STAGED, STR_ARG(r->database));
    struct str log = arena_printf(r->arena, "%.*s" STAGED "-wal", STR_ARG(r->database));
    struct store_options options = {.uri = uri.p};
    struct store *store;
    if (store_open(&options, &store, r->err) < 0)
        return -1;
    int status = store_restore_fixups(store, r->err);
    store_close(store);
    /* What its log still held would not follow it to its new name. */
    if (status == 0 && access(log.p, F_OK) == 0)
        return err_internal(r->err, "%s was left behind", log.p);
    return status;
}

static int give_name(struct restoring *r, struct str path)
{
    struct str staged = arena_printf(r->arena, "%.*s" STAGED, STR_ARG(path));
    if (rename(staged.p, path.p) < 0 || sync_directory_of(r->arena, path.p) < 0)
        return err_internal(r->err, "%s: %s", path.p, strerror(errno));
    return 0;
}

static int give_names(struct restoring *r)
{
    struct str key = r->config->signing_key;
    if (r->has_old_key && give_name(r, arena_printf(r->arena, "%.*s.old", STR_ARG(key))) < 0)
        return -1;
    if (r->has_push_key && give_name(r, r->config->push_key) < 0)
        return -1;
    return give_name(r, key) < 0 ? -1 : give_name(r, r->database);
}

/* What a failure leaves, for what was tried before or now. */
static void clear_staged(struct restoring *r)
{
    static const char *const ends[] = {STAGED, STAGED "-wal", STAGED "-shm", STAGED ".lock"};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        unlink(arena_printf(r->arena, "%.*s%s", STR_ARG(r->database), ends[i]).p);
    unlink(arena_printf(r->arena, "%s" STAGED, r->config->signing_key.p).p);
    unlink(arena_printf(r->arena, "%s.old" STAGED, r->config->signing_key.p).p);
    if (r->config->push_key.p)
        unlink(arena_printf(r->arena, "%s" STAGED, r->config->push_key.p).p);
}

int backup_restore(const struct config *config, const char *path, struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(64));
    struct restoring r = {.arena = arena, .config = config, .err = err};
    if (!str_starts(config->database, STR("sqlite:")))
        return err_internal(err,
                            "PostgreSQL has means of its own (pg_restore): docs/ops/backup.md");
    r.database = arena_str(arena, str_skip(config->database, sizeof "sqlite:" - 1));
    if (refuse_existing(&r) < 0)
        return -1;
    CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_internal(err, "%s: %s", path, strerror(errno));
    r.tar_fd = fd;
    clear_staged(&r);
    int status = extract_all(&r);
    if (status == 0)
        status = begin_epoch(&r);
    if (status == 0)
        status = give_names(&r);
    clear_staged(&r);
    return status;
}
