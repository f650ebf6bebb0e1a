/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench/preload/crew.h"

#include <stdio.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/limits.h"

/* Most of them wait for the appender. */
#define CREW_THREADS   24
#define CREW_ARENA     MIB(256)
#define CREW_TRIES_MAX 100
#define CREW_SAYS      10 /* times in all */

struct crew {
    struct server *server;
    const char *say;
    crew_piece piece;
    void *arg;
    size_t n;
    int64_t begun_ms;
    pthread_mutex_t lock;
    size_t next, done;
    bool failed;
    struct err err;
};

/* Under the lock. */
static void say_progress(const struct crew *crew)
{
    size_t step = crew->n / CREW_SAYS;
    if (crew->done != crew->n && (step == 0 || crew->done % step))
        return;
    fprintf(stderr, "%s: %zu of %zu, %.1f s\n", crew->say, crew->done, crew->n,
            (double)(clock_monotonic_ms() - crew->begun_ms) / 1000);
}

static bool take(struct crew *crew, size_t *ret_number)
{
    pthread_mutex_lock(&crew->lock);
    bool more = crew->next < crew->n && !crew->failed;
    if (more)
        *ret_number = crew->next++;
    pthread_mutex_unlock(&crew->lock);
    return more;
}

static void put_back(struct crew *crew, int status, const struct err *err)
{
    pthread_mutex_lock(&crew->lock);
    crew->done++;
    if (status < 0 && !crew->failed) {
        crew->failed = true;
        crew->err = *err;
    }
    if (!crew->failed)
        say_progress(crew);
    pthread_mutex_unlock(&crew->lock);
}

static int try_once(struct crew *crew, struct arena *arena, size_t number, struct err *err)
{
    struct use use = {.server = crew->server, .arena = arena, .err = ERR_INIT};
    read_begin(crew->server->store, &use.read);
    int status = crew->piece(&use, number, crew->arg);
    read_end(&use.read);
    arena_reset(arena);
    *err = use.err;
    return status;
}

static void *work(void *arg)
{
    struct crew *crew = arg;
    struct arena *arena = arena_new(CREW_ARENA);
    size_t number;
    while (take(crew, &number)) {
        struct err err = ERR_INIT;
        int status = try_once(crew, arena, number, &err);
        for (int i = 0; status < 0 && err.kind == ERR_KIND_MOVED && i < CREW_TRIES_MAX; i++)
            status = try_once(crew, arena, number, &err);
        put_back(crew, status, &err);
    }
    arena_free(arena);
    return NULL;
}

int crew_run(struct server *server, const char *say, size_t n, crew_piece piece, void *arg,
             struct err *err)
{
    pthread_t threads[CREW_THREADS];
    struct crew crew = {.server = server,
                        .say = say,
                        .piece = piece,
                        .arg = arg,
                        .n = n,
                        .begun_ms = clock_monotonic_ms()};
    pthread_mutex_init(&crew.lock, NULL);
    for (size_t i = 0; i < CREW_THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, work, &crew) == 0);
    for (size_t i = 0; i < CREW_THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_mutex_destroy(&crew.lock);
    if (crew.failed)
        *err = crew.err;
    return crew.failed ? -1 : 0;
}
