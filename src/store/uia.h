/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_UIA_H
#define CHAPPE_STORE_UIA_H

/* Sessions of the user-interactive authentication framework (client-server API, "User-Interactive
 * Authentication API"), stored so that any node can go on with them. No body and no secret stands
 * here: the request's body is kept as a digest. */

#include "crypto/hash.h"
#include "store/store.h"

struct uia_session {
    struct str id;     /* random, 24 characters */
    int64_t user;      /* whose; 0: not signed in (registration) */
    struct str action; /* what it allows: "POST /…/account/password" */
    int64_t created_ms;
    int64_t completed;     /* bits, one a stage */
    struct str validation; /* of the stage m.login.email.identity; STR_NONE: none */
    struct str token;      /* registration token that a completed stage gave; STR_NONE: none */
    bool bound;            /* body is set: by the first stage that was completed */
    unsigned char body[SHA256_BYTES];
};

int uia_insert(struct write *w, const struct uia_session *session, struct err *err) MUST_USE;
int uia_load(struct read *r, struct str id, struct arena *arena, struct uia_session *ret_session,
             struct err *err) MUST_USE;
/* Adds what was completed, and the body and the proofs that came with it: stages that are completed
 * at once, on a page and in a request, are all kept, and a body stays what it was fixed to. */
int uia_complete(struct write *w, const struct uia_session *session, struct err *err) MUST_USE;
/* The session must exist: it is good for one act. Refused otherwise. */
int uia_consume(struct write *w, struct str id, struct err *err) MUST_USE;
/* Those older than `before_ms`. */
int uia_expire(struct write *w, int64_t before_ms, struct err *err) MUST_USE;

#endif
