/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/auth.h"

#include "service/accounts/sessions.h"
#include "service/appservice/assertion.h"
#include "service/config.h"
#include "service/identity/tokens.h"

static unsigned flags_of(enum api_access access)
{
    if (access == API_ACCESS_USER_LOCKED)
        return SESSION_LOCKED_TOO | SESSION_SUSPENDED_TOO | SESSION_EXPIRED_TOO;
    if (access == API_ACCESS_USER_EXPIRED)
        return SESSION_SUSPENDED_TOO | SESSION_EXPIRED_TOO;
    return access == API_ACCESS_USER_SUSPENDED ? SESSION_SUSPENDED_TOO : 0;
}

/* As clients of before v1.11 send it (client-server API, "Using access tokens"), where the operator
 * allows it. */
static int query_token(struct request *rq, struct str *ret_token)
{
    struct str token = api_query(rq, STR("access_token"));
    if (rq->use.server->config->tokens_header_only || !token.p)
        return 0;
    *ret_token = token;
    return token.n ? 1 : -1;
}

int api_bearer(struct request *rq, struct str *ret_token)
{
    struct str header = http_header(rq->use.x, STR("authorization")), word, token;
    if (!header.p)
        return query_token(rq, ret_token);
    if (!str_cut(header, ' ', &word, &token) || !str_eq_nocase(word, STR("bearer")) || !token.n)
        return -1;
    *ret_token = token;
    return 1;
}

static int authenticate_identity(struct request *rq, int given, struct str token,
                                 struct caller *ret_caller)
{
    if (given != 1)
        return err_client(&rq->use.err, 401, "M_UNAUTHORIZED", "Missing token");
    return identity_authenticate(&rq->use, token, ret_caller);
}

/* 1, 0 the token is no application service's, -1. */
static int authenticate_appservice(struct request *rq, struct str token, struct caller *ret_caller)
{
    struct str device_id = api_query(rq, STR("device_id"));
    if (!rq->use.server->config->n_appservices)
        return 0;
    if (!device_id.p)
        device_id = api_query(rq, STR("org.matrix.msc3202.device_id"));
    int found =
        appservice_assert(&rq->use, token, api_query(rq, STR("user_id")), device_id, ret_caller);
    if (found == 1 && ret_caller->suspended &&
        !(flags_of(rq->route->access) & SESSION_SUSPENDED_TOO))
        return err_client(&rq->use.err, 403, "M_USER_SUSPENDED", "This account is suspended");
    return found;
}

int api_authenticate(struct request *rq, struct caller *ret_caller)
{
    enum api_access access = rq->route->access;
    struct str token;
    if (access == API_ACCESS_NOBODY)
        return 0;
    int given = api_bearer(rq, &token);
    if (access == API_ACCESS_IDENTITY)
        return authenticate_identity(rq, given, token, ret_caller);
    if (given < 0)
        return err_client(&rq->use.err, 401, "M_UNKNOWN_TOKEN",
                          "The Authorization header is not a bearer token");
    if (!given && access == API_ACCESS_OPTIONAL)
        return 0;
    if (!given)
        return err_client(&rq->use.err, 401, "M_MISSING_TOKEN", "Missing access token");
    int status = authenticate_appservice(rq, token, ret_caller);
    if (status == 0)
        status = sessions_authenticate(&rq->use, token, flags_of(access), ret_caller);
    else
        status = status < 0 ? API_FAILED : USE_DONE;
    if (status != USE_DONE)
        return status;
    if (access == API_ACCESS_ADMIN && !ret_caller->admin)
        return err_client(&rq->use.err, 403, "M_FORBIDDEN", "You are not a server administrator");
    return 0;
}

int api_find_appservice(struct request *rq, const struct appservice **ret_as)
{
    struct str token;
    int given = api_bearer(rq, &token);
    if (given == 0)
        return err_client(&rq->use.err, 401, "M_MISSING_TOKEN", "Missing access token");
    *ret_as = given == 1 ? appservice_find_token(rq->use.server->config, token) : NULL;
    return *ret_as ? 0 : err_client(&rq->use.err, 401, "M_UNKNOWN_TOKEN", "Unknown access token");
}

static bool is_unlimited_user(const struct request *rq, const struct appservice *as)
{
    return !as->rate_limited || str_eq(rq->use.caller.user_id, as->sender);
}

bool api_is_unlimited(struct request *rq)
{
    const struct appservice *as = rq->use.caller.appservice;
    struct err before = rq->use.err;
    if (as)
        return is_unlimited_user(rq, as);
    /* Making accounts and signing in to them, which no user does. */
    if (!rq->use.server->config->n_appservices || rq->route->access != API_ACCESS_NOBODY)
        return false;
    int found = api_find_appservice(rq, &as);
    rq->use.err = before;
    return found == 0 && !as->rate_limited;
}

int api_still_valid(struct request *rq, const struct caller *caller)
{
    struct caller again = {0};
    int status = api_authenticate(rq, &again);
    if (status != API_DONE)
        return status;
    if (again.token != caller->token || again.user != caller->user)
        return err_client(&rq->use.err, 401, "M_UNKNOWN_TOKEN", "Unknown access token");
    return 0;
}

struct limiter_rule api_rate_rule(const struct config *config, enum api_rate rate)
{
    const struct config_rates *rates = &config->rates;
    switch (rate) {
    case API_RATE_READ:
        return rates->read;
    case API_RATE_SYNC:
        return rates->sync;
    case API_RATE_WRITE:
        return rates->write;
    case API_RATE_ROOM:
        return rates->room;
    case API_RATE_KEYS:
        return rates->keys;
    case API_RATE_LOGIN:
        return rates->login;
    case API_RATE_REGISTER:
        return rates->registration;
    case API_RATE_NONE:
    case API_RATE_COUNT:
        break;
    }
    return (struct limiter_rule){0};
}
