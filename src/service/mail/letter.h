/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_MAIL_LETTER_H
#define CHAPPE_SERVICE_MAIL_LETTER_H

/* What each kind of mail says: a subject and sections of paragraphs, of which text and HTML are
 * printed. A kind has its arguments, a small JSON object that is stored until the mail is sent.
 * Nothing here comes from what a user wrote: codes, links of this server, and the names that the
 * server itself derived from addresses, cut and cleaned. */

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "store/mail.h"

/* The numbers are stored. */
enum letter_kind {
    LETTER_CODE = 1,       /* prove an address: a code and a link */
    LETTER_INVITATION = 2, /* come into a room; French, then English */
    LETTER_ADDRESS = 3,    /* to the old address: the account has another one now; both languages */
    LETTER_RENEWAL = 4,    /* the account ends unless the link is followed; both languages */
    LETTER_DIGEST = 5,     /* how many messages and invitations wait, no more; both languages */
};

/* The numbers are stored. */
enum letter_purpose {
    LETTER_TO_SIGN_UP = 1,
    LETTER_TO_RESET_PASSWORD = 2,
    LETTER_TO_CHANGE_ADDRESS = 3,
    LETTER_TO_BIND = 4, /* identity service: validate */
};

enum letter_language { LETTER_FRENCH, LETTER_ENGLISH };

/* ---- arguments, as stored ---- */

struct letter_code {
    enum letter_purpose purpose;
    enum letter_language language;
    struct str code; /* 8 digits */
    struct str link;
};
struct str letter_code_args(struct arena *arena, const struct letter_code *code);
/* inviter: a display name. link: where to sign up. */
struct str letter_invitation_args(struct arena *arena, struct str inviter, struct str link);
struct str letter_address_args(struct arena *arena);
struct str letter_renewal_args(struct arena *arena, struct str link);

enum letter_room { LETTER_DIRECT, LETTER_PRIVATE, LETTER_FORUM, LETTER_ROOMS };
struct letter_digest {
    struct {
        int64_t messages, rooms;
    } of[LETTER_ROOMS];
    int64_t invitations;
    struct str link, stop; /* the web client; where such mails are stopped */
};
struct str letter_digest_args(struct arena *arena, const struct letter_digest *digest);

/* ---- the letter ---- */

struct letter {
    struct str subject, text, html;
    struct str code, link; /* STR_NONE: none; for the demonstration's page */
    struct str stop;       /* where one more such mail is refused (RFC 8058); STR_NONE: nowhere */
};

/* All in the arena. -1: the stored arguments cannot be read. */
int letter_write(struct arena *arena, const struct mail *mail, struct str server_name,
                 struct letter *ret_letter, struct err *err) MUST_USE;

#endif
