/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_MAIL_MAILER_H
#define CHAPPE_SERVICE_MAIL_MAILER_H

/* The one thread that hands waiting mails over, one after the other, on the node that has the lease
 * "mail". By files (mail.transport file:DIR): one .eml a mail. By SMTP: see net/smtp.h; a mail that
 * could not be handed over is tried again after 2 s, 4 s… up to 15 minutes, until it expires.
 * Nobody waits for it: a request ends when its mail is in the store. */

#include "service/mail/letter.h"
#include "service/server.h"

struct mailer;

/* Without mail.transport (tests) mails wait for ever. */
int mailer_new(struct server *server, struct mailer **ret_mailer, struct err *err) MUST_USE;
void mailer_stop(struct mailer *mailer); /* before the store is closed; NULL is allowed */
void mailer_free(
    struct mailer *mailer); /* after it, whose last jobs may wake it; NULL is allowed */
/* After a commit that queued a mail. Any thread, also once it has stopped. */
void mailer_wake(struct mailer *mailer);

/* A mail that waits from now on: for mail_insert, in the caller's job. */
struct mail mailer_draft(struct server *server, const struct email *to, enum letter_kind kind,
                         struct str args, int64_t life_ms);

/* ---- the demonstration's page ---- */

struct shown_mail {
    int64_t id, at_ms;
    struct str to, subject, text, code, link; /* code, link STR_NONE: none */
};
/* The last mails written to files, newest first, copied into the arena; only in the demonstration
 * (config_is_demonstration) are any kept. */
void mailer_list_shown(struct mailer *mailer, struct arena *arena, struct shown_mail **ret_mails,
                       size_t *ret_n);

#endif
