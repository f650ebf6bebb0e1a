/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/sharing.h"

#include "matrix/id.h"
#include "store/membership.h"

int rooms_share_one(struct use *use, struct str user_id, bool *ret_shares)
{
    struct user_id id;
    int64_t user, *rooms;
    size_t n = 0;
    if (user_id_parse(user_id, &id, &use->err) < 0)
        return -1;
    int found = store_find_name(use->server->store, user_id, &user, &use->err);
    if (found < 0)
        return -1;
    if (found && user != use->caller.user &&
        membership_list_shared(&use->read, use->caller.user, user, use->arena, &rooms, &n,
                               &use->err) < 0)
        return -1;
    *ret_shares = found && (n > 0 || user == use->caller.user);
    return 0;
}
