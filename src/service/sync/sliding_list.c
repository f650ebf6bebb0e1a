/* SPDX-License-Identifier: EUPL-1.2 */

/* The rooms of a user in the order of the list, kept from request to request, and which of them are
 * inside a window or a subscription. */

#include <stdlib.h>

#include "base/map.h"
#include "service/rooms/membership.h"
#include "service/sync/sliding_private.h"

/* What moves a room in the list, or changes what it is. */
#define MOVES_ROOM (MOVED(LOG_KIND_EVENT) | MOVED(LOG_KIND_STATE) | MOVED(LOG_KIND_REDACTION))

int64_t sliding_known(const struct sliding *sliding, int64_t told)
{
    return told == SLIDING_LIVE ? sliding->hold.at.at.pos : told;
}

/* ---- the order ---- */

static int compare_rooms(const void *a, const void *b)
{
    const struct sliding_room *x = a, *y = b;
    if (x->activity != y->activity)
        return x->activity > y->activity ? -1 : 1;
    return x->room > y->room ? -1 : x->room < y->room;
}

void sliding_sort(struct sliding_room *rooms, size_t n)
{
    if (n)
        qsort(rooms, n, sizeof *rooms, compare_rooms);
}

/* ---- one room ---- */

static bool is_subscribed(const struct sliding *sliding, int64_t room)
{
    for (size_t i = 0; i < sliding->request->n_subscriptions; i++)
        if (sliding->wanted[i] == room)
            return true;
    return false;
}

static bool is_left(enum membership kind)
{
    return kind == MEMBERSHIP_LEAVE || kind == MEMBERSHIP_BAN;
}

/* Of a room that was left: whether the reader has seen it from inside, and as what. */
static int look_inside(struct sliding *sliding, const struct membership_room *found,
                       struct sliding_room *room)
{
    struct use *use = sliding->sync.use;
    struct room_row row;
    struct view view;
    int64_t event;
    int status = room_load(&use->read, found->member.room, &row, &use->err);
    if (status != 1 || view_open_as(use, &row, &found->member, &view) < 0)
        return status == 0 ? 0 : -1;
    room->flags &= (uint8_t) ~(SLIDING_INSIDE | SLIDING_ENCRYPTED);
    if (!view.was_joined)
        return 0;
    room->flags |= SLIDING_INSIDE;
    status = state_find(&use->read, view.departed_state, rooms_names(use->server)->encryption,
                        rooms_names(use->server)->empty, &event, &use->err);
    if (status == 1)
        room->flags |= SLIDING_ENCRYPTED;
    return status < 0 ? -1 : 0;
}

/* One's own leaving is told once, to who knew the room; being put out is never forgotten. */
static bool is_listed(const struct sliding *sliding, const struct membership_row *member,
                      const struct sliding_room *room)
{
    if (!is_left(member->kind))
        return true;
    if (member->kind == MEMBERSHIP_BAN)
        return room->flags & SLIDING_INSIDE;
    if (member->sender != member->user)
        return true;
    return room->sent && !(room->flags & SLIDING_UNLISTED) &&
           sliding_known(sliding, room->sent) < member->pos;
}

static bool is_hidden(const struct sliding *sliding, const struct membership_row *member)
{
    const struct reader *reader = sliding->sync.reader;
    if (member->kind == MEMBERSHIP_NONE || member->flags & MEMBERSHIP_FORGOTTEN)
        return true;
    return member->kind == MEMBERSHIP_INVITE &&
           (reader->blocks_invites || ignored_has(&reader->ignored, member->sender));
}

static void set_flag(struct sliding_room *room, uint8_t flag, bool is)
{
    room->flags = (uint8_t)(is ? room->flags | flag : room->flags & ~flag);
}

/* What the room is now. `room` is what is known of it, zeroed when it is new. 1 it belongs in the
 * content, 0 it does not, -1. */
static int take_room(struct sliding *sliding, struct membership_room *found,
                     struct sliding_room *room)
{
    struct membership_row *member = &found->member;
    int64_t head = sliding->sync.next.at.pos;
    bool is_new = room->room == 0;
    if (member->pos > head && sync_member_at_head(&sliding->sync, member) < 0)
        return -1;
    if (is_hidden(sliding, member))
        return 0;
    room->room = member->room;
    room->kind = (uint8_t)member->kind;
    room->create_event = found->create_event;
    room->activity = member->kind == MEMBERSHIP_JOIN ? found->pos : member->pos;
    if (room->activity > head)
        room->activity = head;
    set_flag(room, SLIDING_ENCRYPTED, found->flags & ROOM_ENCRYPTED);
    set_flag(room, SLIDING_INSIDE, member->kind == MEMBERSHIP_JOIN);
    if (is_left(member->kind) && look_inside(sliding, found, room) < 0)
        return -1;
    set_flag(room, SLIDING_UNLISTED, !is_listed(sliding, member, room));
    if (room->flags & SLIDING_UNLISTED && !is_subscribed(sliding, room->room))
        return 0;
    int direct = is_new ? sliding_is_direct(sliding, room->room) : 0;
    if (direct > 0)
        room->flags |= SLIDING_DIRECT;
    return direct < 0 ? -1 : 1;
}

/* ---- all of them ---- */

/* Anew from the store; what was told of those that stay is kept. */
static int load_all(struct sliding *sliding)
{
    struct use *use = sliding->sync.use;
    struct sliding_content *work = sliding->work;
    struct membership_room *found;
    VEC(struct sliding_room) rooms = {0};
    struct int_map known = {0};
    size_t n;
    int status = 0;
    if (membership_list_with_rooms(&use->read, use->caller.user, use->arena, &found, &n,
                                   &use->err) < 0)
        return -1;
    for (size_t i = 0; i < work->rooms.n; i++)
        int_map_put(&known, work->rooms.p[i].room, &work->rooms.p[i]);
    VEC_RESERVE(&rooms, n);
    for (size_t i = 0; i < n && status >= 0; i++) {
        const struct sliding_room *before = int_map_find(&known, found[i].member.room);
        struct sliding_room room = before ? *before : (struct sliding_room){0};
        status = take_room(sliding, &found[i], &room);
        if (status == 1)
            VEC_ADD(&rooms, room);
    }
    int_map_done(&known);
    VEC_DONE(&work->rooms);
    work->rooms.p = rooms.p;
    work->rooms.n = rooms.n;
    work->rooms.capacity = rooms.capacity;
    work->listed = true;
    return status < 0 ? -1 : 0;
}

/* ---- those that moved ---- */

/* 1, 0 no membership, -1 */
static int find_room(struct sliding *sliding, int64_t id, struct membership_room *ret)
{
    struct room_row row;
    int found = sync_load_member(&sliding->sync, id, &ret->member);
    if (found == 1)
        found = sync_load_row(&sliding->sync, &ret->member, &row);
    if (found != 1)
        return found;
    ret->pos = row.pos;
    ret->flags = row.flags;
    ret->create_event = row.create_event;
    return 1;
}

static void remove_room(struct sliding_content *work, const struct sliding_room *room)
{
    size_t i = (size_t)(room - work->rooms.p);
    memmove(&work->rooms.p[i], &work->rooms.p[i + 1],
            (work->rooms.n - i - 1) * sizeof *work->rooms.p);
    work->rooms.n--;
}

static int update_room(struct sliding *sliding, int64_t id)
{
    struct sliding_content *work = sliding->work;
    struct sliding_room *known = sliding_content_find(work, id);
    struct sliding_room room = known ? *known : (struct sliding_room){0};
    struct membership_room found;
    int status = find_room(sliding, id, &found);
    if (status == 1)
        status = take_room(sliding, &found, &room);
    if (status < 0)
        return -1;
    if (known && status == 1)
        *known = room;
    else if (known)
        remove_room(work, known);
    else if (status == 1)
        VEC_ADD(&work->rooms, room);
    return 0;
}

static int update_moved(struct sliding *sliding)
{
    const struct moves *moves = &sliding->sync.moves;
    for (size_t i = 0; i < moves->n; i++)
        if (moves->rooms[i].kinds & MOVES_ROOM && update_room(sliding, moves->rooms[i].room) < 0)
            return -1;
    return 0;
}

/* ---- what is asked for by itself ---- */

static int find_wanted(struct sliding *sliding)
{
    struct use *use = sliding->sync.use;
    const struct sliding_request *request = sliding->request;
    sliding->wanted = ARENA_NEW_N(use->arena, request->n_subscriptions, int64_t);
    for (size_t i = 0; i < request->n_subscriptions; i++) {
        int found = store_find_name(use->server->store, request->subscriptions[i].room_id,
                                    &sliding->wanted[i], &use->err);
        if (found < 0)
            return -1;
        if (!found)
            sliding->wanted[i] = 0;
    }
    return 0;
}

/* Rooms that were left are not in the list. */
static int add_wanted(struct sliding *sliding)
{
    for (size_t i = 0; i < sliding->request->n_subscriptions; i++)
        if (sliding->wanted[i] && !sliding_content_find(sliding->work, sliding->wanted[i]) &&
            update_room(sliding, sliding->wanted[i]) < 0)
            return -1;
    return 0;
}

static void drop_unwanted(struct sliding *sliding)
{
    struct sliding_content *work = sliding->work;
    size_t kept = 0;
    for (size_t i = 0; i < work->rooms.n; i++)
        if (!(work->rooms.p[i].flags & SLIDING_UNLISTED) ||
            is_subscribed(sliding, work->rooms.p[i].room))
            work->rooms.p[kept++] = work->rooms.p[i];
    work->rooms.n = kept;
}

/* ---- which are inside ---- */

static int walk_list(struct sliding *sliding, const struct sliding_facts *facts, size_t list)
{
    struct sliding_content *work = sliding->work;
    int64_t count = 0;
    for (size_t i = 0; i < work->rooms.n; i++) {
        struct sliding_room *room = &work->rooms.p[i];
        if (room->flags & SLIDING_UNLISTED)
            continue;
        int passes = sliding_filter_passes(sliding, facts, list, room);
        if (passes < 0)
            return -1;
        if (passes && sliding_list_holds(&sliding->request->lists[list], count))
            sliding->places[i].lists[list / 64] |= (uint64_t)1 << list % 64;
        count += passes;
    }
    VEC_RESERVE(&work->counts, 1);
    VEC_ADD(&work->counts, count);
    return 0;
}

static void walk_subscriptions(struct sliding *sliding)
{
    const struct sliding_content *work = sliding->work;
    for (size_t i = 0; i < sliding->request->n_subscriptions; i++)
        for (size_t k = 0; sliding->wanted[i] && k < work->rooms.n; k++)
            if (work->rooms.p[k].room == sliding->wanted[i])
                sliding->places[k].subscription = (int)i + 1;
}

/* ---- what is asked of those ---- */

static bool has_list(const uint64_t lists[2], size_t list)
{
    return lists[list / 64] >> list % 64 & 1;
}

/* The wishes are put together as one array, each text once. */
static struct str join_wishes(struct arena *arena, const struct str *texts, size_t n)
{
    CLEANUP(buf_done) struct buf out;
    buf_init(&out, 2 * LIMIT_SLIDING_BODY);
    buf_add(&out, STR("["));
    for (size_t i = 0; i < n; i++) {
        bool again = false;
        for (size_t k = 0; k < i; k++)
            again |= str_eq(texts[k], texts[i]);
        if (again)
            continue;
        buf_add(&out, i ? STR(",") : STR(""));
        buf_add(&out, texts[i]);
    }
    buf_add(&out, STR("]"));
    return arena_str(arena, buf_str(&out));
}

/* Of the lists of the place and its subscription: the largest limit, the union of states. */
static int merge(struct sliding *sliding, struct sliding_merge *merge)
{
    const struct sliding_request *request = sliding->request;
    struct str texts[LIMIT_SLIDING_LISTS + 1];
    size_t n = 0;
    for (size_t i = 0; i <= request->n_lists; i++) {
        const struct sliding_wish *wish = NULL;
        if (i < request->n_lists && has_list(merge->lists, i))
            wish = &request->lists[i].wish;
        else if (i == request->n_lists && merge->subscription)
            wish = &request->subscriptions[merge->subscription - 1].wish;
        if (!wish)
            continue;
        texts[n++] = wish->required_state;
        if (wish->timeline_limit > merge->limit)
            merge->limit = wish->timeline_limit;
    }
    merge->config =
        sliding_content_config(sliding->work, join_wishes(sliding->sync.use->arena, texts, n));
    return merge->config < 0 ? -1 : 0;
}

static int merge_for(struct sliding *sliding, struct sliding_place *place)
{
    struct sliding_merge merged = {.lists = {place->lists[0], place->lists[1]},
                                   .subscription = place->subscription};
    for (size_t i = 0; i < sliding->merges.n; i++) {
        const struct sliding_merge *known = &sliding->merges.p[i];
        if (known->lists[0] != merged.lists[0] || known->lists[1] != merged.lists[1] ||
            known->subscription != merged.subscription)
            continue;
        place->config = known->config;
        place->limit = known->limit;
        return 0;
    }
    if (merge(sliding, &merged) < 0)
        return -1;
    ARENA_VEC_ADD(sliding->sync.use->arena, &sliding->merges, merged);
    place->config = merged.config;
    place->limit = merged.limit;
    return 0;
}

/* ---- what there may be to tell ---- */

static unsigned look_at(const struct sliding *sliding, const struct sliding_room *room,
                        const struct sliding_place *place)
{
    const struct sync *sync = &sliding->sync;
    unsigned look = place->look;
    unsigned kinds = MOVES_ROOM | MOVED(LOG_KIND_RECEIPT);
    if (!room->sent)
        return look | LOOK_NEW;
    if (room->sent != SLIDING_LIVE || !sync_knows_moves(sync) ||
        sync_room_moves(sync, room->room) & kinds)
        look |= LOOK_MOVED;
    if (place->limit > room->limit)
        look |= LOOK_MORE;
    if (place->config != room->config)
        look |= LOOK_STATE;
    return look;
}

/* Who leaves the window is known up to here. */
static void freeze(const struct sliding *sliding, struct sliding_room *room)
{
    room->sent = sliding_known(sliding, room->sent);
    room->data = sliding_known(sliding, room->data);
    room->receipts = sliding_known(sliding, room->receipts);
}

static int settle_places(struct sliding *sliding)
{
    for (size_t i = 0; i < sliding->work->rooms.n; i++) {
        struct sliding_room *room = &sliding->work->rooms.p[i];
        struct sliding_place *place = &sliding->places[i];
        place->inside = place->lists[0] || place->lists[1] || place->subscription;
        place->entered = place->inside && room->sent != SLIDING_LIVE;
        if (!place->inside) {
            freeze(sliding, room);
            continue;
        }
        if (merge_for(sliding, place) < 0)
            return err_client(&sliding->sync.use->err, 400, "M_UNKNOWN_POS",
                              "Too many kinds of required_state on one connection");
        place->look = look_at(sliding, room, place);
    }
    return 0;
}

/* m.direct may have changed: whoever knows a room is told. */
static int look_at_direct(struct sliding *sliding)
{
    for (size_t i = 0; i < sliding->work->rooms.n; i++) {
        struct sliding_room *room = &sliding->work->rooms.p[i];
        int direct = sliding_is_direct(sliding, room->room);
        if (direct < 0)
            return -1;
        if (direct == !(room->flags & SLIDING_DIRECT) && room->sent)
            sliding->places[i].look |= LOOK_DIRECT;
        set_flag(room, SLIDING_DIRECT, direct);
    }
    return 0;
}

/* ---- together ---- */

static int refresh(struct sliding *sliding)
{
    struct sliding_content *work = sliding->work;
    bool knows = sync_knows_moves(&sliding->sync) && work->listed;
    /* A change of account data may be one of whom the user ignores. */
    if (!knows || sliding->sync.moves.data) {
        if (load_all(sliding) < 0)
            return -1;
    } else {
        drop_unwanted(sliding);
        if (update_moved(sliding) < 0 || add_wanted(sliding) < 0)
            return -1;
    }
    sliding_sort(work->rooms.p, work->rooms.n);
    return 0;
}

int sliding_list_rooms(struct sliding *sliding)
{
    const struct sliding_request *request = sliding->request;
    struct sliding_content *work = sliding->work;
    struct sliding_facts *facts;
    VEC_CLEAR(&work->counts);
    if (!request->n_lists && !request->n_subscriptions) {
        for (size_t i = 0; i < work->rooms.n; i++)
            freeze(sliding, &work->rooms.p[i]);
        work->listed = false;
        sliding->places =
            ARENA_NEW_N(sliding->sync.use->arena, work->rooms.n, struct sliding_place);
        return 0;
    }
    sliding_content_tidy(work);
    if (find_wanted(sliding) < 0 || refresh(sliding) < 0)
        return -1;
    sliding->places = ARENA_NEW_N(sliding->sync.use->arena, work->rooms.n, struct sliding_place);
    if ((!sync_knows_moves(&sliding->sync) || sliding->sync.moves.data) &&
        look_at_direct(sliding) < 0)
        return -1;
    if (sliding_facts_load(sliding, &facts) < 0)
        return -1;
    for (size_t i = 0; i < request->n_lists; i++)
        if (walk_list(sliding, facts, i) < 0)
            return -1;
    walk_subscriptions(sliding);
    return settle_places(sliding);
}

/* ---- extensions ---- */

static bool names(const struct json *array, struct str name)
{
    for (size_t i = 0; i < array->array.n; i++)
        if (str_eq(array->array.items[i].string, name))
            return true;
    return false;
}

bool sliding_scope_holds(const struct sliding *sliding, const struct sliding_scope *scope, size_t i)
{
    const struct sliding_request *request = sliding->request;
    const struct sliding_place *place = &sliding->places[i];
    if (!scope->enabled || !place->inside)
        return false;
    if (place->subscription &&
        (!scope->rooms ||
         names(scope->rooms, request->subscriptions[place->subscription - 1].room_id)))
        return true;
    for (size_t k = 0; k < request->n_lists; k++)
        if (has_list(place->lists, k) &&
            (!scope->lists || names(scope->lists, request->lists[k].name)))
            return true;
    return false;
}
