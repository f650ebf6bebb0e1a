/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_IDENTITY_INVITING_H
#define CHAPPE_SERVICE_IDENTITY_INVITING_H

/* Invitations by e-mail address, as the identity service keeps them: for somebody who has no
 * account yet. The room's side of it (m.room.third_party_invite, and the invitation that follows a
 * sign-up) is the rooms' business: it takes the token from here, finds what was taken in
 * store/invitation.h, and signs with invitation_sign. */

#include "service/use.h"
#include "store/invitation.h"

struct stored_invitation {
    struct str token;
    struct str public_key;   /* unpadded base64, of this server's signing key */
    struct str display_name; /* "p...@p...", the address without what names it */
};

/* Stores it, and queues the mail: the caller is joined to the room, may invite into it and is no
 * external; the address has no account and its place is here. The mail's link leads to sign-up. -1:
 * 400 M_INVALID_EMAIL, M_THREEPID_IN_USE; 403 M_FORBIDDEN (external_invite,
 * external_restricted_room, external_forum), M_THREEPID_DENIED (other_server); 429. */
int invitation_store(struct use *use, struct str address, struct str room_id,
                     struct stored_invitation *ret_stored) MUST_USE;

/* The same in parts, for a job that writes more: whoever calls has checked the caller and the room.
 * The draft is the argument of invitation_write, which runs in the job and refuses with 400
 * M_THREEPID_IN_USE what has an account by now, and of invitation_after, once it is committed.
 * known: the address has an account, and that is not to be told: all is as for another, but no mail
 * leaves. */
struct invitation_draft;
int invitation_draft(struct use *use, const struct email *email, int64_t room, bool known,
                     struct invitation_draft **ret_draft,
                     struct stored_invitation *ret_stored) MUST_USE;
int invitation_write(struct write *w, void *draft, struct err *err) MUST_USE;
void invitation_after(void *draft);

/* {"mxid": …, "sender": …, "token": …, "signatures": …}: what third_party_invite.signed holds
 * (client-server API, "Third-party invites"). */
int invitation_sign(struct use *use, const struct invitation *invitation, struct str mxid,
                    struct str *ret_json) MUST_USE;

/* The public half of the signing key, unpadded base64. */
struct str identity_public_key(struct server *server, struct arena *arena);
/* Whether a key, in base64 of either alphabet, is that one. */
bool identity_key_is_ours(struct server *server, struct arena *arena, struct str key);

#endif
