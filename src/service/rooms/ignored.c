/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/ignored.h"

#include "base/vec.h"
#include "store/account_data.h"
#include "json/doc.h"

int ignored_load(struct use *use, struct ignored *ret_ignored)
{
    VEC(int64_t) users = {0};
    const struct json *doc = NULL;
    struct err ignored_err = ERR_INIT;
    struct str content;
    bool has_unknown = false;
    int found = account_data_load(&use->read, use->caller.user, 0, STR("m.ignored_user_list"),
                                  use->arena, &content, &use->err);
    if (found < 0)
        return -1;
    if (found && json_parse(use->arena, content, &doc, &ignored_err) < 0)
        doc = NULL;
    const struct json *list = json_find(doc, STR("ignored_users"));
    for (size_t i = 0; json_is(list, JSON_OBJECT) && i < list->object.n; i++) {
        struct str id = list->object.members[i].key;
        int64_t user;
        if (str_eq(id, use->caller.user_id))
            continue;
        int known = store_find_name(use->server->store, id, &user, &use->err);
        if (known < 0)
            return -1;
        if (known)
            ARENA_VEC_ADD(use->arena, &users, user);
        has_unknown |= !known;
    }
    *ret_ignored = (struct ignored){users.p, users.n, has_unknown};
    return 0;
}

bool ignored_has(const struct ignored *ignored, int64_t user)
{
    for (size_t i = 0; i < ignored->n; i++)
        if (ignored->users[i] == user)
            return true;
    return false;
}
