/* SPDX-License-Identifier: EUPL-1.2 */

/* Which state of a room a sliding client is told: what it asked for, as far as it changed or was
 * not asked for before, and with lazy members those that the timeline needs. */

#include "service/sync/sliding_private.h"

static int load_required(struct sliding *sliding, uint16_t config, struct required_state **ret)
{
    struct use *use = sliding->sync.use;
    struct arena *arena = use->arena;
    if (!sliding->required[config]) {
        sliding->required[config] = ARENA_NEW(sliding->arena, struct required_state);
        use->arena = sliding->arena;
        int status =
            required_state_load(use, sliding->work->configs.p[config], sliding->required[config]);
        use->arena = arena;
        if (status < 0)
            return -1;
    }
    *ret = sliding->required[config];
    return 0;
}

struct choosing {
    struct sliding *sliding;
    struct sliding_news *news;
    struct sync_room *room;
    const struct required_state *now, *before; /* before: NULL: nothing was told */
    int64_t member;                            /* the type */
    VEC(struct state_entry) entries;
};

static bool has(const struct choosing *choosing, int64_t type, int64_t key)
{
    for (size_t i = 0; i < choosing->entries.n; i++)
        if (choosing->entries.p[i].type == type && choosing->entries.p[i].state_key == key)
            return true;
    return false;
}

static void add(struct choosing *choosing, struct state_entry entry)
{
    ARENA_VEC_ADD(choosing->sliding->sync.use->arena, &choosing->entries, entry);
}

/* ---- what was asked for ---- */

/* All that is asked for now and was not before. */
static int add_whole(struct choosing *choosing)
{
    struct use *use = choosing->sliding->sync.use;
    struct state_entry *entries;
    size_t n;
    if (!choosing->news->state)
        return 0;
    if (state_load(&use->read, choosing->news->state, use->arena, &entries, &n, &use->err) < 0)
        return -1;
    bool more = choosing->entries.n > 0; /* the state is a map: only what was there before counts */
    for (size_t i = 0; i < n; i++) {
        int64_t type = entries[i].type, key = entries[i].state_key;
        if (required_state_wants(choosing->now, type, key) &&
            !(choosing->before && required_state_wants(choosing->before, type, key)) &&
            !(more && has(choosing, type, key)))
            add(choosing, entries[i]);
    }
    return 0;
}

static void add_changes(struct choosing *choosing)
{
    const struct sliding_news *news = choosing->news;
    bool all_members = choosing->now->lazy && !choosing->room->limited;
    for (size_t i = 0; i < news->n_changes; i++) {
        struct state_entry entry = news->changes[i];
        if (required_state_wants(choosing->now, entry.type, entry.state_key) ||
            (all_members && entry.type == choosing->member))
            add(choosing, entry);
    }
}

/* Of a room that was left: the event that says so, which the state where they left may not hold. */
static void add_leaving(struct choosing *choosing)
{
    struct state_entry own = {choosing->member, choosing->sliding->sync.use->caller.user,
                              choosing->room->member.event};
    if (!required_state_wants(choosing->now, own.type, own.state_key))
        return;
    for (size_t i = 0; i < choosing->entries.n; i++)
        if (choosing->entries.p[i].type == own.type &&
            choosing->entries.p[i].state_key == own.state_key) {
            choosing->entries.p[i] = own;
            return;
        }
    add(choosing, own);
}

/* ---- lazy members ---- */

static int add_member(struct choosing *choosing, int64_t user)
{
    struct sliding *sliding = choosing->sliding;
    struct use *use = sliding->sync.use;
    int64_t room = choosing->room->member.room, event;
    if (sliding_content_knows_member(sliding->work, room, user))
        return 0;
    sliding_content_add_member(sliding->work, room, user);
    if (!choosing->news->state || has(choosing, choosing->member, user))
        return 0;
    int found =
        state_find(&use->read, choosing->news->state, choosing->member, user, &event, &use->err);
    if (found == 1)
        add(choosing, (struct state_entry){choosing->member, user, event});
    return found < 0 ? -1 : 0;
}

/* Senders, and those whose membership an event of the timeline is about. */
static int add_lazy(struct choosing *choosing)
{
    const struct sync_room *room = choosing->room;
    if (choosing->news->initial || room->limited || choosing->news->expanded)
        sliding_content_add_member(choosing->sliding->work, room->member.room, 0);
    for (size_t i = 0; i < room->n_timeline; i++) {
        const struct event *event = room->timeline[i];
        if (add_member(choosing, event->sender) < 0 ||
            (event->state_key && event->type == choosing->member &&
             add_member(choosing, event->state_key) < 0))
            return -1;
    }
    return 0;
}

int sliding_state_choose(struct sliding *sliding, struct sliding_news *news)
{
    struct choosing choosing = {
        .sliding = sliding,
        .news = news,
        .room = &sliding->pages.room,
        .member = rooms_names(sliding->sync.use->server)->member,
    };
    struct required_state *now, *before = NULL;
    bool other = news->initial || news->place->look & LOOK_STATE;
    if (load_required(sliding, (uint16_t)news->place->config, &now) < 0 ||
        (other && !news->initial && load_required(sliding, news->told->config, &before) < 0))
        return -1;
    choosing.now = now;
    choosing.before = before;
    if (!news->initial)
        add_changes(&choosing);
    if (other && add_whole(&choosing) < 0)
        return -1;
    if (news->left)
        add_leaving(&choosing);
    if (now->lazy && add_lazy(&choosing) < 0)
        return -1;
    sliding->pages.room.state = choosing.entries.p;
    sliding->pages.room.n_state = choosing.entries.n;
    return 0;
}
