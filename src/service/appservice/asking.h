/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_APPSERVICE_ASKING_H
#define CHAPPE_SERVICE_APPSERVICE_ASKING_H

/* Questions to an application service that a client's request waits for (application service API,
 * "Pinging", "Querying", "Third-party networks"). Each returns USE_WAIT until the answer is there;
 * the handler is then run again from the top, and asks again, which finds it. They take the
 * request's wait slot. */

#include "net/call.h"
#include "service/appservice/registration.h"
#include "service/use.h"

struct asked {
    enum call_outcome outcome;
    int status;
    struct str body; /* at most LIMIT_APPSERVICE_ANSWER bytes */
    int64_t duration_ms;
};

/* path is behind the service's URL: "/_matrix/app/v1/ping". legacy, when not NULL, is asked when
 * that is not there (404, 405). What is asked is told apart by method and path. */
int appservice_ask(struct use *use, const struct appservice *as, const char *method,
                   struct str path, struct str legacy, struct str body,
                   struct asked *ret_asked) MUST_USE;

/* Whoever has the name in its namespace is asked to make what is not there (an alias, a user):
 * USE_WAIT; USE_DONE: it is made, or nobody keeps such a name, or this request has asked enough
 * (LIMIT_APPSERVICE_QUERIES); the caller looks again. 429 for who asks for ever more, 408. */
int appservice_query_alias(struct use *use, struct str alias) MUST_USE;
int appservice_query_user(struct use *use, struct str user_id) MUST_USE;

#endif
