/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/succession.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/log.h"
#include "service/rooms/access.h"
#include "service/rooms/room_private.h"
#include "service/rooms/view.h"
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

static bool is_administrator(const struct power *power, struct str user_id)
{
    return power_of_user(power, user_id) >= needed_level(power);
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

/* ---- who demotes themselves ---- */

static int refuse_demotion(struct use *use)
{
    (void)err_client(&use->err, 403, "M_FORBIDDEN",
                     "You are the last administrator: name another one first");
    return err_reason(&use->err, "last_administrator");
}

int succession_check_levels(struct use *use, struct room *room, const struct json *content)
{
    const struct room_names *names = rooms_names(use->server);
    const struct pdu *rules = NULL;
    struct candidate first;
    struct power power;
    if (!access_is_on(use->server))
        return 0;
    int found = room_state_pdu(use, room, names->access_rules, names->empty, &rules);
    if (found < 0 || room_power(use, room, &power) < 0)
        return -1;
    struct access_kind kind = access_kind_of(found ? rules->content : NULL);
    struct power after = {power.version, power.create, content};
    if (kind.rule == ACCESS_DIRECT || !is_administrator(&power, use->caller.user_id) ||
        is_administrator(&after, use->caller.user_id))
        return 0;
    found = find_first(use, room, &after, use->caller.user, &first);
    if (found < 0)
        return -1;
    return found && first.level >= needed_level(&after) ? 0 : refuse_demotion(use);
}

/* ---- who closes their account ---- */

/* Rooms of one job: each is held until the job is submitted. */
#define ROOMS_A_JOB 16

struct round {
    struct room *rooms[ROOMS_A_JOB];
    struct change changes[ROOMS_A_JOB];
    struct change *to_submit[ROOMS_A_JOB];
    size_t n;
};

/* As the snapshot has it, which spares most rooms being entered: 1, 0, -1. */
static int administers(struct use *use, int64_t room)
{
    struct power power;
    struct view view;
    int found = view_open(use, room, &view);
    if (found <= 0)
        return found;
    if (view_power(&view, view.row.state, &power) < 0)
        return -1;
    return is_administrator(&power, use->caller.user_id);
}

/* The room is kept when somebody is promoted in it. */
static int decide_in(struct use *use, int64_t id, struct round *round)
{
    struct room **room = &round->rooms[round->n];
    struct change *change = &round->changes[round->n];
    *room = NULL;
    if (room_enter(use, id, room) < 0)
        return -1;
    change_begin(change, use, *room);
    int status = succession_decide(change);
    if (status == 0 && change->events.n) {
        round->to_submit[round->n++] = change;
        return 0;
    }
    change_end(change);
    room_leave(*room);
    if (status == 0 || use->err.kind != ERR_KIND_CLIENT)
        return status;
    log_line(LOG_LEVEL_WARN, "no_successor", "user", LOG_STR(use->caller.user_id), "why",
             LOG_Z(use->err.detail[0] ? use->err.detail : use->err.text), NULL);
    use->err = ERR_INIT;
    return 0;
}

/* By room, so that no two who hold several wait for each other. */
static int fill_round(struct use *use, struct round *round)
{
    struct membership_row *rows;
    size_t n;
    if (membership_list_rooms(&use->read, use->caller.user, MEMBERSHIP_BIT(MEMBERSHIP_JOIN),
                              use->arena, &rows, &n, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n && round->n < ROOMS_A_JOB && !arena_is_over(use->arena); i++) {
        int administrator = administers(use, rows[i].room);
        if (administrator < 0 || (administrator && decide_in(use, rows[i].room, round) < 0))
            return -1;
    }
    return 0;
}

enum { ROUND_AGAIN = USE_WAIT + 1 }; /* one was committed: look again */

/* One job, or none: USE_WAIT, ROUND_AGAIN, USE_DONE (no room needs it), -1. */
static int run_round(struct use *use)
{
    struct round round = {0};
    struct arena *own = arena_new(MIB(16)), *outer = use->arena;
    use->arena = own;
    int status = fill_round(use, &round);
    if (status == 0 && round.n)
        status = use->x ? change_submit_first(round.to_submit, round.n)
                        : change_submit_all(round.to_submit, round.n);
    if (status == 0 && round.n)
        status = ROUND_AGAIN;
    for (size_t i = 0; i < round.n; i++) {
        if (status != USE_WAIT) /* else they have ended, and their memory is the job's */
            change_end(&round.changes[i]);
        room_leave(round.rooms[i]);
    }
    use->arena = outer;
    if (status != USE_WAIT)
        arena_free(own);
    return status;
}

int succession_provide(struct use *use, int64_t user)
{
    struct caller asker = use->caller;
    int status = ROUND_AGAIN;
    if (!access_is_on(use->server))
        return USE_DONE;
    use->caller = (struct caller){.user = user};
    if (store_name(use->server->store, user, use->arena, &use->caller.user_id, &use->err) < 0)
        status = -1;
    while (status == ROUND_AGAIN)
        status = run_round(use);
    use->caller = asker;
    return status;
}

/* ---- for the operator ---- */

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
