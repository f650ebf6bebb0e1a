/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ACCOUNTS_VALIDITY_H
#define CHAPPE_SERVICE_ACCOUNTS_VALIDITY_H

/* Accounts that end unless their owner, who has the mailbox, renews them (accounts.validity;
 * docs/design/validity.md). Only accounts with an address do: the others could not be renewed. Past
 * the end the account is there, and everything but renewing and logging out is refused. */

#include "service/config.h"
#include "service/use.h"
#include "store/account.h"
#include "json/write.h"

/* Whether an account with that end is over now. Without accounts.validity none is. */
bool validity_is_over(const struct config *config, int64_t expires_ms);
/* 403 ORG_MATRIX_EXPIRED_ACCOUNT. */
int validity_refuse(struct use *use);

/* The end of an account that begins now, or whose end begins to count: up to a tenth of the period
 * early, so that mails do not come at once. 0: none. */
int64_t validity_first_end(const struct config *config, int64_t now_ms);
/* When its owner is mailed next; 0: not any more. */
int64_t validity_next_mail(const struct config *config, int64_t now_ms, int64_t expires_ms);

/* Mails a new token to the account's address; the one before holds no longer. quietly: nothing when
 * one was mailed in the last 30 s, where else it is 429. 400 M_UNKNOWN without an address; 403 when
 * accounts do not end here. */
int validity_send_mail(struct use *use, int64_t user, bool quietly) MUST_USE;

enum renewal_answer {
    RENEWAL_UNKNOWN, /* no such token, or not any more */
    RENEWAL_READY,   /* it would renew */
    RENEWAL_ALREADY, /* it has renewed */
    RENEWAL_DONE,
};
/* What a token would do; changes nothing. */
int validity_look(struct use *use, struct str token, enum renewal_answer *ret_answer) MUST_USE;
int validity_renew(struct use *use, struct str token, enum renewal_answer *ret_answer) MUST_USE;

/* By an administrator: another end, and whether its owner is mailed before. Audited. expires_ms 0:
 * a whole period from now. 404 M_NOT_FOUND. */
int validity_set(struct use *use, struct str user_id, int64_t expires_ms, bool mails,
                 int64_t *ret_expires_ms) MUST_USE;

/* POST users/info (Tchap): {"@user:server": {"expired": …, "deactivated": …}} of those that have an
 * account here. */
int validity_write_info(struct use *use, const struct str *user_ids, size_t n,
                        struct json_writer *out) MUST_USE;

/* The background's part: mails that are due, and an end for accounts that have none yet. Zeroed at
 * the start. */
struct validity_walk {
    int64_t after;   /* the last user looked at */
    int64_t next_ms; /* when the walk begins again */
};
void validity_work(struct validity_walk *walk, struct server *server);

#endif
