/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/rooms/delay.h"

#include "base/clock.h"
#include "base/limits.h"
#include "crypto/token.h"
#include "net/limiter.h"
#include "service/accounts/validity.h"
#include "service/config.h"
#include "service/rooms/timers.h"
#include "service/rooms/transaction.h"
#include "service/rooms/view.h"
#include "store/account.h"
#include "store/device.h"

#define DELAY_ID_CHARS 32 /* 190 bits: it is a secret */

/* ---- scheduling ---- */

struct scheduling {
    struct server *server;
    struct delayed delayed;
};

static int write_scheduling(struct write *w, void *arg, struct err *err)
{
    const struct scheduling *scheduling = arg;
    int64_t device = scheduling->delayed.device;
    /* Signed out meanwhile, a session must not leave any behind. */
    if (device && device_expect(w, device, err) < 0)
        return -1;
    return delayed_insert(w, &scheduling->delayed,
                          scheduling->server->config->delayed_events_max_per_user, err);
}

static void after_scheduling(void *arg, enum job_result result)
{
    const struct scheduling *scheduling = arg;
    if (result == JOB_COMMITTED)
        timers_wake(scheduling->server->timers);
}

static int check_asked(struct use *use, const struct sending *sending, int64_t delay_ms)
{
    int64_t most = use->server->config->delayed_events_max_delay_ms;
    if (delay_ms <= 0)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "The delay must be positive");
    if (delay_ms > most) {
        (void)err_client(&use->err, 400, "M_MAX_DELAY_EXCEEDED",
                         "The requested delay exceeds the allowed maximum");
        return err_number(&use->err, "max_delay", most);
    }
    if (sending->content->raw.n > LIMIT_EVENT_BYTES)
        return err_client(&use->err, 413, "M_TOO_LARGE", "The event is too large");
    return rooms_check_sizes(use, sending);
}

static void draft(struct use *use, const struct sending *sending, int64_t room, int64_t delay_ms,
                  struct scheduling *ret_scheduling)
{
    int64_t now = clock_wall_ms();
    *ret_scheduling = (struct scheduling){.server = use->server,
                                          .delayed = {
                                              .id = store_new_id(use->server->store),
                                              .user = use->caller.user,
                                              .room = room,
                                              .device = use->caller.device,
                                              .delay_id = token_new(use->arena, DELAY_ID_CHARS),
                                              .type = sending->type,
                                              .state_key = sending->state_key,
                                              .content = sending->content->raw,
                                              .delay_ms = delay_ms,
                                              .since_ms = now,
                                              .due_ms = now + delay_ms,
                                          }};
}

int rooms_delay(struct use *use, const struct sending *sending, int64_t delay_ms,
                struct str *ret_delay_id)
{
    struct scheduling *scheduling = ARENA_NEW(use->arena, struct scheduling);
    struct delayed known;
    struct str txn = STR_NONE;
    struct view view;
    if (check_asked(use, sending, delay_ms) < 0 ||
        view_open_joined(use, sending->room_id, &view) < 0)
        return -1;
    if (sending->txn.p && use->caller.device) {
        txn = transaction_key(use, sending->type, sending->txn);
        int found = delayed_find_txn(&use->read, use->caller.device, view.row.id, txn, use->arena,
                                     &known, &use->err);
        *ret_delay_id = found == 1 ? known.delay_id : STR_NONE;
        if (found != 0)
            return found < 0 ? -1 : USE_DONE;
    }
    draft(use, sending, view.row.id, delay_ms, scheduling);
    scheduling->delayed.txn = txn;
    *ret_delay_id = scheduling->delayed.delay_id;
    return use_commit(use, write_scheduling, after_scheduling, scheduling);
}

/* ---- sending ---- */

/* As somebody who signed in would be let in, or not. */
static int become_owner(struct use *use, int64_t user)
{
    struct account account;
    int found = account_load(&use->read, user, use->arena, &account, &use->err);
    if (found < 0)
        return -1;
    if (!found || (account.flags & ACCOUNT_DEACTIVATED))
        return err_client(&use->err, 403, "M_FORBIDDEN", "This account is closed");
    if (account.flags & ACCOUNT_BARRED)
        return err_client(&use->err, 403, "M_USER_LOCKED", "This account is locked");
    if (validity_is_over(use->server->config, account.expires_ms))
        return validity_refuse(use);
    if (account.flags & ACCOUNT_SUSPENDED)
        return err_client(&use->err, 403, "M_USER_SUSPENDED", "This account is suspended");
    use->caller = (struct caller){
        .user = user,
        .admin = account.flags & ACCOUNT_ADMIN,
        .external = account.flags & ACCOUNT_EXTERNAL,
    };
    return store_name(use->server->store, user, use->arena, &use->caller.user_id, &use->err);
}

/* Messages scheduled for one moment are no way around the limit on messages. */
static int limit(struct use *use, int64_t user)
{
    const struct config *config = use->server->config;
    if (!config->rate_limits)
        return 0;
    struct str key = arena_printf(use->arena, "delayed u%lld", (long long)user);
    int64_t wait =
        limiter_take(use->server->limiter, key, config->rates.write, 1, clock_monotonic_ms());
    if (!wait)
        return 0;
    (void)err_client(&use->err, 429, "M_LIMIT_EXCEEDED", "Too many requests");
    use->err.retry_after_ms = wait;
    return -1;
}

static int send_it(struct use *use, const struct delayed *delayed, bool by_action)
{
    struct delayed *ending = ARENA_NEW(use->arena, struct delayed);
    struct str room_id, event_id;
    struct sending sending = {.type = delayed->type, .state_key = delayed->state_key};
    if (become_owner(use, delayed->user) < 0 ||
        store_name(use->server->store, delayed->room, use->arena, &room_id, &use->err) < 0 ||
        json_parse(use->arena, delayed->content, &sending.content, &use->err) < 0)
        return -1;
    *ending = *delayed;
    ending->state = DELAYED_SENT;
    ending->by_action = by_action;
    sending.room_id = room_id;
    sending.delayed = ending;
    return rooms_send(use, &sending, &event_id);
}

int rooms_delay_fire(struct use *use, const struct delayed *delayed)
{
    return limit(use, delayed->user) < 0 ? -1 : send_it(use, delayed, false);
}

static int write_end(struct write *w, void *arg, struct err *err)
{
    const struct delayed *ending = arg;
    return delayed_end(w, ending, err);
}

int rooms_delay_fail(struct use *use, const struct delayed *delayed, const struct err *why)
{
    struct delayed *ending = ARENA_NEW(use->arena, struct delayed);
    CLEANUP(buf_done) struct buf text;
    struct json_writer out;
    buf_init(&text, KIB(4));
    json_writer_init(&out, &text);
    json_write_object(&out);
    json_write_member_str(&out, STR("errcode"), str_from(why->errcode));
    json_write_member_str(&out, STR("error"), str_from(why->text));
    json_write_end(&out);
    *ending = *delayed;
    ending->state = DELAYED_FAILED;
    ending->error = arena_str(use->arena, buf_str(&text));
    return use_commit(use, write_end, NULL, ending);
}

/* ---- acting on one ---- */

static int cancel(struct use *use, const struct delayed *delayed)
{
    struct delayed *ending = ARENA_NEW(use->arena, struct delayed);
    *ending = *delayed;
    ending->state = DELAYED_CANCELLED;
    ending->by_action = true;
    return use_commit(use, write_end, NULL, ending);
}

static int write_restart(struct write *w, void *arg, struct err *err)
{
    const struct delayed *delayed = arg;
    return delayed_restart(w, delayed, write_time_ms(w), err);
}

static int restart(struct use *use, const struct delayed *delayed)
{
    struct delayed *again = ARENA_NEW(use->arena, struct delayed);
    *again = *delayed;
    return use_commit(use, write_restart, NULL, again);
}

/* Asked again, or too late. */
static int judge_final(struct use *use, const struct delayed *delayed, enum delay_action action)
{
    bool sent = delayed->state == DELAYED_SENT;
    if ((action == DELAY_SEND && sent) || (action == DELAY_CANCEL && !sent))
        return USE_DONE;
    return err_client(&use->err, 409, "M_UNKNOWN",
                      sent ? "The delayed event has been sent already"
                           : "The delayed event has been cancelled already");
}

static int find(struct use *use, struct str delay_id, struct delayed *ret_delayed)
{
    int found = delayed_find(&use->read, delay_id, use->arena, ret_delayed, &use->err);
    if (found < 0)
        return -1;
    return found ? 0 : err_client(&use->err, 404, "M_NOT_FOUND", "No such delayed event");
}

int rooms_delay_act(struct use *use, struct str delay_id, enum delay_action action)
{
    struct delayed delayed;
    if (find(use, delay_id, &delayed) < 0)
        return -1;
    if (delayed.state != DELAYED_SCHEDULED)
        return judge_final(use, &delayed, action);
    switch (action) {
    case DELAY_CANCEL:
        return cancel(use, &delayed);
    case DELAY_RESTART:
        return restart(use, &delayed);
    case DELAY_SEND:
        break;
    }
    return send_it(use, &delayed, true);
}

int rooms_delay_write(struct use *use, struct str delay_id, struct json_writer *out)
{
    struct delayed delayed;
    if (find(use, delay_id, &delayed) < 0)
        return -1;
    if (delayed.user != use->caller.user)
        return err_client(&use->err, 404, "M_NOT_FOUND", "No such delayed event");
    return delay_format(use, &delayed, out);
}
