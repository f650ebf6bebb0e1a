/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/media/thumbnails.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "cage/cage.h"
#include "service/media/content.h"
#include "service/media/private.h"
#include "service/task_pool.h"
#include "store/media_thumbnail.h"

/* After that long, one that could not be made is tried again: the program may have been mended. */
#define FAILED_MS (24 * 3600 * INT64_C(1000))

/* ---- sizes ---- */

static const struct {
    int64_t width, height;
} sizes[] = {{32, 32}, {96, 96}, {320, 240}, {640, 480}, {800, 600}};

void thumbnail_choose(struct thumbnail_question *question)
{
    size_t i = 0;
    while (i + 1 < ARRAY_LEN(sizes) &&
           (sizes[i].width < question->width || sizes[i].height < question->height))
        i++;
    question->width = sizes[i].width;
    question->height = sizes[i].height;
}

/* ---- one that is being made ---- */

/* In the arena of the exchange that makes it. */
struct making {
    struct task task; /* first */
    struct server *server;
    struct media_thumbnail row;
    struct str key; /* in repository->making, while it is made; n 0: not any more */
    int source_fd;
    int64_t source_size;
    bool is_pinned, is_committed;
    unsigned char hash[SHA256_BYTES];
    struct err err; /* of the task */
};

static struct str key_of(struct arena *arena, const struct media_thumbnail *row)
{
    return arena_printf(arena, "%.*s %lld %d %d", STR_ARG(row->source), (long long)row->width,
                        row->crop, row->animated);
}

/* What those who want the same wait for: no id of a file but by chance, and then they look again
 * for nothing. */
static int64_t wait_id(struct str key)
{
    return (int64_t)(map_hash(key) & INT64_MAX) | 1;
}

/* False: another request makes it. */
static bool begin_making(struct media_repository *repository, struct making *making)
{
    pthread_mutex_lock(&repository->lock);
    bool is_first = !str_map_find(&repository->making, making->key);
    if (is_first)
        str_map_put(&repository->making, making->key, making);
    pthread_mutex_unlock(&repository->lock);
    return is_first;
}

static void end_making(struct making *making)
{
    struct media_repository *repository = making->server->media;
    if (!making->key.n)
        return;
    pthread_mutex_lock(&repository->lock);
    str_map_remove(&repository->making, making->key);
    pthread_mutex_unlock(&repository->lock);
    media_wake(making->server, wait_id(making->key));
    making->key = STR("");
}

/* However the exchange ended. */
static void making_end(void *arg)
{
    struct making *making = arg;
    struct str hash = str_make(making->hash, sizeof making->hash);
    struct content *content = media_content(making->server);
    end_making(making);
    if (making->source_fd >= 0)
        close(making->source_fd);
    if (!making->is_pinned)
        return;
    if (!making->is_committed)
        content_suspect(content, hash);
    content_unpin(content, hash);
}

/* ---- on the pool ---- */

static int keep(struct making *making, struct str bytes)
{
    struct content_draft *draft;
    struct err *err = &making->err;
    if (content_draft_new(media_content(making->server), &draft, err) < 0)
        return -1;
    int status = content_draft_add(draft, bytes, err);
    if (status == 0)
        status = content_draft_keep(draft, making->hash, err);
    making->is_pinned = status == 0;
    content_draft_free(draft);
    return status;
}

/* The child met something that attacks it, or a bug. */
static void tell_suspicious(const struct making *making)
{
    if (making->err.kind == ERR_KIND_CLIENT && making->err.detail[0])
        log_line(LOG_LEVEL_WARN, "thumbnail_suspicious", "detail", LOG_Z(making->err.detail), NULL);
}

static void make(struct task *task)
{
    struct making *making = (struct making *)task;
    struct cage_source source = {making->source_fd, 0, making->source_size};
    struct thumbnail_wish wish = {
        .width = (unsigned)making->row.width,
        .height = (unsigned)making->row.height,
        .method = making->row.crop ? THUMBNAIL_CROP : THUMBNAIL_SCALE,
        .animated = making->row.animated,
    };
    struct thumbnail thumbnail = {0};
    if (cage_thumbnail(&source, &wish, &thumbnail, &making->err) < 0) {
        tell_suspicious(making);
        return;
    }
    making->row.type = image_type(thumbnail.format);
    making->row.size = (int64_t)thumbnail.bytes.n;
    (void)keep(making, buf_str(&thumbnail.bytes)); /* making->err tells */
    thumbnail_done(&thumbnail);
}

/* ---- the row ---- */

static int write_row(struct write *w, void *arg, struct err *err)
{
    const struct making *making = arg;
    return media_thumbnail_insert(w, &making->row, err);
}

static void after_row(void *arg, enum job_result result)
{
    struct making *making = arg;
    making->is_committed = result == JOB_COMMITTED;
    if (making->is_committed)
        end_making(making);
}

static int failed(struct use *use, int64_t status)
{
    if (status == 413)
        return err_client(&use->err, 413, "M_TOO_LARGE",
                          "The image is too large to be shown small");
    return err_client(&use->err, 400, "M_UNKNOWN", "No small picture can be made of this file");
}

static struct media as_file(struct use *use, const struct media_thumbnail *row)
{
    struct str format = str_skip(row->type, sizeof "image/" - 1);
    return (struct media){
        .state = MEDIA_THERE,
        .origin = STR(""),
        .media_id = STR("thumbnail"),
        .size = row->size,
        .type = row->type,
        .name = arena_printf(use->arena, "thumbnail.%.*s", STR_ARG(format)),
        .hash = row->hash,
    };
}

/* A failure that is the image's is kept; it leaves as an answer when the next request finds it. */
static int commit(struct use *use, struct making *making, struct media *ret_thumbnail)
{
    if (making->err.kind == ERR_KIND_CLIENT &&
        (making->err.status == 400 || making->err.status == 413)) {
        making->row.failure = making->err.status;
        return use_commit_first(use, write_row, NULL, making) < 0 ? USE_FAILED : USE_WAIT;
    }
    if (making->err.kind != ERR_KIND_NONE) {
        use->err = making->err;
        return USE_FAILED;
    }
    making->row.hash = str_make(making->hash, sizeof making->hash);
    *ret_thumbnail = as_file(use, &making->row);
    return use_commit(use, write_row, after_row, making) < 0 ? USE_FAILED : USE_DONE;
}

/* ---- looking ---- */

/* What can be told without a child. */
static int check_source(struct use *use, int fd, int64_t size)
{
    char head[SHA256_BYTES];
    ssize_t n = pread(fd, head, sizeof head, 0);
    if (image_identify(str_make(head, n > 0 ? (size_t)n : 0)) == IMAGE_FORMAT_NONE)
        return failed(use, 400);
    return size > (int64_t)LIMIT_IMAGE_BYTES ? failed(use, 413) : 0;
}

static int begin(struct use *use, const struct media *media, const struct media_thumbnail *wish,
                 int fd, struct making **ret_making)
{
    struct arena *arena = http_arena(use->x);
    struct making *making = ARENA_NEW(arena, struct making);
    making->server = use->server;
    making->row = *wish;
    making->row.id = store_new_id(use->server->store);
    making->row.made_ms = clock_wall_ms();
    making->row.source = arena_str(arena, wish->source);
    making->key = key_of(arena, &making->row);
    making->source_size = media->size;
    making->source_fd = -1;
    making->task.run = make;
    if (!begin_making(use->server->media, making))
        return media_wait_for(use, wait_id(making->key), 2 * LIMIT_DECODE_MS);
    making->source_fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    http_on_end(use->x, making_end, making);
    *ret_making = making;
    if (making->source_fd < 0)
        return err_internal(&use->err, "no descriptor is left");
    if (task_pool_submit(use->server->cages, use->x, &making->task, &use->err) < 0)
        return USE_FAILED;
    return USE_WAIT;
}

static int make_one(struct use *use, const struct media *media, const struct media_thumbnail *wish)
{
    int fd;
    if (!use->x)
        return err_internal(&use->err, "thumbnails are made for requests");
    int status = media_open(use, media, &fd);
    if (status != USE_DONE)
        return status;
    status = check_source(use, fd, media->size);
    if (status == 0)
        status = begin(use, media, wish, fd, &media_request_of(use)->work);
    close(fd);
    return status;
}

int thumbnail_look(struct use *use, const struct media *media,
                   const struct thumbnail_question *question, struct media *ret_thumbnail)
{
    struct making *making = use->x ? media_request_of(use)->work : NULL;
    struct media_thumbnail row, wish = {
                                    .source = media->hash,
                                    .width = question->width,
                                    .height = question->height,
                                    .crop = question->crop,
                                    .animated = question->animated,
                                };
    int found = media_thumbnail_find(&use->read, &wish, use->arena, &row, &use->err);
    if (found < 0)
        return USE_FAILED;
    if (found && !row.failure) {
        *ret_thumbnail = as_file(use, &row);
        return USE_DONE;
    }
    if (found && row.made_ms > clock_wall_ms() - FAILED_MS)
        return failed(use, row.failure);
    if (!making)
        return make_one(use, media, &wish);
    return task_is_done(&making->task) ? commit(use, making, ret_thumbnail) : USE_WAIT;
}
