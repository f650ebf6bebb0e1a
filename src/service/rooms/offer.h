/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ROOMS_OFFER_H
#define CHAPPE_SERVICE_ROOMS_OFFER_H

/* Inviting by e-mail address (client-server API, "Third-party invites"; docs/design/room-rules.md).
 * An address of an account of this server is that user: they are invited. Another is offered to: an
 * m.room.third_party_invite in the room, a row of store/invitation.h and a mail, all in one job.
 * When the address has an account, arrival.h makes the real invitation. */

#include "matrix/email.h"
#include "service/rooms/change.h"

/* As asked. own_url: where clients reach this server, for the mail's link. */
struct address_invite {
    struct str medium, address, reason, own_url;
};

/* The answer is the same whether the address has an account: whoever has one is invited by it, and
 * one whom that does not reach (they block invitations, or are in the room) is made an offer that
 * nobody gets. */
int rooms_invite_address(struct use *use, int64_t room,
                         const struct address_invite *invite) MUST_USE;

/* Whose address it is, once it may be invited at all: 1 a user of ours, 0 nobody's yet (its class
 * says of what kind), -1: 400 M_INVALID_PARAM, M_INVALID_EMAIL; 403 with a reason when nobody can
 * sign up here with it. */
struct addressee {
    struct email email;
    struct str user_id; /* STR_NONE: nobody yet */
    enum access_address class;
};
int offer_find_addressee(struct use *use, struct str medium, struct str address,
                         struct addressee *ret_addressee) MUST_USE;

/* Decides the offer within a change; its row and its mail go with the job. To somebody who has an
 * account it is the same, but for the mail: see rooms_invite_address. The addressee lives as long
 * as the use's arena. */
int change_offer(struct change *change, const struct addressee *addressee,
                 struct str own_url) MUST_USE;

/* An offer is taken back: its row goes with it. */
void change_revoke_offer(struct change *change, struct str token);
/* The same, when an event of this type, key and content does so. */
void change_follow_offer(struct change *change, struct str type, struct str state_key,
                         const struct json *content);

#endif
