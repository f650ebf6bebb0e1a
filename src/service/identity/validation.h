/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_IDENTITY_VALIDATION_H
#define CHAPPE_SERVICE_IDENTITY_VALIDATION_H

/* Proving an e-mail address by what is mailed to it (docs/design/accounts-by-mail.md). The work and
 * the answer are the same whether the address has an account. */

#include "service/identity/identity.h"
#include "service/mail/letter.h"
#include "service/use.h"
#include "store/validation.h"

struct validation_request {
    enum validation_purpose purpose;
    struct str address, client_secret;
    int64_t send_attempt;
    enum letter_language language;
    struct str base_url; /* of this server, for the link */
};

/* Queues the mail and gives the session's id. A lower or equal send_attempt sends nothing again.
 * -1: 400 M_INVALID_EMAIL, M_INVALID_PARAM; 403 M_THREEPID_DENIED with a reason; 429. */
int validation_request(struct use *use, const struct validation_request *request,
                       struct str *ret_sid) MUST_USE;

/* A client_secret, for a page of the server that asks in the place of a client. */
struct str validation_new_secret(struct arena *arena);

enum validation_answer {
    VALIDATION_GOOD,
    VALIDATION_WRONG,   /* not the code: tries are left */
    VALIDATION_VOID,    /* too old, or tried too often */
    VALIDATION_UNKNOWN, /* no such session */
};

/* The code, as typed: blanks and hyphens in it do not count. USE_WAIT, then *ret_answer. */
int validation_submit(struct use *use, struct str sid, struct str client_secret, struct str code,
                      enum validation_answer *ret_answer) MUST_USE;
/* The link's token, when the page's button was pressed. USE_WAIT. */
int validation_confirm(struct use *use, struct str sid, struct str token,
                       enum validation_answer *ret_answer) MUST_USE;
/* What the link's page says before the button is pressed; changes nothing. */
int validation_look(struct use *use, struct str sid, struct str token,
                    enum validation_answer *ret_answer,
                    enum validation_purpose *ret_purpose) MUST_USE;

/* A proved session of that purpose: 1, with its address; 0 not there, of another purpose or secret,
 * not proved (*ret_known tells whether it is only that); -1. */
int validation_check(struct use *use, enum validation_purpose purpose, struct str sid,
                     struct str client_secret, struct email *ret_email, bool *ret_known) MUST_USE;

/* Whether somebody may have an account here with an address: 0, or -1 with 403 M_THREEPID_DENIED
 * and the reason (other_server, invitation_missing; external_address when externals are out). */
int identity_check_address(struct use *use, const struct email *email, bool externals_too,
                           struct placement *ret_placement) MUST_USE;

/* Whether an invitation holds for the address: it waits, and its inviter is still in the room. */
int identity_is_invited(struct use *use, const struct email *email, bool *ret_invited) MUST_USE;

#endif
