/* SPDX-License-Identifier: EUPL-1.2 */

/* Contents that are fetched from elsewhere for requests: each once, whoever waits for it. */

#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "service/media/content.h"
#include "service/media/private.h"
#include "service/task_pool.h"

/* Who asks within that time after a failure is told of it: the storage is not asked for each. */
#define FAILED_MS 2000

/* Of one request: a copy may go again before who waited for it is run. */
#define RERUNS_MAX 20
#define RETRY_MS   5000

/* In repository->fetching under its hash, from the first who asks to its end; a failure stays a
 * while. */
struct fetching {
    VEC(struct http_exchange *) waiting; /* a reference each */
    bool failed;
    int64_t failed_ms; /* monotonic */
    struct err err;
};

/* In the arena of the exchange that asked first. */
struct fetch {
    struct task task; /* first */
    struct media_repository *repository;
    unsigned char hash[SHA256_BYTES];
    int64_t size;
};

/* ---- on the pool ---- */

static void fetching_free(struct fetching *fetching)
{
    VEC_DONE(&fetching->waiting);
    mem_free(fetching);
}

static void forget(struct media_repository *repository, struct str hash, struct fetching *fetching)
{
    str_map_remove(&repository->fetching, hash);
    fetching_free(fetching);
}

/* The failed stay, without those who waited. */
static void end(struct media_repository *repository, struct str hash, const struct err *err)
{
    VEC(struct http_exchange *) woken = {0};
    pthread_mutex_lock(&repository->lock);
    struct fetching *fetching = str_map_find(&repository->fetching, hash);
    for (size_t i = 0; i < fetching->waiting.n; i++)
        VEC_ADD(&woken, fetching->waiting.p[i]);
    fetching->waiting.n = 0;
    if (err) {
        fetching->failed = true;
        fetching->failed_ms = clock_monotonic_ms();
        fetching->err = *err;
    } else {
        forget(repository, hash, fetching);
    }
    pthread_mutex_unlock(&repository->lock);
    for (size_t i = 0; i < woken.n; i++) {
        http_rerun(woken.p[i]);
        http_unref(woken.p[i]);
    }
    VEC_DONE(&woken);
}

static int fetch_content(struct content *content, struct str hash, int64_t wanted, struct err *err)
{
    CLEANUP(fd_cleanup) int fd = -1;
    int64_t size;
    int found = content_fetch(content, hash, wanted, &fd, &size, err);
    if (found == 0)
        return err_internal(err, "a file's content is not there");
    return found < 0 ? -1 : 0;
}

static void run(struct task *task)
{
    struct fetch *fetch = (struct fetch *)task;
    struct str hash = str_make(fetch->hash, sizeof fetch->hash);
    struct err err = ERR_INIT;
    int status = fetch_content(fetch->repository->content, hash, fetch->size, &err);
    end(fetch->repository, hash, status < 0 ? &err : NULL);
}

/* ---- for a request ---- */

static int submit(struct use *use, struct str hash, int64_t size)
{
    struct fetch *fetch = ARENA_NEW(http_arena(use->x), struct fetch);
    fetch->task.run = run;
    fetch->repository = use->server->media;
    fetch->size = size;
    memcpy(fetch->hash, hash.p, sizeof fetch->hash);
    if (task_pool_submit(use->server->carriers, use->x, &fetch->task, &use->err) == 0)
        return USE_WAIT;
    end(use->server->media, hash, &use->err);
    return USE_FAILED;
}

enum found { FOUND_NEW, FOUND_UNDER_WAY, FOUND_FAILED };

/* Under lock. One that failed a while ago is begun anew. */
static enum found join(struct media_repository *repository, struct str hash,
                       struct http_exchange *x, struct err *err)
{
    struct fetching *fetching = str_map_find(&repository->fetching, hash);
    if (fetching && fetching->failed && clock_monotonic_ms() - fetching->failed_ms < FAILED_MS) {
        *err = fetching->err;
        return FOUND_FAILED;
    }
    if (fetching && !fetching->failed) {
        http_ref(x);
        VEC_ADD(&fetching->waiting, x);
        return FOUND_UNDER_WAY;
    }
    if (fetching)
        forget(repository, hash, fetching);
    str_map_put(&repository->fetching, hash, MEM_NEW(struct fetching));
    return FOUND_NEW;
}

int media_fetch(struct use *use, struct str hash, int64_t size)
{
    struct media_repository *repository = use->server->media;
    if (!use->x)
        return err_internal(&use->err, "files are fetched for requests");
    if (http_rerun_count(use->x) >= RERUNS_MAX) {
        (void)err_client(&use->err, 503, "M_UNKNOWN", "Files cannot be reached at the moment");
        use->err.retry_after_ms = RETRY_MS;
        return err_reason(&use->err, "files_away");
    }
    pthread_mutex_lock(&repository->lock);
    enum found found = join(repository, hash, use->x, &use->err);
    pthread_mutex_unlock(&repository->lock);
    switch (found) {
    case FOUND_NEW:
        return submit(use, hash, size);
    case FOUND_UNDER_WAY:
        return USE_WAIT;
    case FOUND_FAILED:
        break;
    }
    return USE_FAILED;
}

/* ---- upkeep ---- */

struct forgetting {
    bool all;
    VEC(struct http_exchange *) waiting;
};

static bool forget_failure(struct str hash, void *value, void *arg)
{
    struct forgetting *forgetting = arg;
    struct fetching *fetching = value;
    bool old = clock_monotonic_ms() - fetching->failed_ms >= FAILED_MS;
    (void)hash;
    if (!forgetting->all && (!fetching->failed || !old))
        return false;
    for (size_t i = 0; i < fetching->waiting.n; i++)
        VEC_ADD(&forgetting->waiting, fetching->waiting.p[i]);
    fetching_free(fetching);
    return true;
}

void media_forget_failures(struct media_repository *repository, bool all)
{
    struct forgetting forgetting = {.all = all};
    pthread_mutex_lock(&repository->lock);
    str_map_remove_if(&repository->fetching, forget_failure, &forgetting);
    pthread_mutex_unlock(&repository->lock);
    for (size_t i = 0; i < forgetting.waiting.n; i++)
        http_unref(forgetting.waiting.p[i]);
    VEC_DONE(&forgetting.waiting);
}
