/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_INVITATION_H
#define CHAPPE_STORE_INVITATION_H

/* Invitations by e-mail address (identity service API, "Invitation storage"): who was invited to a
 * room before having an account. The token is what the room's m.room.third_party_invite has for its
 * state key. The job that makes an account for the address takes all that wait for it; who makes
 * real invitations of them calls invitation_done. */

#include "matrix/email.h"
#include "store/store.h"

/* The numbers are stored. */
enum invitation_state {
    INVITATION_WAITING = 0,
    INVITATION_TAKEN = 1, /* its address has an account now: `user` */
    INVITATION_DONE = 2,  /* the room knows */
    INVITATION_REVOKED = 3,
};

struct invitation {
    int64_t id;
    struct email email;
    int64_t room;    /* name */
    int64_t inviter; /* name */
    struct str token;
    int64_t created_ms, expires_ms;
    enum invitation_state state;
    int64_t user; /* 0: nobody yet */
};

/* id is from store_new_id; state and user are not looked at: it waits. */
int invitation_insert(struct write *w, const struct invitation *invitation,
                      struct err *err) MUST_USE;
/* Takes what waits for the address and is not expired: 1 there was something, 0, -1. */
int invitation_take(struct write *w, const struct email *email, int64_t user,
                    struct err *err) MUST_USE;
int invitation_done(struct write *w, int64_t id, struct err *err) MUST_USE;
/* A waiting one that the room took back; another state stays. */
int invitation_revoke(struct write *w, struct str token, struct err *err) MUST_USE;
/* A room was replaced: what waits for the old one, or is taken and not yet known to it, is for the
 * new one, and from whoever replaced it. */
int invitation_move(struct write *w, int64_t from, int64_t to, int64_t inviter,
                    struct err *err) MUST_USE;
/* What waits for an address ends now, as if its time had come: whoever has the mailbox next is not
 * who was invited. */
int invitation_end_address(struct write *w, const struct email *email, struct err *err) MUST_USE;
int invitation_expire(struct write *w, int64_t before_ms, struct err *err) MUST_USE;

/* Those that wait for an address and are not expired at now_ms; oldest first, at most 1000. */
int invitation_list_address(struct read *r, const struct email *email, int64_t now_ms,
                            struct arena *arena, struct invitation **ret_invitations, size_t *ret_n,
                            struct err *err) MUST_USE;
/* Those of one state, of an account; of any account. */
int invitation_list_user(struct read *r, int64_t user, enum invitation_state state,
                         struct arena *arena, struct invitation **ret_invitations, size_t *ret_n,
                         struct err *err) MUST_USE;
int invitation_list_state(struct read *r, enum invitation_state state, struct arena *arena,
                          struct invitation **ret_invitations, size_t *ret_n,
                          struct err *err) MUST_USE;
/* Those that wait in vain. */
int invitation_list_expired(struct read *r, int64_t now_ms, struct arena *arena,
                            struct invitation **ret_invitations, size_t *ret_n,
                            struct err *err) MUST_USE;
/* Those that wait for somebody to come into a room. */
int invitation_list_room(struct read *r, int64_t room, struct arena *arena,
                         struct invitation **ret_invitations, size_t *ret_n,
                         struct err *err) MUST_USE;
/* 1, 0, -1. */
int invitation_find(struct read *r, struct str token, struct arena *arena,
                    struct invitation *ret_invitation, struct err *err) MUST_USE;

#endif
