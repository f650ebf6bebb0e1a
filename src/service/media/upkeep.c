/* SPDX-License-Identifier: EUPL-1.2 */

/* What goes of files: reservations, contents without a row; and chappe check. */

#include <stdio.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "service/background.h"
#include "service/commit.h"
#include "service/media/content.h"
#include "service/media/private.h"
#include "store/media_claim.h"
#include "store/media_thumbnail.h"

/* A content may be without its row for as long as another node takes to commit it. */
#define UNNAMED_MS (24 * 3600 * INT64_C(1000))
/* Looked through in a turn, which comes once a minute: a directory's pages all in half a day, and
 * then anew; what is over sooner rests until then. */
#define PAGES    100
#define LOOKED   1000
#define SWEEP_MS (12 * 3600 * INT64_C(1000))
#define PAGE     1000

/* ---- names ---- */

/* A file's, or a thumbnail's. A snapshot of its own for each question: another content may have
 * been named since. */
static int is_named(struct server *server, struct str hash, struct err *err)
{
    struct read read;
    read_begin(server->store, &read);
    int named = media_names(&read, hash, err);
    if (named == 0)
        named = media_thumbnail_names(&read, hash, err);
    read_end(&read);
    return named;
}

static int write_unnamed(struct write *w, void *arg, struct err *err)
{
    const struct str *hash = arg;
    return media_thumbnail_delete_source(w, *hash, err);
}

/* The thumbnails of a content that nobody names go before it. */
static int drop_thumbnails(struct server *server, struct str hash, struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(64));
    struct media_thumbnail *rows;
    struct read read;
    size_t n = 0;
    read_begin(server->store, &read);
    int status = media_thumbnail_list_source(&read, hash, arena, &rows, &n, err);
    read_end(&read);
    if (status < 0 || store_run(server->store, write_unnamed, &hash, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        content_suspect(media_content(server), rows[i].hash);
    return 0;
}

static int may_go(void *arg, struct str hash, struct err *err)
{
    int named = is_named(arg, hash, err);
    return named == 0 && drop_thumbnails(arg, hash, err) < 0 ? -1 : named;
}

/* ---- upkeep ---- */

struct sweep {
    struct server *server;
    int looked;
};

static int suspect_unnamed(void *arg, const struct shelf_item *item, struct err *err)
{
    struct sweep *sweep = arg;
    struct server *server = sweep->server;
    sweep->looked++;
    if (!item->hash.n || item->changed_ms > clock_wall_ms() - UNNAMED_MS)
        return 0;
    int named = is_named(server, item->hash, err);
    if (named == 0)
        content_suspect(media_content(server), item->hash);
    return named < 0 ? -1 : 0;
}

static int sweep(struct server *server, struct err *err)
{
    struct media_repository *repository = server->media;
    struct sweep sweep = {server, 0};
    int more = repository->swept.after[0] || clock_wall_ms() >= repository->sweep_ms;
    if (more && !repository->swept.after[0])
        repository->sweep_ms = clock_wall_ms() + SWEEP_MS;
    for (int i = 0; more == 1 && i < PAGES && sweep.looked < LOOKED; i++) {
        if (background_is_stopping(server->background))
            return 0;
        more = content_list(repository->content, &repository->swept, suspect_unnamed, &sweep, err);
        if (more == 0)
            repository->swept = (struct shelf_cursor){0};
    }
    return more < 0 ? -1 : 0;
}

/* ---- parts of uploads ---- */

/* A part goes with its reservation. After a start of the machine, what was not known to be durable
 * may be anything. */
static int judge_part(void *arg, int64_t id, int64_t size, int64_t *ret_keep, struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(16));
    struct server *server = arg;
    struct media media = {0};
    struct read read;
    read_begin(server->store, &read);
    int found = media_load(&read, id, arena, &media, err);
    read_end(&read);
    if (found < 0)
        return -1;
    bool waits = found && media.state == MEDIA_RESERVED && media.expires_ms > clock_wall_ms();
    bool is_cut = content_is_after_boot(media_content(server)) && !server->media->is_judged;
    *ret_keep = waits || part_is_under_way(server->media, id) ? (is_cut ? media.size : size) : -1;
    return 0;
}

int media_judge_parts(struct server *server, struct err *err)
{
    if (content_part_judge(media_content(server), judge_part, server, err) < 0)
        return -1;
    server->media->is_judged = true;
    return 0;
}

static int write_expire(struct write *w, void *arg, struct err *err)
{
    (void)arg;
    if (media_claim_expire(w, write_time_ms(w), err) < 0)
        return -1;
    return media_expire(w, write_time_ms(w), err);
}

void media_upkeep(struct server *server)
{
    struct content *content = media_content(server);
    struct err err = ERR_INIT;
    commit_later(server, write_expire, NULL);
    media_wake(server, 0);
    media_forget_failures(server->media, false);
    if (!content)
        return;
    content_trim(content);
    if (media_judge_parts(server, &err) < 0 || sweep(server, &err) < 0 ||
        content_collect_suspects(content, may_go, server, &err) < 0)
        log_line(LOG_LEVEL_ERROR, "media_upkeep", "detail",
                 LOG_Z(err.detail[0] ? err.detail : err.text), NULL);
}

/* ---- chappe check ---- */

struct checking {
    struct use *use;
    struct content *content;
    void (*report)(void *arg, const char *line);
    void *arg;
    int64_t faults;
};

static void tell(struct checking *checking, struct str what, const char *words)
{
    char line[400];
    snprintf(line, sizeof line, "media: %.*s %s", STR_ARG(str_first(what, 300)), words);
    checking->report(checking->arg, line);
}

static void fault(struct checking *checking, struct str what, const char *words)
{
    checking->faults++;
    tell(checking, what, words);
}

static int check_content(struct checking *checking, struct str what, struct str hash,
                         int64_t wanted)
{
    static const char *const words[] = {
        [SHELF_ABSENT] = "has lost its content",
        [SHELF_OTHER_SIZE] = "has a content of another size",
        [SHELF_OTHER_BYTES] = "has a content of another hash",
    };
    enum shelf_finding finding;
    if (content_examine(checking->content, hash, wanted, &finding, &checking->use->err) < 0)
        return -1;
    if (finding != SHELF_SOUND)
        fault(checking, what, words[finding]);
    return 0;
}

static int check_rows(struct checking *checking)
{
    struct use *use = checking->use;
    struct media *rows;
    int64_t after = 0;
    size_t n = PAGE;
    while (n == PAGE) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(8));
        if (media_list(&use->read, after, PAGE, arena, &rows, &n, &use->err) < 0)
            return -1;
        for (size_t i = 0; i < n; i++)
            if (check_content(checking, media_uri(use, &rows[i]), rows[i].hash, rows[i].size) < 0)
                return -1;
        after = n ? rows[n - 1].id : after;
    }
    return 0;
}

static int check_thumbnails(struct checking *checking)
{
    struct use *use = checking->use;
    struct media_thumbnail *rows;
    int64_t after = 0;
    size_t n = PAGE;
    while (n == PAGE) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(8));
        if (media_thumbnail_list(&use->read, after, PAGE, arena, &rows, &n, &use->err) < 0)
            return -1;
        for (size_t i = 0; i < n; i++) {
            struct str what = arena_printf(arena, "thumbnail %lld", (long long)rows[i].id);
            if (check_content(checking, what, rows[i].hash, rows[i].size) < 0)
                return -1;
        }
        after = n ? rows[n - 1].id : after;
    }
    return 0;
}

static int note_unnamed(void *arg, const struct shelf_item *item, struct err *err)
{
    struct checking *checking = arg;
    if (!item->hash.n) {
        tell(checking, str_from(item->name), "is not the name of a content");
        return 0;
    }
    int named = is_named(checking->use->server, item->hash, err);
    if (named == 0)
        tell(checking, str_from(item->name), "is named by no row (swept after a day)");
    return named < 0 ? -1 : 0;
}

int media_check(struct use *use, void (*report)(void *arg, const char *line), void *arg,
                int64_t *ret_faults)
{
    struct checking checking = {use, media_content(use->server), report, arg, 0};
    if (checking.content && (check_rows(&checking) < 0 || check_thumbnails(&checking) < 0))
        return -1;
    struct shelf_cursor cursor = {0};
    for (int more = checking.content != NULL; more;) {
        more = content_list(checking.content, &cursor, note_unnamed, &checking, &use->err);
        if (more < 0)
            return -1;
    }
    *ret_faults = checking.faults;
    return 0;
}
