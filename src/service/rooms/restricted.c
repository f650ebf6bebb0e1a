/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/restricted.h"

#include "store/membership.h"
#include "json/write.h"

static int is_joined(struct use *use, struct str room_id)
{
    struct membership_row row;
    int64_t room;
    int found = rooms_find(use, room_id, &room);
    if (found == 1)
        found = membership_load(&use->read, use->caller.user, room, &row, &use->err);
    return found == 1 ? row.kind == MEMBERSHIP_JOIN : found;
}

/* 1 when a condition of the join rules holds for the caller, 0, -1. */
static int is_allowed(struct use *use, const struct json *allow)
{
    for (size_t i = 0; json_is(allow, JSON_ARRAY) && i < allow->array.n; i++) {
        const struct json *condition = &allow->array.items[i];
        struct str room_id = json_find_str(condition, STR("room_id"));
        if (!str_eq(json_find_str(condition, STR("type")), STR("m.room_membership")) || !room_id.p)
            continue;
        int joined = is_joined(use, room_id);
        if (joined != 0)
            return joined;
    }
    return 0;
}

/* A member of this server with the power to invite. */
static int find_authoriser(struct use *use, struct room *room, struct str *ret_user_id)
{
    struct power power;
    int64_t *users;
    size_t n;
    *ret_user_id = STR_NONE;
    if (room_power(use, room, &power) < 0)
        return -1;
    room_members(use, room, MEMBERSHIP_JOIN, &users, &n);
    for (size_t i = 0; i < n; i++) {
        struct str id, localpart, server;
        if (store_name(use->server->store, users[i], use->arena, &id, &use->err) < 0)
            return -1;
        str_cut(id, ':', &localpart, &server);
        if (!str_eq(server, use->server->name) || !power_can(&power, id, POWER_INVITE))
            continue;
        *ret_user_id = id;
        return 0;
    }
    return 0;
}

int restricted_authorise(struct use *use, struct room *room, struct str *ret_extra)
{
    const struct room_names *names = rooms_names(use->server);
    const struct pdu *rules = NULL;
    struct str user_id;
    *ret_extra = STR_NONE;
    if (room_state_pdu(use, room, names->join_rules, names->empty, &rules) < 0)
        return -1;
    enum join_rule rule = join_rule_of(room_version_of(room), rules);
    if (rule != JOIN_RULE_RESTRICTED && rule != JOIN_RULE_KNOCK_RESTRICTED)
        return 0;
    int allowed = is_allowed(use, json_find(rules->content, STR("allow")));
    if (allowed <= 0)
        return allowed;
    if (find_authoriser(use, room, &user_id) < 0)
        return -1;
    if (!user_id.p)
        return err_client(&use->err, 403, "M_UNABLE_TO_GRANT_JOIN",
                          "Nobody of this server may let you in");
    struct buf text;
    buf_init(&text, 1024);
    json_escape(&text, user_id);
    *ret_extra = arena_printf(use->arena, "\"join_authorised_via_users_server\":%.*s",
                              STR_ARG(buf_str(&text)));
    buf_done(&text);
    return 0;
}
