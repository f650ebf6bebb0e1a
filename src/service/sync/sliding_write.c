/* SPDX-License-Identifier: EUPL-1.2 */

/* The shape of a room in a sliding sync's answer. */

#include "service/sync/sliding_private.h"

/* ---- names ---- */

/* A member of the content of a state event, in the arena: STR_NONE when there is none. 0, -1. */
static int load_content(struct sliding *sliding, int64_t state, int64_t type, int64_t key,
                        const struct json **ret_content)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    struct use *use = sliding->sync.use;
    int64_t id;
    *ret_content = NULL;
    int found = state ? state_find(&use->read, state, type, key, &id, &use->err) : 0;
    if (found == 1)
        found = event_load(&use->read, id, &event, &use->err);
    if (found != 1)
        return found;
    return json_parse(use->arena, arena_str(use->arena, event->members.content), ret_content,
                      &use->err);
}

static int write_hero(struct sliding *sliding, int64_t state, int64_t user)
{
    struct use *use = sliding->sync.use;
    struct json_writer *out = sliding->sync.out;
    const struct json *content;
    struct str id;
    if (store_name(use->server->store, user, use->arena, &id, &use->err) < 0 ||
        load_content(sliding, state, rooms_names(use->server)->member, user, &content) < 0)
        return -1;
    struct str name = json_find_str(content, STR("displayname"));
    struct str avatar = json_find_str(content, STR("avatar_url"));
    json_write_object(out);
    json_write_member_str(out, STR("user_id"), id);
    if (name.p)
        json_write_member_str(out, STR("displayname"), name);
    if (avatar.p)
        json_write_member_str(out, STR("avatar_url"), avatar);
    json_write_end(out);
    return 0;
}

static int write_heroes(struct sliding *sliding, const struct sliding_news *news)
{
    const struct sync_room *room = &sliding->pages.room;
    json_write_key(sliding->sync.out, STR("heroes"));
    json_write_array(sliding->sync.out);
    for (size_t i = 0; i < room->n_heroes; i++)
        if (write_hero(sliding, news->state, room->heroes[i]) < 0)
            return -1;
    json_write_end(sliding->sync.out);
    return 0;
}

/* The name, or the people it is called after. */
static int write_name(struct sliding *sliding, const struct sliding_news *news)
{
    struct use *use = sliding->sync.use;
    const struct room_names *names = rooms_names(use->server);
    const struct json *content;
    if (!news->initial && !news->name_changed && !news->members_changed)
        return 0;
    if (load_content(sliding, news->state, names->name, names->empty, &content) < 0)
        return -1;
    struct str name = json_find_str(content, STR("name"));
    if (name.n && (news->initial || news->name_changed))
        json_write_member_str(sliding->sync.out, STR("name"), name);
    if (!name.n && news->name_changed && sliding->request->shape == SLIDING_MERGED)
        json_write_member_raw(sliding->sync.out, STR("name"), STR("null"));
    return !name.n && !news->left ? write_heroes(sliding, news) : 0;
}

static int write_avatar(struct sliding *sliding, const struct sliding_news *news)
{
    struct use *use = sliding->sync.use;
    const struct room_names *names = rooms_names(use->server);
    const struct json *content;
    if (!news->initial && !news->avatar_changed)
        return 0;
    if (load_content(sliding, news->state, names->avatar, names->empty, &content) < 0)
        return -1;
    struct str url = json_find_str(content, STR("url"));
    if (url.n)
        json_write_member_str(sliding->sync.out, STR("avatar"), url);
    else if (news->avatar_changed)
        json_write_member_raw(sliding->sync.out, STR("avatar"), STR("null"));
    return 0;
}

/* ---- numbers ---- */

static int64_t count_live(const struct sliding *sliding)
{
    const struct sync_room *room = &sliding->pages.room;
    int64_t live = 0;
    for (size_t i = room->n_timeline; i-- > 0 && !sliding->sync.initial;) {
        if (room->timeline[i]->pos <= sliding->hold.at.at.pos)
            break;
        live++;
    }
    return live;
}

static void write_numbers(struct sliding *sliding, const struct sliding_news *news)
{
    const struct sync_room *room = &sliding->pages.room;
    struct json_writer *out = sliding->sync.out;
    if (!news->left && (news->initial || news->members_changed)) {
        json_write_member_int(out, STR("joined_count"), room->view.row.joined);
        json_write_member_int(out, STR("invited_count"), room->view.row.invited);
    }
    if (news->counted) {
        json_write_member_int(out, STR("notification_count"), news->notify);
        json_write_member_int(out, STR("highlight_count"), news->highlight);
    }
    if (news->initial || news->place->look & LOOK_DIRECT)
        json_write_member_bool(out, STR("is_dm"), news->told->flags & SLIDING_DIRECT);
}

/* ---- what only the merged form has ---- */

static void write_lists(struct sliding *sliding, const struct sliding_place *place)
{
    struct json_writer *out = sliding->sync.out;
    if (!place->lists[0] && !place->lists[1])
        return;
    json_write_key(out, STR("lists"));
    json_write_array(out);
    for (size_t i = 0; i < sliding->request->n_lists; i++)
        if (place->lists[i / 64] >> i % 64 & 1)
            json_write_str(out, sliding->request->lists[i].name);
    json_write_end(out);
}

/* State that is not there any more. */
static int write_stubs(struct sliding *sliding)
{
    const struct sync_room *room = &sliding->pages.room;
    struct use *use = sliding->sync.use;
    struct json_writer *out = sliding->sync.out;
    for (size_t i = 0; i < room->n_state; i++) {
        struct str type, key;
        if (room->state[i].event || sliding->request->shape != SLIDING_MERGED)
            continue;
        if (store_name(use->server->store, room->state[i].type, use->arena, &type, &use->err) < 0 ||
            store_name(use->server->store, room->state[i].state_key, use->arena, &key, &use->err) <
                0)
            return -1;
        json_write_object(out);
        json_write_member_str(out, STR("type"), type);
        json_write_member_str(out, STR("state_key"), key);
        json_write_end(out);
    }
    return 0;
}

/* ---- the room ---- */

static void begin_room(struct sliding *sliding, const struct sliding_news *news)
{
    struct json_writer *out = sliding->sync.out;
    sliding->sync.wrote_something = true;
    json_write_key(out, sliding->pages.room.view.room_id);
    json_write_object(out);
    if (news->bump)
        json_write_member_int(out, STR("bump_stamp"), news->bump);
    if (sliding->request->shape != SLIDING_MERGED)
        return;
    json_write_member_str(out, STR("membership"),
                          membership_format((enum membership)news->told->kind));
    write_lists(sliding, news->place);
}

static int write_stripped(struct sliding *sliding, const struct sliding_news *news)
{
    struct json_writer *out = sliding->sync.out;
    bool merged = sliding->request->shape == SLIDING_MERGED;
    begin_room(sliding, news);
    if (!merged) /* clients do not take a room that they do not know without it */
        json_write_member_bool(out, STR("initial"), true);
    json_write_key(out, merged ? STR("stripped_state") : STR("invite_state"));
    json_write_array(out);
    int status = sync_write_stripped(&sliding->pages.room);
    json_write_end(out);
    json_write_end(out);
    sliding_room_told(sliding, news);
    sync_room_done(&sliding->pages.room);
    return status;
}

static void write_window(struct sliding *sliding, const struct sliding_news *news)
{
    const struct sync_room *room = &sliding->pages.room;
    struct json_writer *out = sliding->sync.out;
    bool merged = sliding->request->shape == SLIDING_MERGED;
    json_write_member_int(out, STR("num_live"), count_live(sliding));
    json_write_member_bool(out, STR("limited"), room->limited);
    json_write_member_str(out, STR("prev_batch"),
                          place_token_format(sliding->sync.use, room->first_place));
    if (news->expanded)
        json_write_member_bool(
            out, merged ? STR("expanded_timeline") : STR("unstable_expanded_timeline"), true);
}

static int write_head(struct sliding *sliding, const struct sliding_news *news)
{
    const struct sync_room *room = &sliding->pages.room;
    struct json_writer *out = sliding->sync.out;
    begin_room(sliding, news);
    if (news->initial)
        json_write_member_bool(out, STR("initial"), true);
    if (write_name(sliding, news) < 0 || write_avatar(sliding, news) < 0)
        return -1;
    write_numbers(sliding, news);
    if (news->initial || room->n_timeline || room->limited)
        write_window(sliding, news);
    json_write_key(out, STR("required_state"));
    json_write_array(out);
    return write_stubs(sliding);
}

int sliding_write_begin(struct sliding *sliding, size_t i)
{
    struct sliding_news news;
    int found = sliding_room_prepare(sliding, i, &news);
    if (found != 1)
        return found;
    if (news.told->kind == MEMBERSHIP_INVITE || news.told->kind == MEMBERSHIP_KNOCK)
        return write_stripped(sliding, &news);
    if (write_head(sliding, &news) < 0) {
        sync_room_done(&sliding->pages.room);
        return -1;
    }
    sliding_room_told(sliding, &news);
    sync_pages_keep(&sliding->pages);
    sliding->page = PAGE_STATE;
    return 0;
}

int sliding_write_go_on(struct sliding *sliding)
{
    struct json_writer *out = sliding->sync.out;
    const struct state_choice all = {0};
    if (sliding->page == PAGE_STATE) {
        int more = sync_pages_state(&sliding->pages, &all);
        if (more != 0)
            return more < 0 ? -1 : 0;
        json_write_end(out);
        json_write_key(out, STR("timeline"));
        json_write_array(out);
        sliding->page = PAGE_TIMELINE;
        return 0;
    }
    int more = sync_pages_timeline(&sliding->pages);
    if (more != 0)
        return more < 0 ? -1 : 0;
    json_write_end(out);
    json_write_end(out);
    sync_pages_done(&sliding->pages);
    sliding->page = PAGE_NONE;
    return 0;
}
