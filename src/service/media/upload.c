/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/media/upload.h"

#include "base/clock.h"
#include "base/limits.h"
#include "service/config.h"
#include "service/media/content.h"
#include "service/media/private.h"
#include "service/scan/scanner.h"
#include "service/task_pool.h"

/* Pieces of a body taken in one run: then others have their turn. */
#define PIECES 16

/* In the exchange's arena, from the first byte to the end of the exchange. */
struct upload {
    struct task task; /* first: content_draft_keep on the pool */
    struct server *server;
    struct content *content;
    struct content_draft *draft;
    struct media media;
    int64_t user;
    bool is_counted;   /* among those that the user has under way */
    bool fills;        /* media is a reservation */
    bool resumes;      /* its draft lasts; the part is held by this request until another begins */
    int64_t total;     /* resumes: bytes of the whole */
    struct part *part; /* resumes; NULL: not begun */
    int64_t room;      /* what the owner's quota leaves; INT64_MAX: no quota */
    bool kept;         /* the task has been submitted */
    bool is_pinned;    /* by the task, when it went well */
    bool is_committed; /* by the appender */
    unsigned char hash[SHA256_BYTES];
    struct err err; /* of the task */
};

/* Whatever way the exchange went. */
static void upload_end(void *arg)
{
    struct upload *upload = arg;
    struct str hash = str_make(upload->hash, sizeof upload->hash);
    content_draft_free(upload->draft);
    if (upload->is_counted)
        uploads_uncount(upload->server->media, upload->user);
    if (upload->part)
        part_give(upload->server->media, upload->part, upload);
    if (!upload->is_pinned)
        return;
    if (!upload->is_committed)
        content_suspect(upload->content, hash);
    content_unpin(upload->content, hash);
}

/* ---- before the body ---- */

static int check_name(struct use *use, const struct upload_args *args)
{
    if (args->name.n > LIMIT_MEDIA_NAME)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "A file's name has at most %d bytes",
                          LIMIT_MEDIA_NAME);
    return 0;
}

static int find_own(struct use *use, const struct upload_args *args, struct media *ret_media)
{
    if (media_find_row(use, args->server_name, args->media_id, ret_media) < 0)
        return -1;
    if (ret_media->origin.n || ret_media->owner != use->caller.user)
        return err_client(&use->err, 403, "M_FORBIDDEN", "This media id is somebody else's");
    return 0;
}

static int find_reservation(struct use *use, const struct upload_args *args,
                            struct media *ret_media)
{
    if (find_own(use, args, ret_media) < 0)
        return -1;
    return media_may_fill(ret_media, clock_wall_ms(), &use->err);
}

static void new_file(struct use *use, struct media *ret_media)
{
    *ret_media = (struct media){
        .id = store_new_id(use->server->store),
        .origin = STR(""),
        .media_id = media_new_id(http_arena(use->x)),
        .owner = use->caller.user,
        .created_ms = clock_wall_ms(),
    };
}

static int wrong_offset(struct err *err)
{
    (void)err_client(err, 409, "M_INVALID_PARAM", "The part does not begin where the last ended");
    return err_reason(err, "wrong_offset");
}

static int check_total(struct use *use, const struct upload_args *args)
{
    if (args->total > use->server->config->media_max_size)
        return err_client(&use->err, 413, "M_TOO_LARGE", "The file is too large");
    if (args->offset > args->total)
        return wrong_offset(&use->err);
    return 0;
}

/* From here on the part is this request's: one that holds it already (its connection may be dead
 * without our knowing) writes no more. */
static int open_part(struct use *use, struct upload *upload, const struct upload_args *args)
{
    int64_t size = 0;
    if (content_part_size(upload->content, upload->media.id, &size, &use->err) < 0)
        return -1;
    if (size != args->offset)
        return wrong_offset(&use->err);
    upload->part = part_take(use->server->media, upload->media.id, upload);
    pthread_mutex_lock(&upload->part->lock);
    int status = content_draft_resume(upload->content, upload->media.id, &upload->draft, &use->err);
    pthread_mutex_unlock(&upload->part->lock);
    if (status == 0 && content_draft_size(upload->draft) != args->offset)
        status = wrong_offset(&use->err);
    return status;
}

/* What is under way is in no quota: so many at once. */
static int count(struct use *use, struct upload *upload)
{
    upload->user = use->caller.user;
    upload->is_counted = uploads_count(use->server->media, upload->user);
    if (upload->is_counted)
        return 0;
    err_client(&use->err, 429, "M_LIMIT_EXCEEDED", "You are sending too many files at once");
    use->err.retry_after_ms = 2000;
    return -1;
}

static int open_draft(struct use *use, struct upload *upload, const struct upload_args *args)
{
    if (upload->resumes)
        return open_part(use, upload, args);
    return content_draft_new(upload->content, &upload->draft, &use->err);
}

static int over_quota(struct err *err)
{
    (void)err_client(err, 403, "M_FORBIDDEN", "Your files would take more room than you have");
    return err_reason(err, "media_quota");
}

/* What is left of the quota, and whether the declared length fits into it. */
static int look_at_quota(struct use *use, struct upload *upload, struct str length)
{
    int64_t quota = use->server->config->media_quota, declared = upload->total;
    struct media_usage usage;
    upload->room = INT64_MAX;
    if (!quota)
        return 0;
    if (media_usage_load(&use->read, use->caller.user, &usage, &use->err) < 0)
        return -1;
    upload->room = usage.bytes < quota ? quota - usage.bytes : 0;
    if (!upload->resumes && length.p && str_parse_uint(length, &declared) < 0)
        declared = 0;
    return declared > upload->room ? over_quota(&use->err) : 0;
}

static int begin(struct use *use, const struct upload_args *args, struct upload **ret_upload)
{
    struct arena *arena = http_arena(use->x);
    struct upload *upload = ARENA_NEW(arena, struct upload);
    upload->server = use->server;
    upload->content = media_content(use->server);
    upload->fills = args->media_id.p != NULL;
    upload->resumes = args->resumes;
    upload->total = args->total;
    if (!upload->content)
        return err_internal(&use->err, "there is no store for files");
    if (check_name(use, args) < 0 || check_total(use, args) < 0)
        return -1;
    if (!upload->fills)
        new_file(use, &upload->media);
    else if (find_reservation(use, args, &upload->media) < 0)
        return -1;
    if (look_at_quota(use, upload, args->length) < 0)
        return -1;
    http_on_end(use->x, upload_end, upload);
    if (count(use, upload) < 0 || open_draft(use, upload, args) < 0)
        return -1;
    upload->media.media_id = arena_str(arena, upload->media.media_id);
    upload->media.origin = STR("");
    bool is_type = args->type.n <= LIMIT_MEDIA_TYPE && str_is_utf8(args->type);
    upload->media.type = is_type ? args->type : STR_NONE;
    upload->media.name = args->name;
    *ret_upload = upload;
    return 0;
}

/* ---- the body ---- */

static bool is_whole(const struct upload *upload)
{
    return !upload->resumes || content_draft_size(upload->draft) == upload->total;
}

static void keep(struct task *task)
{
    struct upload *upload = (struct upload *)task;
    bool whole = is_whole(upload);
    int status = whole ? content_draft_keep(upload->draft, upload->hash, &upload->err)
                       : content_draft_sync(upload->draft, &upload->err);
    upload->is_pinned = whole && status == 0;
}

static int submit_keep(struct use *use, struct upload *upload)
{
    upload->task.run = keep;
    upload->kept = true;
    if (task_pool_submit(use->server->sleepers, use->x, &upload->task, &use->err) < 0)
        return USE_FAILED;
    return USE_WAIT;
}

/* Of a part that nobody else has taken over. */
static int add_to_part(struct use *use, struct upload *upload, struct str piece)
{
    int64_t left = upload->total - content_draft_size(upload->draft);
    if ((int64_t)piece.n > left)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "There are more bytes than was said");
    pthread_mutex_lock(&upload->part->lock);
    int status = part_is_of(upload->part, upload)
                     ? content_draft_add(upload->draft, piece, &use->err)
                     : wrong_offset(&use->err);
    pthread_mutex_unlock(&upload->part->lock);
    return status;
}

static int take_piece(struct use *use, struct upload *upload, struct str piece)
{
    if (upload->resumes)
        return add_to_part(use, upload, piece);
    if (content_draft_add(upload->draft, piece, &use->err) < 0)
        return -1;
    return content_draft_size(upload->draft) > upload->room ? over_quota(&use->err) : 0;
}

static int take_body(struct use *use, struct upload *upload)
{
    struct str piece;
    int more = 1;
    for (int i = 0; i < PIECES; i++) {
        more = http_body_next(use->x, &piece, &use->err);
        if (more < 0 || (more == 1 && take_piece(use, upload, piece) < 0))
            return USE_FAILED;
        if (more != 1)
            break;
    }
    if (more == 0)
        return submit_keep(use, upload);
    if (more == 1)
        http_rerun(use->x);
    return USE_WAIT;
}

/* ---- the row ---- */

static int write_upload(struct write *w, void *arg, struct err *err)
{
    const struct upload *upload = arg;
    int64_t quota = upload->server->config->media_quota;
    if (!upload->media.hash.p)
        return media_advance(w, upload->media.id, upload->media.size, err);
    int stored = upload->fills ? media_fill(w, &upload->media, quota, err)
                               : media_insert(w, &upload->media, quota, err);
    return stored < 0 ? -1 : scan_expect(w, upload->server, upload->media.hash, err);
}

static void after_upload(void *arg, enum job_result result)
{
    struct upload *upload = arg;
    upload->is_committed = result == JOB_COMMITTED;
    if (!upload->is_committed)
        return;
    scanner_wake(upload->server->scanner);
    if (upload->fills)
        media_wake(upload->server, upload->media.id);
}

static int commit(struct use *use, struct upload *upload, struct media *ret_media)
{
    if (upload->err.kind != ERR_KIND_NONE) {
        use->err = upload->err;
        return USE_FAILED;
    }
    upload->media.size = content_draft_size(upload->draft);
    if (is_whole(upload))
        upload->media.hash = str_make(upload->hash, sizeof upload->hash);
    *ret_media = upload->media;
    return use_commit(use, write_upload, after_upload, upload) < 0 ? USE_FAILED : USE_DONE;
}

int upload_take(struct use *use, const struct upload_args *args, struct media *ret_media)
{
    void **slot = use_wait_slot(use);
    struct upload *upload = *slot;
    if (!upload && begin(use, args, &upload) < 0)
        return USE_FAILED;
    *slot = upload;
    if (!upload->kept)
        return take_body(use, upload);
    if (!task_is_done(&upload->task))
        return USE_WAIT;
    return commit(use, upload, ret_media);
}

/* ---- parts ---- */

int upload_take_part(struct use *use, const struct upload_args *args,
                     struct upload_progress *ret_progress)
{
    struct media media;
    int status = upload_take(use, args, &media);
    if (status == USE_DONE)
        *ret_progress = (struct upload_progress){media.size, media.hash.p ? 0 : media.expires_ms};
    return status;
}

int upload_look(struct use *use, struct str server_name, struct str media_id,
                struct upload_progress *ret_progress)
{
    struct upload_args args = {.server_name = server_name, .media_id = media_id};
    struct content *content = media_content(use->server);
    struct media media;
    int64_t size = 0;
    if (find_own(use, &args, &media) < 0)
        return -1;
    if (media.state != MEDIA_RESERVED) {
        *ret_progress = (struct upload_progress){media.size, 0};
        return 0;
    }
    if (media_may_fill(&media, clock_wall_ms(), &use->err) < 0 ||
        (content && content_part_size(content, media.id, &size, &use->err) < 0))
        return -1;
    *ret_progress = (struct upload_progress){size, media.expires_ms};
    return 0;
}

/* ---- reservations ---- */

static int write_reservation(struct write *w, void *arg, struct err *err)
{
    return media_reserve(w, arg, err);
}

int upload_reserve(struct use *use, struct media *ret_media)
{
    struct media *media = ARENA_NEW(use->arena, struct media);
    new_file(use, media);
    media->expires_ms = media->created_ms + LIMIT_MEDIA_RESERVED_MS;
    *ret_media = *media;
    return use_commit(use, write_reservation, NULL, media);
}
