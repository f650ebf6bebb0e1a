/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/sync/sliding.h"

#include "service/pieces.h"
#include "service/sync/sliding_private.h"

enum phase { PHASE_ROOMS, PHASE_EXTENSIONS, PHASE_END };

static int unknown_pos(struct use *use)
{
    return err_client(&use->err, 400, "M_UNKNOWN_POS", "Unknown or expired pos: start over");
}

/* ---- the answer ---- */

static bool counts_differ(const struct sliding *sliding)
{
    const struct sliding_content *before = sliding->hold.content, *work = sliding->work;
    return before->counts.n != work->counts.n ||
           (work->counts.n &&
            memcmp(before->counts.p, work->counts.p, work->counts.n * sizeof *work->counts.p) != 0);
}

/* Something that the client does not know; a first answer is news by itself. */
static bool is_news(const struct sliding *sliding)
{
    return !sliding->hold.content || sliding->sync.wrote_something || counts_differ(sliding);
}

static void write_lists(struct sliding *sliding)
{
    struct json_writer *out = sliding->sync.out;
    json_write_key(out, STR("lists"));
    json_write_object(out);
    for (size_t i = 0; i < sliding->request->n_lists && i < sliding->work->counts.n; i++) {
        json_write_key(out, sliding->request->lists[i].name);
        json_write_object(out);
        json_write_member_int(out, STR("count"), sliding->work->counts.p[i]);
        json_write_end(out);
    }
    json_write_end(out);
    json_write_key(out, STR("rooms"));
    json_write_object(out);
}

/* A step of one room. */
static int write_rooms(struct sliding *sliding)
{
    const struct sliding_content *work = sliding->work;
    if (sliding->page != PAGE_NONE)
        return sliding_write_go_on(sliding) < 0 ? -1 : 1;
    while (sliding->next < work->rooms.n && !sliding->places[sliding->next].look) {
        if (sliding->places[sliding->next].inside)
            work->rooms.p[sliding->next].config = (uint16_t)sliding->places[sliding->next].config;
        if (sliding->places[sliding->next].inside)
            work->rooms.p[sliding->next].limit = (uint16_t)sliding->places[sliding->next].limit;
        sliding->next++;
    }
    if (sliding->next < work->rooms.n)
        return sliding_write_begin(sliding, sliding->next++) < 0 ? -1 : 1;
    json_write_end(sliding->sync.out);
    json_write_key(sliding->sync.out, STR("extensions"));
    json_write_object(sliding->sync.out);
    sliding->next = 0;
    sliding->phase = PHASE_EXTENSIONS;
    return 1;
}

static int write_extensions(struct sliding *sliding)
{
    int more = sliding_extensions_step(sliding);
    if (more != 0)
        return more;
    json_write_end(sliding->sync.out);
    sliding->phase = PHASE_END;
    return 1;
}

/* What the client knows now is kept before it is told so. */
static int keep(struct sliding *sliding, struct str *ret_pos)
{
    struct use *use = sliding->sync.use;
    struct connections *connections = use->server->connections;
    const struct sync_token *next = &sliding->sync.next;
    int64_t seq = sliding->hold.seq;
    sliding->kept = is_news(sliding);
    if (sliding->kept) {
        seq = connections_new_seq(connections);
        if (!connections_publish(connections, &sliding->hold, seq, next, sliding->work) && use->x &&
            http_is_streamed(use->x))
            return err_internal(&use->err, "another request has come on the connection");
    } else {
        connections_advance(connections, &sliding->hold, next, sliding->work);
    }
    *ret_pos = sliding_pos_write(use->arena, seq, next, (uint64_t)use->server->boot);
    return 0;
}

static int write_end(struct sliding *sliding)
{
    struct json_writer *out = sliding->sync.out;
    struct str pos;
    if (keep(sliding, &pos) < 0)
        return -1;
    json_write_member_str(out, STR("pos"), pos);
    if (sliding->request->txn_id.p)
        json_write_member_str(out, STR("txn_id"), sliding->request->txn_id);
    json_write_end(out);
    sliding->finished = true;
    return 0;
}

static int step(struct use *use, struct json_writer *out, void *arg)
{
    static int (*const phases[])(struct sliding * sliding) = {
        [PHASE_ROOMS] = write_rooms,
        [PHASE_EXTENSIONS] = write_extensions,
        [PHASE_END] = write_end,
    };
    struct sliding *sliding = arg;
    sliding->sync.use = use;
    sliding->sync.out = out;
    view_go_on(&sliding->pages.room.view, use);
    return phases[sliding->phase](sliding);
}

static void done(void *arg)
{
    struct sliding *sliding = arg;
    sync_pages_done(&sliding->pages);
    sliding_content_unref(sliding->work);
    sliding_content_unref(sliding->hold.content);
    reader_unref(sliding->sync.reader);
    sliding->work = sliding->hold.content = NULL;
}

/* ---- a look ---- */

/* Everything is as the client knows it, and nothing has to be looked at to say so. */
static bool is_quiet(const struct sliding *sliding)
{
    return sliding->hold.content && !sliding->asks_other && sync_nothing_moved(&sliding->sync) &&
           !sliding_inbox_waits(sliding);
}

static int begin(struct sliding *sliding)
{
    struct sync *sync = &sliding->sync;
    struct sliding_content *before = sliding->hold.content;
    sliding->work = before ? sliding_content_copy(before) : sliding_content_new();
    sliding->work->asked = sliding->request->asked;
    if (sync_load_reader(sync) < 0 || sliding_list_rooms(sliding) < 0)
        return -1;
    if (sliding->request->account_data.enabled && before && sync_load_account_data(sync) < 0)
        return -1;
    json_write_object(sync->out);
    write_lists(sliding);
    return 0;
}

static int answer(struct sliding *sliding, struct json_writer *out)
{
    struct use *use = sliding->sync.use;
    int64_t timeout_ms = sliding->request->pos.p ? sliding->request->timeout_ms : 0;
    if (is_quiet(sliding) && sync_park(&sliding->sync, timeout_ms)) {
        connections_advance(use->server->connections, &sliding->hold, &sliding->sync.next, NULL);
        done(sliding);
        return SYNC_PARK;
    }
    if (begin(sliding) < 0) {
        done(sliding);
        return -1;
    }
    if (pieces_run(use, out, step, done, sliding) < 0)
        return -1;
    if (!sliding->finished || sliding->kept || !sync_park(&sliding->sync, timeout_ms))
        return USE_DONE;
    return SYNC_PARK; /* a rerun discards what was written */
}

/* ---- the connection ---- */

static int64_t owner_of(const struct use *use)
{
    return use->caller.device ? use->caller.device : use->caller.user;
}

static int parse_pos(struct sliding *sliding, int64_t *ret_seq)
{
    struct sync_token token;
    uint64_t boot;
    *ret_seq = 0;
    if (!sliding->request->pos.p)
        return 0;
    if (sliding_pos_read(sliding->request->pos, ret_seq, &token, &boot) < 0 ||
        boot != (uint64_t)sliding->sync.use->server->boot)
        return unknown_pos(sliding->sync.use);
    return 0;
}

/* Its client asks in another request by now: it ends, and what it came with holds on. */
static int end_superseded(const struct sliding_request *request, struct json_writer *out)
{
    json_write_object(out);
    json_write_member_raw(out, STR("lists"), STR("{}"));
    json_write_member_raw(out, STR("rooms"), STR("{}"));
    json_write_member_raw(out, STR("extensions"), STR("{}"));
    json_write_member_str(out, STR("pos"), request->pos);
    json_write_end(out);
    return USE_DONE;
}

static int refuse(struct sliding *sliding, enum connection_state state, struct json_writer *out)
{
    if (state == CONNECTION_SUPERSEDED && sliding->request->pos.p)
        return end_superseded(sliding->request, out);
    return unknown_pos(sliding->sync.use);
}

static int take(struct sliding *sliding, struct json_writer *out)
{
    struct sync *sync = &sliding->sync;
    struct use *use = sync->use;
    struct connections *connections = use->server->connections;
    struct sync_poll *poll =
        sync_poll_of(sync, sliding->request->pos.p ? sliding->request->timeout_ms : 0);
    int64_t seq;
    if (parse_pos(sliding, &seq) < 0 || sliding_inbox_parse(sliding) < 0)
        return -1;
    if (poll && poll->ticket)
        connections_unpark(connections, poll->ticket);
    sliding->hold.ticket = poll ? poll->ticket : 0;
    enum connection_state state = connections_take(connections, owner_of(use),
                                                   sliding->request->conn_id, seq, &sliding->hold);
    if (state != CONNECTION_HELD)
        return refuse(sliding, state, out);
    if (poll) {
        poll->connections = connections;
        poll->ticket = sliding->hold.ticket;
    }
    sync->since = sliding->hold.at;
    sync->initial = !sliding->hold.content;
    sliding->asks_other =
        !sliding->hold.content || sliding->hold.content->asked != sliding->request->asked;
    if (sync_look(sync) < 0) {
        done(sliding);
        return -1;
    }
    return answer(sliding, out);
}

int sliding_run(struct use *use, const struct sliding_request *request, struct json_writer *out)
{
    struct sliding *sliding = ARENA_NEW(use->arena, struct sliding);
    sliding->asked = *request; /* the caller's is gone when the last pieces are written */
    sliding->request = &sliding->asked;
    sliding->arena = use->arena;
    sliding->sync = (struct sync){.use = use, .request = &sliding->plain, .out = out};
    filter_init(&sliding->sync.filter);
    notifier_unpark(use->server->notifier, use->caller.user, use->x);
    return take(sliding, out);
}
