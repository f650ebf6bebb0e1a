/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/appservice/assertion.h"

#include "matrix/id.h"
#include "service/accounts/validity.h"
#include "service/config.h"
#include "store/account.h"
#include "store/device.h"

static int refuse_user(struct use *use, const char *why)
{
    return err_client(&use->err, 403, "M_FORBIDDEN", "%s", why);
}

/* Nobody but an application service signs in to it: what it does needs nobody's proof. */
static bool is_ghost(const struct account *account)
{
    return !account->password_hash.n && !(account->flags & ACCOUNT_ADMIN);
}

/* The account of a user id: 0; -1. */
static int find_account(struct use *use, struct str user_id, struct caller *caller)
{
    struct account account;
    int found = store_find_name(use->server->store, user_id, &caller->user, &use->err);
    if (found == 1)
        found = account_load(&use->read, caller->user, use->arena, &account, &use->err);
    if (found < 0)
        return -1;
    if (!found || (account.flags & (ACCOUNT_DEACTIVATED | ACCOUNT_BARRED)))
        return refuse_user(use, "The application service has no such user");
    if (validity_is_over(use->server->config, account.expires_ms))
        return validity_refuse(use);
    caller->ghost = is_ghost(&account);
    caller->suspended = account.flags & ACCOUNT_SUSPENDED;
    caller->external = account.flags & ACCOUNT_EXTERNAL;
    return 0;
}

static int find_device(struct use *use, struct str device_id, struct caller *caller)
{
    struct device device;
    if (!device_id.p)
        return 0;
    int found = device_find(&use->read, caller->user, device_id, use->arena, &device, &use->err);
    if (found == 0)
        return err_client(&use->err, 400, "M_UNKNOWN_DEVICE", "This user has no such device");
    caller->device = device.id;
    caller->device_id = device_id;
    return found < 0 ? -1 : 0;
}

int appservice_assert(struct use *use, struct str token, struct str user_id, struct str device_id,
                      struct caller *ret_caller)
{
    const struct config *config = use->server->config;
    const struct appservice *as = appservice_find_token(config, token);
    struct caller caller = {.appservice = as};
    if (!as)
        return 0;
    caller.user_id = user_id.p ? user_id : as->sender;
    if (!appservice_has_user(config, as, caller.user_id))
        return refuse_user(use, "The application service may not act as this user");
    if (find_account(use, caller.user_id, &caller) < 0 || find_device(use, device_id, &caller) < 0)
        return -1;
    *ret_caller = caller;
    return 1;
}

/* ---- accounts ---- */

static int refuse_exclusive(struct use *use)
{
    return err_client(&use->err, 400, "M_EXCLUSIVE",
                      "This name is not in the application service's namespace");
}

int appservice_register(struct use *use, const struct appservice *as, struct str localpart,
                        const struct new_session *session, struct str *ret_user_id,
                        struct session_tokens *ret_tokens)
{
    const struct config *config = use->server->config;
    struct registration registration = {.of_server = true};
    struct user_id id;
    if (user_id_make(use->arena, localpart, config->server_name, &id, &use->err) < 0)
        return -1;
    registration.user_id = id.full;
    if (!appservice_has_user(config, as, registration.user_id) ||
        appservice_keeps_user(config, as, registration.user_id))
        return refuse_exclusive(use);
    if (accounts_check_free(use, registration.user_id) < 0)
        return -1;
    *ret_user_id = registration.user_id;
    return accounts_register(use, &registration, session, ret_tokens);
}

int appservice_find_account(struct use *use, const struct appservice *as,
                            struct str id_or_localpart, int64_t *ret_user)
{
    struct str user_id = accounts_user_id_of(use, id_or_localpart);
    struct caller caller = {0};
    if (!user_id.p || !appservice_has_user(use->server->config, as, user_id))
        return refuse_exclusive(use);
    if (find_account(use, user_id, &caller) < 0)
        return -1;
    if (!caller.ghost)
        return refuse_user(use, "This account is a person's, who signs in to it");
    *ret_user = caller.user;
    return 0;
}

int appservice_owns_account(struct use *use, const struct appservice *as, int64_t user, bool *ret)
{
    struct account account;
    struct str user_id;
    *ret = false;
    if (store_name(use->server->store, user, use->arena, &user_id, &use->err) < 0)
        return -1;
    if (!appservice_owns_user(use->server->config, as, user_id))
        return 0;
    int found = account_load(&use->read, user, use->arena, &account, &use->err);
    *ret = found == 1 && is_ghost(&account);
    return found < 0 ? -1 : 0;
}

/* Whoever had the name before keeps the password, and would own what the service makes. */
static int check_sender(struct use *use, const struct appservice *as, int64_t user)
{
    struct account account = {0};
    if (account_load(&use->read, user, use->arena, &account, &use->err) < 0)
        return -1;
    return is_ghost(&account) ? 0
                              : err_internal(&use->err,
                                             "application service %.*s: its sender %.*s is a "
                                             "person's account: another sender_localpart is wanted",
                                             STR_ARG(as->id), STR_ARG(as->sender));
}

int appservice_make_sender(struct use *use, const struct appservice *as)
{
    const struct new_session none = {0};
    struct session_tokens tokens;
    struct str user_id;
    int64_t user;
    int found = accounts_find_user(use, as->sender, &user);
    if (found != 0)
        return found < 0 ? -1 : check_sender(use, as, user);
    return appservice_register(use, as, as->sender_localpart, &none, &user_id, &tokens);
}
