/* SPDX-License-Identifier: EUPL-1.2 */

/* What there is to tell of one room to a client that knows it up to some position. */

#include "service/sync/sliding_private.h"

/* Events looked at for the last that bumps the room, a page at a time. */
#define BUMP_PAGE     32
#define BUMP_LOOKED   256
#define SLIDING_COUNT ((int64_t)UINT32_MAX)

/* ---- the timeline ---- */

static void drop_timeline(struct sync_room *room)
{
    for (size_t i = 0; i < room->n_timeline; i++)
        event_unref(room->timeline[i]);
    room->n_timeline = 0;
}

/* More events are asked for than before: when some of the last ones were not told, all are told
 * again. */
static int expand(struct sync_room *room, struct sliding_news *news)
{
    int64_t stop_place = room->stop_place;
    room->stop_place = INT64_MIN;
    if (sync_room_timeline(room) < 0)
        return -1;
    news->expanded = room->n_timeline && room->first_place < news->told->floor_place;
    if (news->expanded)
        return 0;
    drop_timeline(room);
    room->stop_place = stop_place;
    return 0;
}

static int load_timeline(struct sync_room *room, struct sliding_news *news)
{
    room->limit = (size_t)news->place->limit;
    if (news->left && !news->initial)
        room->stop_place = room->since_place;
    if (!news->initial && news->place->look & LOOK_MORE && expand(room, news) < 0)
        return -1;
    return news->expanded ? 0 : sync_room_timeline(room);
}

/* ---- what changed ---- */

static int load_changes(struct sliding *sliding, struct sliding_news *news)
{
    struct use *use = sliding->sync.use;
    const struct sync_room *room = &sliding->pages.room;
    const struct room_names *names = rooms_names(use->server);
    bool goes_on = !news->initial && !(news->left && room->is_new);
    if (!goes_on || news->state == room->since_state)
        return 0;
    if (state_diff(&use->read, room->since_state, news->state, use->arena, &news->changes,
                   &news->n_changes, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < news->n_changes; i++) {
        news->members_changed |= news->changes[i].type == names->member;
        news->name_changed |= news->changes[i].type == names->name;
        news->avatar_changed |= news->changes[i].type == names->avatar;
    }
    return 0;
}

/* ---- what the list goes by on the client's side ---- */

static bool bumps(const struct event *event)
{
    static const struct str types[] = {
        STR_INIT("\"m.room.create\""),    STR_INIT("\"m.room.message\""),
        STR_INIT("\"m.room.encrypted\""), STR_INIT("\"m.sticker\""),
        STR_INIT("\"m.call.invite\""),    STR_INIT("\"m.poll.start\""),
        STR_INIT("\"m.beacon_info\""),
    };
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (str_eq(event->members.type, types[i]))
            return true;
    return false;
}

/* Further back than the timeline, down to a place: the last that bumps, or where the walk ended. */
static int walk_bump(struct sliding *sliding, int64_t place, int64_t stop, int64_t *ret_bump)
{
    struct use *use = sliding->sync.use;
    for (size_t looked = 0; looked < BUMP_LOOKED; looked += BUMP_PAGE) {
        struct event *events[BUMP_PAGE] = {0};
        int64_t *ids, found = 0;
        size_t n;
        if (event_list_room(&use->read, sliding->pages.room.view.row.id, place, EVENT_BACKWARD,
                            BUMP_PAGE, use->arena, &ids, &n, &use->err) < 0 ||
            event_load_many(&use->read, ids, n, events, &use->err) < 0)
            return -1;
        for (size_t i = 0; i < n; i++) {
            if (events[i] && !found && events[i]->place > stop && bumps(events[i]))
                found = events[i]->pos;
            if (events[i] && events[i]->place > stop && stop == INT64_MIN)
                *ret_bump = events[i]->pos;
            if (events[i])
                place = events[i]->place;
            event_unref(events[i]);
        }
        if (found)
            *ret_bump = found;
        if (found || n < BUMP_PAGE || place <= stop)
            return 0;
    }
    return 0;
}

static int find_bump(struct sliding *sliding, struct sliding_news *news)
{
    const struct sync_room *room = &sliding->pages.room;
    int64_t stop = news->initial ? INT64_MIN : room->since_place;
    for (size_t i = room->n_timeline; i-- > 0;) {
        if (room->timeline[i]->place <= stop)
            return 0;
        if (!bumps(room->timeline[i]))
            continue;
        news->bump = room->timeline[i]->pos;
        return 0;
    }
    if (!news->initial && !room->limited)
        return 0;
    int64_t place = room->n_timeline ? room->timeline[0]->place : room->end_place + 1;
    return walk_bump(sliding, place, stop, &news->bump);
}

/* ---- unread ---- */

static int count(struct sliding *sliding, struct sliding_news *news)
{
    struct unread *unread;
    if (news->left || sliding->request->shape == SLIDING_MERGED)
        return 0;
    if (sync_count_unread(&sliding->pages.room, &unread) < 0)
        return -1;
    for (size_t i = 0; i < unread->n; i++) {
        news->notify += unread->threads[i].notify;
        news->highlight += unread->threads[i].highlight;
    }
    unread_unref(unread);
    news->counted = news->initial || news->notify != news->told->notify ||
                    news->highlight != news->told->highlight;
    return 0;
}

/* ---- together ---- */

static int load_member(struct sliding *sliding, int64_t id, struct membership_row *ret_member)
{
    int found = sync_load_member(&sliding->sync, id, ret_member);
    if (found == 1 && ret_member->pos > sliding->sync.next.at.pos &&
        sync_member_at_head(&sliding->sync, ret_member) < 0)
        return -1;
    return found;
}

static bool is_stripped(const struct sliding_room *room)
{
    return room->kind == MEMBERSHIP_INVITE || room->kind == MEMBERSHIP_KNOCK;
}

/* Of an invitation or a knock there is what came with it, once. */
static int prepare_stripped(struct sliding *sliding, struct sliding_news *news)
{
    const struct sync_room *room = &sliding->pages.room;
    news->bump = room->member.pos;
    news->initial = !news->told->sent;
    return news->initial || sliding_known(sliding, news->told->sent) < room->member.pos;
}

static int prepare(struct sliding *sliding, struct sliding_news *news)
{
    struct sync_room *room = &sliding->pages.room;
    if (is_stripped(news->told))
        return prepare_stripped(sliding, news);
    news->left = room->view.left_place != 0;
    news->initial = !room->since || (!news->left && room->is_new);
    news->state = news->left ? room->view.departed_state : room->end_state;
    if (load_timeline(room, news) < 0 || load_changes(sliding, news) < 0 ||
        sliding_state_choose(sliding, news) < 0 || find_bump(sliding, news) < 0 ||
        count(sliding, news) < 0)
        return -1;
    if (!news->left && (news->initial || news->members_changed || news->name_changed) &&
        sync_find_heroes(room) < 0)
        return -1;
    return news->initial || news->expanded || room->n_timeline || room->limited || room->n_state ||
           news->name_changed || news->avatar_changed || news->members_changed || news->bump ||
           news->counted || news->place->look & LOOK_DIRECT;
}

int sliding_room_prepare(struct sliding *sliding, size_t i, struct sliding_news *ret_news)
{
    struct sliding_news news = {.told = &sliding->work->rooms.p[i], .place = &sliding->places[i]};
    struct membership_row member;
    int found = load_member(sliding, news.told->room, &member);
    if (found == 1)
        found = sync_room_open(&sliding->sync, &member, sliding_known(sliding, news.told->sent),
                               &sliding->pages.room);
    if (found != 1)
        return found;
    found = prepare(sliding, &news);
    *ret_news = news;
    if (found == 0)
        sliding_room_told(sliding, &news);
    if (found < 1)
        sync_room_done(&sliding->pages.room);
    return found;
}

static uint32_t narrow(int64_t count)
{
    return (uint32_t)(count < SLIDING_COUNT ? count : SLIDING_COUNT);
}

void sliding_room_told(struct sliding *sliding, const struct sliding_news *news)
{
    const struct sync_room *room = &sliding->pages.room;
    struct sliding_room *told = news->told;
    told->sent = SLIDING_LIVE;
    told->config = (uint16_t)news->place->config;
    told->limit = (uint16_t)news->place->limit;
    if (is_stripped(told))
        return;
    news->place->told_whole = news->initial || news->expanded;
    if (news->initial || news->expanded || room->limited)
        told->floor_place = room->first_place;
    if (news->counted) {
        told->notify = narrow(news->notify);
        told->highlight = narrow(news->highlight);
    }
    if (told->kind == MEMBERSHIP_LEAVE && room->member.sender == room->member.user)
        told->flags |= SLIDING_UNLISTED;
}
