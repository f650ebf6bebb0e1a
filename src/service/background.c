/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/background.h"

#include <pthread.h>
#include <time.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "service/accounts/closing.h"
#include "service/accounts/displaced.h"
#include "service/accounts/profile.h"
#include "service/accounts/validity.h"
#include "service/commit.h"
#include "service/expiry.h"
#include "service/mail/digest.h"
#include "service/media/media.h"
#include "service/rooms/arrival.h"
#include "service/server.h"
#include "store/identity_token.h"
#include "store/invitation.h"
#include "store/uia.h"
#include "store/validation.h"

#define EVERY_S 60
/* Invitations that let nobody in any more. */
#define KEPT_MS (30 * 86400 * INT64_C(1000))

struct background {
    struct server *server;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool woken;
    int stopping; /* atomic */
    struct expiry expiry;
    struct validity_walk validity;
    struct displaced_walk displaced;
    struct digest_walk digest;
};

static int write_expire(struct write *w, void *arg, struct err *err)
{
    (void)arg;
    int64_t before = write_time_ms(w) - LIMIT_UIA_MS;
    if (uia_expire(w, before, err) < 0 || validation_expire(w, before, err) < 0)
        return -1;
    if (identity_token_expire(w, write_time_ms(w), err) < 0)
        return -1;
    return invitation_expire(w, write_time_ms(w) - KEPT_MS, err);
}

static void expire_proofs(struct server *server)
{
    commit_later(server, write_expire, NULL);
}

static void expire(struct server *server)
{
    expiry_run(&server->background->expiry, server, clock_wall_ms());
}

static void renew(struct server *server)
{
    validity_work(&server->background->validity, server);
}

static void bar(struct server *server)
{
    displaced_work(&server->background->displaced, server);
}

static void tell_unread(struct server *server)
{
    digest_work(&server->background->digest, server);
}

static void (*const tasks[])(struct server *server) = {
    accounts_leave_rooms,
    profile_update_rooms,
    rooms_take_in,
    rooms_take_back,
    expire_proofs,
    expire,
    renew,
    media_upkeep,
    bar,
    tell_unread,
};

static void wait_for_work(struct background *background)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += EVERY_S;
    pthread_mutex_lock(&background->lock);
    while (!background->woken && !background_is_stopping(background))
        if (pthread_cond_timedwait(&background->wake, &background->lock, &until) != 0)
            break;
    background->woken = false;
    pthread_mutex_unlock(&background->lock);
}

static void *background_main(void *arg)
{
    struct background *background = arg;
    while (!background_is_stopping(background)) {
        for (size_t i = 0; i < ARRAY_LEN(tasks) && !background_is_stopping(background); i++)
            tasks[i](background->server);
        wait_for_work(background);
    }
    return NULL;
}

int background_new(struct server *server, struct background **ret_background, struct err *err)
{
    struct background *background = MEM_NEW(struct background);
    pthread_condattr_t monotonic;
    background->server = server;
    pthread_mutex_init(&background->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&background->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    *ret_background = background; /* the tasks find it through the server */
    if (pthread_create(&background->thread, NULL, background_main, background) == 0)
        return 0;
    *ret_background = NULL;
    mem_free(background);
    return err_internal(err, "starting the background thread");
}

void background_stop(struct background *background)
{
    if (!background)
        return;
    __atomic_store_n(&background->stopping, 1, __ATOMIC_RELEASE);
    background_wake(background);
    pthread_join(background->thread, NULL);
}

void background_free(struct background *background)
{
    if (!background)
        return;
    pthread_cond_destroy(&background->wake);
    pthread_mutex_destroy(&background->lock);
    digest_walk_done(&background->digest);
    mem_free(background);
}

void background_wake(struct background *background)
{
    pthread_mutex_lock(&background->lock);
    background->woken = true;
    pthread_cond_signal(&background->wake);
    pthread_mutex_unlock(&background->lock);
}

bool background_is_stopping(const struct background *background)
{
    return __atomic_load_n(&background->stopping, __ATOMIC_ACQUIRE) != 0;
}
