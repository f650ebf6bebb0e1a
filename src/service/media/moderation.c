/* SPDX-License-Identifier: EUPL-1.2 */

/* What is done to files by administrators, and when a person is erased. */

#include "base/limits.h"
#include "base/vec.h"
#include "service/audit.h"
#include "service/background.h"
#include "service/config.h"
#include "service/media/content.h"
#include "service/media/private.h"
#include "service/scan/gate.h"
#include "service/scan/scanner.h"

int media_find_uri(struct use *use, struct str uri, struct media *ret_media)
{
    struct str server_name, media_id;
    if (!str_starts(uri, STR("mxc://")) || !str_cut(str_skip(uri, 6), '/', &server_name, &media_id))
        return err_client(&use->err, 400, "M_INVALID_PARAM", "mxc://SERVER/ID is wanted");
    return media_find_row(use, server_name, media_id, ret_media);
}

/* ---- contents given up ---- */

#define PAGE 1000

int media_list_contents(struct use *use, int64_t owner, struct media_contents *ret_contents)
{
    VEC(struct str) hashes = {0};
    struct media *rows;
    int64_t after = 0;
    size_t n = PAGE;
    while (n == PAGE) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(8));
        if (media_list_owner(&use->read, owner, after, PAGE, arena, &rows, &n, &use->err) < 0)
            return -1;
        for (size_t i = 0; i < n; i++)
            ARENA_VEC_ADD(use->arena, &hashes, arena_str(use->arena, rows[i].hash));
        after = n ? rows[n - 1].id : after;
    }
    *ret_contents = (struct media_contents){hashes.p, hashes.n};
    return 0;
}

void media_give_up(struct server *server, const struct media_contents *contents)
{
    struct content *content = media_content(server);
    for (size_t i = 0; content && i < contents->n; i++)
        content_suspect(content, contents->hashes[i]);
    background_wake(server->background);
}

/* ---- administrators ---- */

struct act {
    struct server *server;
    const struct media *media;
    bool quarantined;
};

static int write_removal(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return media_delete(w, act->media->id, err);
}

static void after_removal(void *arg, enum job_result result)
{
    const struct act *act = arg;
    struct str hash = act->media->hash;
    if (result == JOB_COMMITTED && hash.n)
        media_give_up(act->server, &(struct media_contents){&hash, 1});
}

static struct act *act_on(struct use *use, const struct media *media, bool quarantined)
{
    struct act *act = ARENA_NEW(use->arena, struct act);
    *act = (struct act){use->server, media, quarantined};
    return act;
}

int media_remove(struct use *use, const struct media *media)
{
    use_audit(use, STR("media.delete"), media_uri(use, media), STR_NONE);
    return use_commit(use, write_removal, after_removal, act_on(use, media, false));
}

static int write_quarantine(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return media_quarantine(w, act->media->hash, act->quarantined, err);
}

static int need_content(struct use *use, const struct media *media)
{
    return media->hash.n ? 0
                         : err_client(&use->err, 404, "M_NOT_FOUND", "This file has no content");
}

int media_set_quarantine(struct use *use, const struct media *media, bool quarantined)
{
    if (need_content(use, media) < 0)
        return -1;
    use_audit(use, quarantined ? STR("media.quarantine") : STR("media.release"),
              media_uri(use, media), STR_NONE);
    return use_commit(use, write_quarantine, NULL, act_on(use, media, quarantined));
}

static int write_rescan(struct write *w, void *arg, struct err *err)
{
    const struct act *act = arg;
    return scan_expect_again(w, act->media->hash, err);
}

static void after_rescan(void *arg, enum job_result result)
{
    const struct act *act = arg;
    if (result == JOB_COMMITTED)
        scanner_wake(act->server->scanner);
}

int media_rescan(struct use *use, const struct media *media)
{
    if (need_content(use, media) < 0)
        return -1;
    if (str_eq(use->server->config->scanner_engine, STR("none")))
        return err_client(&use->err, 409, "M_UNKNOWN", "There is no antivirus (scanner.engine)");
    use_audit(use, STR("media.rescan"), media_uri(use, media), STR_NONE);
    return use_commit(use, write_rescan, after_rescan, act_on(use, media, false));
}
