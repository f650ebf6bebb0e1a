/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/appservice/interest.h"

#include "base/limits.h"
#include "base/mem.h"
#include "service/config.h"
#include "store/alias.h"
#include "store/membership.h"

/* Past these, what is remembered starts anew. */
#define ROOMS_MAX 100000
#define USERS_MAX 200000
/* Members looked at with one question. */
#define PAGE 1000

struct interest_room {
    bool joined;      /* one of its users is there */
    int64_t left_pos; /* one of its users was, until there */
};

void interest_init(struct interest *interest, const struct appservice *as)
{
    *interest = (struct interest){.as = as};
}

static void forget_rooms(struct interest *interest)
{
    size_t at = 0;
    int64_t id;
    void *room;
    while (int_map_next(&interest->rooms, &at, &id, &room))
        mem_free(room);
    int_map_done(&interest->rooms);
}

void interest_forget(struct interest *interest)
{
    forget_rooms(interest);
    int_map_done(&interest->users);
}

void interest_done(struct interest *interest)
{
    interest_forget(interest);
}

/* ---- users ---- */

/* What the map of users holds: it cannot hold false. */
static char own, foreign;

int interest_has_user(struct interest *interest, struct use *use, int64_t user)
{
    void *known = int_map_find(&interest->users, user);
    struct str user_id;
    if (known)
        return known == &own;
    if (store_name(use->server->store, user, use->arena, &user_id, &use->err) < 0)
        return -1;
    bool found = appservice_has_user(use->server->config, interest->as, user_id);
    if (interest->users.n >= USERS_MAX)
        int_map_done(&interest->users);
    int_map_put(&interest->users, user, found ? &own : &foreign);
    return found;
}

/* ---- rooms ---- */

/* Those of one kind, until one of its own is found that stands there: 1, 0, -1. Of who is no longer
 * there, *left_pos becomes the last position. */
static int look_at_members(struct interest *interest, struct use *use, int64_t room,
                           enum membership kind, int64_t *left_pos)
{
    struct membership_row *rows;
    int64_t after = 0;
    for (size_t n = PAGE; n == PAGE;) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
        if (membership_list_users(&use->read, room, kind, after, PAGE, arena, &rows, &n,
                                  &use->err) < 0)
            return -1;
        for (size_t i = 0; i < n; i++) {
            int has = rows[i].flags & MEMBERSHIP_LOCAL
                          ? interest_has_user(interest, use, rows[i].user)
                          : 0;
            if (has < 0 || (has && kind == MEMBERSHIP_JOIN))
                return has;
            if (has && rows[i].pos > *left_pos)
                *left_pos = rows[i].pos;
        }
        after = n ? rows[n - 1].user : after;
    }
    return 0;
}

static int load_room(struct interest *interest, struct use *use, int64_t id,
                     struct interest_room *ret_room)
{
    static const enum membership gone[] = {MEMBERSHIP_LEAVE, MEMBERSHIP_BAN};
    *ret_room = (struct interest_room){0};
    int joined = look_at_members(interest, use, id, MEMBERSHIP_JOIN, &ret_room->left_pos);
    for (size_t i = 0; joined == 0 && i < ARRAY_LEN(gone); i++)
        joined = look_at_members(interest, use, id, gone[i], &ret_room->left_pos);
    ret_room->joined = joined == 1;
    return joined < 0 ? -1 : 0;
}

static int find_room(struct interest *interest, struct use *use, int64_t id,
                     const struct interest_room **ret_room)
{
    struct interest_room *room = int_map_find(&interest->rooms, id), loaded;
    if (!room) {
        if (load_room(interest, use, id, &loaded) < 0)
            return -1;
        if (interest->rooms.n >= ROOMS_MAX)
            forget_rooms(interest);
        room = MEM_NEW(struct interest_room);
        *room = loaded;
        int_map_put(&interest->rooms, id, room);
    }
    *ret_room = room;
    return 0;
}

static int is_named(struct interest *interest, struct use *use, int64_t id)
{
    struct str room_id, *aliases;
    size_t n = 0;
    if (!interest->as->rooms.n && !interest->as->aliases.n)
        return 0;
    if (store_name(use->server->store, id, use->arena, &room_id, &use->err) < 0)
        return -1;
    if (appservice_has_room(interest->as, room_id))
        return 1;
    if (interest->as->aliases.n &&
        alias_list(&use->read, id, use->arena, &aliases, &n, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (appservice_has_alias(interest->as, aliases[i]))
            return 1;
    return 0;
}

int interest_has_room(struct interest *interest, struct use *use, int64_t room, int64_t pos)
{
    const struct interest_room *found;
    if (find_room(interest, use, room, &found) < 0)
        return -1;
    if (found->joined || pos <= found->left_pos)
        return 1;
    return is_named(interest, use, room);
}

/* ---- the log ---- */

int interest_see(struct interest *interest, struct use *use, const struct log_entry *entry)
{
    if (entry->kind != LOG_KIND_EVENT || !entry->user)
        return 0; /* no membership */
    int has = interest_has_user(interest, use, entry->user);
    if (has == 1)
        mem_free(int_map_remove(&interest->rooms, entry->room));
    return has < 0 ? -1 : 0;
}

int interest_has_event(struct interest *interest, struct use *use, const struct event *event)
{
    int has = interest_has_user(interest, use, event->sender);
    if (has == 0 && event->state_key && str_eq(event->members.type, STR("\"m.room.member\"")))
        has = interest_has_user(interest, use, event->state_key);
    if (has != 0)
        return has;
    return interest_has_room(interest, use, event->room, event->pos);
}
