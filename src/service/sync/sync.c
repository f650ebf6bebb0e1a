/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/sync/sync.h"

#include "base/clock.h"
#include "base/limits.h"
#include "service/sync/connections.h"
#include "service/sync/sync_private.h"

/* ---- the head, and who is online ---- */

/* What the notifier has taken in, which is all that was acknowledged; the snapshot holds at least
 * that, and what is later is not shown. A token may be above it for a moment, when another thread
 * is about to hand over what another node has written. */
static int fix_head(struct sync *sync)
{
    struct use *use = sync->use;
    if (store_keep_up(use->server->store, &use->err) < 0)
        return -1;
    read_end(&use->read);
    sync->next.at = notifier_catch_up(use->server->notifier);
    if (sync->next.at.pos < sync->since.at.pos)
        sync->next.at = store_head(use->server->store);
    sync->next.typing = notifier_typing_head(use->server->notifier);
    read_begin(use->server->store, &use->read);
    use->read.head = sync->next.at;
    use->read.fixed = true;
    return 0;
}

static int come_online(struct sync *sync)
{
    struct use *use = sync->use;
    struct membership_row *rows;
    int64_t *rooms;
    size_t n;
    if (notifier_watch(use->server->notifier, use->caller.user))
        return 0;
    if (membership_list_rooms(&use->read, use->caller.user,
                              MEMBERSHIP_BIT(MEMBERSHIP_JOIN) | MEMBERSHIP_BIT(MEMBERSHIP_INVITE) |
                                  MEMBERSHIP_BIT(MEMBERSHIP_KNOCK),
                              use->arena, &rows, &n, &use->err) < 0)
        return -1;
    rooms = ARENA_NEW_N(use->arena, n, int64_t);
    for (size_t i = 0; i < n; i++)
        rooms[i] = rows[i].room;
    notifier_watch_rooms(use->server->notifier, use->caller.user, rooms, n);
    return 0;
}

/* ---- waiting ---- */

bool sync_nothing_moved(const struct sync *sync)
{
    return sync->moves.complete && sync->moves.n == 0 && !sync->moves.user &&
           !sync->moves.to_device && !sync->moves.device_lists && sync->n_typing_rooms == 0;
}

static void closed(struct http_exchange *x, void *arg)
{
    const struct sync_poll *poll = arg;
    notifier_unpark(poll->notifier, poll->user, x);
    if (poll->connections)
        connections_unpark(poll->connections, poll->ticket);
}

struct sync_poll *sync_poll_of(struct sync *sync, int64_t timeout_ms)
{
    struct use *use = sync->use;
    if (!use->x)
        return NULL;
    void **slot = use_wait_slot(use);
    struct sync_poll *poll = *slot;
    if (poll)
        return poll;
    if (timeout_ms > LIMIT_SYNC_TIMEOUT_MS)
        timeout_ms = LIMIT_SYNC_TIMEOUT_MS;
    poll = ARENA_NEW(http_arena(use->x), struct sync_poll);
    *poll = (struct sync_poll){
        .notifier = use->server->notifier,
        .user = use->caller.user,
        .until_ms = clock_monotonic_ms() + timeout_ms,
    };
    *slot = poll;
    return poll;
}

bool sync_park(struct sync *sync, int64_t timeout_ms)
{
    struct use *use = sync->use;
    struct sync_poll *poll = sync_poll_of(sync, timeout_ms);
    if (!poll || http_deadline_passed(use->x) || clock_monotonic_ms() >= poll->until_ms)
        return false;
    http_on_close(use->x, closed, poll);
    http_set_deadline(use->x, poll->until_ms);
    if (poll->connections) /* before the notifier has it: it may be run again at once */
        connections_park(poll->connections, poll->ticket, use->x);
    if (notifier_park(use->server->notifier, use->caller.user, use->caller.device,
                      sync->next.at.pos, sync->next.typing, use->x))
        return true;
    if (poll->connections)
        connections_unpark(poll->connections, poll->ticket);
    return false;
}

/* ---- answering ---- */

static int write_answer(struct sync *sync)
{
    struct json_writer *out = sync->out;
    json_write_object(out);
    if (sync_write_account_data(sync, 0) < 0 || sync_write_presence(sync) < 0 ||
        sync_write_devices(sync) < 0 || sync_write_rooms(sync) < 0)
        return -1;
    json_write_member_str(out, STR("next_batch"), sync_token_format(sync->use, &sync->next));
    json_write_end(out);
    return 0;
}

int sync_look(struct sync *sync)
{
    struct use *use = sync->use;
    if (fix_head(sync) < 0 || come_online(sync) < 0)
        return -1;
    if (sync->initial)
        return 0;
    bool caught_up = notifier_head(use->server->notifier).pos >= sync->next.at.pos;
    notifier_moves(use->server->notifier, use->caller.user, use->caller.device, sync->since.at.pos,
                   use->arena, &sync->moves);
    sync->moves.complete &= caught_up;
    notifier_typing_moves(use->server->notifier, use->caller.user, sync->since.typing, use->arena,
                          &sync->typing_rooms, &sync->n_typing_rooms);
    return 0;
}

/* What the account's data make of the reader, from memory where it is there. */
int sync_load_reader(struct sync *sync)
{
    struct use *use = sync->use;
    struct notifier *notifier = use->server->notifier;
    int64_t head = sync->next.at.pos;
    sync->reader = notifier_find_reader(notifier, use->caller.user, head);
    if (sync->reader)
        return 0;
    if (reader_load(use, &sync->reader) < 0)
        return -1;
    if (!sync->reader->may_change)
        notifier_keep_reader(notifier, use->caller.user, head, sync->reader);
    return 0;
}

/* An answer that would hold nothing is taken back, and the poll waits on. */
static int answer_or_wait(struct sync *sync)
{
    bool whole = sync->initial || sync->request->full_state;
    int64_t timeout_ms = sync->request->timeout_ms;
    bool nothing = sync_nothing_moved(sync) && sync->since.to_device >= sync->since.at.pos;
    if (!whole && nothing && sync_park(sync, timeout_ms))
        return SYNC_PARK;
    if (sync_load_reader(sync) < 0)
        return -1;
    if (whole)
        return sync_write_whole(sync);
    if (sync_load_account_data(sync) < 0 || write_answer(sync) < 0)
        return -1;
    if (sync->wrote_something || !sync_park(sync, timeout_ms))
        return USE_DONE;
    return SYNC_PARK; /* a rerun discards what was written */
}

/* One that was stored is parsed once for all. */
static int load_filter(struct sync *sync)
{
    struct use *use = sync->use;
    struct notifier *notifier = use->server->notifier;
    struct str param = sync->request->filter, text;
    if (!param.n || param.p[0] == '{')
        return filter_load_param(use, param, &sync->filter);
    sync->shared = notifier_find_filter(notifier, use->caller.user, param);
    if (!sync->shared) {
        if (filter_load_text(use, param, &text) < 0 ||
            shared_filter_new(text, &sync->shared, &use->err) < 0)
            return -1;
        notifier_keep_filter(notifier, use->caller.user, param, sync->shared);
    }
    sync->filter = sync->shared->filter;
    return 0;
}

static int run(struct sync *sync)
{
    if (load_filter(sync) < 0 ||
        (!sync->initial && sync_token_parse(sync->use, sync->request->since, &sync->since) < 0))
        return -1;
    sync_poll_of(sync, sync->request->timeout_ms);
    return sync_look(sync) < 0 ? -1 : answer_or_wait(sync);
}

int sync_run(struct use *use, const struct sync_request *request, struct json_writer *out)
{
    struct sync sync = {.use = use, .request = request, .out = out, .initial = !request->since.p};
    notifier_unpark(use->server->notifier, use->caller.user, use->x);
    int status = run(&sync);
    shared_filter_unref(sync.shared);
    reader_unref(sync.reader);
    return status;
}
