/* SPDX-License-Identifier: EUPL-1.2 */

/* Pushers that have missed something: because nobody answered for them, or because more came than
 * they could be told. What notifies since their position is found again, in the rooms that have
 * moved, the newest of it. */

#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "service/push/pushers.h"
#include "service/push/pushing_private.h"
#include "store/membership.h"
#include "store/room.h"

#define BEGUN_AT_ONCE 50  /* in one look: each is a write and a look at its rooms */
#define PAGE          500 /* rows looked at */
#define LOOK_SOON_MS  250
#define LOOKED_AT     200 /* events of one room */
#define LOOK_AGAIN_MS 60000
#define CRASHES_MAX   3

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
    int64_t seen = pushing_seen_for(finding->pushing, use->caller.user);
    size_t found = 0;
    for (size_t i = 0; i < n && found < LIMIT_PUSHES_OF_ROOM; i++) {
        CLEANUP(event_cleanup) struct event *event = NULL;
        if (marks[i].pos <= finding->pusher->pos || marks[i].pos > seen)
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
        lane_add(pushing, lane, (struct push_item){0, pushing_seen_for(pushing, lane->user)});
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
    pusher->pos = pushing_seen_for(pushing, pusher->user);
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

/* ---- which of them ---- */

/* Pushers whose host is down wait until it is asked again: nothing else is done for them, and one
 * job is for all. */
struct putting_off {
    VEC(int64_t) ids;
    VEC(int64_t) due_ms;
};

/* Those of one host are told the same time: a statement each. */
static int write_put_off(struct write *w, void *arg, struct err *err)
{
    const struct putting_off *off = arg;
    size_t n;
    for (size_t first = 0; first < off->ids.n; first += n) {
        n = 1;
        while (first + n < off->ids.n && off->due_ms.p[first + n] == off->due_ms.p[first])
            n++;
        if (pusher_put_off(w, off->ids.p + first, n, off->due_ms.p[first], err) < 0)
            return -1;
    }
    return 0;
}

struct look {
    struct pushing *pushing;
    struct arena *arena;
    int64_t now_ms; /* wall */
    size_t begun;
    struct putting_off off;
};

static void put_off_with_host(struct look *look, const struct pusher *pusher,
                              const struct push_host *host)
{
    ARENA_VEC_ADD(look->arena, &look->off.ids, pusher->id);
    ARENA_VEC_ADD(look->arena, &look->off.due_ms, host->until_ms);
}

/* A row whose URL cannot be read is taken up, and deleted when it is to be sent to. */
static struct push_host *host_of(struct look *look, const struct pusher *pusher)
{
    const struct json *data;
    struct str url;
    if (pusher_url(look->arena, pusher, &url, &data) < 0)
        return NULL;
    return push_hosts_find(&look->pushing->hosts, url);
}

static void take_up(struct look *look, struct pusher *pusher)
{
    if (lane_find(look->pushing, pusher->id))
        return;
    struct push_host *host = host_of(look, pusher);
    if (host && !push_host_may_catch_up(host, look->now_ms)) {
        if (push_host_look(host, look->now_ms) == PUSH_HOST_DOWN)
            put_off_with_host(look, pusher, host);
        return;
    }
    look->begun++;
    catch_up(look->pushing, pusher);
}

static int list_due(struct look *look, struct pusher **ret_pushers, size_t *ret_n,
                    int64_t *ret_next_ms, struct err *err)
{
    struct pushing *pushing = look->pushing;
    struct read read;
    read_begin(pushing->server->store, &read);
    int status = pusher_list_due(&read, look->now_ms, &pushing->looked, PAGE, look->arena,
                                 ret_pushers, ret_n, err);
    if (status == 0)
        status = pusher_next_due(&read, ret_next_ms, err);
    read_end(&read);
    return status;
}

/* The walk has come to its end: those that catch up are due until they have, and are looked at
 * again a little later. */
static void end_walk(struct pushing *pushing, int64_t now_ms, int64_t next_ms)
{
    int64_t soon = now_ms + LOOK_SOON_MS, late = now_ms + LOOK_AGAIN_MS;
    pushing->looked = (struct pusher_mark){0};
    pushing->due_ms = next_ms < soon ? soon : next_ms > late ? late : next_ms;
}

static bool may_go_on(const struct look *look)
{
    return look->begun < BEGUN_AT_ONCE && !lanes_are_full(look->pushing) &&
           !pushing_is_stopping(look->pushing) &&
           (look->begun == 0 || pushing_has_time(look->pushing));
}

void behind_catch_up(struct pushing *pushing)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(16));
    struct look look = {.pushing = pushing, .arena = arena, .now_ms = clock_wall_ms()};
    struct err err = ERR_INIT;
    struct pusher *pushers;
    int64_t next_ms = INT64_MAX;
    size_t n = 0, i = 0;
    if (look.now_ms < pushing->due_ms || lanes_are_full(pushing))
        return;
    pushing_begin_part(pushing);
    if (list_due(&look, &pushers, &n, &next_ms, &err) < 0) {
        pushing_tell(pushing, &err);
        n = 0;
    }
    for (; i < n && may_go_on(&look); i++) {
        take_up(&look, &pushers[i]);
        pushing->looked = (struct pusher_mark){pushers[i].due_ms, pushers[i].id};
    }
    if (look.off.ids.n)
        (void)pushing_commit(pushing, write_put_off, &look.off);
    if (i == n && n < PAGE)
        end_walk(pushing, look.now_ms, next_ms);
    else
        pushing->due_ms = look.now_ms;
}
