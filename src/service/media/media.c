/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/media/media.h"

#include <pthread.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/vec.h"
#include "crypto/token.h"
#include "matrix/id.h"
#include "net/s3.h"
#include "service/config.h"
#include "service/media/content.h"
#include "service/media/private.h"

/* 187 bits. */
#define ID_LETTERS 32

static int open_shelf(const struct config *config, struct shelf **ret_shelf, struct err *err)
{
    const char *directory = config_media_directory(config);
    struct s3_config s3 = {
        .region = config->media_s3_region,
        .access_key = config->media_s3_access_key,
        .secret = config->media_s3_secret,
        .ca_file = config->media_s3_ca.p,
        .stall_ms = config->media_s3_timeout_ms,
    };
    if (directory)
        return shelf_path_new(directory, ret_shelf, err);
    if (str_starts(config->media_store, STR("s3:http://")))
        log_line(LOG_LEVEL_WARN, "media_storage_clear", "effect",
                 LOG_Z("files cross the network in clear on their way to the storage"), NULL);
    CHECK(s3_place_parse(str_skip(config->media_store, sizeof "s3:" - 1), &s3.place) == 0);
    return shelf_s3_new(config->media_cache.p, config->media_cache_size, &s3, ret_shelf, err);
}

static int open_content(struct server *server, struct media_repository *repository, struct err *err)
{
    struct shelf *shelf;
    if (open_shelf(server->config, &shelf, err) < 0 ||
        content_new(shelf, &repository->content, err) < 0)
        return -1;
    repository->nodes = media_nodes(server);
    content_share(repository->content, &repository->nodes);
    return 0;
}

int media_repository_new(struct server *server, struct media_repository **ret_repository,
                         struct err *err)
{
    struct media_repository *repository = MEM_NEW(struct media_repository);
    pthread_mutex_init(&repository->lock, NULL);
    if (server->config->media_store.p && open_content(server, repository, err) < 0) {
        media_repository_free(repository);
        return -1;
    }
    *ret_repository = repository;
    return 0;
}

int media_start(struct server *server, struct err *err)
{
    return media_content(server) ? media_judge_parts(server, err) : 0;
}

void media_stop(struct media_repository *repository)
{
    if (!repository || !repository->content)
        return;
    __atomic_store_n(&repository->is_stopping, true, __ATOMIC_RELEASE);
    content_stop(repository->content);
}

void media_repository_free(struct media_repository *repository)
{
    if (!repository)
        return;
    for (size_t i = 0; i < repository->waiting.n; i++)
        http_unref(repository->waiting.p[i].x);
    VEC_DONE(&repository->waiting);
    str_map_done(&repository->making);
    media_forget_failures(repository, true);
    str_map_done(&repository->fetching);
    int_map_done(&repository->parts);
    int_map_done(&repository->uploads);
    content_free(repository->content);
    pthread_mutex_destroy(&repository->lock);
    mem_free(repository);
}

struct content *media_content(struct server *server)
{
    return server->media->content;
}

struct str media_new_id(struct arena *arena)
{
    return token_new(arena, ID_LETTERS);
}

struct str media_uri(struct use *use, const struct media *media)
{
    struct str origin = media->origin.n ? media->origin : use->server->name;
    return arena_printf(use->arena, "mxc://%.*s/%.*s", STR_ARG(origin), STR_ARG(media->media_id));
}

/* ---- looking ---- */

/* "Matrix Content URIs": letters, digits, - and _. */
static bool id_is_valid(struct str id)
{
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];
        bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!alnum && c != '-' && c != '_')
            return false;
    }
    return id.n > 0 && id.n <= LIMIT_MEDIA_ID;
}

int media_find_row(struct use *use, struct str server_name, struct str media_id,
                   struct media *ret_media)
{
    if (!server_name_is_valid(server_name) || !id_is_valid(media_id))
        return err_client(&use->err, 400, "M_INVALID_PARAM", "This is no address of a file");
    struct str origin = str_eq(server_name, use->server->name) ? STR("") : server_name;
    int found = media_find(&use->read, origin, media_id, use->arena, ret_media, &use->err);
    if (found == 0)
        return err_client(&use->err, 404, "M_NOT_FOUND", "There is no such file");
    return found < 0 ? -1 : 0;
}

/* USE_DONE: open; USE_PARK: it is not known yet; -1: closed. */
static int ask_gate(struct use *use, const struct media_question *question,
                    const struct media *media, struct scan_found *ret_found)
{
    if (question->road == MEDIA_ROAD_SEALED)
        return USE_DONE;
    int status = scan_gate(use, media, question->road == MEDIA_ROAD_SCANNER, ret_found);
    if (question->ret_found)
        *question->ret_found = *ret_found;
    return status;
}

static int judge(struct use *use, const struct media_question *question, const struct media *media,
                 struct scan_found *ret_found)
{
    switch (media->state) {
    case MEDIA_RESERVED:
        if (media->expires_ms > clock_wall_ms())
            return USE_PARK;
        break;
    case MEDIA_THERE:
        return ask_gate(use, question, media, ret_found);
    case MEDIA_QUARANTINED:
    case MEDIA_DELETED:
        break;
    }
    return err_client(&use->err, 404, "M_NOT_FOUND", "There is no such file");
}

/* Until there is a content, or a verdict on it. */
static int wait(struct use *use, const struct media_question *question, const struct media *media,
                const struct scan_found *found)
{
    int status = media_wait_for(use, media->id, question->timeout_ms);
    if (status != USE_FAILED || media->state == MEDIA_RESERVED)
        return status;
    (void)err_client(&use->err, 504, "M_NOT_YET_UPLOADED", "This file is being scanned");
    return scan_tell(&use->err, found);
}

int media_look(struct use *use, const struct media_question *question, struct media *ret_media)
{
    struct scan_found found = {0};
    struct media media;
    media_stop_waiting(use);
    if (media_find_row(use, question->server_name, question->media_id, &media) < 0)
        return USE_FAILED;
    int status = judge(use, question, &media, &found);
    if (status == USE_PARK)
        status = wait(use, question, &media, &found);
    if (status == USE_DONE)
        *ret_media = media;
    return status;
}

/* The row says that they are there: what has become of them is for the operator. */
static int damaged(struct use *use, const struct media *media, const char *what)
{
    log_line(LOG_LEVEL_ERROR, "media_damaged", "media", LOG_STR(media_uri(use, media)), "what",
             LOG_Z(what), NULL);
    return err_internal(&use->err, "a file's content %s", what);
}

int media_open(struct use *use, const struct media *media, int *ret_fd)
{
    struct content *content = media_content(use->server);
    int64_t size;
    int fd;
    if (!content)
        return damaged(use, media, "has no store");
    int found = content_open(content, media->hash, &fd, &size, &use->err);
    if (found == 0 && content_is_far(content))
        return media_fetch(use, media->hash, media->size);
    if (found <= 0)
        return found < 0 ? USE_FAILED : damaged(use, media, "is not there");
    if (size != media->size) {
        close(fd);
        return damaged(use, media, "has another size");
    }
    *ret_fd = fd;
    return USE_DONE;
}
