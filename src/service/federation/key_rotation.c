/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/federation/key_rotation.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "service/audit.h"
#include "service/config.h"
#include "service/federation/signer.h"
#include "service/federation/signing_key.h"

#define ACTION STR("key.rotate")

/* One row a key, however often its rotation is begun. */
static int write_row(struct use *use, struct str key_id)
{
    int found = audit_has(&use->read, ACTION, key_id, &use->err);
    if (found != 0)
        return found < 0 ? -1 : 0;
    use_audit(use, ACTION, key_id, STR_NONE);
    return use_audit_commit(use);
}

/* The table is told first: a key that signs is always in it. The file comes last, with the time
 * after which the old key has signed nothing. */
static int put_in_force(struct use *use, const char *path, const struct signing_key *next)
{
    if (write_row(use, next->id) < 0)
        return -1;
    signer_change(use->server->signer, &next->key, next->id);
    if (signing_key_install(use->arena, path, clock_wall_ms(), &use->err) < 0)
        return -1;
    log_line(LOG_LEVEL_INFO, "signing_key_rotated", "key", LOG_STR(next->id), NULL);
    return 0;
}

static int rotate(struct use *use, const char *path)
{
    struct signing_key next;
    if (signing_key_stage(use->arena, path, &next, &use->err) < 0)
        return -1;
    int result = put_in_force(use, path, &next);
    signing_key_done(&next);
    return result;
}

int key_rotation_run(struct use *use)
{
    const char *path = use->server->config->signing_key.p;
    CLEANUP(fd_cleanup) int lock_fd = -1;
    if (signing_key_lock(path, &lock_fd, &use->err) < 0)
        return -1;
    return rotate(use, path);
}

/* ---- at start ---- */

/* Another node was faster: its key is in the file. */
static int take(struct use *use, const char *path)
{
    struct signing_key key;
    if (signing_key_load(use->arena, path, &key, &use->err) < 0)
        return -1;
    signer_change(use->server->signer, &key.key, key.id);
    signing_key_done(&key);
    return 0;
}

static int finish(struct use *use, const char *path)
{
    CLEANUP(fd_cleanup) int lock_fd = -1;
    if (signing_key_lock(path, &lock_fd, &use->err) < 0)
        return -1;
    return signing_key_is_staged(path) ? rotate(use, path) : take(use, path);
}

int key_rotation_finish(struct server *server, struct err *err)
{
    const char *path = server->config->signing_key.p;
    if (!path || !signing_key_is_staged(path))
        return 0;
    struct use use = {.server = server, .arena = arena_new(LIMIT_REQUEST_ARENA)};
    read_begin(server->store, &use.read);
    int result = finish(&use, path);
    read_end(&use.read);
    if (result < 0)
        *err = use.err;
    arena_free(use.arena);
    return result;
}
