/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/succession.h"

#include <stdlib.h>

#include "base/limits.h"
#include "service/rooms/access.h"
#include "service/rooms/room_private.h"
#include "store/account.h"
#include "json/write.h"

#define ADMINISTRATOR 100

struct candidate {
    int64_t user, level;
    int64_t since; /* id of the member event: they count up */
    struct str id;
};

/* Highest first, then the longest in the room. */
static int by_rank(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->level != y->level)
        return x->level < y->level ? 1 : -1;
    return (x->since > y->since) - (x->since < y->since);
}

static int list_candidates(struct use *use, struct room *room, const struct power *power,
                           int64_t leaving, struct candidate **ret_candidates, size_t *ret_n)
{
    int64_t *users;
    size_t n, kept = 0;
    room_members(use, room, MEMBERSHIP_JOIN, &users, &n);
    struct candidate *candidates = ARENA_NEW_N(use->arena, n, struct candidate);
    for (size_t i = 0; i < n; i++) {
        struct candidate *candidate = &candidates[kept];
        if (users[i] == leaving)
            continue;
        if (store_name(use->server->store, users[i], use->arena, &candidate->id, &use->err) < 0)
            return -1;
        candidate->user = users[i];
        candidate->level = power_of_user(power, candidate->id);
        candidate->since = room_state_id(room, rooms_names(use->server)->member, users[i]);
        kept++;
    }
    if (kept)
        qsort(candidates, kept, sizeof *candidates, by_rank);
    *ret_candidates = candidates;
    *ret_n = kept;
    return 0;
}

/* An agent who is there to answer: no external, no closed account. */
static int may_follow(struct use *use, const struct candidate *candidate)
{
    struct account account;
    int found = account_load(&use->read, candidate->user, use->arena, &account, &use->err);
    if (found <= 0)
        return found < 0 ? -1 : 1; /* of another server */
    return !(account.flags & (ACCOUNT_EXTERNAL | ACCOUNT_DEACTIVATED));
}

/* The first in rank: 1, 0 nobody, -1. */
static int find_first(struct use *use, struct room *room, const struct power *power,
                      int64_t leaving, struct candidate *ret_first)
{
    struct candidate *candidates;
    size_t n;
    if (list_candidates(use, room, power, leaving, &candidates, &n) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        int may = may_follow(use, &candidates[i]);
        if (may < 0)
            return -1;
        if (!may)
            continue;
        *ret_first = candidates[i];
        return 1;
    }
    return 0;
}

static int64_t needed_level(const struct power *power)
{
    return power_to_send(power, STR("m.room.power_levels"), true);
}

/* ---- the promotion ---- */

/* The levels with one user's set. */
static struct str promoted(struct use *use, const struct json *levels, struct str user_id,
                           int64_t level)
{
    const struct json *users = json_find(levels, STR("users"));
    struct buf text;
    struct json_writer out;
    buf_init(&text, LIMIT_EVENT_BYTES * 2);
    json_writer_init(&out, &text);
    json_write_object(&out);
    for (size_t i = 0; i < levels->object.n; i++)
        if (!str_eq(levels->object.members[i].key, STR("users")))
            json_write_member_raw(&out, levels->object.members[i].key,
                                  levels->object.members[i].value.raw);
    json_write_key(&out, STR("users"));
    json_write_object(&out);
    for (size_t i = 0; json_is(users, JSON_OBJECT) && i < users->object.n; i++)
        if (!str_eq(users->object.members[i].key, user_id))
            json_write_member_raw(&out, users->object.members[i].key,
                                  users->object.members[i].value.raw);
    json_write_member_int(&out, user_id, level);
    json_write_end(&out);
    json_write_end(&out);
    struct str copy = arena_str(use->arena, buf_str(&text));
    buf_done(&text);
    return copy;
}

static int promote(struct change *change, const struct power *power,
                   const struct candidate *candidate, int64_t own)
{
    struct use *use = change->use;
    int64_t level = needed_level(power) > ADMINISTRATOR ? needed_level(power) : ADMINISTRATOR;
    struct draft draft = {
        .type = STR("m.room.power_levels"),
        .state_key = STR(""),
        .content = promoted(use, power->content, candidate->id, level < own ? level : own),
        .sender = use->caller.user_id,
        .sender_name = use->caller.user,
    };
    return change_decide(change, &draft, NULL);
}

int succession_decide(struct change *change)
{
    struct use *use = change->use;
    struct access_kind kind;
    struct candidate first;
    struct power power;
    if (!access_is_on(use->server) ||
        room_membership(change->room, use->caller.user) != MEMBERSHIP_JOIN)
        return 0;
    if (change_access_kind(change, &kind) < 0 || room_power(use, change->room, &power) < 0)
        return -1;
    int64_t own = power_of_user(&power, use->caller.user_id);
    if (kind.rule == ACCESS_DIRECT || !power.content || own < needed_level(&power))
        return 0;
    int found = find_first(use, change->room, &power, use->caller.user, &first);
    if (found <= 0)
        return found;
    return first.level >= needed_level(&power) ? 0 : promote(change, &power, &first, own);
}

int succession_is_orphan(struct use *use, struct room *room)
{
    const struct room_names *names = rooms_names(use->server);
    const struct pdu *rules = NULL;
    struct candidate first;
    struct power power;
    int found = room_state_pdu(use, room, names->access_rules, names->empty, &rules);
    if (found < 0 || room_power(use, room, &power) < 0)
        return -1;
    struct access_kind kind = access_kind_of(found ? rules->content : NULL);
    if (kind.rule == ACCESS_DIRECT || room_state_id(room, names->tombstone, names->empty))
        return 0;
    found = find_first(use, room, &power, 0, &first);
    if (found < 0)
        return -1;
    return !found || first.level < needed_level(&power);
}
