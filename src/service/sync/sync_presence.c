/* SPDX-License-Identifier: EUPL-1.2 */

/* Presence in a sync: what its client is told of others, and what it says of its own user. */

#include "base/limits.h"
#include "service/rooms/sharing.h"
#include "service/sync/presence.h"
#include "service/sync/sync_private.h"

int sync_note_presence(struct use *use, struct str word)
{
    enum presence_state state = PRESENCE_ONLINE;
    if (word.p && presence_parse(word, &state) < 0)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "Unknown presence");
    if (use->server->presence)
        presence_poll(use->server->presence, use->caller.user, state);
    return 0;
}

void sync_note_action(struct use *use)
{
    if (use->server->presence)
        presence_act(use->server->presence, use->caller.user);
}

int sync_answer_presence(struct use *use, struct str user_id, struct json_writer *out)
{
    struct presence_shown shown = {.active_ago_ms = -1};
    bool shares;
    int64_t user;
    if (rooms_share_one(use, user_id, &shares) < 0)
        return -1;
    if (!shares)
        return err_client(&use->err, 403, "M_FORBIDDEN", "You share no room with this user");
    if (use->server->presence) {
        if (store_intern(use->server->store, user_id, &user, &use->err) < 0)
            return -1;
        presence_find(use->server->presence, user, use->arena, &shown);
    }
    presence_write(&shown, out);
    return USE_DONE;
}

/* ---- in a sync ---- */

static bool is_among(const int64_t *users, size_t n, int64_t user)
{
    for (size_t i = 0; i < n; i++)
        if (users[i] == user)
            return true;
    return false;
}

/* Those who share a room with the reader; the reader, too. */
static int keep_visible(struct use *use, struct presence_shown *shown, size_t *n)
{
    int64_t *users = ARENA_NEW_N(use->arena, *n + 1, int64_t), *visible;
    size_t n_visible, kept = 0;
    for (size_t i = 0; i < *n; i++)
        users[i] = shown[i].user;
    if (membership_list_familiar(&use->read, use->caller.user, users, *n, INT64_MAX, use->arena,
                                 &visible, &n_visible, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < *n; i++)
        if (shown[i].user == use->caller.user || is_among(visible, n_visible, shown[i].user))
            shown[kept++] = shown[i];
    *n = kept;
    return 0;
}

/* What a sync looks at of everybody's changes before it gives up on those further back: pages of
 * LIMIT_PRESENCE_TOLD. */
#define PAGES_MAX 25

/* Its answer as it is written. */
struct telling {
    struct sync *sync;
    int64_t before;
    size_t told;
    bool opened;
};

static int write_event(struct sync *sync, const struct presence_shown *shown, bool *opened)
{
    struct use *use = sync->use;
    struct json_writer *out = sync->out;
    struct filter_subject subject = {.type = STR("m.presence")};
    if (store_name(use->server->store, shown->user, use->arena, &subject.sender, &use->err) < 0)
        return -1;
    if (!filter_allows(&sync->filter.presence, &subject))
        return 0;
    if (!*opened) {
        json_write_key(out, STR("presence"));
        json_write_object(out);
        json_write_key(out, STR("events"));
        json_write_array(out);
        *opened = true;
    }
    json_write_object(out);
    json_write_member_str(out, STR("type"), subject.type);
    json_write_member_str(out, STR("sender"), subject.sender);
    json_write_key(out, STR("content"));
    presence_write(shown, out);
    json_write_end(out);
    return 0;
}

/* Strangers' changes are many: they do not count among what is told. 1 there may be more, 0, -1. */
static int write_page(struct telling *telling)
{
    struct sync *sync = telling->sync;
    struct use *use = sync->use;
    struct presence_shown *shown;
    size_t n;
    bool more = presence_moves(use->server->presence, sync->since.typing, &telling->before,
                               LIMIT_PRESENCE_TOLD, use->arena, &shown, &n);
    if (n && keep_visible(use, shown, &n) < 0)
        return -1;
    for (size_t i = 0; i < n && telling->told < LIMIT_PRESENCE_TOLD; i++, telling->told++)
        if (write_event(sync, &shown[i], &telling->opened) < 0)
            return -1;
    return more && telling->told < LIMIT_PRESENCE_TOLD;
}

int sync_write_presence(struct sync *sync)
{
    struct use *use = sync->use;
    struct telling telling = {.sync = sync, .before = INT64_MAX};
    struct arena *whole = use->arena;
    int more = use->server->presence != NULL;
    for (int page = 0; more == 1 && page < PAGES_MAX; page++) {
        CLEANUP(arena_cleanup) struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA);
        use->arena = scratch;
        more = write_page(&telling);
        use->arena = whole;
    }
    if (more < 0)
        return -1;
    if (telling.opened) {
        json_write_end(sync->out);
        json_write_end(sync->out);
    }
    return 0;
}
