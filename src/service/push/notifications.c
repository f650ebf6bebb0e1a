/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/push/notifications.h"

#include "base/limits.h"
#include "base/vec.h"
#include "service/push/joined.h"
#include "service/push/verdict.h"
#include "service/sync/unread.h"
#include "store/membership.h"

#define PAGE 50
/* To look into a room is as much work as so many marks. */
#define MARKS_A_ROOM 10

/* One room of the caller's: a list of its events, newest first, read page by page. */
struct source {
    struct membership_room member;
    int64_t next_pos; /* of the next event, or not below it before the room is opened */
    bool opened, ended;
    struct room_row room;
    struct view view;
    struct push_sight sight;
    struct unread *unread;
    int64_t since_place; /* nothing at or before it */
    int64_t before;      /* the place that the next page ends before */
    struct event_mark *marks;
    size_t n, at;
};

struct listing {
    struct use *use;
    const struct notifications_query *query;
    struct json_writer *out;
    struct reader *reader;
    int64_t from; /* positions below it */
    VEC(struct source *) sources;
    size_t written, marks, texts;
};

/* ---- rooms ---- */

static int read_page(struct listing *listing, struct source *source)
{
    struct use *use = listing->use;
    if (event_list_marks(&use->read, source->room.id, source->since_place, source->before, PAGE,
                         use->arena, &source->marks, &source->n, &use->err) < 0)
        return -1;
    source->at = 0;
    source->ended = source->n == 0;
    if (source->ended)
        return 0;
    source->before = source->marks[source->n - 1].place;
    source->next_pos = source->marks[0].pos;
    return 0;
}

static int count_unread(struct listing *listing, struct source *source)
{
    struct unread_request request = {
        .view = &source->view,
        .member = &source->member.member,
        .reader = listing->reader,
        .end_place = source->room.last_place,
        .end_state = source->room.state,
        .share_after = LIMIT_UNREAD_WALKED,
    };
    return unread_count(&request, &source->unread);
}

/* Of a room one is invited to there is the invitation. */
static int open_invitation(struct listing *listing, struct source *source)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    struct use *use = listing->use;
    int found = event_load(&use->read, source->member.member.event, &event, &use->err);
    source->ended = found != 1;
    if (found != 1)
        return found;
    source->marks = ARENA_NEW(use->arena, struct event_mark);
    *source->marks = (struct event_mark){.id = event->id,
                                         .pos = event->pos,
                                         .place = event->place,
                                         .sender = event->sender,
                                         .state_key = event->state_key,
                                         .flags = event->flags};
    source->n = 1;
    source->before = source->since_place = event->place;
    source->next_pos = event->pos;
    source->ended = event->pos >= listing->from;
    return 0;
}

static int open_source(struct listing *listing, struct source *source)
{
    struct use *use = listing->use;
    listing->marks += MARKS_A_ROOM;
    source->opened = true;
    int found = room_load(&use->read, source->member.member.room, &source->room, &use->err);
    source->ended = found != 1;
    if (found != 1)
        return found;
    if (view_open_as(use, &source->room, &source->member.member, &source->view) < 0)
        return -1;
    source->sight = (struct push_sight){
        .view = &source->view, .reader = listing->reader, .state = source->room.state};
    if (source->member.member.kind == MEMBERSHIP_INVITE)
        return open_invitation(listing, source);
    source->before = source->room.last_place + 1;
    if (listing->from != INT64_MAX) {
        int64_t place;
        if (event_place_at(&use->read, source->room.id, listing->from - 1, &place, &use->err) < 0)
            return -1;
        source->before = place + 1;
    }
    /* What came before they joined is none of their business. */
    if (joined_find(&source->view, source->member.member.event, INT64_MIN, &source->since_place) <
        0)
        return -1;
    return read_page(listing, source);
}

static int list_sources(struct listing *listing)
{
    struct use *use = listing->use;
    struct membership_room *rooms;
    size_t n;
    if (membership_list_with_rooms(&use->read, use->caller.user, use->arena, &rooms, &n,
                                   &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        enum membership kind = rooms[i].member.kind;
        if (kind != MEMBERSHIP_JOIN && kind != MEMBERSHIP_INVITE)
            continue;
        struct source *source = ARENA_NEW(use->arena, struct source);
        source->member = rooms[i];
        source->next_pos = rooms[i].pos < listing->from ? rooms[i].pos : listing->from - 1;
        ARENA_VEC_ADD(use->arena, &listing->sources, source);
    }
    return 0;
}

/* The room whose next event is the newest; NULL: none is left. */
static struct source *newest(const struct listing *listing)
{
    struct source *best = NULL;
    for (size_t i = 0; i < listing->sources.n; i++) {
        struct source *source = listing->sources.p[i];
        if (!source->ended && (!best || source->next_pos > best->next_pos))
            best = source;
    }
    return best;
}

/* ---- events ---- */

static int write_item(struct listing *listing, struct source *source, const struct event *event,
                      const struct pdu *pdu, const struct push_verdict *verdict)
{
    struct format format = {.view = &source->view};
    struct json_writer *out = listing->out;
    if (!source->unread && source->member.member.kind == MEMBERSHIP_JOIN &&
        count_unread(listing, source) < 0)
        return -1;
    bool read =
        source->unread && unread_has_read(source->unread, unread_thread_of(pdu), event->place);
    json_write_object(out);
    json_write_member_raw(out, STR("actions"), verdict->actions);
    json_write_key(out, STR("event"));
    if (format_event(out, &format, event) < 0)
        return -1;
    json_write_member_bool(out, STR("read"), read);
    json_write_member_str(out, STR("room_id"), source->view.room_id);
    json_write_member_int(out, STR("ts"), event->origin_server_ts);
    json_write_end(out);
    listing->written++;
    return 0;
}

static int look_at(struct listing *listing, struct source *source, const struct event_mark *mark)
{
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new(LIMIT_REQUEST_ARENA);
    CLEANUP(event_cleanup) struct event *event = NULL;
    struct use *use = listing->use;
    struct push_verdict verdict;
    struct pdu pdu;
    listing->texts++;
    int found = event_load(&use->read, mark->id, &event, &use->err);
    if (found == 1 && event->id != source->member.member.event) /* an invitation is theirs */
        found = view_can_see(&source->view, event);
    if (found != 1)
        return found;
    if (pdu_open(scratch, source->view.version, event->json, event->hash, &pdu, &use->err) < 0 ||
        push_look(&source->sight, event, &pdu, scratch, &verdict) < 0)
        return -1;
    if (!verdict.notify || (listing->query->highlights && !verdict.highlight))
        return 0;
    return write_item(listing, source, event, &pdu, &verdict);
}

/* What the marks say is enough for most. */
static bool may_notify(const struct listing *listing, const struct source *source,
                       const struct event_mark *mark)
{
    if (mark->sender == listing->use->caller.user || (mark->flags & EVENT_REDACTED) ||
        ignored_has(&listing->reader->ignored, mark->sender))
        return false;
    if (!push_is_plain(&source->sight, mark->flags) || mark->state_key == listing->use->caller.user)
        return true;
    return (mark->flags & (listing->query->highlights ? EVENT_HIGHLIGHTS : EVENT_NOTIFIES)) != 0;
}

/* Goes on by one event. */
static int step(struct listing *listing, struct source *source)
{
    const struct event_mark *mark = &source->marks[source->at++];
    listing->marks++;
    if (may_notify(listing, source, mark) && look_at(listing, source, mark) < 0)
        return -1;
    if (source->at < source->n) {
        source->next_pos = source->marks[source->at].pos;
        return 0;
    }
    if (source->member.member.kind == MEMBERSHIP_INVITE || source->n < PAGE) {
        source->ended = true;
        return 0;
    }
    return read_page(listing, source);
}

static bool is_enough(const struct listing *listing)
{
    return listing->written >= listing->query->limit ||
           listing->marks >= LIMIT_NOTIFICATIONS_MARKS ||
           listing->texts >= LIMIT_NOTIFICATIONS_TEXTS;
}

/* Where the next event of a room is at most just before `from`, nobody knows better until the room
 * is opened. All of these are, so that a page never ends where it began. */
static bool is_unknown(const struct listing *listing, const struct source *source)
{
    return !source->opened && source->next_pos + 1 >= listing->from;
}

static int write_list(struct listing *listing)
{
    struct source *source;
    while ((source = newest(listing)) && (!is_enough(listing) || is_unknown(listing, source))) {
        int status = source->opened ? step(listing, source) : open_source(listing, source);
        if (status < 0)
            return -1;
    }
    json_write_end(listing->out);
    if (source) {
        struct str token =
            arena_printf(listing->use->arena, "%lld", (long long)source->next_pos + 1);
        json_write_member_str(listing->out, STR("next_token"), token);
    }
    return 0;
}

int notifications_write(struct use *use, const struct notifications_query *query,
                        struct json_writer *out)
{
    struct listing listing = {.use = use, .query = query, .out = out, .from = INT64_MAX};
    if (query->from.p && (str_parse_uint(query->from, &listing.from) < 0 || listing.from == 0))
        return err_client(&use->err, 400, "M_INVALID_PARAM", "from is no token of this list");
    if (list_sources(&listing) < 0 || reader_load(use, &listing.reader) < 0)
        return -1;
    json_write_object(out);
    json_write_key(out, STR("notifications"));
    json_write_array(out);
    int status = write_list(&listing);
    json_write_end(out);
    for (size_t i = 0; i < listing.sources.n; i++)
        unread_unref(listing.sources.p[i]->unread);
    reader_unref(listing.reader);
    return status;
}
