/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Getting events for a room": its state and its members. Who has left reads the
 * state in which they left. */

#include "api/client/tables.h"
#include "base/limits.h"
#include "service/rooms/history.h"
#include "service/rooms/state_list.h"
#include "service/sync/token.h"

/* ---- state ---- */

static int get_state(struct request *rq)
{
    const struct state_choice all = {0};
    struct view view;
    if (view_open_readable(&rq->use, api_param(rq, 0), &view) < 0)
        return API_FAILED;
    json_write_array(&rq->out);
    return state_list_answer(&rq->use, &rq->out, &view, view_state(&view), &all);
}

/* The event of a key of the state that the reader may see, or 404. */
static int find_state_event(struct request *rq, struct view *view, struct event **ret_event)
{
    struct use *use = &rq->use;
    struct str key_text = api_param(rq, 2);
    int64_t type, key, id;
    int found = store_find_name(use->server->store, api_param(rq, 1), &type, &use->err);
    if (found == 1)
        found =
            store_find_name(use->server->store, key_text.p ? key_text : STR(""), &key, &use->err);
    if (found == 1)
        found = state_find(&use->read, view_state(view), type, key, &id, &use->err);
    if (found == 1)
        found = event_load(&use->read, id, ret_event, &use->err);
    if (found < 0)
        return -1;
    return found ? 0 : err_client(&use->err, 404, "M_NOT_FOUND", "No such state in this room");
}

static int get_state_event(struct request *rq)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    struct str form = api_query(rq, STR("format"));
    bool whole = str_eq(form, STR("event"));
    struct view view;
    struct format format = {.view = &view, .with_room_id = true};
    if (form.p && !whole && !str_eq(form, STR("content")))
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "format must be content or event");
    if (view_open_readable(&rq->use, api_param(rq, 0), &view) < 0 ||
        find_state_event(rq, &view, &event) < 0)
        return API_FAILED;
    if (whole)
        return format_event(&rq->out, &format, event);
    json_write_raw(&rq->out, event->members.content);
    return API_DONE;
}

/* ---- members ---- */

static int query_membership(struct request *rq, struct str name, unsigned *ret_kinds)
{
    struct str word = api_query(rq, name);
    enum membership kind = membership_parse(word);
    if (!word.p)
        return 0;
    if (kind == MEMBERSHIP_NONE)
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "%.*s is no membership",
                          STR_ARG(name));
    *ret_kinds = MEMBERSHIP_BIT(kind);
    return 0;
}

/* With both parameters, either lets a member pass. */
static int query_kinds(struct request *rq, unsigned *ret_kinds)
{
    unsigned wanted = 0, unwanted = 0;
    if (query_membership(rq, STR("membership"), &wanted) < 0 ||
        query_membership(rq, STR("not_membership"), &unwanted) < 0)
        return -1;
    *ret_kinds = wanted | (unwanted ? MEMBERSHIP_ANY & ~unwanted : 0);
    return 0;
}

/* The state that was when the token `at` was given, but nothing after the reader left. */
static int query_state(struct request *rq, struct view *view, int64_t *ret_state)
{
    struct str at = api_query(rq, STR("at"));
    int64_t place, first, end;
    *ret_state = view_state(view);
    if (!at.p)
        return 0;
    if (place_token_parse(&rq->use, view->row.id, at, &place) < 0 ||
        history_bounds(view, &first, &end) < 0)
        return -1;
    return history_state_at(view, place < end ? place : end, ret_state);
}

static int get_members(struct request *rq)
{
    struct state_choice choice = {.members_only = true};
    struct view view;
    int64_t state;
    if (query_kinds(rq, &choice.kinds) < 0 ||
        view_open_readable(&rq->use, api_param(rq, 0), &view) < 0 ||
        query_state(rq, &view, &state) < 0)
        return API_FAILED;
    json_write_object(&rq->out);
    json_write_key(&rq->out, STR("chunk"));
    json_write_array(&rq->out);
    return state_list_answer(&rq->use, &rq->out, &view, state, &choice);
}

static int get_joined_members(struct request *rq)
{
    struct view view;
    if (view_open_joined(&rq->use, api_param(rq, 0), &view) < 0)
        return API_FAILED;
    return state_list_answer_joined(&rq->use, &rq->out, &view);
}

/* ---- rooms one is in ---- */

static int get_joined_rooms(struct request *rq)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA);
    struct use *use = &rq->use;
    struct membership_row *rows;
    struct str room_id;
    size_t n;
    if (membership_list_rooms(&use->read, use->caller.user, MEMBERSHIP_BIT(MEMBERSHIP_JOIN), arena,
                              &rows, &n, &use->err) < 0)
        return API_FAILED;
    json_write_object(&rq->out);
    json_write_key(&rq->out, STR("joined_rooms"));
    json_write_array(&rq->out);
    for (size_t i = 0; i < n; i++) {
        if (store_name(use->server->store, rows[i].room, arena, &room_id, &use->err) < 0)
            return API_FAILED;
        json_write_str(&rq->out, room_id);
    }
    json_write_end(&rq->out);
    json_write_end(&rq->out);
    return API_DONE;
}

#define ROOM "/_matrix/client/v3/rooms/{roomId}"
#define READ API_ACCESS_USER_SUSPENDED, API_RATE_READ

static const struct api_route routes[] = {
    {HTTP_GET, ROOM "/state", READ, get_state},
    {HTTP_GET, ROOM "/state/{eventType}/{stateKey}", READ, get_state_event},
    {HTTP_GET, ROOM "/state/{eventType}/", READ, get_state_event},
    {HTTP_GET, ROOM "/state/{eventType}", READ, get_state_event},
    {HTTP_GET, ROOM "/members", READ, get_members},
    {HTTP_GET, ROOM "/joined_members", READ, get_joined_members},
    {HTTP_GET, "/_matrix/client/v3/joined_rooms", READ, get_joined_rooms},
};
const struct api_table api_client_state = {routes, ARRAY_LEN(routes)};
