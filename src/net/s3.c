/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/s3.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/vec.h"
#include "base/wait.h"
#include "crypto/hash.h"
#include "net/outbound.h"
#include "net/s3_list.h"
#include "net/sigv4.h"

#define NO_PAYLOAD   "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define BUFFER_BYTES 131072L /* of libcurl, each way */
#define SLOW_BYTES   1024L   /* a second: less is nothing */
#define PAUSE_MS     200     /* before the second try; four times as long before the next */
#define DOWN_MS      3000    /* after a failure, requests fail at once for so long */

struct s3 {
    struct s3_config config;
    struct outbound outbound;
    pthread_mutex_t lock;
    pthread_cond_t stopped; /* by the monotonic clock */
    VEC(CURL *) idle;
    int64_t down_until_ms; /* monotonic */
    bool stopping;         /* atomic: looked at without the lock too */
};

/* One request, and its answer. */
struct transfer {
    struct s3 *s3;
    const char *method;
    struct str path, query, payload; /* as they are signed */
    int fd;                          /* put: of the bytes; -1: none */
    int64_t size, at;                /* put */
    const struct s3_sink *sink;      /* where an answer of 200 goes */
    int64_t max, taken;
    bool sink_failed;
    CURL *curl;
    struct buf refusal; /* any other answer */
    char reason[CURL_ERROR_SIZE];
    struct err *err;
};

enum outcome { OUTCOME_DONE, OUTCOME_ABSENT, OUTCOME_AGAIN, OUTCOME_FAILED };

/* ---- life ---- */

static int check_config(const struct s3_config *config, struct err *err)
{
    bool fits = config->place.bucket.n <= LIMIT_S3_NAME && config->region.n <= LIMIT_S3_NAME &&
                config->place.prefix.n <= LIMIT_S3_PREFIX &&
                config->access_key.n <= LIMIT_S3_ACCESS_KEY && config->secret.n <= LIMIT_S3_SECRET;
    return fits ? 0 : err_internal(err, "a name or a key of the storage is too long");
}

int s3_new(const struct s3_config *config, struct s3 **ret_s3, struct err *err)
{
    if (check_config(config, err) < 0)
        return -1;
    struct s3 *s3 = MEM_NEW(struct s3);
    s3->config = *config;
    s3->outbound = (struct outbound){
        .operators = true,
        .connect_ms = LIMIT_S3_CONNECT_MS,
        .total_ms = LIMIT_S3_MS,
        .schemes = "http,https",
        .ca_file = config->ca_file,
    };
    pthread_mutex_init(&s3->lock, NULL);
    wait_init(&s3->stopped);
    *ret_s3 = s3;
    return 0;
}

void s3_free(struct s3 *s3)
{
    if (!s3)
        return;
    for (size_t i = 0; i < s3->idle.n; i++)
        curl_easy_cleanup(s3->idle.p[i]);
    VEC_DONE(&s3->idle);
    pthread_cond_destroy(&s3->stopped);
    pthread_mutex_destroy(&s3->lock);
    mem_free(s3);
}

void s3_stop(struct s3 *s3)
{
    pthread_mutex_lock(&s3->lock);
    __atomic_store_n(&s3->stopping, true, __ATOMIC_RELEASE);
    pthread_cond_broadcast(&s3->stopped);
    pthread_mutex_unlock(&s3->lock);
}

/* ---- handles, whose connections are kept ---- */

static CURL *take_handle(struct s3 *s3)
{
    CURL *curl = NULL;
    pthread_mutex_lock(&s3->lock);
    if (s3->idle.n)
        curl = s3->idle.p[--s3->idle.n];
    pthread_mutex_unlock(&s3->lock);
    return curl ? curl : outbound_new(&s3->outbound);
}

static void give_handle(struct s3 *s3, CURL *curl)
{
    bool kept;
    pthread_mutex_lock(&s3->lock);
    kept = s3->idle.n < LIMIT_S3_AT_ONCE;
    if (kept)
        VEC_ADD(&s3->idle, curl);
    pthread_mutex_unlock(&s3->lock);
    if (!kept)
        curl_easy_cleanup(curl);
}

/* ---- what libcurl calls ---- */

static size_t read_file(char *to, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;
    int64_t left = t->size - t->at;
    size_t wanted = size * n < (size_t)left ? size * n : (size_t)left;
    ssize_t got;
    do {
        got = pread(t->fd, to, wanted, t->at);
    } while (got < 0 && errno == EINTR);
    if (got < 0 || (got == 0 && wanted > 0))
        return CURL_READFUNC_ABORT;
    t->at += got;
    return (size_t)got;
}

static int seek_file(void *arg, curl_off_t offset, int origin)
{
    struct transfer *t = arg;
    if (origin != SEEK_SET || offset < 0 || offset > t->size)
        return CURL_SEEKFUNC_FAIL;
    t->at = offset;
    return CURL_SEEKFUNC_OK;
}

static long status_of(CURL *curl)
{
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static size_t take_answer(char *from, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;
    struct str piece = str_make(from, size * n);
    if (status_of(t->curl) != 200) {
        buf_add(&t->refusal, str_first(piece, t->refusal.max - t->refusal.n));
        return piece.n;
    }
    t->taken += (int64_t)piece.n;
    if (t->taken > t->max)
        return CURL_WRITEFUNC_ERROR;
    if (!t->sink)
        return piece.n;
    t->sink_failed = t->sink->piece(t->sink->arg, piece, t->err) < 0;
    return t->sink_failed ? CURL_WRITEFUNC_ERROR : piece.n;
}

static int look_at_stop(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct s3 *s3 = arg;
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return __atomic_load_n(&s3->stopping, __ATOMIC_ACQUIRE);
}

/* ---- one try ---- */

#define SET(option, value) CHECK(curl_easy_setopt(t->curl, (option), (value)) == CURLE_OK)

static struct curl_slist *add_line(struct curl_slist *list, struct arena *arena, const char *name,
                                   struct str value)
{
    struct str line = arena_printf(arena, "%s:%s%.*s", name, value.n ? " " : "", STR_ARG(value));
    struct curl_slist *longer = curl_slist_append(list, line.p);
    CHECK(longer != NULL);
    return longer;
}

/* Signed anew at each try: a signature is of its time. */
static struct curl_slist *sign(const struct transfer *t, struct arena *arena)
{
    const struct s3_config *config = &t->s3->config;
    char time[SIGV4_TIME_BYTES];
    sigv4_time(clock_wall_ms(), time);
    struct sigv4_field fields[] = {
        {STR("host"), config->place.host},
        {STR("x-amz-content-sha256"), t->payload},
        {STR("x-amz-date"), str_from(time)},
    };
    struct sigv4_key key = {config->access_key, config->secret, config->region, STR("s3")};
    struct sigv4_request request = {str_from(t->method), t->path, t->query,
                                    t->payload,          fields,  ARRAY_LEN(fields)};
    struct curl_slist *list = NULL;
    list = add_line(list, arena, "Host", fields[0].value);
    list = add_line(list, arena, "x-amz-content-sha256", fields[1].value);
    list = add_line(list, arena, "x-amz-date", fields[2].value);
    list = add_line(list, arena, "Authorization", sigv4_authorization(arena, &key, &request, time));
    list = add_line(list, arena, "Content-Type",
                    t->fd >= 0 ? STR("application/octet-stream") : STR(""));
    return add_line(list, arena, "Expect", STR(""));
}

static void set_body(struct transfer *t)
{
    bool puts = t->fd >= 0, deletes = strcmp(t->method, "DELETE") == 0;
    SET(CURLOPT_UPLOAD, puts ? 1L : 0L);
    if (!puts)
        SET(CURLOPT_HTTPGET, 1L);
    SET(CURLOPT_CUSTOMREQUEST, deletes ? "DELETE" : NULL);
    SET(CURLOPT_READFUNCTION, read_file);
    SET(CURLOPT_READDATA, t);
    SET(CURLOPT_SEEKFUNCTION, seek_file);
    SET(CURLOPT_SEEKDATA, t);
    SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)(puts ? t->size : -1));
}

static void set_all(struct transfer *t, struct arena *arena)
{
    const struct s3_config *config = &t->s3->config;
    long seconds = (long)(config->stall_ms / 1000);
    struct str url = arena_printf(arena, "%.*s%.*s%s%.*s", STR_ARG(config->place.url),
                                  STR_ARG(t->path), t->query.n ? "?" : "", STR_ARG(t->query));
    SET(CURLOPT_URL, url.p);
    SET(CURLOPT_PATH_AS_IS, 1L);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_BUFFERSIZE, BUFFER_BYTES);
    SET(CURLOPT_UPLOAD_BUFFERSIZE, BUFFER_BYTES);
    SET(CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES);
    SET(CURLOPT_LOW_SPEED_TIME, seconds > 0 ? seconds : 1L);
    SET(CURLOPT_WRITEFUNCTION, take_answer);
    SET(CURLOPT_WRITEDATA, t);
    SET(CURLOPT_NOPROGRESS, 0L);
    SET(CURLOPT_XFERINFOFUNCTION, look_at_stop);
    SET(CURLOPT_XFERINFODATA, t->s3);
    SET(CURLOPT_ERRORBUFFER, t->reason);
    set_body(t);
}

/* The name that a refusal gives its reason; it is somebody else's text, for the log. */
static struct str code_of(const struct transfer *t)
{
    struct str text = buf_str(&t->refusal), open = STR("<Code>");
    const char *at = text.n ? memmem(text.p, text.n, open.p, open.n) : NULL;
    struct str code = at ? str_skip(text, (size_t)(at - text.p) + open.n) : STR("no reason");
    (void)str_cut(code, '<', &code, &text);
    return str_first(code, code.n < 40 ? code.n : 40);
}

static bool says(const struct transfer *t, struct str word)
{
    return str_contains(buf_str(&t->refusal), word);
}

static enum outcome judge_status(struct transfer *t, long status)
{
    bool deletes = strcmp(t->method, "DELETE") == 0;
    if (status == 200 || (status == 204 && deletes))
        return OUTCOME_DONE;
    if (status == 404 && !says(t, STR("NoSuchBucket")))
        return OUTCOME_ABSENT;
    (void)err_internal(t->err, "the storage answers %s with %ld (%.*s)", t->method, status,
                       STR_ARG(code_of(t)));
    return status >= 500 || status == 429 || status == 408 ? OUTCOME_AGAIN : OUTCOME_FAILED;
}

static enum outcome judge(struct transfer *t, CURLcode code)
{
    if (code == CURLE_OK)
        return judge_status(t, status_of(t->curl));
    if (t->sink_failed)
        return OUTCOME_FAILED; /* its words stand */
    (void)err_internal(t->err, "the storage, %s: %s (%s)", t->method, curl_easy_strerror(code),
                       t->reason);
    /* One that waits for nothing is not waited for again. */
    bool over = code == CURLE_OPERATION_TIMEDOUT || code == CURLE_ABORTED_BY_CALLBACK ||
                code == CURLE_READ_ERROR || t->taken > t->max;
    return over ? OUTCOME_FAILED : OUTCOME_AGAIN;
}

/* Storage that cannot be connected to; one that is, and then sleeps, may do so at one object. */
static bool is_down(CURL *curl, CURLcode code)
{
    curl_off_t connected_us = 0;
    curl_easy_getinfo(curl, CURLINFO_PRETRANSFER_TIME_T, &connected_us);
    return code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
           code == CURLE_SSL_CONNECT_ERROR ||
           (code == CURLE_OPERATION_TIMEDOUT && connected_us == 0);
}

static void note(struct s3 *s3, CURL *curl, CURLcode code)
{
    bool down = is_down(curl, code);
    pthread_mutex_lock(&s3->lock);
    s3->down_until_ms = down ? clock_monotonic_ms() + DOWN_MS : 0;
    pthread_mutex_unlock(&s3->lock);
}

static enum outcome try_once(struct transfer *t)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(64));
    t->at = t->taken = 0;
    t->sink_failed = false;
    t->reason[0] = 0;
    buf_clear(&t->refusal);
    if (t->sink && t->sink->again && t->sink->again(t->sink->arg, t->err) < 0)
        return OUTCOME_FAILED;
    t->curl = take_handle(t->s3);
    if (!t->curl) {
        (void)err_internal(t->err, "libcurl does not start");
        return OUTCOME_FAILED;
    }
    struct curl_slist *lines = sign(t, arena);
    set_all(t, arena);
    SET(CURLOPT_HTTPHEADER, lines);
    CURLcode code = curl_easy_perform(t->curl);
    enum outcome outcome = judge(t, code);
    SET(CURLOPT_HTTPHEADER, NULL);
    SET(CURLOPT_ERRORBUFFER, NULL);
    curl_slist_free_all(lines);
    note(t->s3, t->curl, code);
    give_handle(t->s3, t->curl);
    return outcome;
}

/* ---- tries ---- */

/* False: it stops. */
static bool pause_before(struct s3 *s3, int try)
{
    int64_t until = clock_monotonic_ms() + (PAUSE_MS << (2 * (try - 1)));
    pthread_mutex_lock(&s3->lock);
    while (!s3->stopping && wait_until(&s3->stopped, &s3->lock, until))
        ;
    bool goes_on = !s3->stopping;
    pthread_mutex_unlock(&s3->lock);
    return goes_on;
}

static int may_begin(struct s3 *s3, struct err *err)
{
    pthread_mutex_lock(&s3->lock);
    bool stops = s3->stopping, is_down = clock_monotonic_ms() < s3->down_until_ms;
    pthread_mutex_unlock(&s3->lock);
    if (stops)
        return err_internal(err, "the server stops");
    return is_down ? err_internal(err, "the storage did not answer a moment ago") : 0;
}

/* 1, 0 there is no such object, -1. What a try that was made again had to say is forgotten. */
static int perform(struct transfer *t, struct err *err)
{
    enum outcome outcome = OUTCOME_FAILED;
    struct err tried = ERR_INIT;
    if (may_begin(t->s3, err) < 0)
        return -1;
    t->err = &tried;
    buf_init(&t->refusal, LIMIT_S3_ERROR);
    for (int try = 0; try < LIMIT_S3_TRIES; try++) {
        if (try && !pause_before(t->s3, try))
            break;
        outcome = try_once(t);
        if (outcome != OUTCOME_AGAIN)
            break;
    }
    buf_done(&t->refusal);
    if (outcome == OUTCOME_ABSENT || outcome == OUTCOME_DONE)
        return outcome == OUTCOME_DONE;
    *err = tried;
    return -1;
}

/* ---- requests ---- */

static struct str path_of(const struct s3 *s3, struct arena *arena, struct str name)
{
    const struct s3_place *place = &s3->config.place;
    return arena_printf(arena, "/%.*s%s%.*s/%.*s", STR_ARG(place->bucket),
                        place->prefix.n ? "/" : "", STR_ARG(place->prefix), STR_ARG(name));
}

int s3_put(struct s3 *s3, struct str name, int fd, int64_t size, struct str hash, struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(16));
    struct transfer t = {.s3 = s3,
                         .method = "PUT",
                         .path = path_of(s3, arena, name),
                         .query = STR(""),
                         .payload = hash,
                         .fd = fd,
                         .size = size,
                         .max = LIMIT_S3_ERROR};
    if (size > LIMIT_S3_OBJECT)
        return err_internal(err, "the storage takes no file of %lld bytes", (long long)size);
    int status = perform(&t, err);
    return status == 0  ? err_internal(err, "the storage does not know its bucket")
           : status < 0 ? -1
                        : 0;
}

int s3_get(struct s3 *s3, struct str name, int64_t max, const struct s3_sink *sink, struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(16));
    struct transfer t = {.s3 = s3,
                         .method = "GET",
                         .path = path_of(s3, arena, name),
                         .query = STR(""),
                         .payload = STR(NO_PAYLOAD),
                         .fd = -1,
                         .sink = sink,
                         .max = max};
    return perform(&t, err);
}

int s3_delete(struct s3 *s3, struct str name, struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(16));
    struct transfer t = {.s3 = s3,
                         .method = "DELETE",
                         .path = path_of(s3, arena, name),
                         .query = STR(""),
                         .payload = STR(NO_PAYLOAD),
                         .fd = -1,
                         .max = LIMIT_S3_ERROR};
    return perform(&t, err) < 0 ? -1 : 0;
}

/* ---- listing ---- */

static int clear_text(void *arg, struct err *err)
{
    (void)err;
    buf_clear(arg);
    return 0;
}

static int add_text(void *arg, struct str bytes, struct err *err)
{
    struct buf *text = arg;
    buf_add(text, bytes);
    return buf_is_full(text) ? err_internal(err, "the storage lists too much") : 0;
}

/* What the names of ours begin with. */
static struct str base_of(const struct s3 *s3, struct arena *arena)
{
    struct str prefix = s3->config.place.prefix;
    return prefix.n ? arena_printf(arena, "%.*s/", STR_ARG(prefix)) : STR("");
}

static struct str list_query(struct arena *arena, struct str base, struct str after)
{
    struct str last = arena_printf(arena, "%.*s%.*s", STR_ARG(base), STR_ARG(after));
    return arena_printf(arena, "list-type=2&max-keys=%d&prefix=%.*s&start-after=%.*s",
                        LIMIT_S3_PAGE, STR_ARG(sigv4_encode(arena, base)),
                        STR_ARG(sigv4_encode(arena, last)));
}

static int visit_page(const struct s3_page *page, struct str base, struct str after, s3_visit visit,
                      void *arg, struct err *err)
{
    for (size_t i = 0; i < page->n; i++) {
        struct s3_object object = page->objects[i];
        if (!str_starts(object.name, base))
            return err_internal(err, "the storage lists what was not asked for");
        object.name = str_skip(object.name, base.n);
        /* An order that goes back would have a walk never end. */
        if (after.n && str_cmp(object.name, after) <= 0)
            return err_internal(err, "the storage lists in no order");
        after = object.name;
        if (visit(arg, &object, err) < 0)
            return -1;
    }
    return page->more && page->n;
}

int s3_list(struct s3 *s3, struct str after, s3_visit visit, void *arg, struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(16));
    CLEANUP(buf_done) struct buf text;
    struct str base = base_of(s3, arena);
    struct s3_sink sink = {clear_text, add_text, &text};
    struct s3_page page;
    struct transfer t = {.s3 = s3,
                         .method = "GET",
                         .path = arena_printf(arena, "/%.*s", STR_ARG(s3->config.place.bucket)),
                         .query = list_query(arena, base, after),
                         .payload = STR(NO_PAYLOAD),
                         .fd = -1,
                         .sink = &sink,
                         .max = LIMIT_S3_LIST};
    buf_init(&text, LIMIT_S3_LIST);
    int status = perform(&t, err);
    if (status <= 0)
        return status < 0 ? -1 : err_internal(err, "the storage does not know its bucket");
    if (s3_page_parse(arena, buf_str(&text), &page, err) < 0)
        return -1;
    return visit_page(&page, base, after, visit, arg, err);
}
