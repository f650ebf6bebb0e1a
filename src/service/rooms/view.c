/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/view.h"

#include "base/limits.h"

/* ---- opening ---- */

static bool is_gone(enum membership membership)
{
    return membership == MEMBERSHIP_LEAVE || membership == MEMBERSHIP_BAN;
}

/* The membership a member event gave; MEMBERSHIP_NONE for 0. */
static int membership_of_event(struct view *view, int64_t id, enum membership *ret)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    struct pdu pdu;
    *ret = MEMBERSHIP_NONE;
    if (!id)
        return 0;
    int found = event_load(&view->use->read, id, &event, &view->use->err);
    if (found < 0 || (found && view_pdu(view, event, &pdu) < 0))
        return -1;
    if (found)
        *ret = membership_of(&pdu);
    return 0;
}

/* Events by which one may have left without having been joined just before: banned after leaving,
 * invited again and refusing. */
#define DEPARTURES_MAX 20

/* Goes back over the reader's member events to the one by which they ceased to be joined. */
static int find_departure(struct view *view, const struct event *last)
{
    const struct room_names *names = rooms_names(view->use->server);
    enum membership before;
    struct event *event = NULL;
    int64_t previous, state_before = last->state_before, place = last->place, state = last->state;
    for (size_t i = 0; i < DEPARTURES_MAX; i++) {
        int found = state_find(&view->use->read, state_before, names->member, view->user, &previous,
                               &view->use->err);
        if (found != 1)
            return found;
        if (membership_of_event(view, previous, &before) < 0)
            return -1;
        if (before == MEMBERSHIP_JOIN) {
            view->was_joined = true;
            view->departed_place = place;
            view->departed_state = state;
            return 0;
        }
        found = event_load(&view->use->read, previous, &event, &view->use->err);
        if (found != 1)
            return found;
        state_before = event->state_before;
        place = event->place;
        state = event->state;
        event_unref(event);
    }
    return 0;
}

/* Where a reader who has left stands in the room's history. */
static int load_departure(struct view *view)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    int found = event_load(&view->use->read, view->member_event, &event, &view->use->err);
    if (found <= 0)
        return found;
    view->left_place = event->place;
    view->left_state = event->state;
    return find_departure(view, event);
}

int view_open_as(struct use *use, const struct room_row *row, const struct membership_row *member,
                 struct view *ret_view)
{
    struct view view = {
        .use = use,
        .row = *row,
        .user = use->caller.user,
        .arena = use->arena,
        .membership = member->kind,
        .member_event = member->event,
        .forgotten = (member->flags & MEMBERSHIP_FORGOTTEN) != 0,
    };
    struct str version;
    if (store_name(use->server->store, row->version, use->arena, &version, &use->err) < 0)
        return -1;
    view.version = room_version_find(version);
    if (!view.version)
        return err_internal(&use->err, "room %lld has an unknown version", (long long)row->id);
    if (store_name(use->server->store, row->id, use->arena, &view.room_id, &use->err) < 0 ||
        (is_gone(view.membership) && load_departure(&view) < 0))
        return -1;
    *ret_view = view;
    return 0;
}

int view_open(struct use *use, int64_t room, struct view *ret_view)
{
    struct membership_row member = {.kind = MEMBERSHIP_NONE};
    struct room_row row;
    int found = room_load(&use->read, room, &row, &use->err);
    if (found != 1)
        return found;
    if (membership_load(&use->read, use->caller.user, room, &member, &use->err) < 0 ||
        view_open_as(use, &row, &member, ret_view) < 0)
        return -1;
    return 1;
}

void view_go_on(struct view *view, struct use *use)
{
    view->use = use;
    view->arena = use->arena;
    view->ignored = NULL; /* it was in the arena of before */
}

static int open_by_id(struct use *use, struct str room_id, struct view *ret_view)
{
    int64_t room;
    int found = rooms_find(use, room_id, &room);
    return found == 1 ? view_open(use, room, ret_view) : found;
}

int view_is_world_readable(struct view *view, bool *ret)
{
    const struct room_names *names = rooms_names(view->use->server);
    const struct pdu *pdu = NULL;
    if (view_state_pdu(view, view->row.state, names->history_visibility, names->empty, &pdu) < 0)
        return -1;
    *ret =
        pdu && history_visibility_parse(json_find_str(pdu->content, STR("history_visibility"))) ==
                   HISTORY_VISIBILITY_WORLD_READABLE;
    return 0;
}

int view_open_readable(struct use *use, struct str room_id, struct view *ret_view)
{
    bool world_readable = false;
    int found = open_by_id(use, room_id, ret_view);
    if (found < 0)
        return -1;
    if (!found)
        return rooms_refuse_outsider(use);
    if (ret_view->membership == MEMBERSHIP_JOIN || (ret_view->was_joined && !ret_view->forgotten))
        return 0;
    if (view_is_world_readable(ret_view, &world_readable) < 0)
        return -1;
    return world_readable ? 0 : rooms_refuse_outsider(use);
}

int view_open_joined(struct use *use, struct str room_id, struct view *ret_view)
{
    int found = open_by_id(use, room_id, ret_view);
    if (found < 0)
        return -1;
    if (!found || ret_view->membership != MEMBERSHIP_JOIN)
        return rooms_refuse_outsider(use);
    return 0;
}

/* ---- state and events ---- */

int view_pdu(struct view *view, const struct event *event, struct pdu *ret_pdu)
{
    struct arena *arena = view->use->arena;
    return pdu_open(arena, view->version, arena_str(arena, event->json), event->hash, ret_pdu,
                    &view->use->err);
}

int view_state_pdu(struct view *view, int64_t state, int64_t type, int64_t state_key,
                   const struct pdu **ret_pdu)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    int64_t id;
    int found = state_find(&view->use->read, state, type, state_key, &id, &view->use->err);
    if (found == 1)
        found = event_load(&view->use->read, id, &event, &view->use->err);
    if (found != 1)
        return found;
    struct pdu *pdu = ARENA_NEW(view->use->arena, struct pdu);
    if (view_pdu(view, event, pdu) < 0)
        return -1;
    *ret_pdu = pdu;
    return 1;
}

int view_power(struct view *view, int64_t state, struct power *ret_power)
{
    const struct room_names *names = rooms_names(view->use->server);
    const struct pdu *create = NULL, *levels = NULL;
    if (view_state_pdu(view, state, names->create, names->empty, &create) < 0 ||
        view_state_pdu(view, state, names->power_levels, names->empty, &levels) < 0)
        return -1;
    power_init(ret_power, view->version, create, levels);
    return 0;
}

int64_t view_state(const struct view *view)
{
    return view->was_joined ? view->departed_state : view->row.state;
}

int view_find_event(struct view *view, struct str event_id, struct event **ret_event)
{
    unsigned char hash[SHA256_BYTES];
    struct event *event;
    if (pdu_event_hash(view->version, event_id, hash) < 0)
        return 0;
    int found = event_load_by_hash(&view->use->read, hash, &event, &view->use->err);
    if (found != 1)
        return found;
    int visible = event->room == view->row.id ? view_can_see(view, event) : 0;
    if (visible != 1) {
        event_unref(event);
        return visible;
    }
    *ret_event = event;
    return 1;
}

/* ---- who sees what ---- */

int view_visibility(struct view *view, int64_t state, enum history_visibility *ret)
{
    const struct room_names *names = rooms_names(view->use->server);
    const struct pdu *pdu = NULL;
    if (view_state_pdu(view, state, names->history_visibility, names->empty, &pdu) < 0)
        return -1;
    *ret = pdu ? history_visibility_parse(json_find_str(pdu->content, STR("history_visibility")))
               : HISTORY_VISIBILITY_SHARED;
    return 0;
}

static int membership_in(struct view *view, int64_t state, enum membership *ret)
{
    int64_t id = 0;
    if (state_find(&view->use->read, state, rooms_names(view->use->server)->member, view->user, &id,
                   &view->use->err) < 0)
        return -1;
    return membership_of_event(view, id, ret);
}

static int find_facts(struct view *view, struct view_facts *facts)
{
    struct visibility_facts *found = &facts->facts;
    if (view_visibility(view, facts->state_before, &found->visibility_before) < 0 ||
        membership_in(view, facts->state_before, &found->membership_before) < 0)
        return -1;
    found->visibility_after = found->visibility_before;
    found->membership_after = found->membership_before;
    if (facts->state_after == facts->state_before)
        return 0;
    if (view_visibility(view, facts->state_after, &found->visibility_after) < 0)
        return -1;
    return membership_in(view, facts->state_after, &found->membership_after);
}

void view_expect(struct view *view, const struct event *event, const struct visibility_facts *facts)
{
    view->known[view->n_known++ % VIEW_FACTS_KEPT] =
        (struct view_facts){event->state_before, event->state, *facts};
}

/* What holds at a pair of states; messages of a quiet hour all have the same. The events of the
 * state are read in memory of their own: a page may look at thousands. */
static int facts_at(struct view *view, const struct event *event,
                    const struct visibility_facts **ret_facts)
{
    struct view_facts new = {.state_before = event->state_before, .state_after = event->state};
    size_t kept = view->n_known < VIEW_FACTS_KEPT ? view->n_known : VIEW_FACTS_KEPT;
    for (size_t i = 0; i < kept; i++) {
        if (view->known[i].state_before != new.state_before ||
            view->known[i].state_after != new.state_after)
            continue;
        *ret_facts = &view->known[i].facts;
        return 0;
    }
    struct arena *arena = view->use->arena;
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA);
    view->use->arena = scratch;
    int status = find_facts(view, &new);
    view->use->arena = arena;
    if (status < 0)
        return -1;
    struct view_facts *slot = &view->known[view->n_known++ % VIEW_FACTS_KEPT];
    *slot = new;
    *ret_facts = &slot->facts;
    return 0;
}

int view_can_see(struct view *view, const struct event *event)
{
    const struct visibility_facts *found;
    if (event->room != view->row.id ||
        event->flags & (EVENT_OUTLIER | EVENT_REJECTED | EVENT_SOFT_FAILED | EVENT_PURGED))
        return 0;
    if (facts_at(view, event, &found) < 0)
        return -1;
    struct visibility_facts facts = *found;
    bool left = view->left_place != 0;
    facts.joined_since = view->membership == MEMBERSHIP_JOIN ||
                         (left && view->was_joined && event->place < view->departed_place);
    facts.after_leaving = left && event->place > view->left_place;
    return visibility_allows(&facts);
}

int view_membership_at(struct view *view, const struct event *event,
                       enum membership *ret_membership)
{
    const struct visibility_facts *facts;
    if (facts_at(view, event, &facts) < 0)
        return -1;
    *ret_membership = facts->membership_after;
    return 0;
}
