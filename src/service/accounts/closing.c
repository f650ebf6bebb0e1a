/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/accounts/closing.h"

#include "base/limits.h"
#include "base/log.h"
#include "service/accounts/private.h"
#include "service/audit.h"
#include "service/background.h"
#include "service/media/media.h"
#include "service/rooms/membership.h"
#include "service/rooms/succession.h"
#include "store/account_data.h"
#include "store/delayed.h"
#include "store/digest.h"
#include "store/email.h"
#include "store/identity_token.h"
#include "store/invitation.h"
#include "store/membership.h"
#include "store/profile_field.h"
#include "store/pusher.h"
#include "store/renewal.h"

struct closing {
    struct server *server;
    int64_t user;
    bool erase, external, has_address;
    struct email address;
    struct str uia_session;
    struct media_contents contents; /* erase: of their files */
};

static int write_closing(struct write *w, void *arg, struct err *err)
{
    const struct closing *closing = arg;
    int64_t flags = ACCOUNT_DEACTIVATED | (closing->erase ? ACCOUNT_ERASED : 0);
    if (closing->uia_session.p && uia_consume(w, closing->uia_session, err) < 0)
        return -1;
    if (closing->has_address && invitation_end_address(w, &closing->address, err) < 0)
        return -1;
    if (account_set_flags(w, closing->user, flags, ACCOUNT_ADMIN, err) < 0 ||
        account_set_password(w, closing->user, STR_NONE, err) < 0 ||
        email_delete_user(w, closing->user, err) < 0 ||
        renewal_delete_user(w, closing->user, err) < 0 ||
        digest_delete_user(w, closing->user, err) < 0 ||
        delayed_delete_user(w, closing->user, err) < 0 ||
        pusher_delete_user(w, closing->user, err) < 0 ||
        identity_token_delete_user(w, closing->user, err) < 0 ||
        device_delete_all(w, closing->user, 0, err) < 0)
        return -1;
    if (!closing->erase)
        return 0;
    if (account_set_organisation(w, closing->user, STR_NONE, closing->external, err) < 0 ||
        account_set_display_name(w, closing->user, STR_NONE, err) < 0 ||
        account_set_avatar_url(w, closing->user, STR_NONE, err) < 0)
        return -1;
    if (profile_field_delete_user(w, closing->user, err) < 0 ||
        media_delete_owner(w, closing->user, err) < 0)
        return -1;
    return account_data_delete_user(w, closing->user, err);
}

static void after_closing(void *arg, enum job_result result)
{
    const struct closing *closing = arg;
    if (result == JOB_COMMITTED)
        media_give_up(closing->server, &closing->contents); /* and the rooms are left */
}

int accounts_deactivate(struct use *use, int64_t user, bool erase, struct str uia_session)
{
    struct closing *closing = ARENA_NEW(use->arena, struct closing);
    int status = succession_provide(use, user);
    if (status != USE_DONE)
        return status;
    int has_address = email_load(&use->read, user, use->arena, &closing->address, &use->err);
    if (has_address < 0 || account_is_external(&use->read, user, &closing->external, &use->err) < 0)
        return -1;
    if (erase && media_list_contents(use, user, &closing->contents) < 0)
        return -1;
    closing->has_address = has_address;
    closing->server = use->server;
    closing->user = user;
    closing->erase = erase;
    closing->uia_session = uia_session;
    if (use_audit_user(use, STR("user.deactivate"), user,
                       erase ? STR("{\"erase\":true}") : STR("{\"erase\":false}")) < 0)
        return -1;
    return use_commit(use, write_closing, after_closing, closing);
}

/* ---- leaving the rooms ---- */

/* A room that cannot be left (its state forbids it) is told and passed over, not tried for ever:
 * the account is closed all the same. */
static void leave(struct server *server, int64_t user, int64_t room)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA);
    struct use use = {.server = server, .arena = arena, .caller = {.user = user}};
    read_begin(server->store, &use.read);
    if (store_name(server->store, user, arena, &use.caller.user_id, &use.err) < 0 ||
        rooms_leave(&use, room, STR_NONE) < 0)
        log_line(LOG_LEVEL_WARN, "closed_account_stays", "user", LOG_STR(use.caller.user_id), "why",
                 LOG_Z(use.err.detail[0] ? use.err.detail : use.err.text), NULL);
    read_end(&use.read);
}

/* The rooms that closed accounts are in, a bounded piece of them. */
static size_t list_left_over(struct server *server, struct arena *arena, int64_t (**ret_pairs)[2])
{
    struct err err = ERR_INIT;
    struct read read;
    size_t n = 0;
    read_begin(server->store, &read);
    if (membership_list_closed(&read, arena, ret_pairs, &n, &err) < 0) {
        log_line(LOG_LEVEL_ERROR, "closed_accounts", "detail", LOG_Z(err.detail), NULL);
        n = 0;
    }
    read_end(&read);
    return n;
}

void accounts_leave_rooms(struct server *server)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(4));
    int64_t(*pairs)[2];
    size_t n = list_left_over(server, arena, &pairs);
    for (size_t i = 0; i < n && !background_is_stopping(server->background); i++)
        leave(server, pairs[i][0], pairs[i][1]);
}
