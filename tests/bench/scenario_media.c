/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "bench/batch.h"
#include "bench/measure.h"
#include "bench/photo.h"
#include "bench/room.h"

/* (j) Files: up and down, small and large, of bytes that nobody can compress; a thumbnail of a
 * photo, made and kept; and, where the server has an antivirus, from an upload until another may
 * read it. */

#define WIDTH 4 /* people at once */
#define SMALL KIB(64)
#define LARGE MIB(4)

struct media {
    struct bench *bench;
    struct measure measure;
    size_t sender, reader; /* accounts */
    size_t size;           /* of the files of this case */
    struct str bytes;      /* LARGE of them, or words, or a photo */
    size_t own;            /* where in them each file has bytes of its own */
    struct str *uris;      /* what has been sent, without "mxc://" */
    size_t n;
    int64_t serial;
    bool counts; /* the answers */
};

/* ---- what is sent ---- */

static struct str noise(struct bench *bench)
{
    char *bytes = arena_alloc(bench->memory, LARGE, 1);
    for (size_t i = 0; i < LARGE; i += sizeof(uint64_t)) {
        uint64_t drawn = bench_random(bench);
        memcpy(bytes + i, &drawn, sizeof drawn);
    }
    return str_make(bytes, LARGE);
}

/* Lines of letters, which an antivirus reads to their end. */
static struct str words(struct bench *bench)
{
    char *bytes = arena_alloc(bench->memory, LARGE, 1);
    for (size_t i = 0; i < LARGE; i++)
        bytes[i] = (char)(i % 64 == 63 ? '\n' : 'a' + (char)bench_random_below(bench, 26));
    return str_make(bytes, LARGE);
}

/* ---- requests ---- */

static void write_upload(void *owner, size_t i, struct draft *draft)
{
    struct media *media = owner;
    char own[17];
    (void)i;
    snprintf(own, sizeof own, "%016lld", (long long)media->serial++);
    draft->token = media->bench->accounts.p[media->sender].token;
    buf_add(&draft->path, STR("/_matrix/media/v3/upload"));
    buf_add(&draft->body, str_first(media->bytes, media->own));
    buf_add(&draft->body, str_make(own, 16));
    buf_add(&draft->body, str_skip(str_first(media->bytes, media->size), media->own + 16));
}

static bool count(struct media *media, const struct answer *answer)
{
    if (media->counts)
        measure_add(&media->measure, answer->due_us, answer->done_us, answer->status == 200);
    return true;
}

static bool read_upload(void *owner, size_t i, const struct answer *answer)
{
    struct media *media = owner;
    struct str uri = answer_find_str(answer->body, STR("content_uri"));
    media->uris[i] = arena_str(media->bench->memory, str_skip(uri, sizeof "mxc://" - 1));
    return media->uris[i].n && count(media, answer);
}

static void write_read(struct media *media, size_t i, struct draft *draft, const char *road,
                       const char *query)
{
    draft->method = "GET";
    draft->token = media->bench->accounts.p[media->reader].token;
    buf_printf(&draft->path, "/_matrix/client/v1/media/%s/%.*s?%s", road,
               STR_ARG(media->uris[i % media->n]), query);
}

static void write_download(void *owner, size_t i, struct draft *draft)
{
    write_read(owner, i, draft, "download", "timeout_ms=60000");
}

static bool read_download(void *owner, size_t i, const struct answer *answer)
{
    struct media *media = owner;
    (void)i;
    return answer->body.n == media->size && count(media, answer);
}

static void write_thumbnail(void *owner, size_t i, struct draft *draft)
{
    write_read(owner, i, draft, "thumbnail", "timeout_ms=60000&width=800&height=600&method=scale");
}

static bool read_thumbnail(void *owner, size_t i, const struct answer *answer)
{
    (void)i;
    return answer->body.n > 0 && count(owner, answer);
}

/* ---- cases ---- */

static void begin(struct media *media)
{
    media->measure = (struct measure){0};
    media->counts = true;
    measure_begin(media->bench, &media->measure);
}

static void end(struct media *media, const char *name, const char *unit)
{
    bool is_file = strcmp(unit, "file") == 0;
    struct report *report = &media->bench->report;
    measure_end(media->bench, &media->measure);
    media->counts = false;
    double bytes = (double)media->measure.waits.n * (double)media->size;
    report_case(report, "media", name);
    measure_report(media->bench, &media->measure, unit);
    if (is_file)
        report_number(report, "mb_per_second", bytes / 1e6 / measure_seconds(&media->measure));
    report_case_end(report);
}

static int uploads(struct media *media, struct err *err)
{
    struct batch batch = {media->n, WIDTH, media, write_upload, read_upload};
    return batch_run(media->bench, &batch, err);
}

static int downloads(struct media *media, struct err *err)
{
    struct batch batch = {media->n, WIDTH, media, write_download, read_download};
    return batch_run(media->bench, &batch, err);
}

/* Read once before, so that what is to be scanned was. */
static int up_and_down(struct media *media, const char *what, size_t n, struct err *err)
{
    char name[64];
    media->n = n;
    snprintf(name, sizeof name, "up, %s", what);
    begin(media);
    if (uploads(media, err) < 0)
        return -1;
    end(media, name, "file");
    if (downloads(media, err) < 0)
        return -1;
    snprintf(name, sizeof name, "down, %s", what);
    begin(media);
    if (downloads(media, err) < 0)
        return -1;
    end(media, name, "file");
    return 0;
}

static int thumbnails(struct media *media, const char *name, struct err *err)
{
    struct batch batch = {media->n, WIDTH, media, write_thumbnail, read_thumbnail};
    begin(media);
    if (batch_run(media->bench, &batch, err) < 0)
        return -1;
    end(media, name, "thumbnail");
    return 0;
}

/* A photo of twelve million pixels, as a telephone takes it. */
static int photos(struct media *media, struct err *err)
{
    struct bench *bench = media->bench;
    unsigned side = BENCH_BY_SIZE(bench, 100, 1000, 1000);
    media->bytes = photo_make(bench, 4 * side, 3 * side, &media->own);
    media->size = media->bytes.n;
    media->n = BENCH_BY_SIZE(bench, 3, 30, 200);
    if (media->size < media->own + 16 || media->size > MIB(8))
        return err_internal(err, "a photo of %zu bytes", media->size);
    if (uploads(media, err) < 0 || downloads(media, err) < 0 ||
        thumbnails(media, "thumbnail of a photo, made", err) < 0)
        return -1;
    return thumbnails(media, "thumbnail of a photo, kept", err);
}

/* Whether files are looked at here: a verdict is "clean" only then. */
static int is_scanned(struct media *media, bool *ret_scanned, struct err *err)
{
    struct bench *bench = media->bench;
    CLEANUP(buf_done) struct buf path;
    struct str answer;
    buf_init(&path, KIB(1));
    buf_printf(&path, "/_matrix/media_proxy/unstable/scan/%.*s", STR_ARG(media->uris[0]));
    if (batch_one(bench, "GET", buf_str(&path), bench->accounts.p[media->reader].token, STR_NONE,
                  &answer, err) < 0)
        return -1;
    *ret_scanned = str_contains(answer, STR("\"clean\":true"));
    return 0;
}

/* From the first upload until the last file has been read by another: scanning is what takes time.
 */
static int scans(struct media *media, struct err *err)
{
    struct bench *bench = media->bench;
    bool scanned = false;
    media->bytes = words(bench);
    media->own = 0;
    media->size = LARGE;
    media->n = BENCH_BY_SIZE(bench, 2, 30, 200);
    begin(media);
    media->counts = false;
    if (uploads(media, err) < 0)
        return -1;
    media->counts = true;
    if (downloads(media, err) < 0 || is_scanned(media, &scanned, err) < 0)
        return -1;
    if (scanned)
        end(media, "sent, scanned and read, 4 MiB of words", "file");
    else
        fprintf(stderr, "media     scanning left out: this server has no antivirus\n");
    return 0;
}

static int run(struct bench *bench, struct err *err)
{
    struct media *media = MEM_NEW(struct media);
    size_t n_small = BENCH_BY_SIZE(bench, 5, 1000, 5000);
    media->bench = bench;
    media->uris = ARENA_NEW_N(bench->memory, n_small, struct str);
    media->bytes = noise(bench);
    int outcome = accounts_add(bench, 2, &media->sender, err);
    media->reader = media->sender + 1;
    media->size = SMALL;
    if (outcome == 0)
        outcome = up_and_down(media, "64 KiB", n_small, err);
    media->size = LARGE;
    if (outcome == 0)
        outcome = up_and_down(media, "4 MiB", BENCH_BY_SIZE(bench, 2, 60, 500), err);
    if (outcome == 0)
        outcome = photos(media, err);
    if (outcome == 0)
        outcome = scans(media, err);
    mem_free(media);
    return outcome;
}

const struct scenario scenario_media = {
    'j', "media", "files up and down, thumbnails, and how fast they are scanned", run};
