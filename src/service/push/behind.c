/* SPDX-License-Identifier: EUPL-1.2 */

/* Pushers that have missed something: because nobody answered for them, or because more came than
 * they could be told. What notifies since their position is found again, in the rooms that have
 * moved, the newest of it. */

#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "service/push/pushing_private.h"
#include "store/membership.h"
#include "store/room.h"

#define PUSHERS_AT_ONCE 50
#define LOOKED_AT       200 /* events of one room */
#define LOOK_AGAIN_MS   60000
#define CRASHES_MAX     3

struct finding {
    struct pushing *pushing;
    struct use *use;
    const struct pusher *pusher;
    VEC(struct push_item) items;
};

static int find_in_list(struct finding *finding, const struct room_row *room,
                        const struct event_mark *marks, size_t n)
{
    struct use *use = finding->use;
    size_t found = 0;
    for (size_t i = 0; i < n && found < LIMIT_PUSHES_OF_ROOM; i++) {
        CLEANUP(event_cleanup) struct event *event = NULL;
        if (marks[i].pos <= finding->pusher->pos || marks[i].pos > finding->pushing->seen)
            continue;
        int status = event_load(&use->read, marks[i].id, &event, &use->err);
        if (status == 1)
            status = intake_notifies(finding->pushing, use, room, event);
        if (status < 0)
            return -1;
        if (status == 1) {
            ARENA_VEC_ADD(use->arena, &finding->items, ((struct push_item){event->id, event->pos}));
            found++;
        }
    }
    return 0;
}

static int find_in_room(struct finding *finding, int64_t id)
{
    CLEANUP(arena_cleanup) struct arena *own = arena_new(LIMIT_REQUEST_ARENA);
    struct use *use = finding->use;
    struct event_mark *marks;
    struct room_row room;
    int64_t place;
    size_t n;
    int found = room_load(&use->read, id, &room, &use->err);
    if (found != 1)
        return found;
    if (event_place_at(&use->read, id, finding->pusher->pos, &place, &use->err) < 0 ||
        event_list_marks(&use->read, id, place, room.last_place + 1, LOOKED_AT, own, &marks, &n,
                         &use->err) < 0)
        return -1;
    return find_in_list(finding, &room, marks, n);
}

static int find_all(struct finding *finding)
{
    struct use *use = finding->use;
    struct membership_room *rooms;
    size_t n;
    if (membership_list_with_rooms(&use->read, use->caller.user, use->arena, &rooms, &n,
                                   &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        enum membership kind = rooms[i].member.kind;
        bool may = kind == MEMBERSHIP_JOIN || kind == MEMBERSHIP_INVITE;
        if (may && rooms[i].pos > finding->pusher->pos &&
            find_in_room(finding, rooms[i].member.room) < 0)
            return -1;
    }
    return 0;
}

static int by_position(const void *a, const void *b)
{
    int64_t one = ((const struct push_item *)a)->pos, other = ((const struct push_item *)b)->pos;
    return (one > other) - (one < other);
}

static void fill_lane(struct finding *finding)
{
    struct pushing *pushing = finding->pushing;
    struct lane *lane = lane_get(pushing, finding->pusher->id, finding->pusher->user);
    size_t n = finding->items.n, skipped = n > LIMIT_PUSHER_WAITING ? n - LIMIT_PUSHER_WAITING : 0;
    if (n)
        qsort(finding->items.p, n, sizeof *finding->items.p, by_position);
    lane->catching = true;
    for (size_t i = skipped; i < n; i++)
        lane_add(pushing, lane, finding->items.p[i]);
    if (!n) /* its row is put right by what comes last */
        lane_add(pushing, lane, (struct push_item){0, pushing->seen});
}

static int write_begin(struct write *w, void *arg, struct err *err)
{
    const struct pusher *pusher = arg;
    return pusher_begin(w, pusher->id, err);
}

static int write_progress(struct write *w, void *arg, struct err *err)
{
    const struct pusher *pusher = arg;
    return pusher_set_progress(w, pusher, err);
}

/* DUR-12: what it missed is set aside, and it goes on with what comes. */
static void set_aside(struct pushing *pushing, struct pusher *pusher)
{
    log_line(LOG_LEVEL_ERROR, "push_set_aside", "pusher", LOG_INT(pusher->id), "why",
             LOG_Z("the program ended three times while it caught up"), NULL);
    pusher->behind = false;
    pusher->pos = pushing->seen;
    (void)pushing_commit(pushing, write_progress, pusher);
}

/* What it missed could not be read, which is no crash: later again, and nobody else waits. */
static void put_off(struct pushing *pushing, struct pusher *pusher, const struct err *err)
{
    log_line(LOG_LEVEL_ERROR, "push_put_off", "pusher", LOG_INT(pusher->id), "detail",
             LOG_Z(err->detail[0] ? err->detail : err->text), NULL);
    pusher->due_ms = clock_wall_ms() + LOOK_AGAIN_MS;
    (void)pushing_commit(pushing, write_progress, pusher);
}

static void catch_up(struct pushing *pushing, struct pusher *pusher)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(64));
    struct use use = {.server = pushing->server, .arena = arena, .caller = {.user = pusher->user}};
    struct finding finding = {pushing, &use, pusher, {0}};
    if (lane_find(pushing, pusher->id))
        return;
    if (pusher->begun >= CRASHES_MAX) {
        set_aside(pushing, pusher);
        return;
    }
    if (!pushing_commit(pushing, write_begin, pusher))
        return;
    read_begin(pushing->server->store, &use.read);
    int status = find_all(&finding);
    read_end(&use.read);
    if (status < 0)
        put_off(pushing, pusher, &use.err);
    else
        fill_lane(&finding);
}

static int list_due(struct pushing *pushing, struct arena *arena, struct pusher **ret_pushers,
                    size_t *ret_n, struct err *err)
{
    struct read read;
    int64_t next_ms = INT64_MAX;
    read_begin(pushing->server->store, &read);
    int status =
        pusher_list_due(&read, clock_wall_ms(), PUSHERS_AT_ONCE, arena, ret_pushers, ret_n, err);
    if (status == 0)
        status = pusher_next_due(&read, &next_ms, err);
    read_end(&read);
    pushing->due_ms = next_ms;
    return status;
}

void behind_catch_up(struct pushing *pushing)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(4));
    int64_t now = clock_wall_ms();
    struct err err = ERR_INIT;
    struct pusher *pushers;
    size_t n = 0;
    if (now < pushing->due_ms || lanes_are_full(pushing))
        return;
    if (list_due(pushing, arena, &pushers, &n, &err) < 0) {
        pushing_tell(pushing, &err);
        n = 0;
    }
    for (size_t i = 0; i < n && !pushing_is_stopping(pushing); i++)
        catch_up(pushing, &pushers[i]);
    /* Those that are catching up are due until they have: looked at again a little later. */
    if (pushing->due_ms <= now)
        pushing->due_ms = now + 250;
    if (pushing->due_ms > now + LOOK_AGAIN_MS)
        pushing->due_ms = now + LOOK_AGAIN_MS;
}
