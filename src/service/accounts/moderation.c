/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/accounts/moderation.h"

#include "matrix/id.h"
#include "service/accounts/accounts.h"

int moderation_get(struct use *use, struct str user_id, struct account *ret_account)
{
    struct user_id id;
    struct account account = {0};
    int64_t user;
    if (user_id_parse(user_id, &id, &use->err) < 0)
        return -1;
    if (!str_eq(id.server, use->server->name))
        return err_client(&use->err, 400, "M_INVALID_PARAM", "Not a user of this server");
    int found = accounts_find_user(use, user_id, &user);
    if (found == 1)
        found = account_load(&use->read, user, use->arena, &account, &use->err);
    if (found < 0)
        return -1;
    if (!found || (account.flags & ACCOUNT_DEACTIVATED))
        return err_client(&use->err, 404, "M_NOT_FOUND", "No such account");
    if ((account.flags & ACCOUNT_ADMIN) && user != use->caller.user)
        return err_client(&use->err, 403, "M_FORBIDDEN", "This is an administrator's account");
    *ret_account = account;
    return 0;
}

int moderation_set(struct use *use, struct str user_id, int64_t flag, bool on)
{
    struct account account;
    if (moderation_get(use, user_id, &account) < 0)
        return -1;
    if (account.user == use->caller.user)
        return err_client(&use->err, 403, "M_FORBIDDEN", "Not for your own account");
    return accounts_set_flags(use, account.user, on ? flag : 0, on ? 0 : flag);
}
