/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_MAIL_H
#define CHAPPE_STORE_MAIL_H

/* Mails that wait to be sent. A row is written by the job that causes the mail, so that one is sent
 * if and only if its cause is stored; it has one recipient. What it says stands in args, a JSON
 * object that service/mail makes and reads; it may hold a code, and is emptied once the mail is
 * gone. Rows that are done stay a while, because how many mails an address gets is counted here.
 *
 * mail_begin is committed before a mail is worked on: a row that was begun three times and never
 * ended makes its worker crash, and is set aside. */

#include "matrix/email.h"
#include "store/store.h"

/* The numbers are stored. */
enum mail_state {
    MAIL_WAITING = 0,
    MAIL_DONE = 1,  /* sent, too old, or never to be sent: counted, args are gone */
    MAIL_ASIDE = 2, /* it cannot be sent; for the operator */
};

struct mail {
    int64_t id;
    struct email to;
    int64_t kind; /* service/mail/letter.h */
    struct str args;
    int64_t created_ms, expires_ms; /* past expires_ms it is not worth sending */
    int64_t due_ms;                 /* not before */
    int64_t tries, begun;
    enum mail_state state;
};

/* id is from store_new_id. Refused with 503 when LIMIT_MAIL_WAITING wait already. state may be
 * MAIL_DONE: a mail that only counts (docs/design/accounts-by-mail.md); it is refused like another,
 * so that the refusal does not tell which of the two it is. */
int mail_insert(struct write *w, const struct mail *mail, struct err *err) MUST_USE;
/* 1; 0: it is not as the reader saw it, since another node has worked on it; -1. */
int mail_begin(struct write *w, const struct mail *mail, struct err *err) MUST_USE;
/* No longer waiting: MAIL_DONE or MAIL_ASIDE. */
int mail_end(struct write *w, int64_t id, enum mail_state state, struct err *err) MUST_USE;
/* It was tried in vain, and waits until due_ms. */
int mail_postpone(struct write *w, int64_t id, int64_t due_ms, struct err *err) MUST_USE;
/* Forgets rows of that state, which is not MAIL_WAITING, that were made before. */
int mail_forget(struct write *w, enum mail_state state, int64_t before_ms,
                struct err *err) MUST_USE;

/* How many mails were made for an address since then, of any state. One that was made while the
 * clock was ahead does not count before its time has come. */
int mail_count_to(struct write *w, const struct email *to, int64_t since_ms, int64_t *ret_n,
                  struct err *err) MUST_USE;

/* Waiting and due at now_ms, oldest due first, at most limit. */
int mail_list_due(struct read *r, int64_t now_ms, size_t limit, struct arena *arena,
                  struct mail **ret_mails, size_t *ret_n, struct err *err) MUST_USE;
/* When the next one is due; INT64_MAX: none waits. */
int mail_next_due(struct read *r, int64_t *ret_due_ms, struct err *err) MUST_USE;
int mail_count(struct read *r, enum mail_state state, int64_t *ret_n, struct err *err) MUST_USE;

#endif
