/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/mail/digest.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "crypto/token.h"
#include "service/accounts/validity.h"
#include "service/background.h"
#include "service/config.h"
#include "service/mail/mailer.h"
#include "service/rooms/access.h"
#include "service/rooms/view.h"
#include "service/sync/unread.h"
#include "store/account_data.h"
#include "store/device.h"
#include "store/digest.h"
#include "store/email.h"
#include "store/lease.h"

#define TOKEN_CHARS 32 /* 190 bits */
#define STOP_PATH   "/_matrix/client/unstable/org.chappe/mail_digest/stop"
#define PAGE        100
/* What a turn of the background may take: other tasks wait for it. */
#define TURN_MS 250
/* A walk begins so long after the last one, or sooner where people wait for less. */
#define WALK_MS (15 * 60 * 1000)
/* Kept from one walk to the next: a node that dies is followed within two. */
#define LEASE_MS (2 * WALK_MS)
/* By then the mailer has ended a mail that it could not send while it was worth it, with room for
 * its own pauses: the digest was one, or none. */
#define ENDED_MS (5 * 60 * 1000)
#define LINKS_MS (90 * 86400 * INT64_C(1000))

/* ---- who ---- */

static int is_away(struct use *use, int64_t since_ms)
{
    struct device *devices;
    size_t n;
    if (device_list(&use->read, use->caller.user, use->arena, &devices, &n, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (devices[i].last_seen_ms > since_ms)
            return 0;
    return 1;
}

static int wants_digests(struct use *use)
{
    const struct json *doc = NULL;
    struct err ignored = ERR_INIT;
    struct str content;
    int found = account_data_load(&use->read, use->caller.user, 0, STR(DIGEST_SWITCH), use->arena,
                                  &content, &use->err);
    if (found <= 0)
        return found < 0 ? -1 : 1;
    if (json_parse(use->arena, content, &doc, &ignored) < 0)
        return 1;
    return json_as_bool(json_find(doc, STR("enabled")), true);
}

static bool is_open(struct use *use, const struct account *account)
{
    return !(account->flags & (ACCOUNT_DEACTIVATED | ACCOUNT_BARRED)) &&
           !validity_is_over(use->server->config, account->expires_ms);
}

/* ---- how much ---- */

struct counting {
    struct use *use;
    struct reader *reader;
    struct letter_digest letter;
    int64_t until_ms; /* what came later has not waited for long */
    int64_t told;     /* the last digest knew of what came up to this position; 0: there was none */
    int64_t newest;   /* position up to which messages and invitations are counted */
    bool news;        /* one of them came after those that were told */
    bool more_later;  /* some wait that have not waited for long */
};

static int kind_of(struct view *view, enum letter_room *ret_kind)
{
    const struct room_names *names = rooms_names(view->use->server);
    const struct pdu *rules = NULL;
    int found = view_state_pdu(view, view->row.state, names->access_rules, names->empty, &rules);
    if (found < 0)
        return -1;
    struct access_kind kind = access_kind_of(found ? rules->content : NULL);
    bool forum = found ? access_is_forum(&kind) : (view->row.flags & ROOM_PUBLIC) != 0;
    *ret_kind = kind.rule == ACCESS_DIRECT ? LETTER_DIRECT : forum ? LETTER_FORUM : LETTER_PRIVATE;
    return 0;
}

/* The last event that has waited for long enough: 1 (the caller unrefs), 0, -1. */
static int find_end(struct counting *counting, int64_t room, struct event **ret_event)
{
    struct use *use = counting->use;
    int64_t *ids;
    size_t n;
    if (event_list_time(&use->read, room, counting->until_ms, EVENT_BACKWARD, 0, 1, use->arena,
                        &ids, &n, &use->err) < 0)
        return -1;
    return n ? event_load(&use->read, ids[0], ret_event, &use->err) : 0;
}

/* What waits at a place of the room, by the state of then. */
static int count_at(struct counting *counting, struct view *view,
                    const struct membership_row *member, int64_t place, int64_t state,
                    int64_t *ret_messages)
{
    struct unread_request request = {
        .view = view,
        .member = member,
        .reader = counting->reader,
        .end_place = place,
        .end_state = state,
    };
    struct unread *unread;
    *ret_messages = 0;
    if (unread_count(&request, &unread) < 0)
        return -1;
    for (size_t i = 0; i < unread->n; i++)
        *ret_messages += unread->threads[i].notify;
    unread_unref(unread);
    return 0;
}

static int add(struct counting *counting, struct view *view, int64_t messages, int64_t pos)
{
    enum letter_room kind;
    if (kind_of(view, &kind) < 0)
        return -1;
    counting->letter.of[kind].messages += messages;
    counting->letter.of[kind].rooms++;
    if (pos > counting->newest)
        counting->newest = pos;
    return 0;
}

/* Events that are no messages to anybody, a change of name, are no news. */
static int find_news(struct counting *counting, struct view *view,
                     const struct membership_row *member, const struct event *end, int64_t messages)
{
    struct use *use = counting->use;
    int64_t place, told = 0;
    if (counting->news || end->pos <= counting->told)
        return 0;
    if (counting->told &&
        (event_place_at(&use->read, view->row.id, counting->told, &place, &use->err) < 0 ||
         count_at(counting, view, member, place, end->state, &told) < 0))
        return -1;
    counting->news = told < messages;
    return 0;
}

static int count_view(struct counting *counting, struct view *view,
                      const struct membership_row *member)
{
    CLEANUP(event_cleanup) struct event *end = NULL;
    int64_t all, old = 0;
    if (count_at(counting, view, member, view->row.last_place, view->row.state, &all) < 0)
        return -1;
    int found = all ? find_end(counting, view->row.id, &end) : 0;
    if (found < 0 || (found && count_at(counting, view, member, end->place, end->state, &old) < 0))
        return -1;
    counting->more_later |= old < all;
    if (!old)
        return 0;
    return find_news(counting, view, member, end, old) < 0 ? -1
                                                           : add(counting, view, old, end->pos);
}

/* In memory of its own: one may be in hundreds of rooms. */
static int count_room(struct counting *counting, const struct membership_row *member)
{
    CLEANUP(arena_cleanup) struct arena *own = arena_new(LIMIT_REQUEST_ARENA);
    struct use *use = counting->use;
    struct arena *outer = use->arena;
    struct room_row row;
    struct view view;
    use->arena = own;
    int status = room_load(&use->read, member->room, &row, &use->err);
    if (status == 1)
        status =
            view_open_as(use, &row, member, &view) < 0 ? -1 : count_view(counting, &view, member);
    use->arena = outer;
    return status;
}

/* Those that a sync shows. */
static int count_invitation(struct counting *counting, const struct membership_row *member)
{
    CLEANUP(event_cleanup) struct event *event = NULL;
    struct use *use = counting->use;
    if (counting->reader->blocks_invites || ignored_has(&counting->reader->ignored, member->sender))
        return 0;
    int found = event_load(&use->read, member->event, &event, &use->err);
    if (found != 1)
        return found;
    if (event->origin_server_ts > counting->until_ms) {
        counting->more_later = true;
        return 0;
    }
    counting->letter.invitations++;
    counting->news |= member->pos > counting->told;
    if (member->pos > counting->newest)
        counting->newest = member->pos;
    return 0;
}

static int count_rooms(struct counting *counting)
{
    struct use *use = counting->use;
    struct membership_row *rows;
    size_t n;
    if (reader_load(use, &counting->reader) < 0)
        return -1;
    int status =
        membership_list_rooms(&use->read, use->caller.user,
                              MEMBERSHIP_BIT(MEMBERSHIP_JOIN) | MEMBERSHIP_BIT(MEMBERSHIP_INVITE),
                              use->arena, &rows, &n, &use->err);
    for (size_t i = 0; status == 0 && i < n; i++)
        status = rows[i].kind == MEMBERSHIP_JOIN ? count_room(counting, &rows[i])
                                                 : count_invitation(counting, &rows[i]);
    reader_unref(counting->reader);
    return status;
}

/* ---- the mail ---- */

struct mailing {
    struct digest digest;
    struct str hash;
    struct mail mail;
};

static int write_mailing(struct write *w, void *arg, struct err *err)
{
    const struct mailing *mailing = arg;
    if (mail_insert(w, &mailing->mail, err) < 0 || digest_put(w, &mailing->digest, err) < 0)
        return -1;
    return digest_link_insert(w, mailing->hash, mailing->digest.user, err);
}

static int mail_counts(struct counting *counting, const struct email *email)
{
    struct use *use = counting->use;
    struct server *server = use->server;
    struct str own_url = server_own_url(server, use->arena);
    struct str token = token_new(use->arena, TOKEN_CHARS);
    unsigned char hash[SHA256_BYTES];
    token_digest(token, hash);
    counting->letter.link =
        arena_printf(use->arena, "%.*s/", STR_ARG(server_web_url(server, use->arena)));
    counting->letter.stop =
        arena_printf(use->arena, "%.*s" STOP_PATH "?token=%.*s", STR_ARG(own_url), STR_ARG(token));
    struct mailing mailing = {
        .hash = str_make(hash, sizeof hash),
        .mail = mailer_draft(server, email, LETTER_DIGEST,
                             letter_digest_args(use->arena, &counting->letter),
                             server->config->mail_digest_after_ms),
    };
    mailing.digest = (struct digest){use->caller.user, mailing.mail.created_ms, counting->newest};
    if (store_run(server->store, write_mailing, &mailing, &use->err) < 0)
        return -1;
    mailer_wake(server->mailer);
    return 0;
}

/* Nothing that the last digest did not know of is worth no other. What was told is settled when it
 * is certain that its mail has left. */
static int count_and_mail(struct digest_walk *walk, struct use *use, const struct email *email,
                          const struct digest *last, int64_t now_ms)
{
    int64_t after = use->server->config->mail_digest_after_ms;
    struct counting counting = {.use = use, .until_ms = now_ms - after, .told = last->pos};
    if (count_rooms(&counting) < 0)
        return -1;
    if (counting.news)
        return mail_counts(&counting, email);
    bool is_certain = !last->sent_ms || now_ms - last->sent_ms > after + ENDED_MS;
    if (is_certain && !counting.more_later && use->read.head.pos)
        int_map_put(&walk->settled, use->caller.user, (void *)(uintptr_t)use->read.head.pos);
    return 0;
}

/* 1 something has come since nothing was left to tell, 0, -1. */
static int has_news(struct digest_walk *walk, struct use *use)
{
    int64_t settled = (int64_t)(uintptr_t)int_map_find(&walk->settled, use->caller.user), newest;
    if (!settled)
        return 1;
    if (membership_newest(&use->read, use->caller.user, &newest, &use->err) < 0)
        return -1;
    return newest > settled;
}

/* 1 it may be mailed now, 0, -1. *ret_last: the last digest, zeroed when there was none. */
static int is_due(struct digest_walk *walk, struct use *use, int64_t now_ms,
                  struct digest *ret_last)
{
    int64_t after = use->server->config->mail_digest_after_ms;
    struct account account;
    int go_on = account_load(&use->read, use->caller.user, use->arena, &account, &use->err);
    if (go_on == 1)
        go_on = is_open(use, &account) ? is_away(use, now_ms - after) : 0;
    if (go_on == 1)
        go_on = has_news(walk, use);
    if (go_on == 1)
        go_on = wants_digests(use);
    if (go_on != 1)
        return go_on;
    if (digest_load(&use->read, use->caller.user, ret_last, &use->err) < 0)
        return -1;
    return ret_last->sent_ms <= now_ms - 3 * after || ret_last->sent_ms > now_ms + LIMIT_CLOCK_MS;
}

static int look_at(struct digest_walk *walk, struct use *use, const struct email_row *row)
{
    int64_t now = clock_wall_ms();
    struct digest last = {0};
    use->caller.user = row->user;
    int due = is_due(walk, use, now, &last);
    if (due != 1)
        return due;
    if (store_name(use->server->store, row->user, use->arena, &use->caller.user_id, &use->err) < 0)
        return -1;
    return count_and_mail(walk, use, &row->email, &last, now);
}

/* ---- all of them ---- */

static void tell(const struct err *err)
{
    log_line(LOG_LEVEL_ERROR, "digest", "detail", LOG_Z(err->detail[0] ? err->detail : err->text),
             NULL);
}

/* One account that cannot be read is told, and does not keep the others from theirs. */
static void look_at_one(struct digest_walk *walk, struct server *server,
                        const struct email_row *row)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(4));
    struct use use = {.server = server, .arena = arena};
    read_begin(server->store, &use.read);
    if (look_at(walk, &use, row) < 0)
        tell(&use.err);
    read_end(&use.read);
}

static int load_page(struct digest_walk *walk, struct server *server, struct arena *arena,
                     struct email_row **ret_rows, size_t *ret_n, struct err *err)
{
    struct read read;
    read_begin(server->store, &read);
    int status = email_list(&read, walk->after, PAGE, arena, ret_rows, ret_n, err);
    read_end(&read);
    return status;
}

/* 1 there is more, 0, -1. One account at least is looked at, however slow the machine is. */
static int walk_page(struct digest_walk *walk, struct server *server, int64_t until_ms,
                     struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(4));
    struct email_row *rows;
    size_t n = 0;
    if (load_page(walk, server, arena, &rows, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < n && !background_is_stopping(server->background); i++) {
        look_at_one(walk, server, &rows[i]);
        walk->after = rows[i].user;
        if (clock_monotonic_ms() > until_ms)
            return 1;
    }
    return n == PAGE;
}

static int write_expire(struct write *w, void *arg, struct err *err)
{
    (void)arg;
    return digest_link_expire(w, write_time_ms(w) - LINKS_MS, err);
}

static int walk_some(struct digest_walk *walk, struct server *server, struct err *err)
{
    bool ours;
    int more = 1;
    if (lease_hold(server->store, STR("digest"), server->node, LEASE_MS, &ours, err) < 0)
        return -1;
    if (!ours)
        return 0;
    /* From here on: a store that writes slowly takes nothing of the turn. */
    int64_t until_ms = clock_monotonic_ms() + TURN_MS;
    do {
        more = walk_page(walk, server, until_ms, err);
    } while (more == 1 && clock_monotonic_ms() <= until_ms &&
             !background_is_stopping(server->background));
    if (more != 0)
        return more;
    walk->after = 0;
    return store_run(server->store, write_expire, NULL, err);
}

/* The next walk comes soon enough for the delay that was asked for. */
void digest_work(struct digest_walk *walk, struct server *server)
{
    int64_t after = server->config->mail_digest_after_ms, now = clock_wall_ms();
    struct err err = ERR_INIT;
    if (!after || now < walk->next_ms)
        return;
    int more = walk_some(walk, server, &err);
    if (more < 0)
        tell(&err);
    if (more == 1)
        background_wake(server->background);
    else
        walk->next_ms = now + (after / 8 < WALK_MS ? after / 8 : WALK_MS);
}

void digest_walk_done(struct digest_walk *walk)
{
    int_map_done(&walk->settled);
}

/* ---- the link ---- */

static int find_link(struct use *use, struct str token, int64_t *ret_user,
                     enum digest_answer *ret_answer)
{
    unsigned char hash[SHA256_BYTES];
    struct account account;
    token_digest(token, hash);
    *ret_answer = DIGEST_UNKNOWN;
    int found = digest_link_find(&use->read, str_make(hash, sizeof hash), ret_user, &use->err);
    if (found == 1)
        found = account_load(&use->read, *ret_user, use->arena, &account, &use->err);
    if (found == 1 && !(account.flags & ACCOUNT_DEACTIVATED))
        *ret_answer = DIGEST_READY;
    return found < 0 ? -1 : 0;
}

int digest_look(struct use *use, struct str token, enum digest_answer *ret_answer)
{
    int64_t user;
    return find_link(use, token, &user, ret_answer);
}

static int write_stop(struct write *w, void *arg, struct err *err)
{
    const int64_t *user = arg;
    return account_data_put(w, *user, 0, STR(DIGEST_SWITCH), STR("{\"enabled\":false}"), err);
}

int digest_stop(struct use *use, struct str token, enum digest_answer *ret_answer)
{
    int64_t *user = ARENA_NEW(use->arena, int64_t);
    if (find_link(use, token, user, ret_answer) < 0)
        return -1;
    if (*ret_answer != DIGEST_READY)
        return 0;
    *ret_answer = DIGEST_STOPPED;
    return use_commit(use, write_stop, NULL, user);
}
