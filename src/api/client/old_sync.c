/* SPDX-License-Identifier: EUPL-1.2 */

/* What /sync took the place of (client-server API, operations marked deprecated since r0.1): an
 * event by its id alone, the stream of events, and rooms as they are. Nothing is kept for them:
 * the stream is a /sync told otherwise. */

#include "api/client/tables.h"
#include "base/limits.h"
#include "service/rooms/history.h"
#include "service/rooms/state_list.h"
#include "service/sync/sync.h"
#include "store/account_data.h"
#include "store/alias.h"

/* ---- an event ---- */

/* As /rooms/{roomId}/event would: 1, 0 the caller may not read there, -1. */
static int open_room(struct use *use, int64_t room, struct view *ret_view)
{
    struct str room_id;
    if (store_name(use->server->store, room, use->arena, &room_id, &use->err) < 0)
        return -1;
    if (view_open_readable(use, room_id, ret_view) == 0)
        return 1;
    return use->err.kind == ERR_KIND_CLIENT ? 0 : -1;
}

/* The id says nothing of its room: versions write a hash in one of two alphabets. */
static int find_event(struct request *rq, struct str event_id, struct view *ret_view,
                      struct event **ret_event)
{
    static const struct str versions[] = {STR_INIT("12"), STR_INIT("3")};
    unsigned char hash[EVENT_HASH_BYTES];
    struct use *use = &rq->use;
    struct event *event;
    int found = 0;
    for (size_t i = 0; i < ARRAY_LEN(versions) && found == 0; i++)
        if (pdu_event_hash(room_version_find(versions[i]), event_id, hash) == 0)
            found = event_load_by_hash(&use->read, hash, &event, &use->err);
    if (found != 1)
        return found;
    found = open_room(use, event->room, ret_view);
    if (found == 1)
        found = view_can_see(ret_view, event);
    if (found == 1)
        *ret_event = event;
    else
        event_unref(event);
    return found;
}

static int get_event(struct request *rq)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    struct view view;
    struct format format = {.view = &view, .with_room_id = true};
    int found = find_event(rq, api_param(rq, 0), &view, &event);
    if (found < 0)
        return API_FAILED;
    if (!found)
        return err_client(&rq->use.err, 404, "M_NOT_FOUND", "No such event");
    return format_event(&rq->out, &format, event);
}

/* ---- the stream ---- */

static void write_timeline(struct json_writer *out, const struct json_member *room)
{
    const struct json *events = json_find(json_find(&room->value, STR("timeline")), STR("events"));
    for (size_t i = 0; json_is(events, JSON_ARRAY) && i < events->array.n; i++) {
        json_write_object(out);
        json_write_members_raw(out, events->array.items[i].raw);
        json_write_member_str(out, STR("room_id"), room->key);
        json_write_end(out);
    }
}

static void write_timelines(struct json_writer *out, const struct json *rooms, struct str section)
{
    const struct json *part = json_find(rooms, section);
    for (size_t i = 0; json_is(part, JSON_OBJECT) && i < part->object.n; i++)
        write_timeline(out, &part->object.members[i]);
}

/* The answer of a /sync as the stream tells it. */
static int write_stream(struct request *rq, struct str from, struct str answer)
{
    const struct json *sync;
    if (json_parse(rq->use.arena, answer, &sync, &rq->use.err) < 0)
        return API_FAILED;
    const struct json *rooms = json_find(sync, STR("rooms"));
    json_write_object(&rq->out);
    json_write_key(&rq->out, STR("chunk"));
    json_write_array(&rq->out);
    write_timelines(&rq->out, rooms, STR("join"));
    write_timelines(&rq->out, rooms, STR("leave"));
    json_write_end(&rq->out);
    json_write_member_str(&rq->out, STR("end"), json_find_str(sync, STR("next_batch")));
    json_write_member_str(&rq->out, STR("start"), from);
    json_write_end(&rq->out);
    return API_DONE;
}

/* Without a place to begin at: from now on. */
static struct str token_of_now(struct request *rq)
{
    struct sync_token now = {.at = rq->use.read.head};
    return sync_token_format(&rq->use, &now);
}

static int get_events(struct request *rq)
{
    CLEANUP(buf_done) struct buf answer;
    struct sync_request request = {.since = api_query(rq, STR("from"))};
    struct json_writer out;
    buf_init(&answer, LIMIT_ANSWER_BYTES);
    json_writer_init(&out, &answer);
    if (api_query_int(rq, STR("timeout"), 0, LIMIT_SYNC_TIMEOUT_MS, &request.timeout_ms) < 0)
        return API_FAILED;
    if (!request.since.n)
        request.since = token_of_now(rq);
    int status = sync_run(&rq->use, &request, &out);
    if (status != USE_DONE)
        return status;
    if (buf_is_full(&answer))
        return err_client(&rq->use.err, 413, "M_TOO_LARGE", "There is too much to tell");
    return write_stream(rq, request.since, buf_str(&answer));
}

/* ---- rooms as they are ---- */

static int write_messages(struct request *rq, struct view *view, size_t limit)
{
    CLEANUP(history_done) struct history_page page = {0};
    struct format format = {.view = view, .with_room_id = true};
    struct history_query query = {.direction = EVENT_BACKWARD, .limit = limit};
    int64_t first, end;
    if (history_bounds(view, &first, &end) < 0)
        return -1;
    query.from = end;
    if (history_read(view, &query, &page) < 0)
        return -1;
    json_write_key(&rq->out, STR("messages"));
    json_write_object(&rq->out);
    json_write_key(&rq->out, STR("chunk"));
    json_write_array(&rq->out);
    for (size_t i = page.n; i-- > 0;)
        if (format_event(&rq->out, &format, page.events[i]) < 0)
            return -1;
    json_write_end(&rq->out);
    json_write_member_str(&rq->out, STR("end"), place_token_format(&rq->use, end));
    if (page.more)
        json_write_member_str(&rq->out, STR("start"), place_token_format(&rq->use, page.next));
    json_write_end(&rq->out);
    return 0;
}

static int write_state(struct request *rq, struct view *view)
{
    struct state_choice choice = {0};
    struct format format = {.view = view, .with_room_id = true, .listed = true};
    struct state_list list = {0};
    json_write_key(&rq->out, STR("state"));
    json_write_array(&rq->out);
    int more = state_list_fill(&list, view, view_state(view), &choice) < 0 ? -1 : 1;
    while (more == 1)
        more = state_list_next(&list, &rq->out, &format, &choice);
    state_list_done(&list);
    json_write_end(&rq->out);
    return more;
}

/* Of a room, or of the user with 0. */
static int write_account_data(struct request *rq, int64_t room)
{
    struct use *use = &rq->use;
    struct account_data *rows;
    struct str after = STR("");
    size_t n = 100;
    json_write_key(&rq->out, STR("account_data"));
    json_write_array(&rq->out);
    while (n == 100) {
        if (account_data_list_room(&use->read, use->caller.user, room, after, 100, use->arena,
                                   &rows, &n, &use->err) < 0)
            return -1;
        for (size_t i = 0; i < n; i++) {
            json_write_object(&rq->out);
            json_write_member_raw(&rq->out, STR("content"), rows[i].content);
            json_write_member_str(&rq->out, STR("type"), rows[i].type);
            json_write_end(&rq->out);
            after = rows[i].type;
        }
    }
    json_write_end(&rq->out);
    return 0;
}

static int write_room(struct request *rq, struct view *view, size_t limit)
{
    struct use *use = &rq->use;
    int listed = directory_has(&use->read, view->row.id, &use->err);
    if (listed < 0)
        return -1;
    json_write_object(&rq->out);
    if (write_account_data(rq, view->row.id) < 0)
        return -1;
    if (view->membership != MEMBERSHIP_NONE)
        json_write_member_str(&rq->out, STR("membership"), membership_format(view->membership));
    if (write_messages(rq, view, limit) < 0)
        return -1;
    json_write_member_str(&rq->out, STR("room_id"), view->room_id);
    if (write_state(rq, view) < 0)
        return -1;
    json_write_member_str(&rq->out, STR("visibility"), listed ? STR("public") : STR("private"));
    json_write_end(&rq->out);
    return 0;
}

static int query_limit(struct request *rq, size_t *ret_limit)
{
    int64_t limit;
    if (api_query_int(rq, STR("limit"), LIMIT_MESSAGES_DEFAULT, LIMIT_TIMELINE_MAX, &limit) < 0)
        return -1;
    *ret_limit = limit > 0 ? (size_t)limit : 1;
    return 0;
}

static int get_room(struct request *rq)
{
    struct view view;
    size_t limit;
    if (query_limit(rq, &limit) < 0 || view_open_readable(&rq->use, api_param(rq, 0), &view) < 0)
        return API_FAILED;
    return write_room(rq, &view, limit);
}

static int write_rooms(struct request *rq, size_t limit)
{
    struct use *use = &rq->use;
    struct membership_row *rows;
    size_t n;
    if (membership_list_rooms(&use->read, use->caller.user, MEMBERSHIP_BIT(MEMBERSHIP_JOIN),
                              use->arena, &rows, &n, &use->err) < 0)
        return -1;
    json_write_key(&rq->out, STR("rooms"));
    json_write_array(&rq->out);
    for (size_t i = 0; i < n; i++) {
        struct view view;
        int found = view_open(use, rows[i].room, &view);
        if (found < 0 || (found && write_room(rq, &view, limit) < 0))
            return -1;
    }
    json_write_end(&rq->out);
    return 0;
}

/* Rooms that the caller has joined; invitations are told by /sync. */
static int get_all(struct request *rq)
{
    size_t limit;
    if (query_limit(rq, &limit) < 0)
        return API_FAILED;
    json_write_object(&rq->out);
    if (write_account_data(rq, 0) < 0)
        return API_FAILED;
    json_write_member_str(&rq->out, STR("end"), token_of_now(rq));
    json_write_member_raw(&rq->out, STR("presence"), STR("[]"));
    if (write_rooms(rq, limit) < 0)
        return API_FAILED;
    json_write_end(&rq->out);
    return API_DONE;
}

#define OLD  "/_matrix/client/v3"
#define READ API_ACCESS_USER_SUSPENDED, API_RATE_READ

static const struct api_route routes[] = {
    {HTTP_GET, OLD "/events", API_ACCESS_USER_SUSPENDED, API_RATE_SYNC, get_events,
     .flags = HTTP_ROUTE_POLL, .arena_max = MIB(256)},
    {HTTP_GET, OLD "/events/{eventId}", READ, get_event},
    {HTTP_GET, OLD "/initialSync", API_ACCESS_USER_SUSPENDED, API_RATE_SYNC, get_all,
     .arena_max = MIB(256)},
    {HTTP_GET, OLD "/rooms/{roomId}/initialSync", READ, get_room, .arena_max = MIB(64)},
};
const struct api_table api_client_old_sync = {routes, ARRAY_LEN(routes)};
