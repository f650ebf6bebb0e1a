/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/media/preview_image.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "cage/cage.h"
#include "cage/talk.h"
#include "service/media/content.h"
#include "service/media/media.h"
#include "service/scan/scanner.h"

/* What a preview shows is small. */
#define WIDTH  640
#define HEIGHT 480

/* ---- fetching ---- */

/* 1 and its bytes; 0 there is none to have. */
static int fetch_image(const struct fetch *like, struct str page, struct str reference,
                       struct arena *arena, struct str *ret_bytes)
{
    struct fetch fetch = *like;
    struct fetched fetched;
    struct err ignored = ERR_INIT;
    fetch.url = fetch_resolve(page, reference, arena);
    fetch.accept = "Accept: image/jpeg,image/png,image/gif,image/webp";
    fetch.answer_max = LIMIT_PREVIEW_IMAGE;
    if (!fetch.url.p || fetch_run(&fetch, arena, &fetched, &ignored) < 0 || fetched.status != 200 ||
        !fetched.body.n || fetched.body.n == fetch.answer_max)
        return 0;
    *ret_bytes = fetched.body;
    return 1;
}

/* ---- making it small ---- */

/* 1, 0 it is no picture that can be shown, -1. */
static int make_small(struct str bytes, struct thumbnail *ret_thumbnail, struct err *err)
{
    const struct thumbnail_wish wish = {WIDTH, HEIGHT, THUMBNAIL_SCALE, false};
    CLEANUP(fd_cleanup) int fd = -1;
    struct err why = ERR_INIT;
    if (cage_open_bytes(bytes, &fd, err) < 0)
        return -1;
    const struct cage_source source = {fd, 0, (int64_t)bytes.n};
    if (cage_thumbnail(&source, &wish, ret_thumbnail, &why) == 0)
        return 1;
    if (why.kind == ERR_KIND_CLIENT && why.detail[0])
        log_line(LOG_LEVEL_WARN, "thumbnail_suspicious", "detail", LOG_Z(why.detail), NULL);
    if (why.kind == ERR_KIND_CLIENT)
        return 0;
    *err = why;
    return -1;
}

/* ---- keeping it ---- */

struct keeping {
    struct server *server;
    struct media media;
};

static int write_image(struct write *w, void *arg, struct err *err)
{
    const struct keeping *keeping = arg;
    if (media_insert(w, &keeping->media, 0, err) < 0)
        return -1;
    return scan_expect(w, keeping->server, keeping->media.hash, err);
}

static int keep_bytes(struct content *content, struct str bytes, unsigned char hash[SHA256_BYTES],
                      struct err *err)
{
    struct content_draft *draft;
    if (content_draft_new(content, &draft, err) < 0)
        return -1;
    int status = content_draft_add(draft, bytes, err);
    if (status == 0)
        status = content_draft_keep(draft, hash, err);
    content_draft_free(draft);
    return status;
}

/* A content is pinned until its row is committed; without a row it goes. */
static int keep(struct server *server, const struct thumbnail *thumbnail, struct arena *arena,
                struct media *ret_media, struct err *err)
{
    struct content *content = media_content(server);
    unsigned char hash[SHA256_BYTES];
    int64_t now_ms = clock_wall_ms();
    if (!content)
        return err_internal(err, "there is no store for files");
    if (keep_bytes(content, buf_str(&thumbnail->bytes), hash, err) < 0)
        return -1;
    struct keeping keeping = {
        .server = server,
        .media = {.id = store_new_id(server->store),
                  .origin = STR(""),
                  .media_id = media_new_id(arena),
                  .size = (int64_t)thumbnail->bytes.n,
                  .type = image_type(thumbnail->format),
                  .hash = str_make(hash, sizeof hash),
                  .created_ms = now_ms,
                  .expires_ms = now_ms + LIMIT_PREVIEW_IMAGE_MS},
    };
    int status = store_run(server->store, write_image, &keeping, err);
    if (status < 0)
        content_suspect(content, keeping.media.hash);
    content_unpin(content, keeping.media.hash);
    if (status == 0)
        scanner_wake(server->scanner);
    *ret_media = keeping.media;
    return status;
}

static int describe(struct server *server, const struct media *media,
                    const struct thumbnail *thumbnail, struct preview_image *ret, struct err *err)
{
    int n = snprintf(ret->uri, sizeof ret->uri, "mxc://%.*s/%.*s", STR_ARG(server->name),
                     STR_ARG(media->media_id));
    if (n < 0 || (size_t)n >= sizeof ret->uri)
        return err_internal(err, "the address of a preview's image is too long");
    ret->type = image_type(thumbnail->format).p;
    ret->width = thumbnail->width;
    ret->height = thumbnail->height;
    ret->size = media->size;
    return 0;
}

int preview_image_take(struct server *server, const struct fetch *like, struct str page,
                       struct str reference, struct arena *arena, struct preview_image *ret,
                       struct err *err)
{
    struct thumbnail thumbnail = {0};
    struct media media = {0};
    struct str bytes;
    *ret = (struct preview_image){0};
    int found = fetch_image(like, page, reference, arena, &bytes);
    if (found == 1)
        found = make_small(bytes, &thumbnail, err);
    if (found == 1)
        found = keep(server, &thumbnail, arena, &media, err) < 0
                    ? -1
                    : describe(server, &media, &thumbnail, ret, err);
    thumbnail_done(&thumbnail);
    return found < 0 ? -1 : 0;
}
