/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_MAIL_DIGEST_H
#define CHAPPE_SERVICE_MAIL_DIGEST_H

/* Digests of unread messages (mail.digest_after; docs/design/digest.md): whoever was on no device
 * for so long, and has messages that have waited unread for so long, is mailed how many there are,
 * in how many rooms of which kind, and nothing else. */

#include "base/map.h"
#include "service/use.h"

/* Account data by which its owner switches them off: {"enabled": false}. */
#define DIGEST_SWITCH "org.chappe.mail_digest"

enum digest_answer {
    DIGEST_UNKNOWN, /* no such link, or not any more */
    DIGEST_READY,   /* it would stop them */
    DIGEST_STOPPED,
};
/* What the link of a mail would do; changes nothing. */
int digest_look(struct use *use, struct str token, enum digest_answer *ret_answer) MUST_USE;
int digest_stop(struct use *use, struct str token, enum digest_answer *ret_answer) MUST_USE;

/* The background's part: a piece of all accounts with an address, by one node. Zeroed at the start.
 */
struct digest_walk {
    int64_t after;   /* the last user looked at */
    int64_t next_ms; /* when the walk begins again */
    /* Users of whom nothing is left to tell: the position up to which that is so. */
    struct int_map settled;
};
void digest_walk_done(struct digest_walk *walk);
void digest_work(struct digest_walk *walk, struct server *server);

#endif
