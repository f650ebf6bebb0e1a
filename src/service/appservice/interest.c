/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/appservice/interest.h"

#include "base/limits.h"
#include "service/config.h"
#include "service/rooms/room.h"
#include "store/alias.h"
#include "store/membership.h"
#include "store/state.h"
#include "json/doc.h"

/* Past these, what is remembered starts anew. */
#define ROOMS_MAX 100000
#define USERS_MAX 200000
/* Members looked at with one question. */
#define PAGE 1000

/* What the map of rooms holds: whether one of its users is there, as of what of the log has been
 * looked at. It cannot hold false. */
static char joined, apart;

void interest_init(struct interest *interest, const struct appservice *as)
{
    *interest = (struct interest){.as = as};
}

void interest_forget(struct interest *interest)
{
    int_map_done(&interest->rooms);
    int_map_done(&interest->users);
    int_map_done(&interest->named);
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

/* The membership in the state at an event. */
static int was_joined(struct use *use, const struct event *event, int64_t user)
{
    CLEANUP(event_cleanup) struct event *member = NULL;
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(KIB(256));
    const struct json *content;
    int64_t id;
    int found = state_find(&use->read, event->state, rooms_names(use->server)->member, user, &id,
                           &use->err);
    if (found == 1)
        found = event_load(&use->read, id, &member, &use->err);
    if (found != 1)
        return found;
    if (json_parse(arena, member->members.content, &content, &use->err) < 0)
        return -1;
    return membership_parse(json_find_str(content, STR("membership"))) == MEMBERSHIP_JOIN;
}

/* Where a room is looked at: a position, and the event there where it is one. */
struct place {
    int64_t room, pos;
    const struct event *event; /* NULL: none */
    bool blurred;              /* somebody has moved since, and no event says where they were */
};

/* One of its own, by the row of what they are now: 1 there, 0 not, -1. A row that is newer than the
 * place says nothing of it: the state does. */
static int is_there(struct use *use, struct place *place, const struct membership_row *row)
{
    if (row->pos <= place->pos)
        return row->kind == MEMBERSHIP_JOIN;
    if (place->event)
        return was_joined(use, place->event, row->user);
    place->blurred = true;
    return 0;
}

/* Those of one kind, until one of its own is found that was there: 1, 0, -1. */
static int look_at_members(struct interest *interest, struct use *use, struct place *place,
                           enum membership kind)
{
    struct membership_row *rows;
    int64_t after = 0;
    for (size_t n = PAGE; n == PAGE;) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
        if (membership_list_users(&use->read, place->room, kind, after, PAGE, arena, &rows, &n,
                                  &use->err) < 0)
            return -1;
        for (size_t i = 0; i < n; i++) {
            int has = rows[i].flags & MEMBERSHIP_LOCAL
                          ? interest_has_user(interest, use, rows[i].user)
                          : 0;
            if (has == 1)
                has = is_there(use, place, &rows[i]);
            if (has != 0)
                return has;
        }
        after = n ? rows[n - 1].user : after;
    }
    return 0;
}

static int look_at_room(struct interest *interest, struct use *use, struct place *place)
{
    static const enum membership kinds[] = {MEMBERSHIP_JOIN, MEMBERSHIP_LEAVE, MEMBERSHIP_BAN,
                                            MEMBERSHIP_INVITE, MEMBERSHIP_KNOCK};
    int there = 0;
    for (size_t i = 0; there == 0 && i < ARRAY_LEN(kinds); i++)
        there = look_at_members(interest, use, place, kinds[i]);
    return there;
}

/* Remembered from an event on, or from the head on, until the log says that one of its users moved
 * there. */
static int is_in_room(struct interest *interest, struct use *use, struct place *place)
{
    void *known = int_map_find(&interest->rooms, place->room);
    if (known)
        return known == &joined;
    int there = look_at_room(interest, use, place);
    bool lasts = place->event || (interest->settled && !place->blurred);
    if (there < 0 || !lasts)
        return there;
    if (interest->rooms.n >= ROOMS_MAX)
        int_map_done(&interest->rooms);
    int_map_put(&interest->rooms, place->room, there ? &joined : &apart);
    return there;
}

static int find_name(struct interest *interest, struct use *use, int64_t id)
{
    struct str room_id, *aliases;
    size_t n = 0;
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

static int is_named(struct interest *interest, struct use *use, int64_t id)
{
    if (!interest->as->rooms.n && !interest->as->aliases.n)
        return 0;
    void *known = int_map_find(&interest->named, id);
    if (known)
        return known == &joined;
    int named = find_name(interest, use, id);
    if (named >= 0)
        int_map_put(&interest->named, id, named ? &joined : &apart);
    return named;
}

static int has_place(struct interest *interest, struct use *use, struct place *place)
{
    int there = is_in_room(interest, use, place);
    return there == 0 ? is_named(interest, use, place->room) : there;
}

int interest_has_room(struct interest *interest, struct use *use, int64_t room, int64_t pos)
{
    struct place place = {.room = room, .pos = pos};
    return has_place(interest, use, &place);
}

int interest_is_in_room(struct interest *interest, struct use *use, int64_t room)
{
    struct place now = {.room = room, .pos = use->read.head.pos};
    return look_at_members(interest, use, &now, MEMBERSHIP_JOIN);
}

/* ---- the log ---- */

void interest_begin(struct interest *interest)
{
    interest->settled = false;
    int_map_done(&interest->named);
}

void interest_settle(struct interest *interest)
{
    interest->settled = true;
}

int interest_see(struct interest *interest, struct use *use, const struct log_entry *entry)
{
    if (entry->kind != LOG_KIND_EVENT || !entry->user)
        return 0; /* no membership */
    int has = interest_has_user(interest, use, entry->user);
    if (has == 1)
        (void)int_map_remove(&interest->rooms, entry->room);
    return has < 0 ? -1 : 0;
}

int interest_has_event(struct interest *interest, struct use *use, const struct event *event)
{
    int has = interest_has_user(interest, use, event->sender);
    if (has == 0 && event->state_key && str_eq(event->members.type, STR("\"m.room.member\"")))
        has = interest_has_user(interest, use, event->state_key);
    if (has != 0)
        return has;
    struct place place = {event->room, event->pos, event, false};
    return has_place(interest, use, &place);
}

/* ---- people ---- */

static int meets_in_rooms(struct interest *interest, struct use *use, int64_t user)
{
    struct membership_row *rows;
    size_t n;
    int meets = 0;
    if (membership_list_rooms(&use->read, user, MEMBERSHIP_BIT(MEMBERSHIP_JOIN), use->arena, &rows,
                              &n, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n && meets == 0; i++)
        meets = interest_has_room(interest, use, rows[i].room, use->read.head.pos);
    return meets;
}

int interest_meets_user(struct interest *interest, struct use *use, int64_t user)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA);
    struct arena *whole = use->arena;
    use->arena = arena;
    int meets = interest_has_user(interest, use, user);
    if (meets == 0)
        meets = meets_in_rooms(interest, use, user);
    use->arena = whole;
    return meets;
}
