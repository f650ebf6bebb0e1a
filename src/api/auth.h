/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_API_AUTH_H
#define CHAPPE_API_AUTH_H

/* The first steps of every request: who calls, and how often may they. */

#include "api/api.h"
#include "net/limiter.h"

struct config;

/* Finds the caller from the Authorization header, as the route's access asks. A token in the query
 * string is refused (it ends in logs). API_WAIT: see sessions_authenticate. -1: rq->use.err is 401
 * M_MISSING_TOKEN, M_UNKNOWN_TOKEN, M_USER_LOCKED or 403. */
int api_authenticate(struct request *rq, struct caller *ret_caller) MUST_USE;

/* "Bearer TOKEN"; the word in any case. 1 given, 0 absent, -1 malformed. */
int api_bearer(struct request *rq, struct str *ret_token) MUST_USE;

/* For a request that is run again: its token may have been revoked meanwhile. */
/* For routes that authenticate nobody: whose token the request has. -1: 401 when it is no
 * application service's. */
struct appservice;
int api_find_appservice(struct request *rq, const struct appservice **ret_as) MUST_USE;
/* An application service's request that its registration exempts from rate limits. */
bool api_is_unlimited(struct request *rq);

int api_still_valid(struct request *rq, const struct caller *caller) MUST_USE;

struct limiter_rule api_rate_rule(const struct config *config, enum api_rate rate);

#endif
