/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ACCOUNTS_UIA_H
#define CHAPPE_SERVICE_ACCOUNTS_UIA_H

/* The user-interactive authentication framework (client-server API, "User-Interactive
 * Authentication API"). A flow is a set of stages, tried in the order of their numbers; a request
 * passes when the stages of one flow are done. A session belongs to one action of one user, for
 * LIMIT_UIA_MS, and is used up by the job of the action it allowed (uia_consume). From the first
 * stage that was completed on, the request's body may not change. */

#include "service/use.h"
#include "store/validation.h"
#include "json/doc.h"

enum uia_stage {
    UIA_STAGE_REGISTRATION_TOKEN,
    UIA_STAGE_PASSWORD,
    UIA_STAGE_DUMMY,
    UIA_STAGE_TERMS,
    UIA_STAGE_EMAIL,
    UIA_STAGE_COUNT,
};
#define UIA_FLOW(stage) (1u << (stage))

struct uia_need {
    struct str action;     /* the route: "POST /_matrix/client/v3/register" */
    const unsigned *flows; /* sets of stages */
    size_t n_flows;
    int64_t user;                    /* who must authenticate; 0: registration */
    const struct json *body;         /* the request's, with its "auth" or without */
    enum validation_purpose purpose; /* of the proof that the stage of e-mail takes */
};

enum { UIA_CHALLENGE = 3 }; /* besides USE_FAILED, USE_DONE, USE_WAIT */

struct uia_result {
    struct str session; /* USE_DONE: to be used up in the job; STR_NONE: there was none */
    struct str registration_token; /* STR_NONE: not given */
    struct str validation;         /* the proof of an address, to be used up; STR_NONE: none */
    struct email email;            /* the address, on USE_DONE with a proof */
    /* UIA_CHALLENGE: what the answer 401 says. */
    unsigned completed;
    const char *errcode; /* NULL: no stage has failed */
    const char *error;
};

int uia_check(struct use *use, const struct uia_need *need, struct uia_result *ret_result) MUST_USE;

/* A stage may be completed on a page instead (client-server API, "Fallback"); the client then comes
 * back with the session alone. Whose session the page is for: */
struct uia_owner {
    int64_t user;                    /* who authenticates; 0: somebody who is not signed in */
    struct str user_id;              /* STR_NONE with 0 */
    enum validation_purpose purpose; /* of the proof that the stage of e-mail takes */
};
/* Known: the session exists, is not too old and may have that stage. */
int uia_fallback_load(struct use *use, enum uia_stage stage, struct str session_id,
                      struct uia_owner *ret_owner, bool *ret_known) MUST_USE;
/* What was given on the page: the registration token, the password, or the sid of a proof with its
 * client_secret. */
struct uia_given {
    struct str text, client_secret;
};
/* The session remembers the stage when it passes. USE_WAIT while the password is verified; its
 * limits are those of a sign-in. */
int uia_fallback_complete(struct use *use, enum uia_stage stage, struct str session_id,
                          const struct uia_given *given, bool *ret_passed) MUST_USE;

struct str uia_stage_name(enum uia_stage stage);
/* -1: none of ours. */
int uia_stage_find(struct str name);

#endif
