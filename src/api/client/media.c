/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Content repository". */

#include "api/client/media.h"

#include <unistd.h>

#include "api/client/tables.h"
#include "service/config.h"
#include "service/media/previews.h"
#include "service/media/range.h"
#include "service/media/served.h"
#include "service/media/thumbnails.h"
#include "service/media/upload.h"

#define TIMEOUT_MS 20000

static int get_config(struct request *rq)
{
    json_write_object(&rq->out);
    json_write_member_int(&rq->out, STR("m.upload.size"), rq->use.server->config->media_max_size);
    json_write_end(&rq->out);
    return API_DONE;
}

/* ---- uploads ---- */

static int post_create(struct request *rq)
{
    struct media media;
    if (upload_reserve(&rq->use, &media) < 0)
        return API_FAILED;
    json_write_object(&rq->out);
    json_write_member_str(&rq->out, STR("content_uri"), media_uri(&rq->use, &media));
    json_write_member_int(&rq->out, STR("unused_expires_at"), media.expires_ms);
    json_write_end(&rq->out);
    return API_DONE;
}

static void declared(struct request *rq, struct upload_args *args)
{
    args->type = http_header(rq->use.x, STR("content-type"));
    args->length = http_header(rq->use.x, STR("content-length"));
    args->name = api_query(rq, STR("filename"));
}

static int take(struct request *rq, struct upload_args *args, struct media *ret_media)
{
    declared(rq, args);
    int status = upload_take(&rq->use, args, ret_media);
    if (status == USE_DONE)
        http_set_header(rq->use.x, STR("Content-Type"), STR("application/json"));
    return status;
}

static int post_upload(struct request *rq)
{
    struct upload_args args = {0};
    struct media media;
    int status = take(rq, &args, &media);
    if (status != USE_DONE)
        return status;
    json_write_object(&rq->out);
    json_write_member_str(&rq->out, STR("content_uri"), media_uri(&rq->use, &media));
    json_write_end(&rq->out);
    return API_DONE;
}

static int put_upload(struct request *rq)
{
    struct upload_args args = {.server_name = api_param(rq, 0), .media_id = api_param(rq, 1)};
    struct media media;
    return take(rq, &args, &media);
}

/* ---- uploads that can be gone on with: docs/design/resumable-upload.md ---- */

static void write_progress(struct request *rq, const struct upload_progress *progress)
{
    json_write_object(&rq->out);
    json_write_member_int(&rq->out, STR("offset"), progress->offset);
    json_write_member_bool(&rq->out, STR("complete"), progress->expires_ms == 0);
    if (progress->expires_ms)
        json_write_member_int(&rq->out, STR("unused_expires_at"), progress->expires_ms);
    json_write_end(&rq->out);
}

static int get_progress(struct request *rq)
{
    struct upload_progress progress;
    if (upload_look(&rq->use, api_param(rq, 0), api_param(rq, 1), &progress) < 0)
        return API_FAILED;
    write_progress(rq, &progress);
    return API_DONE;
}

static int whole_number(struct request *rq, struct str name, int64_t *ret_value)
{
    if (!api_query(rq, name).p)
        return err_client(&rq->use.err, 400, "M_MISSING_PARAM", "%.*s is missing", STR_ARG(name));
    return api_query_int(rq, name, 0, INT64_MAX, ret_value);
}

static int put_part(struct request *rq)
{
    struct upload_args args = {
        .server_name = api_param(rq, 0), .media_id = api_param(rq, 1), .resumes = true};
    struct upload_progress progress;
    if (whole_number(rq, STR("offset"), &args.offset) < 0 ||
        whole_number(rq, STR("size"), &args.total) < 0)
        return API_FAILED;
    declared(rq, &args);
    int status = upload_take_part(&rq->use, &args, &progress);
    if (status != USE_DONE)
        return status;
    http_set_header(rq->use.x, STR("Content-Type"), STR("application/json"));
    write_progress(rq, &progress);
    return API_DONE;
}

/* ---- downloads ---- */

/* What a file says of itself is never believed: nothing of it runs, whoever opens it. */
static void set_file_headers(struct request *rq, const struct served *served, struct str etag)
{
    struct http_exchange *x = rq->use.x;
    http_set_header(x, STR("Content-Type"), served->type);
    http_set_header(x, STR("Content-Disposition"), served->disposition);
    http_set_header(x, STR("Content-Security-Policy"),
                    STR("sandbox; default-src 'none'; script-src 'none'; plugin-types "
                        "application/pdf; style-src 'unsafe-inline'; object-src 'self';"));
    http_set_header(x, STR("Cross-Origin-Resource-Policy"), STR("cross-origin"));
    http_set_header(x, STR("Referrer-Policy"), STR("no-referrer"));
    http_set_header(x, STR("Access-Control-Expose-Headers"),
                    STR("Accept-Ranges, Content-Disposition, Content-Range, ETag"));
    http_set_header(x, STR("Accept-Ranges"), STR("bytes"));
    http_set_header(x, STR("ETag"), etag);
    /* Kept by its reader alone, and asked about each time: it may have been taken away since. */
    http_set_header(x, STR("Cache-Control"), STR("private, no-cache"));
}

/* One of the tags of If-None-Match, weak or strong, or "*". */
static bool is_known(struct request *rq, struct str etag)
{
    struct str rest = http_header(rq->use.x, STR("if-none-match")), one;
    bool more = rest.p != NULL;
    while (more) {
        more = str_cut(rest, ',', &one, &rest);
        one = str_trim(one);
        if (str_starts(one, STR("W/")))
            one = str_skip(one, 2);
        if (str_eq(one, etag) || str_eq(one, STR("*")))
            return true;
    }
    return false;
}

/* 1 a part, 0 the whole, -1: 416. */
static int choose_range(struct request *rq, int64_t size, struct str etag, struct range *ret_range)
{
    struct http_exchange *x = rq->use.x;
    struct str field = http_header(x, STR("range")), only_if = http_header(x, STR("if-range"));
    if (http_method(x) != HTTP_GET || (only_if.p && !str_eq(only_if, etag)))
        field = STR_NONE;
    int chosen = range_parse(field, size, ret_range);
    if (chosen == 0)
        *ret_range = (struct range){0, size};
    if (chosen >= 0)
        return chosen;
    http_set_header(x, STR("Content-Range"),
                    arena_printf(rq->use.arena, "bytes */%lld", (long long)size));
    return err_client(&rq->use.err, 416, "M_INVALID_PARAM",
                      "One range of bytes within the file can be asked for");
}

static void set_range_headers(struct request *rq, const struct range *range, int64_t size)
{
    http_status(rq->use.x, 206);
    http_set_header(rq->use.x, STR("Content-Range"),
                    arena_printf(rq->use.arena, "bytes %lld-%lld/%lld", (long long)range->offset,
                                 (long long)(range->offset + range->length - 1), (long long)size));
}

/* "HOST" or "HOST:PORT" of a base URL, or of a Host field. */
static bool is_host(struct str text, struct str host)
{
    return str_eq_nocase(str_first(text, host.n), host) &&
           (text.n == host.n || text.p[host.n] == ':' || text.p[host.n] == '/');
}

/* Where the web client has a host of its own, nothing of a file is ever of the origin that holds
 * its keys (MED-02). */
static int check_origin(struct request *rq)
{
    const struct config *config = rq->use.server->config;
    struct str own = config->public_url, web = config->web_host;
    own = str_skip(own, str_starts(own, STR("https:")) ? 8 : 7);
    if (!web.p || !own.n || is_host(own, web) || !is_host(http_host(rq->use.x), web))
        return 0;
    return err_client(&rq->use.err, 404, "M_NOT_FOUND", "Files are given at the API's own address");
}

/* Its bytes may be far: nothing of them is looked at. */
static int send_not_modified(struct request *rq, struct str etag)
{
    http_set_header(rq->use.x, STR("ETag"), etag);
    http_set_header(rq->use.x, STR("Cache-Control"), STR("private, no-cache"));
    http_status(rq->use.x, 304);
    return API_DONE;
}

/* The descriptor becomes the answer's. */
static int send_open(struct request *rq, const struct media *media, struct str name,
                     struct str etag, int fd)
{
    char head[SERVED_HEAD_BYTES];
    struct range range;
    ssize_t n = pread(fd, head, sizeof head, 0);
    struct served served = served_as(rq->use.arena, media->type, name.p ? name : media->name,
                                     str_make(head, n > 0 ? (size_t)n : 0));
    int chosen = choose_range(rq, media->size, etag, &range);
    if (chosen < 0) {
        close(fd);
        return API_FAILED;
    }
    set_file_headers(rq, &served, etag);
    if (chosen == 1)
        set_range_headers(rq, &range, media->size);
    http_send_file(rq->use.x, fd, range.offset, range.length);
    return API_DONE;
}

int api_media_send(struct request *rq, const struct media *media, struct str name)
{
    struct str etag = served_etag(rq->use.arena, media->hash);
    int fd;
    if (check_origin(rq) < 0)
        return API_FAILED;
    if (is_known(rq, etag))
        return send_not_modified(rq, etag);
    int status = media_open(&rq->use, media, &fd);
    return status == USE_DONE ? send_open(rq, media, name, etag, fd) : status;
}

static int look(struct request *rq, struct media *ret_media)
{
    struct media_question question = {
        .server_name = api_param(rq, 0), .media_id = api_param(rq, 1), .road = MEDIA_ROAD_ORDINARY};
    if (api_query_int(rq, STR("timeout_ms"), TIMEOUT_MS, LIMIT_MEDIA_WAIT_MS,
                      &question.timeout_ms) < 0)
        return API_FAILED;
    return media_look(&rq->use, &question, ret_media);
}

static int download(struct request *rq, struct str name)
{
    struct media media;
    int status = look(rq, &media);
    return status == USE_DONE ? api_media_send(rq, &media, name) : status;
}

static int get_download(struct request *rq)
{
    return download(rq, STR_NONE);
}

static int get_download_as(struct request *rq)
{
    return download(rq, api_param(rq, 2));
}

/* ---- thumbnails ---- */

static int side(struct request *rq, struct str name, int64_t *ret_side)
{
    if (whole_number(rq, name, ret_side) < 0)
        return -1;
    if (*ret_side < 1 || *ret_side > LIMIT_THUMBNAIL_ASKED)
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "%.*s must be 1 to %d",
                          STR_ARG(name), LIMIT_THUMBNAIL_ASKED);
    return 0;
}

int api_thumbnail_question(struct request *rq, struct thumbnail_question *ret_question)
{
    struct str method = api_query(rq, STR("method"));
    ret_question->crop = str_eq(method, STR("crop"));
    if (method.p && !ret_question->crop && !str_eq(method, STR("scale")))
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "method must be crop or scale");
    if (side(rq, STR("width"), &ret_question->width) < 0 ||
        side(rq, STR("height"), &ret_question->height) < 0 ||
        api_query_bool(rq, STR("animated"), false, &ret_question->animated) < 0)
        return -1;
    thumbnail_choose(ret_question);
    return 0;
}

static int get_thumbnail(struct request *rq)
{
    struct thumbnail_question question;
    struct media media, thumbnail;
    if (api_thumbnail_question(rq, &question) < 0)
        return API_FAILED;
    int status = look(rq, &media);
    if (status == USE_DONE)
        status = thumbnail_look(&rq->use, &media, &question, &thumbnail);
    return status == USE_DONE ? api_media_send(rq, &thumbnail, STR_NONE) : status;
}

/* The routes without a token are frozen: they know no file that came after, and all of ours have.
 */
static int get_frozen(struct request *rq)
{
    return err_client(&rq->use.err, 404, "M_NOT_FOUND",
                      "Files are given on /_matrix/client/v1/media, with a token");
}

#define FILE    "{serverName}/{mediaId}"
#define V1      "/_matrix/client/v1/media"
#define V3      "/_matrix/media/v3"
#define PARTS   "/_matrix/client/unstable/org.chappe/media/upload/"
#define READ    API_ACCESS_USER_SUSPENDED, API_RATE_READ
#define WRITE   API_ACCESS_USER, API_RATE_WRITE
#define NOBODY  API_ACCESS_NOBODY, API_RATE_NONE
#define ANSWERS .flags = API_PAGE
#define TAKES   .flags = HTTP_ROUTE_STREAM | HTTP_ROUTE_ANY_TYPE | API_FILE_BODY

/* ---- previews of links ---- */

static int get_preview(struct request *rq)
{
    return preview_look(&rq->use, api_query(rq, STR("url")), &rq->out);
}

static const struct api_route routes[] = {
    {HTTP_GET, V1 "/config", READ, get_config},
    {HTTP_GET, V3 "/config", READ, get_config},
    {HTTP_POST, "/_matrix/media/v1/create", WRITE, post_create},
    {HTTP_POST, V3 "/upload", WRITE, post_upload, TAKES},
    {HTTP_PUT, V3 "/upload/" FILE, WRITE, put_upload, TAKES},
    {HTTP_GET, PARTS FILE, READ, get_progress},
    {HTTP_PUT, PARTS FILE, WRITE, put_part, TAKES},
    {HTTP_GET, V1 "/download/" FILE, READ, get_download, ANSWERS},
    {HTTP_GET, V1 "/download/" FILE "/{fileName}", READ, get_download_as, ANSWERS},
    {HTTP_GET, V1 "/thumbnail/" FILE, READ, get_thumbnail, ANSWERS},
    {HTTP_GET, V3 "/download/" FILE, NOBODY, get_frozen},
    {HTTP_GET, V3 "/download/" FILE "/{fileName}", NOBODY, get_frozen},
    {HTTP_GET, V3 "/thumbnail/" FILE, NOBODY, get_frozen},
    {HTTP_GET, "/_matrix/client/v1/media/preview_url", API_ACCESS_USER, API_RATE_READ, get_preview},
    {HTTP_GET, "/_matrix/media/v3/preview_url", API_ACCESS_USER, API_RATE_READ, get_preview},
};
const struct api_table api_client_media = {routes, ARRAY_LEN(routes)};
