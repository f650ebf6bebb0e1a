/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_APPSERVICE_EPHEMERAL_H
#define CHAPPE_SERVICE_APPSERVICE_EPHEMERAL_H

/* What is ephemeral in a transaction (application service API, "Pushing EDUs"), for a service that
 * wants it (receive_ephemeral): receipts as the log tells of them, and who types and who is there,
 * which live in memory. */

#include "service/appservice/interest.h"
#include "service/rooms/view.h"
#include "json/write.h"

/* What of that in memory was told, in numbers of its sequence (notifier.h): it goes on with the
 * next transaction, and begins anew with the process. */
struct told {
    int64_t typing;   /* the last change */
    int64_t presence; /* all up to it */
    int64_t before;   /* of those up to `upto`, this and later ones; 0: all */
    int64_t upto;
    int64_t looked_ms; /* monotonic: when changes of presence were last looked for; 0: never */
};

struct ephemeral {
    struct use *use;
    struct interest *interest;
    struct buf text; /* an open array */
    struct json_writer out;
    size_t n;
    struct view view; /* of the last receipt */
};

/* Before the snapshot is taken: what changed since the last time is told next, to whom it concerns
 * as of then, when it is not too early for it. */
void told_look(struct told *told, struct server *server);

void ephemeral_begin(struct ephemeral *ephemeral, struct use *use, struct interest *interest);
void ephemeral_done(struct ephemeral *ephemeral);

/* Entries of the log in order, each once. */
int ephemeral_see(struct ephemeral *ephemeral, const struct log_entry *entry) MUST_USE;
bool ephemeral_is_full(const struct ephemeral *ephemeral);
/* What lives in memory, after the entries; presence when the interest is settled. 1 there is more,
 * 0, -1. */
int ephemeral_look(struct ephemeral *ephemeral, struct told *told) MUST_USE;
/* Adds its members to a transaction's object, each with a comma before it. */
void ephemeral_write(struct ephemeral *ephemeral, struct buf *to);

#endif
