/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/state_list.h"

#include "base/limits.h"

/* Events loaded at once. */
#define BATCH 200

struct listing {
    struct json_writer *out;
    const struct format *format;
    const struct state_choice *choice;
    struct arena *scratch; /* for one event */
};

static bool is_sender(const struct state_choice *choice, int64_t user)
{
    for (size_t i = 0; i < choice->n_events; i++)
        if (choice->events[i]->sender == user)
            return true;
    return false;
}

/* What can be told without the event. */
static bool is_wanted(const struct listing *listing, const struct state_entry *entry)
{
    const struct state_choice *choice = listing->choice;
    struct use *use = listing->format->view->use;
    if (entry->type != rooms_names(use->server)->member)
        return !choice->members_only;
    return !choice->lazy || is_sender(choice, entry->state_key);
}

/* 1, 0, -1 */
static int is_chosen(struct listing *listing, const struct event *event)
{
    const struct state_choice *choice = listing->choice;
    struct view *view = listing->format->view;
    struct pdu pdu;
    if (!choice->kinds && !choice->filter)
        return 1;
    arena_reset(listing->scratch);
    if (pdu_open(listing->scratch, view->version, event->json, event->hash, &pdu, &view->use->err) <
        0)
        return -1;
    if (choice->kinds && !(choice->kinds & MEMBERSHIP_BIT(membership_of(&pdu))))
        return 0;
    struct filter_subject subject = {pdu.type, pdu.sender, view->room_id, pdu.content};
    return !choice->filter || filter_allows(choice->filter, &subject);
}

static int write_batch(struct listing *listing, const int64_t *ids, size_t n)
{
    struct use *use = listing->format->view->use;
    struct event *events[BATCH] = {0};
    int status = 0;
    if (event_load_many(&use->read, ids, n, events, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (status == 0 && events[i]) {
            int chosen = is_chosen(listing, events[i]);
            status = chosen == 1 ? format_event(listing->out, listing->format, events[i]) : chosen;
        }
        event_unref(events[i]);
    }
    return status;
}

int state_list_write(struct json_writer *out, const struct format *format, int64_t state,
                     const struct state_choice *choice)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA);
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA);
    struct listing listing = {out, format, choice, scratch};
    struct use *use = format->view->use;
    struct state_entry *entries;
    int64_t ids[BATCH] = {0};
    size_t n, batch = 0;
    if (!state)
        return 0;
    if (state_load(&use->read, state, arena, &entries, &n, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (is_wanted(&listing, &entries[i]))
            ids[batch++] = entries[i].event;
        if (batch < BATCH && i + 1 < n)
            continue;
        if (write_batch(&listing, ids, batch) < 0)
            return -1;
        batch = 0;
    }
    return 0;
}

/* ---- joined members ---- */

static int write_profile(struct json_writer *out, struct view *view, struct arena *arena,
                         const struct membership_row *row, const struct event *event)
{
    struct use *use = view->use;
    struct str user_id;
    struct pdu pdu;
    if (store_name(use->server->store, row->user, arena, &user_id, &use->err) < 0 ||
        pdu_open(arena, view->version, event->json, event->hash, &pdu, &use->err) < 0)
        return -1;
    struct str name = json_find_str(pdu.content, STR("displayname"));
    struct str avatar = json_find_str(pdu.content, STR("avatar_url"));
    json_write_key(out, user_id);
    json_write_object(out);
    if (avatar.p)
        json_write_member_str(out, STR("avatar_url"), avatar);
    if (name.p)
        json_write_member_str(out, STR("display_name"), name);
    json_write_end(out);
    return 0;
}

static int write_joined(struct json_writer *out, struct view *view, struct arena *arena,
                        const struct membership_row *rows, size_t n)
{
    struct use *use = view->use;
    struct event *events[BATCH] = {0};
    int64_t ids[BATCH] = {0};
    int status = 0;
    for (size_t i = 0; i < n; i++)
        ids[i] = rows[i].event;
    if (event_load_many(&use->read, ids, n, events, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (status == 0 && events[i])
            status = write_profile(out, view, arena, &rows[i], events[i]);
        event_unref(events[i]);
    }
    return status;
}

int state_list_write_joined(struct json_writer *out, struct view *view)
{
    struct use *use = view->use;
    struct membership_row *rows;
    int64_t after = 0;
    size_t n = BATCH;
    json_write_object(out);
    json_write_key(out, STR("joined"));
    json_write_object(out);
    while (n == BATCH) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA);
        if (membership_list_users(&use->read, view->row.id, MEMBERSHIP_JOIN, after, BATCH, arena,
                                  &rows, &n, &use->err) < 0 ||
            write_joined(out, view, arena, rows, n) < 0)
            return -1;
        if (n)
            after = rows[n - 1].user;
    }
    json_write_end(out);
    json_write_end(out);
    return 0;
}
