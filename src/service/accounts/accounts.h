/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ACCOUNTS_ACCOUNTS_H
#define CHAPPE_SERVICE_ACCOUNTS_ACCOUNTS_H

/* Accounts of this server: who they are, how they sign in and out. What a rule says stands here
 * once, for the client API, the admin socket and the command line. */

#include "crypto/token.h"
#include "matrix/email.h"
#include "service/use.h"
#include "store/account.h"
#include "store/device.h"
#include "json/doc.h"

/* ---- names ---- */

/* The user id of a local part of this server, checked for new accounts (a-z0-9._=-/+, at most 255
 * bytes in all, not empty, not only digits, no leading "_"). 400 M_INVALID_USERNAME; M_EXCLUSIVE
 * for what is kept: for application services, and for the server itself. */
int accounts_new_user_id(struct use *use, struct str localpart, struct str *ret_user_id) MUST_USE;
/* The same for an account of the server's own (server_account.h). */
int accounts_server_user_id(struct use *use, struct str localpart,
                            struct str *ret_user_id) MUST_USE;
/* The local part of somebody who asked for none: 10 lower-case letters. */
struct str accounts_draw_localpart(struct use *use);
/* The account of an address, as a client gives it: 1; 0 nobody's, or no address; -1. *ret_claimed
 * is the user id that is made of the address, whether there is such a user or not, untouched when
 * it is none: guesses at an account by its address and by its id are counted as one. (An account
 * whose id has another origin, since it was taken or the address has changed, is counted twice.) */
int accounts_find_address(struct use *use, struct str address, int64_t *ret_user,
                          struct str *ret_claimed) MUST_USE;
/* 400 M_USER_IN_USE when the name is taken, by a live account or a closed one. */
int accounts_check_free(struct use *use, struct str user_id) MUST_USE;
/* The full id that a client means, "@name:server", whether there is such a user or not. */
struct str accounts_user_id_of(struct use *use, struct str id_or_localpart);
/* "m.id.user" and the older forms: a full id or a local part → the name of a local user. 1, 0, -1.
 */
int accounts_find_user(struct use *use, struct str id_or_localpart, int64_t *ret_user) MUST_USE;

/* ---- registering ---- */

struct registration {
    struct str user_id;
    struct str password; /* STR_NONE: an account without one */
    struct str display_name;
    bool admin;
    bool own;               /* somebody signs up: else it is an administrator's act, and audited */
    bool of_server;         /* the server's own: on the red list, and nobody's act */
    struct str uia_session; /* used up with it; STR_NONE: none */
    struct str token;       /* registration token to use up; STR_NONE: none */
    /* By address (address.h); NULL: none. */
    const struct email *email;
    struct str organisation;
    bool external;         /* its invitations are taken by it; without one it is refused */
    struct str validation; /* the proof to use up; STR_NONE: the operator answers for it */
};

/* Where a session begins: on an existing device of the user, or on a new one. */
struct new_session {
    bool wanted;
    struct str device_id;    /* STR_NONE: a new one is drawn */
    struct str display_name; /* of a new device */
    bool refresh;            /* also a refresh token, and an access token that expires */
    struct str login_token;  /* used up with it; STR_NONE: none */
};

struct session_tokens {
    struct str device_id, access_token, refresh_token; /* refresh_token STR_NONE: none */
    int64_t expires_in_ms;                             /* 0: never */
};

/* USE_WAIT while the password is hashed. */
int accounts_register(struct use *use, const struct registration *registration,
                      const struct new_session *session,
                      struct session_tokens *ret_tokens) MUST_USE;

/* ---- passwords ---- */

/* Rules for a new one: LIMIT_PASSWORD_MIN characters to LIMIT_PASSWORD_BYTES bytes, well-formed
 * UTF-8, not made of common words alone (strength.h). 400 M_WEAK_PASSWORD, M_INVALID_PARAM. */
int accounts_check_new_password(struct use *use, struct str password) MUST_USE;
/* Whether the password is the user's (0: nobody's, which takes as long). USE_WAIT, then *ret_fits.
 * Failed tries count against the address and against user_id, which is what the client claims to be
 * (accounts_user_id_of), whether there is such an account or not; too many: 429. */
int accounts_verify_password(struct use *use, int64_t user, struct str user_id, struct str password,
                             bool *ret_fits) MUST_USE;
/* The account of a proved address; 400 M_THREEPID_NOT_FOUND. validation is used up with the
 * change. */
int accounts_reset_password(struct use *use, const struct email *email, struct str password,
                            bool sign_out, struct str uia_session, struct str validation) MUST_USE;
/* USE_WAIT while it is hashed. Signs other devices out when asked. 403 M_FORBIDDEN for the account
 * of an application service itself, which has none. */
int accounts_set_password(struct use *use, int64_t user, struct str password, bool sign_out_others,
                          struct str uia_session) MUST_USE;

/* ---- signing in and out ---- */

/* The account must be able to sign in: 403 M_USER_DEACTIVATED, 401 M_USER_LOCKED. */
int accounts_sign_in(struct use *use, int64_t user, const struct new_session *session,
                     struct session_tokens *ret_tokens) MUST_USE;
int accounts_refresh(struct use *use, struct str refresh_token,
                     struct session_tokens *ret_tokens) MUST_USE;
int accounts_sign_out(struct use *use) MUST_USE;     /* this device, which goes */
int accounts_sign_out_all(struct use *use) MUST_USE; /* all devices of the caller */
int accounts_delete_devices(struct use *use, const struct str *device_ids, size_t n,
                            struct str uia_session) MUST_USE;
/* 404; but an application service makes the device, of an account of its own: *ret_made. */
int accounts_rename_device(struct use *use, struct str device_id, struct str display_name,
                           bool *ret_made) MUST_USE;

/* ---- administering (closing: closing.h) ---- */

/* ACCOUNT_* flags; audited. Locked and suspended accounts keep their tokens. */
int accounts_set_flags(struct use *use, int64_t user, int64_t set, int64_t clear) MUST_USE;

/* ---- life ---- */

struct accounts;
int accounts_new(struct server *server, struct accounts **ret_accounts, struct err *err) MUST_USE;
void accounts_free(struct accounts *accounts);
/* The store's listener: tokens of a user were revoked, or what its sessions carry changed. */
void accounts_forget_sessions(struct accounts *accounts, int64_t user);

#endif
