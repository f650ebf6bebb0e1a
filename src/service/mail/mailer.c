/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/mail/mailer.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/turns.h"
#include "net/smtp.h"
#include "service/config.h"
#include "service/mail/drop.h"
#include "service/mail/message.h"
#include "store/digest.h"
#include "store/lease.h"

#define BATCH          50
#define CRASHES_MAX    3
#define LEASE_MS       (2 * LIMIT_SMTP_MS)
#define LOOK_AGAIN_MS  60000
#define RETRY_FIRST_MS 2000
#define RETRY_MAX_MS   (15 * 60 * 1000)
#define PAUSE_MAX_MS   30000
#define HELD_UP_MS     2000
#define KEPT_MS        (24 * 3600 * INT64_C(1000)) /* rows that are done, for counting */
#define ASIDE_MS       (30 * 86400 * INT64_C(1000))
#define SHOWN_MAX      50

struct mailer {
    struct server *server;
    struct smtp *smtp; /* NULL: files */
    struct str directory;
    struct str from;
    struct turns turns;
    int64_t failures;  /* in a row, of the mail server */
    bool leased;       /* the lease is ours, as far as we know */
    bool held_up;      /* another node has the lease, or the store does not write */
    int64_t forgot_ms; /* when old rows were last forgotten */
    pthread_mutex_t lock;
    struct arena *shown_arena[SHOWN_MAX]; /* under the lock; a ring */
    struct shown_mail shown[SHOWN_MAX];
    size_t n_shown;
};

static bool is_stopping(const struct mailer *mailer)
{
    return turns_is_stopping(&mailer->turns);
}

struct mail mailer_draft(struct server *server, const struct email *to, enum letter_kind kind,
                         struct str args, int64_t life_ms)
{
    int64_t now = clock_wall_ms();
    return (struct mail){
        .id = store_new_id(server->store),
        .to = *to,
        .kind = kind,
        .args = args,
        .created_ms = now,
        .expires_ms = now + life_ms,
        .due_ms = now,
    };
}

/* ---- jobs ---- */

struct step {
    int64_t node, mail, due_ms;
    enum mail_state state;
    const struct mail *lost; /* it leaves unsent, though it could have been; NULL: none */
};

struct beginning {
    int64_t node;
    const struct mail *mail;
    bool ours, same;
};

static int run_begin(struct write *w, void *arg, struct err *err)
{
    struct beginning *beginning = arg;
    beginning->same = false;
    if (lease_take(w, STR("mail"), beginning->node, LEASE_MS, &beginning->ours, err) < 0)
        return -1;
    int same = beginning->ours ? mail_begin(w, beginning->mail, err) : 0;
    beginning->same = same == 1;
    return same < 0 ? -1 : 0;
}

static int run_end(struct write *w, void *arg, struct err *err)
{
    const struct step *step = arg;
    if (step->lost && step->lost->kind == LETTER_DIGEST &&
        digest_take_back(w, &step->lost->to, step->lost->created_ms, err) < 0)
        return -1;
    return step->state == MAIL_WAITING ? mail_postpone(w, step->mail, step->due_ms, err)
                                       : mail_end(w, step->mail, step->state, err);
}

static int run_give(struct write *w, void *arg, struct err *err)
{
    const struct step *step = arg;
    return lease_give(w, STR("mail"), step->node, err);
}

static int run_forget(struct write *w, void *arg, struct err *err)
{
    (void)arg;
    if (mail_forget(w, MAIL_DONE, write_time_ms(w) - KEPT_MS, err) < 0)
        return -1;
    return mail_forget(w, MAIL_ASIDE, write_time_ms(w) - ASIDE_MS, err);
}

static bool commit(struct mailer *mailer, int (*run)(struct write *w, void *arg, struct err *err),
                   void *arg)
{
    struct err err = ERR_INIT;
    if (store_run(mailer->server->store, run, arg, &err) == 0)
        return true;
    log_line(LOG_LEVEL_ERROR, "mail_queue", "detail", LOG_Z(err.detail[0] ? err.detail : err.text),
             NULL);
    return false;
}

static bool write_end(struct mailer *mailer, struct step step)
{
    mailer->held_up = !commit(mailer, run_end, &step);
    return !mailer->held_up;
}

static bool end(struct mailer *mailer, int64_t mail, enum mail_state state, int64_t due_ms)
{
    return write_end(mailer, (struct step){.mail = mail, .state = state, .due_ms = due_ms});
}

/* What it would have told is told by another one (digest.h). */
static bool lose(struct mailer *mailer, const struct mail *mail)
{
    return write_end(mailer, (struct step){.mail = mail->id, .state = MAIL_DONE, .lost = mail});
}

/* ---- one mail ---- */

static void keep_shown(struct mailer *mailer, const struct mail *mail, const struct letter *letter)
{
    if (!config_is_demonstration(mailer->server->config))
        return;
    struct arena *arena = arena_new_small(KIB(64), 2048);
    pthread_mutex_lock(&mailer->lock);
    size_t at = mailer->n_shown++ % SHOWN_MAX;
    arena_free(mailer->shown_arena[at]);
    mailer->shown_arena[at] = arena;
    mailer->shown[at] = (struct shown_mail){
        .id = mail->id,
        .at_ms = mail->created_ms,
        .to = arena_str(arena, mail->to.full),
        .subject = arena_str(arena, letter->subject),
        .text = arena_str(arena, letter->text),
        .code = letter->code.p ? arena_str(arena, letter->code) : STR_NONE,
        .link = letter->link.p ? arena_str(arena, letter->link) : STR_NONE,
    };
    pthread_mutex_unlock(&mailer->lock);
}

static enum smtp_outcome hand_over(struct mailer *mailer, const struct mail *mail,
                                   struct str message, struct err *err)
{
    if (mailer->smtp)
        return smtp_send(mailer->smtp, mailer->from, mail->to.full, message,
                         &mailer->turns.stopping, err);
    return drop_write(mailer->directory, mail->id, message, err) < 0 ? SMTP_LATER : SMTP_SENT;
}

static enum smtp_outcome send_mail(struct mailer *mailer, const struct mail *mail,
                                   struct arena *arena, struct err *err)
{
    CLEANUP(buf_done) struct buf out;
    struct letter letter;
    struct str server_name = mailer->server->name;
    buf_init(&out, LIMIT_MAIL_BYTES * 2);
    if (letter_write(arena, mail, server_name, &letter, err) < 0)
        return SMTP_REFUSED;
    struct message message = {.id = mail->id,
                              .date_ms = mail->created_ms,
                              .host = server_name,
                              .from = mailer->from,
                              .to = &mail->to,
                              .letter = &letter};
    message_write(&message, &out);
    if (buf_is_full(&out)) {
        (void)err_internal(err, "the message is too long");
        return SMTP_REFUSED;
    }
    enum smtp_outcome outcome = hand_over(mailer, mail, buf_str(&out), err);
    if (outcome == SMTP_SENT && !mailer->smtp)
        keep_shown(mailer, mail, &letter);
    return outcome;
}

static int64_t retry_ms(int64_t tries)
{
    return tries >= 9 ? RETRY_MAX_MS : RETRY_FIRST_MS << tries;
}

static void tell(const char *event, const struct mail *mail, const char *why)
{
    log_line(LOG_LEVEL_ERROR, event, "mail", LOG_INT(mail->id), "kind", LOG_INT(mail->kind),
             "tries", LOG_INT(mail->tries), "why", LOG_Z(why), NULL);
}

/* True: go on with the next one. */
static bool settle(struct mailer *mailer, const struct mail *mail, enum smtp_outcome outcome,
                   const struct err *err)
{
    switch (outcome) {
    case SMTP_SENT:
        mailer->failures = 0;
        return end(mailer, mail->id, MAIL_DONE, 0);
    case SMTP_REFUSED:
        tell("mail_refused", mail, err->detail);
        mailer->failures = 0;
        return end(mailer, mail->id, MAIL_ASIDE, 0);
    case SMTP_LATER:
        break;
    }
    if (!is_stopping(mailer))
        tell("mail_not_sent", mail, err->detail);
    mailer->failures++;
    (void)end(mailer, mail->id, MAIL_WAITING, clock_wall_ms() + retry_ms(mail->tries));
    return false;
}

/* Under the lease, or another node might be at it. */
static bool work_on(struct mailer *mailer, const struct mail *mail)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct beginning beginning = {.node = mailer->server->node, .mail = mail};
    struct err err = ERR_INIT;
    mailer->held_up = !commit(mailer, run_begin, &beginning) || !beginning.ours;
    mailer->leased |= beginning.ours;
    if (mailer->held_up || !beginning.same)
        return !mailer->held_up;
    if (mail->begun >= CRASHES_MAX) {
        tell("mail_set_aside", mail, "its worker ended three times while at it");
        return end(mailer, mail->id, MAIL_ASIDE, 0);
    }
    if (mail->expires_ms <= clock_wall_ms()) {
        tell("mail_too_old", mail, "it could not be sent in time");
        return lose(mailer, mail);
    }
    enum smtp_outcome outcome = send_mail(mailer, mail, arena, &err);
    return settle(mailer, mail, outcome, &err);
}

/* ---- the thread ---- */

static size_t list_due(struct mailer *mailer, struct arena *arena, struct mail **ret_mails)
{
    struct err err = ERR_INIT;
    struct read read;
    size_t n = 0;
    read_begin(mailer->server->store, &read);
    if (mail_list_due(&read, clock_wall_ms(), BATCH, arena, ret_mails, &n, &err) < 0) {
        log_line(LOG_LEVEL_ERROR, "mail_queue", "detail", LOG_Z(err.detail), NULL);
        n = 0;
    }
    read_end(&read);
    return n;
}

/* Whether to look again at once. */
static bool send_due(struct mailer *mailer)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(4));
    struct mail *mails;
    size_t n = list_due(mailer, arena, &mails);
    for (size_t i = 0; i < n && !is_stopping(mailer); i++)
        if (!work_on(mailer, &mails[i]))
            return false;
    return n == BATCH;
}

/* What is due is not tried at once after a failure, nor while it is not ours to do. */
static int64_t pause_ms(const struct mailer *mailer)
{
    if (mailer->held_up)
        return HELD_UP_MS;
    if (!mailer->failures)
        return 0;
    int64_t pause = INT64_C(500) << (mailer->failures < 7 ? mailer->failures : 7);
    return pause > PAUSE_MAX_MS ? PAUSE_MAX_MS : pause;
}

static struct turn_next next_turn(struct mailer *mailer)
{
    struct err err = ERR_INIT;
    struct read read;
    int64_t due = INT64_MAX, wait = LOOK_AGAIN_MS, now = clock_wall_ms();
    read_begin(mailer->server->store, &read);
    if (mail_next_due(&read, &due, &err) == 0 && due - now < LOOK_AGAIN_MS)
        wait = due - now;
    read_end(&read);
    return (struct turn_next){.in_ms = wait, .pause_ms = pause_ms(mailer)};
}

static void forget_old(struct mailer *mailer)
{
    int64_t now = clock_monotonic_ms();
    if (mailer->forgot_ms && now - mailer->forgot_ms < KEPT_MS / 24)
        return;
    mailer->forgot_ms = now;
    (void)commit(mailer, run_forget, NULL);
}

/* Not kept while there is nothing to do: a mail that another node queues would wait for us to look.
 * On SQLite there is no other. */
static void give_lease(struct mailer *mailer)
{
    struct step step = {.node = mailer->server->node};
    if (mailer->leased && db_engine(store_db(mailer->server->store)) != DB_ENGINE_SQLITE)
        (void)commit(mailer, run_give, &step);
    mailer->leased = false;
}

static struct turn_next turn(void *arg)
{
    struct mailer *mailer = arg;
    forget_old(mailer);
    if (send_due(mailer))
        return (struct turn_next){0};
    give_lease(mailer);
    return next_turn(mailer);
}

void mailer_wake(struct mailer *mailer)
{
    turns_wake(&mailer->turns);
}

/* ---- life ---- */

static int open_transport(struct mailer *mailer, struct err *err)
{
    const struct config *config = mailer->server->config;
    struct smtp_config smtp = {config->mail_transport.p, config->mail_ca.p, "chappe"};
    mailer->from = config->mail_from.p ? config->mail_from : STR("chappe@localhost");
    if (!str_starts(config->mail_transport, STR("file:")))
        return smtp_new(&smtp, &mailer->smtp, err);
    mailer->directory = str_skip(config->mail_transport, 5);
    return drop_open(mailer->directory, err);
}

static int start(struct mailer *mailer, struct err *err)
{
    if (!mailer->server->config->mail_transport.p)
        return 0;
    if (open_transport(mailer, err) < 0)
        return -1;
    return turns_start(&mailer->turns, turn, mailer, err);
}

int mailer_new(struct server *server, struct mailer **ret_mailer, struct err *err)
{
    struct mailer *mailer = MEM_NEW(struct mailer);
    mailer->server = server;
    turns_init(&mailer->turns, "mailer");
    pthread_mutex_init(&mailer->lock, NULL);
    if (start(mailer, err) < 0) {
        mailer_free(mailer);
        return -1;
    }
    *ret_mailer = mailer;
    return 0;
}

void mailer_stop(struct mailer *mailer)
{
    if (!mailer || !mailer->turns.running)
        return;
    turns_stop(&mailer->turns);
    give_lease(mailer);
}

void mailer_free(struct mailer *mailer)
{
    if (!mailer)
        return;
    mailer_stop(mailer);
    smtp_free(mailer->smtp);
    for (size_t i = 0; i < SHOWN_MAX; i++)
        arena_free(mailer->shown_arena[i]);
    pthread_mutex_destroy(&mailer->lock);
    turns_done(&mailer->turns);
    mem_free(mailer);
}

/* ---- the demonstration's page ---- */

void mailer_list_shown(struct mailer *mailer, struct arena *arena, struct shown_mail **ret_mails,
                       size_t *ret_n)
{
    pthread_mutex_lock(&mailer->lock);
    size_t n = mailer->n_shown < SHOWN_MAX ? mailer->n_shown : SHOWN_MAX;
    struct shown_mail *mails = ARENA_NEW_N(arena, n + 1, struct shown_mail);
    for (size_t i = 0; i < n; i++) {
        struct shown_mail mail = mailer->shown[(mailer->n_shown - 1 - i) % SHOWN_MAX];
        mail.to = arena_str(arena, mail.to);
        mail.subject = arena_str(arena, mail.subject);
        mail.text = arena_str(arena, mail.text);
        mail.code = mail.code.p ? arena_str(arena, mail.code) : STR_NONE;
        mail.link = mail.link.p ? arena_str(arena, mail.link) : STR_NONE;
        mails[i] = mail;
    }
    pthread_mutex_unlock(&mailer->lock);
    *ret_mails = mails;
    *ret_n = n;
}
