/* SPDX-License-Identifier: EUPL-1.2 */

/* What administrators do to files. */

#include "service/audit.h"
#include "service/background.h"
#include "service/media/content.h"
#include "service/media/private.h"

int media_find_uri(struct use *use, struct str uri, struct media *ret_media)
{
    struct str server_name, media_id;
    if (!str_starts(uri, STR("mxc://")) || !str_cut(str_skip(uri, 6), '/', &server_name, &media_id))
        return err_client(&use->err, 400, "M_INVALID_PARAM", "mxc://SERVER/ID is wanted");
    return media_find_row(use, server_name, media_id, ret_media);
}

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
    struct content *content = media_content(act->server);
    if (result != JOB_COMMITTED || !act->media->hash.n || !content)
        return;
    content_suspect(content, act->media->hash);
    background_wake(act->server->background);
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

int media_set_quarantine(struct use *use, const struct media *media, bool quarantined)
{
    if (!media->hash.n)
        return err_client(&use->err, 404, "M_NOT_FOUND", "This file has no content");
    use_audit(use, quarantined ? STR("media.quarantine") : STR("media.unquarantine"),
              media_uri(use, media), STR_NONE);
    return use_commit(use, write_quarantine, NULL, act_on(use, media, quarantined));
}
