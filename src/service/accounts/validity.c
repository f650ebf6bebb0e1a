/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/accounts/validity.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/random.h"
#include "crypto/token.h"
#include "matrix/id.h"
#include "service/accounts/accounts.h"
#include "service/audit.h"
#include "service/background.h"
#include "service/mail/mailer.h"
#include "store/email.h"
#include "store/lease.h"
#include "store/renewal.h"

#define TOKEN_CHARS 32 /* 190 bits */
#define RESEND_MS   30000
#define DAY_MS      (INT64_C(86400) * 1000)
#define LEASE_MS    (5 * 60 * 1000)
/* Mails made in a turn, which comes once a minute, and accounts given an end. */
#define MAILS_TURN 100
#define PAGE       500
#define PAGES_TURN 10

#define RENEW_PATH "/_matrix/client/unstable/account_validity/renew"

/* ---- times ---- */

bool validity_is_over(const struct config *config, int64_t expires_ms)
{
    return config->accounts_validity_ms && expires_ms && expires_ms <= clock_wall_ms();
}

int validity_refuse(struct use *use)
{
    return err_client(&use->err, 403, "ORG_MATRIX_EXPIRED_ACCOUNT",
                      "This account has expired: renew it by the link in the mail");
}

int64_t validity_first_end(const struct config *config, int64_t now_ms)
{
    int64_t period = config->accounts_validity_ms;
    if (!period)
        return 0;
    return now_ms + period - (int64_t)random_below((uint64_t)(period / 10 + 1));
}

/* Four weeks, one week and one day before; of a short period, the same parts of 90 days. */
int64_t validity_next_mail(const struct config *config, int64_t now_ms, int64_t expires_ms)
{
    static const struct {
        int64_t days, part;
    } before[] = {{28, 3}, {7, 12}, {1, 90}};
    for (size_t i = 0; i < ARRAY_LEN(before); i++) {
        int64_t early = config->accounts_validity_ms / before[i].part;
        int64_t most = before[i].days * DAY_MS;
        int64_t at = expires_ms - (early < most ? early : most);
        if (at > now_ms)
            return at;
    }
    return 0;
}

static int write_end(struct write *w, int64_t user, int64_t expires_ms, struct err *err)
{
    int64_t pos;
    if (account_set_expiry(w, user, expires_ms, err) < 0)
        return -1;
    /* Cached sessions carry the end. */
    return write_position(w, LOG_KIND_DEVICE, 0, user, 0, &pos, err);
}

/* ---- mailing ---- */

struct mailing {
    struct server *server;
    struct renewal renewal;
    struct mail mail;
    bool quietly, limited;
};

static int write_mailing(struct write *w, void *arg, struct err *err)
{
    const struct mailing *mailing = arg;
    int64_t sent = 0;
    if (mailing->limited &&
        mail_count_to(w, &mailing->mail.to, write_time_ms(w) - RESEND_MS, &sent, err) < 0)
        return -1;
    if (sent && mailing->quietly)
        return 0;
    if (sent) {
        (void)err_client(err, 429, "M_LIMIT_EXCEEDED", "A mail was sent a moment ago");
        err->retry_after_ms = RESEND_MS;
        return -1;
    }
    if (renewal_put(w, &mailing->renewal, err) < 0)
        return -1;
    return mail_insert(w, &mailing->mail, err);
}

static void after_mailing(void *arg, enum job_result result)
{
    const struct mailing *mailing = arg;
    if (result == JOB_COMMITTED)
        mailer_wake(mailing->server->mailer);
}

static void draft_mailing(struct server *server, struct arena *arena, const struct account *account,
                          const struct email *email, struct mailing *mailing)
{
    int64_t now = clock_wall_ms();
    unsigned char *digest = ARENA_NEW_N(arena, SHA256_BYTES, unsigned char);
    struct str token = token_new(arena, TOKEN_CHARS);
    struct str link = arena_printf(arena, "%.*s" RENEW_PATH "?token=%.*s",
                                   STR_ARG(server_own_url(server, arena)), STR_ARG(token));
    token_digest(token, digest);
    mailing->server = server;
    mailing->renewal = (struct renewal){
        .user = account->user,
        .digest = str_make(digest, SHA256_BYTES),
        .mail_ms = validity_next_mail(server->config, now, account->expires_ms),
    };
    /* After the end as well: the account waits for it. */
    mailing->mail = mailer_draft(server, email, LETTER_RENEWAL, letter_renewal_args(arena, link),
                                 server->config->accounts_validity_ms);
}

int validity_send_mail(struct use *use, int64_t user, bool quietly)
{
    struct mailing *mailing = ARENA_NEW(use->arena, struct mailing);
    struct account account;
    struct email email;
    if (!use->server->config->accounts_validity_ms)
        return err_client(&use->err, 403, "M_FORBIDDEN", "Accounts do not expire here");
    int found = email_load(&use->read, user, use->arena, &email, &use->err);
    if (found == 1)
        found = account_load(&use->read, user, use->arena, &account, &use->err);
    if (found < 0)
        return -1;
    if (!found)
        return err_client(&use->err, 400, "M_UNKNOWN", "This account has no address");
    draft_mailing(use->server, use->arena, &account, &email, mailing);
    mailing->quietly = quietly;
    mailing->limited = use->server->config->rate_limits;
    return use_commit(use, write_mailing, after_mailing, mailing);
}

/* ---- renewing ---- */

static int find_token(struct use *use, struct str token, struct renewal *ret_renewal,
                      enum renewal_answer *ret_answer)
{
    unsigned char *digest = ARENA_NEW_N(use->arena, SHA256_BYTES, unsigned char);
    struct account account;
    token_digest(token, digest);
    *ret_answer = RENEWAL_UNKNOWN;
    int found = renewal_find(&use->read, str_make(digest, SHA256_BYTES), ret_renewal, &use->err);
    if (found == 1)
        found = account_load(&use->read, ret_renewal->user, use->arena, &account, &use->err);
    if (found != 1)
        return found;
    if (!(account.flags & ACCOUNT_DEACTIVATED))
        *ret_answer = ret_renewal->renewed_ms ? RENEWAL_ALREADY : RENEWAL_READY;
    return 0;
}

int validity_look(struct use *use, struct str token, enum renewal_answer *ret_answer)
{
    struct renewal renewal;
    return find_token(use, token, &renewal, ret_answer);
}

struct renewing {
    struct renewal renewal;
    int64_t expires_ms;
};

static int write_renewing(struct write *w, void *arg, struct err *err)
{
    const struct renewing *renewing = arg;
    const struct renewal *renewal = &renewing->renewal;
    if (renewal_use(w, renewal->user, renewal->digest, renewal->mail_ms, err) < 0)
        return -1;
    return write_end(w, renewal->user, renewing->expires_ms, err);
}

int validity_renew(struct use *use, struct str token, enum renewal_answer *ret_answer)
{
    const struct config *config = use->server->config;
    struct renewing *renewing = ARENA_NEW(use->arena, struct renewing);
    int64_t now = clock_wall_ms();
    if (find_token(use, token, &renewing->renewal, ret_answer) < 0)
        return -1;
    if (*ret_answer != RENEWAL_READY || !config->accounts_validity_ms)
        return 0;
    renewing->expires_ms = now + config->accounts_validity_ms;
    renewing->renewal.mail_ms = validity_next_mail(config, now, renewing->expires_ms);
    *ret_answer = RENEWAL_DONE;
    return use_commit(use, write_renewing, NULL, renewing);
}

/* ---- by an administrator ---- */

struct ending {
    struct server *server;
    int64_t user, expires_ms, mail_ms;
};

static int write_ending(struct write *w, void *arg, struct err *err)
{
    const struct ending *ending = arg;
    if (renewal_set_mail(w, ending->user, ending->mail_ms, err) < 0)
        return -1;
    return write_end(w, ending->user, ending->expires_ms, err);
}

static void after_ending(void *arg, enum job_result result)
{
    const struct ending *ending = arg;
    if (result == JOB_COMMITTED)
        background_wake(ending->server->background);
}

int validity_set(struct use *use, struct str user_id, int64_t expires_ms, bool mails,
                 int64_t *ret_expires_ms)
{
    const struct config *config = use->server->config;
    struct ending *ending = ARENA_NEW(use->arena, struct ending);
    int64_t now = clock_wall_ms();
    if (!config->accounts_validity_ms)
        return err_client(&use->err, 403, "M_FORBIDDEN", "Accounts do not expire here");
    int found = accounts_find_user(use, user_id, &ending->user);
    if (found < 0)
        return -1;
    if (!found)
        return err_client(&use->err, 404, "M_NOT_FOUND", "No such user");
    ending->server = use->server;
    ending->expires_ms = expires_ms ? expires_ms : now + config->accounts_validity_ms;
    ending->mail_ms = mails ? validity_next_mail(config, now, ending->expires_ms) : 0;
    /* The last mail would have gone already, and the account is still there: it goes now. */
    if (mails && !ending->mail_ms && ending->expires_ms > now)
        ending->mail_ms = now;
    *ret_expires_ms = ending->expires_ms;
    if (use_audit_user(
            use, STR("user.validity"), ending->user,
            arena_printf(use->arena, "{\"expires_ms\":%lld}", (long long)ending->expires_ms)) < 0)
        return -1;
    return use_commit(use, write_ending, after_ending, ending);
}

/* ---- users/info ---- */

static int write_one(struct use *use, struct str user_id, struct json_writer *out)
{
    struct account account;
    struct err ignored = ERR_INIT;
    struct user_id id;
    int64_t user;
    if (user_id_parse(user_id, &id, &ignored) < 0 || !str_eq(id.server, use->server->name))
        return 0;
    int found = store_find_name(use->server->store, user_id, &user, &use->err);
    if (found == 1)
        found = account_load(&use->read, user, use->arena, &account, &use->err);
    if (found != 1)
        return found;
    json_write_key(out, user_id);
    json_write_object(out);
    json_write_member_bool(out, STR("deactivated"), account.flags & ACCOUNT_DEACTIVATED);
    json_write_member_bool(out, STR("expired"),
                           validity_is_over(use->server->config, account.expires_ms));
    json_write_end(out);
    return 0;
}

int validity_write_info(struct use *use, const struct str *user_ids, size_t n,
                        struct json_writer *out)
{
    json_write_object(out);
    for (size_t i = 0; i < n; i++) {
        bool twice = false;
        for (size_t j = 0; j < i && !twice; j++)
            twice = str_eq(user_ids[i], user_ids[j]);
        if (!twice && write_one(use, user_ids[i], out) < 0)
            return -1;
    }
    json_write_end(out);
    return 0;
}

/* ---- in the background ---- */

static void tell(const struct err *err)
{
    log_line(LOG_LEVEL_ERROR, "validity", "detail", LOG_Z(err->detail[0] ? err->detail : err->text),
             NULL);
}

/* Nothing to mail to: no mail is due any more. */
static int write_no_mail(struct write *w, void *arg, struct err *err)
{
    const int64_t *user = arg;
    return renewal_set_mail(w, *user, 0, err);
}

static int mail_one(struct server *server, int64_t user, struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(LIMIT_REQUEST_ARENA);
    struct mailing mailing = {0};
    struct account account = {0};
    struct email email;
    struct read read;
    read_begin(server->store, &read);
    int found = email_load(&read, user, arena, &email, err);
    if (found == 1)
        found = account_load(&read, user, arena, &account, err);
    read_end(&read);
    if (found < 0)
        return -1;
    if (!found || (account.flags & ACCOUNT_DEACTIVATED))
        return store_run(server->store, write_no_mail, &user, err);
    draft_mailing(server, arena, &account, &email, &mailing);
    if (store_run(server->store, write_mailing, &mailing, err) < 0)
        return -1;
    mailer_wake(server->mailer);
    return 0;
}

static int mail_due(struct server *server, struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct read read;
    int64_t *users;
    size_t n = 0;
    read_begin(server->store, &read);
    int status = renewal_list_due(&read, clock_wall_ms(), MAILS_TURN, arena, &users, &n, err);
    read_end(&read);
    for (size_t i = 0; status == 0 && i < n && !background_is_stopping(server->background); i++)
        status = mail_one(server, users[i], err);
    return status;
}

struct first_ends {
    struct ending *items;
    size_t n;
};

static int write_first_ends(struct write *w, void *arg, struct err *err)
{
    const struct first_ends *ends = arg;
    for (size_t i = 0; i < ends->n; i++)
        if (write_ending(w, &ends->items[i], err) < 0)
            return -1;
    return 0;
}

static void draft_ends(struct server *server, const struct account *accounts, size_t n,
                       struct first_ends *ends)
{
    int64_t now = clock_wall_ms();
    for (size_t i = 0; i < n; i++) {
        if (accounts[i].expires_ms || (accounts[i].flags & ACCOUNT_DEACTIVATED))
            continue;
        int64_t end = validity_first_end(server->config, now);
        ends->items[ends->n++] = (struct ending){
            .user = accounts[i].user,
            .expires_ms = end,
            .mail_ms = validity_next_mail(server->config, now, end),
        };
    }
}

/* Accounts with an address that have no end yet: when validity is switched on, and whoever got an
 * address later. 1 there is more, 0, -1. */
static int walk_page(struct validity_walk *walk, struct server *server, struct err *err)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(8));
    struct first_ends ends = {.items = ARENA_NEW_N(arena, PAGE, struct ending)};
    int64_t *users = ARENA_NEW_N(arena, PAGE, int64_t);
    struct email_row *rows;
    struct account *accounts;
    struct read read;
    size_t n = 0, n_accounts = 0;
    read_begin(server->store, &read);
    int status = email_list(&read, walk->after, PAGE, arena, &rows, &n, err);
    for (size_t i = 0; status == 0 && i < n; i++)
        users[i] = rows[i].user;
    if (status == 0)
        status = account_load_many(&read, users, n, arena, &accounts, &n_accounts, err);
    read_end(&read);
    if (status < 0)
        return -1;
    draft_ends(server, accounts, n_accounts, &ends);
    if (ends.n && store_run(server->store, write_first_ends, &ends, err) < 0)
        return -1;
    walk->after = n == PAGE ? users[n - 1] : 0;
    return n == PAGE;
}

static int walk_accounts(struct validity_walk *walk, struct server *server, struct err *err)
{
    int more = 1;
    if (clock_wall_ms() < walk->next_ms)
        return 0;
    for (int page = 0; more == 1 && page < PAGES_TURN; page++)
        more = background_is_stopping(server->background) ? 0 : walk_page(walk, server, err);
    if (more == 0)
        walk->next_ms = clock_wall_ms() + DAY_MS;
    return more < 0 ? -1 : 0;
}

void validity_work(struct validity_walk *walk, struct server *server)
{
    bool ours;
    struct err err = ERR_INIT;
    if (!server->config->accounts_validity_ms)
        return;
    int status = lease_hold(server->store, STR("validity"), server->node, LEASE_MS, &ours, &err);
    if (status == 0 && ours)
        status = mail_due(server, &err) < 0 || walk_accounts(walk, server, &err) < 0 ? -1 : 0;
    if (status < 0)
        tell(&err);
}
