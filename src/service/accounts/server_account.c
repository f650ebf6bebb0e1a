/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/accounts/server_account.h"

#include "service/accounts/accounts.h"

int server_account_make(struct use *use, struct str localpart, struct str display_name)
{
    struct registration registration = {.display_name = display_name, .of_server = true};
    const struct new_session none = {0};
    struct session_tokens tokens;
    int64_t user;
    int found = accounts_find_user(use, localpart, &user);
    if (found != 0)
        return found < 0 ? -1 : 0;
    if (accounts_server_user_id(use, localpart, &registration.user_id) < 0)
        return -1;
    return accounts_register(use, &registration, &none, &tokens);
}

/* Somebody's who had the name before is not spoken for. */
int server_account_become(struct use *use, struct str localpart)
{
    struct account account = {0};
    int found = accounts_find_user(use, localpart, &use->caller.user);
    if (found == 1)
        found = account_load(&use->read, use->caller.user, use->arena, &account, &use->err);
    if (found < 0)
        return -1;
    if (!found || account.password_hash.p || (account.flags & ~ACCOUNT_HIDDEN))
        return err_client(&use->err, 400, "M_USER_IN_USE", "@%.*s is somebody's name here",
                          STR_ARG(str_first(localpart, 100)));
    return store_name(use->server->store, use->caller.user, use->arena, &use->caller.user_id,
                      &use->err);
}
