/* SPDX-License-Identifier: EUPL-1.2 */

/* Sending: one lane a pusher, one push at a time in each. */

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/random.h"
#include "service/accounts/validity.h"
#include "service/config.h"
#include "service/push/notice.h"
#include "service/push/pushers.h"
#include "service/push/pushing_private.h"
#include "service/push/verdict.h"
#include "store/account.h"
#include "store/membership.h"

#define RETRY_FIRST_MS 2000

/* ---- lanes ---- */

struct lane *lane_find(const struct pushing *pushing, int64_t pusher)
{
    return int_map_find(&pushing->lanes, pusher);
}

struct lane *lane_get(struct pushing *pushing, int64_t pusher, int64_t user)
{
    struct lane *lane = lane_find(pushing, pusher);
    if (lane)
        return lane;
    lane = MEM_NEW(struct lane);
    lane->pusher = pusher;
    lane->user = user;
    int_map_put(&pushing->lanes, pusher, lane);
    return lane;
}

static size_t left(const struct lane *lane)
{
    return lane->items.n - lane->at;
}

static void append(struct lane **first, struct lane **last, struct lane *lane)
{
    lane->listed = true;
    lane->next = NULL;
    if (*last)
        (*last)->next = lane;
    else
        *first = lane;
    *last = lane;
}

static struct lane *take_first(struct lane **first, struct lane **last)
{
    struct lane *lane = *first;
    *first = lane->next;
    if (!*first)
        *last = NULL;
    lane->listed = false;
    return lane;
}

static void make_ready(struct pushing *pushing, struct lane *lane)
{
    if (!lane->listed && !lane->flight)
        append(&pushing->first_ready, &pushing->last_ready, lane);
}

static void lane_free(struct pushing *pushing, struct lane *lane)
{
    pushing->waiting -= left(lane);
    VEC_DONE(&lane->items);
    mem_free(lane);
}

/* It is in no list, nor in flight. */
static void lane_drop(struct pushing *pushing, struct lane *lane)
{
    int_map_remove(&pushing->lanes, lane->pusher);
    lane_free(pushing, lane);
}

void lanes_drop_all(struct pushing *pushing)
{
    int64_t pusher;
    void *lane;
    for (size_t at = 0; int_map_next(&pushing->lanes, &at, &pusher, &lane);)
        lane_free(pushing, lane);
    int_map_done(&pushing->lanes);
    pushing->lanes = (struct int_map){0};
    pushing->first_ready = pushing->last_ready = NULL;
    push_hosts_done(&pushing->hosts);
}

bool lanes_are_full(const struct pushing *pushing)
{
    return pushing->waiting >= LIMIT_PUSHES_WAITING;
}

int64_t lanes_position(const struct pushing *pushing)
{
    int64_t pos = pushing->seen, pusher;
    void *value;
    for (size_t at = 0; int_map_next(&pushing->lanes, &at, &pusher, &value);) {
        const struct lane *lane = value;
        bool is_remembered = lane->catching || lane->fell || !left(lane);
        if (!is_remembered && lane->items.p[lane->at].pos - 1 < pos)
            pos = lane->items.p[lane->at].pos - 1;
    }
    return pos;
}

/* ---- what is stored of a pusher ---- */

static int write_progress(struct write *w, void *arg, struct err *err)
{
    const struct pusher *pusher = arg;
    return pusher_set_progress(w, pusher, err);
}

/* It is behind, and is looked at again when its time has come. */
static bool save_behind(struct pushing *pushing, struct pusher *pusher)
{
    pusher->behind = true;
    if (pusher->due_ms < pushing->due_ms)
        pushing->due_ms = pusher->due_ms;
    return pushing_commit(pushing, write_progress, pusher);
}

static int write_delete(struct write *w, void *arg, struct err *err)
{
    const struct pusher *pusher = arg;
    return pusher_delete_id(w, pusher, err);
}

/* 1, 0 it was deleted, -1. */
static int load_pusher(struct pushing *pushing, int64_t id, struct arena *arena,
                       struct pusher *ret_pusher)
{
    struct err err = ERR_INIT;
    struct read read;
    read_begin(pushing->server->store, &read);
    int found = pusher_load(&read, id, arena, ret_pusher, &err);
    read_end(&read);
    if (found < 0)
        pushing_tell(pushing, &err);
    return found;
}

static void fall_behind(struct pushing *pushing, struct lane *lane)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA);
    struct pusher pusher;
    if (load_pusher(pushing, lane->pusher, arena, &pusher) != 1)
        return;
    pusher.pos = lane->items.p[lane->at].pos - 1;
    pusher.due_ms = clock_wall_ms();
    if (!save_behind(pushing, &pusher))
        return;
    size_t kept = lane->at + (lane->flight ? 1 : 0);
    pushing->waiting -= lane->items.n - kept;
    lane->items.n = kept;
    lane->fell = true;
}

bool lane_miss(struct pushing *pushing, int64_t id, int64_t pos)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA);
    struct lane *lane = lane_find(pushing, id);
    struct pusher pusher;
    if (lane && left(lane)) {
        if (!lane->fell)
            fall_behind(pushing, lane);
        return lane->fell;
    }
    int found = load_pusher(pushing, id, arena, &pusher);
    if (found == 1 && lane)
        lane->fell = true;
    if (found != 1 || pusher.behind || pusher.pos > pos)
        return found >= 0;
    pusher.pos = pos;
    pusher.due_ms = clock_wall_ms() + RETRY_FIRST_MS;
    return save_behind(pushing, &pusher);
}

void lane_add(struct pushing *pushing, struct lane *lane, struct push_item item)
{
    if (lane->fell)
        return;
    VEC_ADD(&lane->items, item);
    pushing->waiting++;
    make_ready(pushing, lane);
    if (left(lane) > LIMIT_PUSHER_WAITING)
        fall_behind(pushing, lane);
}

/* ---- one push ---- */

struct flight {
    struct pushing *pushing;
    int64_t lane;
    struct arena *arena;
    struct pusher pusher; /* as it was when it left */
    int64_t told;         /* the count it says */
};

static bool is_open(struct use *use, const struct account *account)
{
    return !(account->flags & (ACCOUNT_DEACTIVATED | ACCOUNT_SUSPENDED | ACCOUNT_BARRED)) &&
           !validity_is_over(use->server->config, account->expires_ms);
}

/* 1, 0 not to be told anything, -1. Fills the caller. */
static int may_be_told(struct pushing *pushing, struct use *use, const struct pusher *pusher)
{
    struct account account;
    int found = account_load(&use->read, pusher->user, use->arena, &account, &use->err);
    if (found != 1)
        return found;
    if (!is_open(use, &account) || (pusher->kind == PUSHER_WEB && !pushing->vapid))
        return 0;
    use->caller.user = pusher->user;
    return store_name(use->server->store, pusher->user, use->arena, &use->caller.user_id,
                      &use->err) < 0
               ? -1
               : 1;
}

/* What was read meanwhile is not told. An invitation is no message, and waits as long as it is. */
static int is_read(struct pushing *pushing, struct use *use, struct recipient *recipient,
                   const struct membership_row *member, const struct event *event,
                   const struct pdu *pdu)
{
    struct unread *unread;
    if (member->kind != MEMBERSHIP_JOIN)
        return 0;
    if (recipient_unread(pushing->recipients, recipient, use, event->room, &unread) < 0)
        return -1;
    bool read = !unread || unread_has_read(unread, unread_thread_of(pdu), event->place);
    unread_unref(unread);
    return read;
}

static int write_event(struct pushing *pushing, struct use *use, const struct pusher *pusher,
                       struct recipient *recipient, const struct event *event,
                       struct courier_post *ret_post)
{
    struct push_sight sight = {0};
    struct membership_row member;
    struct push_verdict verdict;
    struct room_row room;
    struct view view;
    struct pdu pdu;
    int found = membership_load(&use->read, pusher->user, event->room, &member, &use->err);
    if (found == 1)
        found = room_load(&use->read, event->room, &room, &use->err);
    if (found != 1)
        return found;
    if (view_open_as(use, &room, &member, &view) < 0 || view_pdu(&view, event, &pdu) < 0)
        return -1;
    int read = is_read(pushing, use, recipient, &member, event, &pdu);
    int visible = member.event == event->id ? 1 : view_can_see(&view, event); /* an invitation */
    if (read != 0 || visible != 1)
        return read < 0 || visible < 0 ? -1 : 0;
    /* After what counts, which may load another one. */
    if (recipient_reader(recipient, use, &sight.reader) < 0)
        return -1;
    if (ignored_has(&sight.reader->ignored, event->sender))
        return 0;
    sight.view = &view;
    sight.state = room.state;
    if (push_look(&sight, event, &pdu, use->arena, &verdict) < 0)
        return -1;
    struct notice notice = {&view, event, &pdu, &verdict, .unread = recipient->total};
    if (!verdict.notify)
        return 0;
    return notice_write(use, pusher, &notice, ret_post) < 0 ? -1 : 1;
}

/* Nothing when the gateway knows it already. */
static int write_count(struct use *use, const struct pusher *pusher,
                       const struct recipient *recipient, struct courier_post *ret_post)
{
    struct notice notice = {.unread = recipient->total};
    if (pusher->kind == PUSHER_WEB ||
        (!pusher->behind && recipient_told(recipient, pusher->id) == recipient->total))
        return 0;
    return notice_write(use, pusher, &notice, ret_post) < 0 ? -1 : 1;
}

/* 1 it is to be sent, 0 there is nothing to say, -1. */
static int write_item(struct pushing *pushing, struct use *use, const struct pusher *pusher,
                      const struct push_item *item, struct courier_post *ret_post)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    int go_on = may_be_told(pushing, use, pusher);
    if (go_on == 1 && item->event)
        go_on = event_load(&use->read, item->event, &event, &use->err);
    if (go_on == 1 && event &&
        ((event->flags & EVENT_REDACTED) ||
         event->origin_server_ts < clock_wall_ms() - LIMIT_PUSH_AGE_MS))
        go_on = 0;
    if (go_on != 1)
        return go_on;
    struct recipient *recipient = recipients_get(pushing->recipients, pusher->user);
    if (recipient_count(pushing->recipients, recipient, use) < 0)
        return -1;
    return event ? write_event(pushing, use, pusher, recipient, event, ret_post)
                 : write_count(use, pusher, recipient, ret_post);
}

/* ---- where it goes ---- */

/* One more may go there, or all that wait are to be held off. */
static void wake_waiting(struct pushing *pushing, struct push_host *host)
{
    int64_t now = clock_wall_ms();
    while (host->first_waiting && push_host_look(host, now) != PUSH_HOST_BUSY) {
        host->n_waiting--;
        make_ready(pushing, take_first(&host->first_waiting, &host->last_waiting));
        if (push_host_look(host, now) == PUSH_HOST_OPEN)
            break;
    }
}

static void land(struct pushing *pushing, struct lane *lane, const struct courier_answer *answer)
{
    struct push_host *host = lane->host;
    lane->flight = NULL;
    lane->host = NULL;
    push_host_end(host, answer->outcome == COURIER_ANSWERED, clock_wall_ms());
    wake_waiting(pushing, host);
    push_hosts_let_go(&pushing->hosts, host);
}

/* The host does not answer anybody: this pusher is behind without having been tried. */
static void hold_off(struct pushing *pushing, struct lane *lane, struct pusher *pusher,
                     const struct push_host *host)
{
    const struct push_item *item = &lane->items.p[lane->at];
    uint32_t dice;
    random_bytes(&dice, sizeof dice);
    pusher->due_ms = host->until_ms + (int64_t)(dice % RETRY_FIRST_MS);
    pusher->pos = item->event ? item->pos - 1 : item->pos;
    if (save_behind(pushing, pusher))
        lane_drop(pushing, lane);
    else
        make_ready(pushing, lane);
}

/* ---- its end ---- */

static void pop(struct pushing *pushing, struct lane *lane)
{
    lane->at++;
    lane->stuck = 0;
    pushing->waiting--;
    if (lane->at < lane->items.n && lane->at < LIMIT_PUSHER_WAITING)
        return;
    lane->items.n -= lane->at;
    memmove(lane->items.p, lane->items.p + lane->at, lane->items.n * sizeof *lane->items.p);
    lane->at = 0;
}

/* Nothing waits any more: a pusher that was behind is not, unless it fell meanwhile. */
static void finish_lane(struct pushing *pushing, struct lane *lane, struct pusher *pusher,
                        int64_t pos)
{
    bool is_saved = true;
    if (!lane->fell && pusher->behind) {
        pusher->behind = false;
        pusher->pos = pos > pusher->pos ? pos : pusher->pos;
        is_saved = pushing_commit(pushing, write_progress, pusher);
    }
    if (is_saved)
        lane_drop(pushing, lane);
    else
        make_ready(pushing, lane); /* its row is read again */
}

static void go_on(struct pushing *pushing, struct lane *lane, struct pusher *pusher, int64_t pos)
{
    if (left(lane))
        make_ready(pushing, lane);
    else
        finish_lane(pushing, lane, pusher, pos);
}

static void delete_pusher(struct pushing *pushing, struct lane *lane, struct pusher *pusher,
                          const char *why)
{
    log_line(LOG_LEVEL_INFO, "pusher_deleted", "pusher", LOG_INT(pusher->id), "why", LOG_Z(why),
             NULL);
    if (pushing_commit(pushing, write_delete, pusher))
        lane_drop(pushing, lane);
    else
        make_ready(pushing, lane);
}

/* 2 s, 4 s… an hour, and a part drawn at random: those that failed together come apart. */
static int64_t retry_ms(int64_t tries, int64_t asked_ms)
{
    uint32_t dice;
    int64_t wait = tries >= 10 ? LIMIT_PUSH_RETRY_MS : (int64_t)RETRY_FIRST_MS << tries;
    wait = wait < asked_ms ? asked_ms : wait;
    wait = wait > LIMIT_PUSH_RETRY_MS ? LIMIT_PUSH_RETRY_MS : wait;
    random_bytes(&dice, sizeof dice);
    return wait + (int64_t)(dice % (uint32_t)(wait / 4));
}

static void fail(struct pushing *pushing, struct lane *lane, struct pusher *pusher,
                 const struct push_item *item, const struct courier_answer *answer)
{
    int64_t now = clock_wall_ms();
    atomic_fetch_add(&pushing->n_failed, 1);
    log_line(LOG_LEVEL_WARN, "push_failed", "pusher", LOG_INT(pusher->id), "status",
             LOG_INT(answer->status), "tries", LOG_INT(pusher->tries + 1), "why",
             LOG_Z(answer->status ? "the answer" : answer->detail), NULL);
    if (!pusher->failing_ms)
        pusher->failing_ms = now;
    if (now - pusher->failing_ms >= LIMIT_PUSHER_FAILING_MS) {
        delete_pusher(pushing, lane, pusher, "it has failed for a week");
        return;
    }
    pusher->due_ms = now + retry_ms(pusher->tries, answer->retry_after_ms);
    pusher->tries++;
    pusher->pos = item->event ? item->pos - 1 : item->pos;
    if (save_behind(pushing, pusher))
        lane_drop(pushing, lane);
    else
        make_ready(pushing, lane); /* nothing is remembered of it: sent again after the pause */
}

/* It would be refused again: what comes after it is not held up. */
static void refuse(struct pushing *pushing, struct lane *lane, struct pusher *pusher,
                   const struct push_item *item, const struct courier_answer *answer)
{
    atomic_fetch_add(&pushing->n_failed, 1);
    log_line(LOG_LEVEL_WARN, "push_refused", "pusher", LOG_INT(pusher->id), "status",
             LOG_INT(answer->status), "position", LOG_INT(item->pos), NULL);
    pop(pushing, lane);
    go_on(pushing, lane, pusher, item->pos);
}

static void settle(struct flight *flight, struct lane *lane, const struct courier_answer *answer)
{
    struct pushing *pushing = flight->pushing;
    struct push_item item = lane->items.p[lane->at];
    struct pusher *pusher = &flight->pusher;
    struct recipient *recipient = recipients_find(pushing->recipients, lane->user);
    land(pushing, lane, answer);
    pushing->has_pushed = true;
    switch (notice_judge(flight->arena, pusher, answer)) {
    case NOTICE_GONE:
        delete_pusher(pushing, lane, pusher, "its receiver does not exist any more");
        return;
    case NOTICE_REFUSED:
        refuse(pushing, lane, pusher, &item, answer);
        return;
    case NOTICE_FAILED:
        fail(pushing, lane, pusher, &item, answer);
        return;
    case NOTICE_TAKEN:
        break;
    }
    atomic_fetch_add(&pushing->n_sent, 1);
    if (recipient)
        recipient_tell(recipient, pusher->id, flight->told);
    pusher->failing_ms = 0;
    pusher->tries = 0;
    pop(pushing, lane);
    go_on(pushing, lane, pusher, item.pos);
}

static void done(void *arg, const struct courier_answer *answer)
{
    struct flight *flight = arg;
    struct lane *lane = lane_find(flight->pushing, flight->lane);
    if (lane && lane->flight == flight) /* else the lane is another since the lease was lost */
        settle(flight, lane, answer);
    arena_free(flight->arena);
    mem_free(flight);
}

/* ---- sending ---- */

static void send_post(struct pushing *pushing, struct lane *lane, const struct pusher *pusher,
                      struct courier_post *post)
{
    struct flight *flight = MEM_NEW(struct flight);
    struct recipient *recipient = recipients_get(pushing->recipients, lane->user);
    struct arena *arena = arena_new_small(LIMIT_REQUEST_ARENA, 512);
    *flight = (struct flight){pushing, lane->pusher, arena, *pusher, recipient->total};
    flight->pusher.pushkey = arena_str(arena, pusher->pushkey);
    post->done = done;
    post->arg = flight;
    lane->flight = flight;
    lane->host = push_hosts_get(&pushing->hosts, post->url);
    lane->host->under_way++;
    courier_send(pushing->courier, post);
}

/* 1 it is on its way, 0 it is not to be told, -1. */
static int begin_item(struct pushing *pushing, struct lane *lane, const struct pusher *pusher)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA);
    const struct push_item *item = &lane->items.p[lane->at];
    struct use use = {.server = pushing->server, .arena = arena};
    struct courier_post post;
    bool failed;
    if (!pushing_may_begin(pushing, pusher->id, item->pos, &failed))
        return failed ? -1 : 0;
    read_begin(pushing->server->store, &use.read);
    int status = write_item(pushing, &use, pusher, item, &post);
    read_end(&use.read);
    if (status == 1)
        send_post(pushing, lane, pusher, &post);
    if (status >= 0)
        return status;
    pushing_tell(pushing, &use.err);
    return pushing_is_hopeless(pushing, &lane->stuck, item->pos) ? 0 : -1;
}

/* Goes through what is not to be told: 1 something has left, 0 nothing is left, -1. */
static int begin_items(struct pushing *pushing, struct lane *lane, struct pusher *pusher)
{
    int64_t pos = 0;
    while (left(lane)) {
        int status = begin_item(pushing, lane, pusher);
        if (status != 0)
            return status;
        pos = lane->items.p[lane->at].pos;
        pop(pushing, lane);
    }
    finish_lane(pushing, lane, pusher, pos);
    return 0;
}

/* Sends, or puts the lane where it waits for its host. */
static int begin_at_host(struct pushing *pushing, struct lane *lane, struct pusher *pusher,
                         struct push_host *host)
{
    switch (push_host_look(host, clock_wall_ms())) {
    case PUSH_HOST_BUSY:
        append(&host->first_waiting, &host->last_waiting, lane);
        host->n_waiting++;
        return 0;
    case PUSH_HOST_DOWN:
        hold_off(pushing, lane, pusher, host);
        return 0;
    case PUSH_HOST_OPEN:
        break;
    }
    int status = begin_items(pushing, lane, pusher);
    if (status != 1)
        wake_waiting(pushing, host); /* its turn is another's */
    return status;
}

static int begin_lane(struct pushing *pushing, struct lane *lane, struct pusher *pusher,
                      struct arena *arena)
{
    const struct json *data;
    struct str url;
    if (!left(lane))
        return begin_items(pushing, lane, pusher);
    if (pusher_url(arena, pusher, &url, &data) < 0) {
        delete_pusher(pushing, lane, pusher, "its row is damaged");
        return 0;
    }
    struct push_host *host = push_hosts_get(&pushing->hosts, url);
    int status = begin_at_host(pushing, lane, pusher, host);
    push_hosts_let_go(&pushing->hosts, host);
    return status;
}

static void begin(struct pushing *pushing, struct lane *lane)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA);
    struct pusher pusher;
    int status = load_pusher(pushing, lane->pusher, arena, &pusher);
    if (status == 0)
        lane_drop(pushing, lane); /* it was deleted */
    else if (status == 1)
        status = begin_lane(pushing, lane, &pusher, arena);
    if (status < 0)
        make_ready(pushing, lane); /* after the pause */
}

static bool may_send(const struct pushing *pushing)
{
    size_t most = pushing->careful ? 1 : LIMIT_PUSHES_AT_ONCE;
    return pushing->first_ready && courier_under_way(pushing->courier) < most &&
           clock_monotonic_ms() >= pushing->pause_ms;
}

bool lanes_send(struct pushing *pushing)
{
    pushing_begin_part(pushing);
    while (may_send(pushing) && !pushing_is_stopping(pushing)) {
        begin(pushing, take_first(&pushing->first_ready, &pushing->last_ready));
        if (!pushing_has_time(pushing))
            return may_send(pushing);
    }
    return false;
}
