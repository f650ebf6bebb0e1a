/* SPDX-License-Identifier: EUPL-1.2 */

/* Requests that wait for a file: parked, and run again when it is there. */

#include "base/clock.h"
#include "base/limits.h"
#include "service/media/private.h"

/* Who waits looks by itself so often: other nodes wake nobody here. */
#define LOOK_AGAIN_MS 2000

struct exchanges {
    VEC(struct http_exchange *) list;
};

/* Takes those out who wait for a file (0: any) or are x (NULL: any); they are the caller's. */
static void take_waiting(struct media_repository *repository, int64_t id,
                         const struct http_exchange *x, struct exchanges *ret_taken)
{
    size_t kept = 0;
    *ret_taken = (struct exchanges){0};
    pthread_mutex_lock(&repository->lock);
    for (size_t i = 0; i < repository->waiting.n; i++) {
        struct waiting waiting = repository->waiting.p[i];
        if ((id && waiting.id != id) || (x && waiting.x != x))
            repository->waiting.p[kept++] = waiting;
        else
            VEC_ADD(&ret_taken->list, waiting.x);
    }
    repository->waiting.n = kept;
    pthread_mutex_unlock(&repository->lock);
}

/* One that has been answered meanwhile (its token was revoked) is only let go of. */
void media_wake(struct server *server, int64_t id)
{
    struct exchanges taken;
    take_waiting(server->media, id, NULL, &taken);
    for (size_t i = 0; i < taken.list.n; i++) {
        http_rerun(taken.list.p[i]);
        http_unref(taken.list.p[i]);
    }
    VEC_DONE(&taken.list);
}

static void stop_waiting(struct media_repository *repository, struct http_exchange *x)
{
    struct exchanges taken;
    take_waiting(repository, 0, x, &taken);
    for (size_t i = 0; i < taken.list.n; i++)
        http_unref(x);
    VEC_DONE(&taken.list);
}

void media_stop_waiting(struct use *use)
{
    if (use->x)
        stop_waiting(use->server->media, use->x);
}

static void gone(struct http_exchange *x, void *arg)
{
    const struct media_request *request = arg;
    stop_waiting(request->repository, x);
}

struct media_request *media_request_of(struct use *use)
{
    void **slot = use_wait_slot(use);
    struct media_request *request = *slot;
    if (!request) {
        request = ARENA_NEW(http_arena(use->x), struct media_request);
        request->repository = use->server->media;
        request->began_ms = clock_monotonic_ms();
        *slot = request;
    }
    return request;
}

/* The front stops: it runs what is parked a last time, before the time it asked for. */
static bool is_last_call(struct use *use, const struct media_request *request, int64_t now)
{
    return request->look_ms && now < request->look_ms && http_deadline_passed(use->x);
}

static void put_waiting(struct media_repository *repository, int64_t id, struct http_exchange *x)
{
    http_ref(x);
    pthread_mutex_lock(&repository->lock);
    VEC_ADD(&repository->waiting, (struct waiting){id, x});
    pthread_mutex_unlock(&repository->lock);
}

static int too_late(struct use *use)
{
    return err_client(&use->err, 504, "M_NOT_YET_UPLOADED", "This file is not there yet");
}

/* Registers, and looks once more at what a commit may have changed before that. */
int media_wait_for(struct use *use, int64_t id, int64_t timeout_ms)
{
    if (!use->x || timeout_ms <= 0)
        return too_late(use);
    struct media_request *request = media_request_of(use);
    int64_t now = clock_monotonic_ms(), until_ms = request->began_ms + timeout_ms;
    if (now >= until_ms || is_last_call(use, request, now))
        return too_late(use);
    request->look_ms = now + LOOK_AGAIN_MS < until_ms ? now + LOOK_AGAIN_MS : until_ms;
    http_on_close(use->x, gone, request);
    http_set_deadline(use->x, request->look_ms);
    put_waiting(request->repository, id, use->x);
    if (request->waits_for != id)
        http_rerun(use->x);
    request->waits_for = id;
    return USE_PARK;
}
