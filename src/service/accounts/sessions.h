/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ACCOUNTS_SESSIONS_H
#define CHAPPE_SERVICE_ACCOUNTS_SESSIONS_H

/* Who an access token belongs to. The tokens in use are cached by their digest; a revocation, on
 * whatever node, empties the user's entries before it is answered (the store's listener). Threads:
 * any. */

#include "service/use.h"

struct sessions;

struct sessions *sessions_new(void);
void sessions_free(struct sessions *sessions);
/* The store's listener gives entries of kind LOG_KIND_DEVICE. */
void sessions_forget_user(struct sessions *sessions, int64_t user);

enum session_flags { SESSION_LOCKED_TOO = 1, SESSION_SUSPENDED_TOO = 2, SESSION_EXPIRED_TOO = 4 };

/* The caller of a token. USE_WAIT when this is the token's first use and the tokens it replaces
 * must die first: the request is run again when they have. -1: 401 M_UNKNOWN_TOKEN (soft_logout
 * when it has only expired), 401 M_USER_LOCKED, 403 M_USER_SUSPENDED or ORG_MATRIX_EXPIRED_ACCOUNT
 * unless the flags let those in. */
int sessions_authenticate(struct use *use, struct str token, unsigned flags,
                          struct caller *ret_caller) MUST_USE;

/* For an answer that leaves for long after its caller was found. A count of revocations, of
 * whomever: while it is the same, nobody was signed out. */
int64_t sessions_count_revocations(const struct server *server);
/* The use's caller is still there, as of its snapshot: the device not signed out, the account
 * neither closed nor locked nor past its end (a token that was only replaced is no matter). 0; -1:
 * as above. */
int sessions_expect(struct use *use) MUST_USE;

#endif
