/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/keys/whose.h"

#include <stdlib.h>

int user_of_keys_find(struct use *use, struct str text, struct remote_servers *remote,
                      int64_t *ret_user)
{
    struct user_id id;
    if (user_id_parse(text, &id, &use->err) < 0)
        return -1;
    if (str_eq(id.server, use->server->name))
        return store_find_name(use->server->store, text, ret_user, &use->err);
    if (remote)
        ARENA_VEC_ADD(remote->arena, &remote->names, id.server);
    return 0;
}

static int compare(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

void remote_servers_write(struct remote_servers *remote, struct json_writer *out)
{
    if (remote->names.n)
        qsort(remote->names.p, remote->names.n, sizeof *remote->names.p, compare);
    json_write_key(out, STR("failures"));
    json_write_object(out);
    for (size_t i = 0; i < remote->names.n; i++)
        if (i == 0 || !str_eq(remote->names.p[i], remote->names.p[i - 1])) {
            json_write_key(out, remote->names.p[i]);
            json_write_object(out);
            json_write_member_str(out, STR("errcode"), STR("M_UNKNOWN"));
            json_write_member_str(out, STR("error"), STR("This server cannot be reached"));
            json_write_end(out);
        }
    json_write_end(out);
}
