/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/media/parting.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "service/config.h"
#include "service/media/media.h"
#include "service/server.h"
#include "store/media_use.h"

#define PAGE 100
/* How often aged files are looked for, at most; and so often in their lifetime. */
#define WALK_MS    (6 * 3600 * INT64_C(1000))
#define WALK_SHARE 10

static void tell(const char *what, const struct err *err)
{
    if (err->kind != ERR_KIND_MOVED)
        log_line(LOG_LEVEL_ERROR, "retention", "what", LOG_Z(what), "detail",
                 LOG_Z(err->detail[0] ? err->detail : err->text), NULL);
}

/* ---- what names files ---- */

struct following {
    struct str server_name;
    bool more;
};

static int write_follow(struct write *w, void *arg, struct err *err)
{
    struct following *following = arg;
    return media_use_follow(w, following->server_name, LIMIT_MEDIA_ROUND, &following->more, err);
}

static int is_behind(struct parting *parting, struct err *err)
{
    struct read read;
    read_begin(parting->server->store, &read);
    int behind = media_use_is_behind(&read, err);
    read_end(&read);
    return behind;
}

/* 0 all that was said is known, -1 it is not. */
static int follow(struct parting *parting)
{
    struct following following = {.server_name = parting->server->name};
    struct err err = ERR_INIT;
    int behind = is_behind(parting, &err);
    following.more = behind == 1;
    while (behind >= 0 && following.more && parting->go_on(parting->arg))
        if (store_run(parting->server->store, write_follow, &following, &err) < 0)
            behind = -1;
    if (behind < 0)
        tell("following what names files", &err);
    return behind < 0 || following.more ? -1 : 0;
}

/* ---- files ---- */

static int write_judgement(struct write *w, void *arg, struct err *err)
{
    return media_use_judge(w, arg, err);
}

static void judge(struct parting *parting, int64_t media, bool aged)
{
    struct media_judgement judgement = {
        .server_name = parting->server->name, .media = media, .aged = aged};
    struct err err = ERR_INIT;
    if (store_run(parting->server->store, write_judgement, &judgement, &err) < 0) {
        tell("judging a file", &err);
        return;
    }
    if (!judgement.deleted)
        return;
    struct str hash = str_make(judgement.hash, sizeof judgement.hash);
    media_give_up(parting->server, &(struct media_contents){&hash, 1});
    parting->n_files++;
}

/* before_ms 0: those that a message named. *after: where the next page begins; 0: that was the
 * last.
 */
static int list_page(struct parting *parting, int64_t before_ms, struct arena *arena,
                     int64_t **ret_media, size_t *ret_n, int64_t *after)
{
    struct err err = ERR_INIT;
    struct read read;
    int64_t from = *after;
    read_begin(parting->server->store, &read);
    int status = before_ms ? media_use_list_aged(&read, before_ms, from, PAGE, arena, ret_media,
                                                 ret_n, after, &err)
                           : media_use_list(&read, from, PAGE, arena, ret_media, ret_n, &err);
    read_end(&read);
    if (status < 0)
        tell("listing files", &err);
    else if (!before_ms)
        *after = *ret_n == PAGE ? (*ret_media)[PAGE - 1] : 0;
    return status;
}

static void judge_all(struct parting *parting, int64_t before_ms)
{
    int64_t after = 0;
    do {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(64));
        int64_t *media;
        size_t n;
        if (list_page(parting, before_ms, arena, &media, &n, &after) < 0)
            return;
        for (size_t i = 0; i < n && parting->go_on(parting->arg); i++)
            judge(parting, media[i], before_ms != 0);
    } while (after && parting->go_on(parting->arg));
}

void parting_turn(struct parting *parting)
{
    int64_t lifetime_ms = parting->server->config->retention_media_ms, now_ms = clock_wall_ms();
    if (follow(parting) < 0)
        return;
    judge_all(parting, 0);
    if (!lifetime_ms || now_ms < parting->next_walk_ms)
        return;
    judge_all(parting, now_ms - lifetime_ms);
    int64_t share = lifetime_ms / WALK_SHARE;
    parting->next_walk_ms = now_ms + (share < WALK_MS ? share : WALK_MS);
}
