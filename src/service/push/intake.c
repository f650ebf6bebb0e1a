/* SPDX-License-Identifier: EUPL-1.2 */

/* From the log to what is to be pushed. */

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "service/push/joined.h"
#include "service/push/pushing_private.h"
#include "service/push/verdict.h"
#include "store/log.h"
#include "store/membership.h"
#include "store/room.h"

#define PAGE 500
/* After somebody has read: reading ten rooms is one push. */
#define COUNT_AFTER_MS 1000

/* ---- what an event does to somebody ---- */

static int say_marks(const struct event *event)
{
    return (event->flags & EVENT_NOTIFIES) != 0;
}

/* Its text is read, in memory of its own. */
static int look(struct use *use, const struct membership_row *member, const struct room_row *room,
                const struct event *event, struct reader *reader)
{
    struct push_sight sight = {.reader = reader};
    struct push_verdict verdict;
    struct view view;
    struct pdu pdu;
    if (view_open_as(use, room, member, &view) < 0 || view_pdu(&view, event, &pdu) < 0)
        return -1;
    sight.view = &view;
    sight.state = room->state;
    if (!reader->own_rules && (event->flags & EVENT_JUDGED) && !event->state_key &&
        !push_concerns(&sight, &pdu))
        return say_marks(event);
    if (push_look(&sight, event, &pdu, use->arena, &verdict) < 0)
        return -1;
    return verdict.notify;
}

/* Those who have joined after it, and those who left before we came to it, are not told. */
static int may_be_told(struct use *use, const struct membership_row *member,
                       const struct room_row *room, const struct event *event)
{
    struct view view;
    int64_t joined;
    if (member->kind == MEMBERSHIP_INVITE)
        return member->event == event->id;
    if (member->kind != MEMBERSHIP_JOIN)
        return 0;
    if (view_open_as(use, room, member, &view) < 0 ||
        joined_find(&view, member->event, event->place, &joined) < 0)
        return -1;
    return event->place > joined;
}

static int judge(struct use *use, struct reader *reader, const struct room_row *room,
                 const struct event *event)
{
    struct membership_row member;
    struct push_sight sight = {.reader = reader};
    bool plain = push_is_plain(&sight, event->flags) && !event->state_key;
    if (plain && !say_marks(event))
        return 0;
    int found = membership_load(&use->read, use->caller.user, event->room, &member, &use->err);
    if (found == 1)
        found = may_be_told(use, &member, room, event);
    if (found != 1)
        return found;
    if (plain)
        return 1;
    return look(use, &member, room, event, reader);
}

int intake_notifies(struct pushing *pushing, struct use *use, const struct room_row *room,
                    const struct event *event)
{
    CLEANUP(arena_cleanup) struct arena *own = arena_new(LIMIT_REQUEST_ARENA);
    struct recipient *recipient = recipients_get(pushing->recipients, use->caller.user);
    struct arena *outer = use->arena;
    struct reader *reader;
    if (event->sender == use->caller.user ||
        (event->flags & (EVENT_REDACTED | EVENT_REJECTED | EVENT_SOFT_FAILED | EVENT_OUTLIER)) ||
        event->origin_server_ts < clock_wall_ms() - LIMIT_PUSH_AGE_MS)
        return 0;
    use->arena = own;
    int status =
        store_name(use->server->store, use->caller.user, own, &use->caller.user_id, &use->err);
    if (status == 0)
        status = recipient_reader(recipient, use, &reader);
    if (status == 0 && !ignored_has(&reader->ignored, event->sender))
        status = judge(use, reader, room, event);
    use->arena = outer;
    use->caller.user_id = STR_NONE; /* it was in memory of its own */
    return status;
}

/* ---- an event ---- */

static int find_pushers(struct pushing *pushing, struct use *use, struct push_item item)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA);
    struct pusher *pushers;
    size_t n;
    if (pusher_list(&use->read, use->caller.user, arena, &pushers, &n, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        struct lane *lane = lane_find(pushing, pushers[i].id);
        bool waits = pushers[i].behind && !(lane && lane->catching);
        bool is_done = item.event ? item.pos <= pushers[i].pos : pushers[i].kind == PUSHER_WEB;
        if (is_done || waits)
            continue;
        VEC_ADD(&pushing->found, ((struct lane_wait){pushers[i].id, use->caller.user, item}));
    }
    return 0;
}

/* Those it was found for before it could not be taken in are found again. */
static void add_found(struct pushing *pushing, bool is_whole)
{
    for (size_t i = 0; is_whole && i < pushing->found.n; i++) {
        const struct lane_wait *found = &pushing->found.p[i];
        lane_add(pushing, lane_get(pushing, found->pusher, found->user), found->item);
    }
    VEC_CLEAR(&pushing->found);
}

/* It is theirs alone that it cannot be read, unless nothing can: they catch up later. */
static int miss(struct pushing *pushing, struct use *use, int64_t pos)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA);
    struct read fresh;
    struct pusher *pushers;
    size_t n;
    if (!pushing_can_read(pushing))
        return -1;
    log_line(LOG_LEVEL_ERROR, "push_missed", "position", LOG_INT(pos), "detail",
             LOG_Z(use->err.detail[0] ? use->err.detail : use->err.text), NULL);
    use->err = ERR_INIT;
    read_begin(pushing->server->store, &fresh);
    int status = pusher_list(&fresh, use->caller.user, arena, &pushers, &n, &use->err);
    read_end(&fresh);
    for (size_t i = 0; status == 0 && i < n; i++)
        if (!lane_miss(pushing, pushers[i].id, pos - 1))
            return err_internal(&use->err, "what was missed could not be written down");
    return status;
}

static int consider(struct pushing *pushing, struct use *use, int64_t user,
                    const struct room_row *room, const struct event *event)
{
    use->caller = (struct caller){.user = user};
    int notifies = intake_notifies(pushing, use, room, event);
    if (notifies == 1)
        notifies = find_pushers(pushing, use, (struct push_item){event->id, event->pos});
    return notifies < 0 ? miss(pushing, use, event->pos) : 0;
}

static void note_moved(struct pushing *pushing, int64_t user, int64_t room, bool afresh)
{
    struct recipient *recipient = recipients_find(pushing->recipients, user);
    if (recipient)
        recipient_moved(recipient, room, afresh);
}

/* Somebody has read: their gateways are told the count in a second. */
static void wait_to_count(struct pushing *pushing, int64_t user)
{
    struct count_wait wait = {user, clock_monotonic_ms() + COUNT_AFTER_MS};
    if (int_map_find(&pushing->counting, user) || pushing->counts.n >= LIMIT_PUSH_RECIPIENTS)
        return;
    int_map_put(&pushing->counting, user, pushing);
    VEC_ADD(&pushing->counts, wait);
}

/* Who comes is told from here on, who goes is not; an invitation is told to the one it is for. */
static int take_member(struct pushing *pushing, struct use *use, const struct room_row *room,
                       const struct event *event)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA);
    struct membership_row member = {0};
    struct pusher *pushers;
    int64_t user = event->state_key;
    size_t n;
    note_moved(pushing, user, event->room, true);
    if (pusher_list(&use->read, user, arena, &pushers, &n, &use->err) < 0 ||
        membership_load(&use->read, user, event->room, &member, &use->err) < 0)
        return -1;
    recipients_change_room(pushing->recipients, event->room, user,
                           n && member.kind == MEMBERSHIP_JOIN);
    return n ? consider(pushing, use, user, room, event) : 0;
}

/* The place in a list in their order. */
static size_t first_after(const int64_t *users, size_t n, int64_t user)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (users[middle] <= user)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int take_recipient(struct pushing *pushing, struct use *use, int64_t user,
                          const struct room_row *room, const struct event *event)
{
    note_moved(pushing, user, event->room, false);
    if (user == event->sender)
        wait_to_count(pushing, event->sender); /* who answers has read */
    bool told = event->type == rooms_names(use->server)->member && user == event->state_key;
    return told ? 0 : consider(pushing, use, user, room, event);
}

/* Goes on after the user that the last turn came to: 1 the time is over, and there are others; 0,
 * -1. */
static int take_event(struct pushing *pushing, struct use *use, const struct event *event)
{
    const int64_t *users;
    struct room_row room;
    size_t n;
    int found = room_load(&use->read, event->room, &room, &use->err);
    if (found != 1)
        return found;
    if (event->type == rooms_names(use->server)->member && !pushing->part.user &&
        take_member(pushing, use, &room, event) < 0)
        return -1;
    if (recipients_of_room(pushing->recipients, use, event->room, &users, &n) < 0)
        return -1;
    size_t first = first_after(users, n, pushing->part.user);
    for (size_t i = first; i < n; i++) {
        if (i > first && !pushing_has_time(pushing)) {
            pushing->part = (struct push_part){event->pos, event->state_key, users[i - 1]};
            return 1;
        }
        if (take_recipient(pushing, use, users[i], &room, event) < 0)
            return -1;
    }
    return 0;
}

/* ---- the rest ---- */

/* What was counted in a room does not stand for anybody. */
static int count_afresh(struct pushing *pushing, struct use *use, int64_t room)
{
    const int64_t *users;
    size_t n;
    if (recipients_of_room(pushing->recipients, use, room, &users, &n) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        note_moved(pushing, users[i], room, true);
    return 0;
}

static int take_stored(struct pushing *pushing, struct use *use, const struct log_entry *entry)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    bool failed;
    if (!pushing_may_begin(pushing, 0, entry->pos, &failed))
        return failed ? -1 : 0;
    int found = event_load(&use->read, entry->ref, &event, &use->err);
    return found == 1 ? take_event(pushing, use, event) : found;
}

/* 1 its rest is taken in the next turn, 0, -1. */
static int take_entry(struct pushing *pushing, struct use *use, const struct log_entry *entry)
{
    switch (entry->kind) {
    case LOG_KIND_EVENT:
        return take_stored(pushing, use, entry);
    case LOG_KIND_RECEIPT:
        note_moved(pushing, entry->user, entry->room, true);
        wait_to_count(pushing, entry->user);
        return 0;
    case LOG_KIND_STATE:
        recipients_forget_room(pushing->recipients, entry->room);
        return count_afresh(pushing, use, entry->room);
    case LOG_KIND_REDACTION:
        return count_afresh(pushing, use, entry->room);
    case LOG_KIND_PURGE:
        return entry->room ? count_afresh(pushing, use, entry->room) : 0;
    case LOG_KIND_ACCOUNT_DATA:
    case LOG_KIND_PUSH_RULES:
        if (!entry->room)
            recipients_forget_user(pushing->recipients, entry->user);
        return 0;
    default:
        return 0;
    }
}

static void pass(struct pushing *pushing, int64_t pos)
{
    pushing->seen = pos;
    pushing->part = (struct push_part){0};
    pushing->stuck = 0;
}

/* An entry that cannot be taken in is told, and tried again after a pause. */
static bool take_page(struct pushing *pushing, struct use *use)
{
    struct log_entry *entries;
    size_t n = 0, i = 0;
    if (pushing_look_at_pushers(pushing, use) < 0 ||
        log_list(&use->read, pushing->seen, PAGE, use->arena, &entries, &n, &use->err) < 0) {
        pushing_tell(pushing, &use->err);
        return false;
    }
    for (; i < n && !pushing_is_stopping(pushing); i++) {
        int status = take_entry(pushing, use, &entries[i]);
        add_found(pushing, status >= 0);
        if (status == 1)
            return true;
        if (status < 0) {
            pushing_tell(pushing, &use->err);
            if (!pushing_is_hopeless(pushing, &pushing->stuck, entries[i].pos))
                return false;
        }
        pass(pushing, entries[i].pos);
        if (!pushing_has_time(pushing) || (pushing->careful && pushing->lanes.n))
            return true;
    }
    return n == PAGE;
}

bool intake_some(struct pushing *pushing)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(64));
    struct use use = {.server = pushing->server, .arena = arena};
    if (lanes_are_full(pushing) || store_head(pushing->server->store).pos <= pushing->seen)
        return false;
    pushing_begin_part(pushing);
    read_begin(pushing->server->store, &use.read);
    bool more = take_page(pushing, &use);
    read_end(&use.read);
    return more;
}

/* ---- counts ---- */

static void add_count(struct pushing *pushing, int64_t user)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA);
    struct use use = {.server = pushing->server, .arena = arena, .caller = {.user = user}};
    read_begin(pushing->server->store, &use.read);
    int status = find_pushers(pushing, &use, (struct push_item){0, pushing->seen});
    add_found(pushing, status == 0);
    if (status < 0)
        pushing_tell(pushing, &use.err);
    read_end(&use.read);
}

void intake_counts(struct pushing *pushing)
{
    int64_t now = clock_monotonic_ms();
    size_t n = 0;
    pushing_begin_part(pushing);
    while (n < pushing->counts.n && pushing->counts.p[n].due_ms <= now &&
           (n == 0 || pushing_has_time(pushing))) {
        int_map_remove(&pushing->counting, pushing->counts.p[n].user);
        add_count(pushing, pushing->counts.p[n++].user);
    }
    if (n == 0)
        return;
    pushing->counts.n -= n;
    memmove(pushing->counts.p, pushing->counts.p + n,
            pushing->counts.n * sizeof *pushing->counts.p);
}
