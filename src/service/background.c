/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/background.h"

#include "base/attr.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/turns.h"
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

#define EVERY_MS 60000
/* Invitations that let nobody in any more. */
#define KEPT_MS (30 * 86400 * INT64_C(1000))

struct background {
    struct server *server;
    struct turns turns;
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

static struct turn_next turn(void *arg)
{
    struct background *background = arg;
    for (size_t i = 0; i < ARRAY_LEN(tasks) && !background_is_stopping(background); i++)
        tasks[i](background->server);
    return (struct turn_next){.in_ms = EVERY_MS};
}

int background_new(struct server *server, struct background **ret_background, struct err *err)
{
    struct background *background = MEM_NEW(struct background);
    background->server = server;
    turns_init(&background->turns, "background");
    *ret_background = background; /* the tasks find it through the server */
    if (turns_start(&background->turns, turn, background, err) == 0)
        return 0;
    *ret_background = NULL;
    background_free(background);
    return -1;
}

void background_stop(struct background *background)
{
    if (background)
        turns_stop(&background->turns);
}

void background_free(struct background *background)
{
    if (!background)
        return;
    turns_done(&background->turns);
    digest_walk_done(&background->digest);
    mem_free(background);
}

void background_wake(struct background *background)
{
    turns_wake(&background->turns);
}

bool background_is_stopping(const struct background *background)
{
    return turns_is_stopping(&background->turns);
}
