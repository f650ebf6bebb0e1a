/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/accounts/login_token.h"

#include "base/clock.h"
#include "crypto/token.h"
#include "store/account.h"
#include "store/identity_token.h"
#include "store/uia.h"

#define TOKEN_CHARS 40

struct giving {
    struct account account; /* as it was when the password was found right */
    struct identity_token token;
    struct str uia_session;
};

static int write_giving(struct write *w, void *arg, struct err *err)
{
    const struct giving *giving = arg;
    if (account_expect(w, &giving->account, err) < 0)
        return -1;
    if (giving->uia_session.p && uia_consume(w, giving->uia_session, err) < 0)
        return -1;
    return identity_token_insert(w, &giving->token, err);
}

int login_token_give(struct use *use, struct str uia_session, struct str *ret_token)
{
    struct giving *giving = ARENA_NEW(use->arena, struct giving);
    int found = account_load(&use->read, use->caller.user, use->arena, &giving->account, &use->err);
    if (found != 1)
        return found < 0 ? -1 : err_client(&use->err, 404, "M_NOT_FOUND", "No such account");
    *ret_token = token_new(use->arena, TOKEN_CHARS);
    giving->uia_session = uia_session;
    giving->token.user = use->caller.user;
    giving->token.kind = IDENTITY_TOKEN_LOGIN;
    giving->token.expires_ms = clock_wall_ms() + LOGIN_TOKEN_LIFE_MS;
    token_digest(*ret_token, giving->token.digest);
    return use_commit(use, write_giving, NULL, giving);
}

int login_token_find(struct use *use, struct str token, int64_t *ret_user)
{
    unsigned char digest[SHA256_BYTES];
    token_digest(token, digest);
    return identity_token_find(&use->read, digest, IDENTITY_TOKEN_LOGIN, clock_wall_ms(), ret_user,
                               &use->err);
}
