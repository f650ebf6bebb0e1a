/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/identity/tokens.h"

#include <string.h>

#include "base/clock.h"
#include "crypto/token.h"
#include "store/account.h"

#define TOKEN_CHARS     40
#define SERVICE_LIFE_MS (30 * 86400 * INT64_C(1000))

static int write_token(struct write *w, void *arg, struct err *err)
{
    return identity_token_insert(w, arg, err);
}

static int give(struct use *use, int64_t user, enum identity_token_kind kind, int64_t life_ms,
                struct str *ret_token)
{
    struct identity_token *token = ARENA_NEW(use->arena, struct identity_token);
    *ret_token = token_new(use->arena, TOKEN_CHARS);
    token->user = user;
    token->kind = kind;
    token->expires_ms = clock_wall_ms() + life_ms;
    token_digest(*ret_token, token->digest);
    return use_commit(use, write_token, NULL, token);
}

static int refuse(struct use *use)
{
    return err_client(&use->err, 401, "M_UNAUTHORIZED", "Unknown token");
}

static int find(struct use *use, struct str token, enum identity_token_kind kind, int64_t *ret_user)
{
    unsigned char digest[SHA256_BYTES];
    token_digest(token, digest);
    int found = identity_token_find(&use->read, digest, kind, clock_wall_ms(), ret_user, &use->err);
    if (found < 0)
        return -1;
    return found ? 0 : refuse(use);
}

int openid_give(struct use *use, struct str *ret_token)
{
    return give(use, use->caller.user, IDENTITY_TOKEN_OPENID, OPENID_LIFE_MS, ret_token);
}

/* Another server's token would be asked of it, by federation. */
int identity_sign_in(struct use *use, struct str server_name, struct str openid_token,
                     struct str *ret_token)
{
    int64_t user;
    if (!str_eq(server_name, use->server->name))
        return refuse(use);
    if (find(use, openid_token, IDENTITY_TOKEN_OPENID, &user) < 0)
        return -1;
    return give(use, user, IDENTITY_TOKEN_SERVICE, SERVICE_LIFE_MS, ret_token);
}

struct ending {
    unsigned char digest[SHA256_BYTES];
};

static int write_ending(struct write *w, void *arg, struct err *err)
{
    const struct ending *ending = arg;
    return identity_token_delete(w, ending->digest, err);
}

int identity_sign_out(struct use *use, struct str token)
{
    struct ending *ending = ARENA_NEW(use->arena, struct ending);
    token_digest(token, ending->digest);
    return use_commit(use, write_ending, NULL, ending);
}

int identity_authenticate(struct use *use, struct str token, struct caller *ret_caller)
{
    struct caller caller = {0};
    unsigned char digest[SHA256_BYTES];
    if (find(use, token, IDENTITY_TOKEN_SERVICE, &caller.user) < 0 ||
        store_name(use->server->store, caller.user, use->arena, &caller.user_id, &use->err) < 0 ||
        account_is_external(&use->read, caller.user, &caller.external, &use->err) < 0)
        return -1;
    token_digest(token, digest);
    memcpy(&caller.token, digest, sizeof caller.token);
    *ret_caller = caller;
    return 0;
}
