/* SPDX-License-Identifier: EUPL-1.2 */

/* Sessions: how they begin, go on and end. */

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/vec.h"
#include "service/accounts/private.h"
#include "service/accounts/validity.h"
#include "service/audit.h"
#include "service/config.h"
#include "store/delayed.h"
#include "store/device_list.h"
#include "store/identity_token.h"

#define TOKEN_CHARS     40 /* 238 bits */
#define DEVICE_ID_CHARS 10

/* ---- beginning ---- */

static struct str draw_token(struct use *use, const struct session_draft *draft,
                             enum token_kind kind, int64_t generation, int64_t parent,
                             int64_t life_ms, struct token *ret_token)
{
    struct str text = token_new(use->arena, TOKEN_CHARS);
    *ret_token = (struct token){
        .id = store_new_id(use->server->store),
        .user = draft->device.user,
        .device = draft->device.id,
        .kind = kind,
        .state = parent ? TOKEN_STATE_FRESH : TOKEN_STATE_ACTIVE,
        .generation = generation,
        .parent = parent,
        .expires_ms = life_ms ? clock_wall_ms() + life_ms : 0,
    };
    token_digest(text, ret_token->digest);
    return text;
}

void session_draw_tokens(struct use *use, int64_t parent, bool refresh, struct session_draft *draft,
                         struct session_tokens *ret_tokens)
{
    const struct config *config = use->server->config;
    int64_t life_ms = refresh ? config->tokens_access_lifetime_ms : 0;
    int64_t generation = store_new_id(use->server->store);
    ret_tokens->access_token =
        draw_token(use, draft, TOKEN_KIND_ACCESS, generation, parent, life_ms, &draft->access);
    ret_tokens->expires_in_ms = life_ms;
    ret_tokens->device_id = draft->device.device_id;
    if (refresh)
        ret_tokens->refresh_token = draw_token(use, draft, TOKEN_KIND_REFRESH, generation, parent,
                                               config->tokens_refresh_lifetime_ms, &draft->refresh);
}

static int check_device_id(struct use *use, struct str device_id)
{
    return !device_id.n || device_id.n > LIMIT_DEVICE_ID_BYTES ||
                   memchr(device_id.p, 0, device_id.n)
               ? err_client(&use->err, 400, "M_INVALID_PARAM", "Not a valid device id")
               : 0;
}

int session_draft_make(struct use *use, int64_t user, const struct new_session *session,
                       struct session_draft *ret_draft, struct session_tokens *ret_tokens)
{
    struct session_draft draft = {.wanted = session->wanted};
    struct session_tokens tokens = {0};
    int found = 0;
    if (!session->wanted) {
        *ret_draft = draft;
        return 0;
    }
    struct str device_id =
        session->device_id.n ? session->device_id : token_new_letters(use->arena, DEVICE_ID_CHARS);
    if (check_device_id(use, device_id) < 0)
        return -1;
    if (session->device_id.n)
        found = device_find(&use->read, user, device_id, use->arena, &draft.device, &use->err);
    if (found < 0)
        return -1;
    draft.device_is_new = !found;
    if (!found)
        draft.device = (struct device){
            .id = store_new_id(use->server->store),
            .user = user,
            .device_id = device_id,
            .display_name = session->display_name,
            .created_ms = clock_wall_ms(),
            .last_seen_ms = clock_wall_ms(),
            .last_seen_ip = use->x ? http_peer(use->x) : STR_NONE,
        };
    session_draw_tokens(use, 0, session->refresh, &draft, &tokens);
    *ret_draft = draft;
    *ret_tokens = tokens;
    return 0;
}

int session_draft_write(struct write *w, const struct session_draft *draft, struct err *err)
{
    if (!draft->wanted)
        return 0;
    if (draft->device_is_new) {
        if (device_insert(w, &draft->device, err) < 0)
            return -1;
    } else if (device_expect(w, draft->device.id, err) < 0 ||
               token_delete_device(w, draft->device.user, draft->device.id, err) < 0) {
        return -1;
    }
    if (token_insert(w, &draft->access, err) < 0)
        return -1;
    return draft->refresh.id ? token_insert(w, &draft->refresh, err) : 0;
}

/* ---- signing in ---- */

struct sign_in {
    struct account account; /* as it was when the password was found right */
    struct session_draft draft;
    struct str login_token;
};

static int use_up(struct write *w, struct str login_token, struct err *err)
{
    unsigned char digest[SHA256_BYTES];
    if (!login_token.p)
        return 0;
    token_digest(login_token, digest);
    return identity_token_use_up(w, digest, err);
}

static int write_session(struct write *w, void *arg, struct err *err)
{
    const struct sign_in *in = arg;
    if (account_expect(w, &in->account, err) < 0 || use_up(w, in->login_token, err) < 0)
        return -1;
    return session_draft_write(w, &in->draft, err);
}

static int check_may_sign_in(struct use *use, int64_t user, struct account *ret_account)
{
    struct account account;
    int found = account_load(&use->read, user, use->arena, &account, &use->err);
    if (found < 0)
        return -1;
    if (!found || (account.flags & ACCOUNT_DEACTIVATED))
        return err_client(&use->err, 403, "M_USER_DEACTIVATED", "This account has been closed");
    if (account.flags & ACCOUNT_BARRED)
        return accounts_refuse_barred(use, account.flags);
    *ret_account = account;
    return 0;
}

/* Who comes back after the end is mailed what renews. */
static int refuse_expired(struct use *use, int64_t user)
{
    if (validity_send_mail(use, user, true) < 0 && use->err.kind != ERR_KIND_CLIENT)
        return -1;
    return validity_refuse(use);
}

int accounts_sign_in(struct use *use, int64_t user, const struct new_session *session,
                     struct session_tokens *ret_tokens)
{
    struct sign_in *in = ARENA_NEW(use->arena, struct sign_in);
    in->login_token = session->login_token;
    if (check_may_sign_in(use, user, &in->account) < 0)
        return -1;
    if (validity_is_over(use->server->config, in->account.expires_ms))
        return refuse_expired(use, user);
    if (session_draft_make(use, user, session, &in->draft, ret_tokens) < 0)
        return -1;
    if ((in->account.flags & ACCOUNT_ADMIN) &&
        use_audit_user(use, STR("admin.sign_in"), user, use_audit_address(use)) < 0)
        return -1;
    return use_commit(use, write_session, NULL, in);
}

/* ---- refreshing ---- */

struct refresh {
    struct token old;
    struct session_draft draft;
};

static int write_refresh(struct write *w, void *arg, struct err *err)
{
    const struct refresh *refresh = arg;
    /* Revoked meanwhile, it must not leave heirs. */
    if (token_expect(w, &refresh->old, err) < 0)
        return -1;
    /* The old pair counts as used from here on; the new one kills it when it is first used. */
    if (refresh->old.state == TOKEN_STATE_FRESH && token_activate(w, &refresh->old, err) < 0)
        return -1;
    if (token_insert(w, &refresh->draft.access, err) < 0)
        return -1;
    return token_insert(w, &refresh->draft.refresh, err);
}

static int write_theft(struct write *w, void *arg, struct err *err)
{
    const struct token *token = arg;
    if (delayed_cancel_device(w, token->user, token->device, err) < 0)
        return -1;
    return token_delete_device(w, token->user, token->device, err);
}

static int refuse_refresh(struct use *use)
{
    return err_client(&use->err, 401, "M_UNKNOWN_TOKEN", "Unknown refresh token");
}

/* A spent token comes from a thief, or its owner comes after one: the whole family dies, and the
 * answer leaves when it is dead. */
static int kill_family(struct use *use, const struct token *token)
{
    struct token *dead = ARENA_NEW(use->arena, struct token);
    *dead = *token;
    if (use_commit(use, write_theft, NULL, dead) < 0)
        return -1;
    return refuse_refresh(use);
}

/* By account: a device that is refused for what its neighbours ask would be signed out by clients
 * that take any refusal for the end of their session. */
static int limit_refreshes(struct use *use, int64_t user)
{
    const struct config *config = use->server->config;
    if (!config->rate_limits || !use->x || http_rerun_count(use->x) > 0)
        return 0;
    struct str key = arena_printf(use->arena, "refresh u%lld", (long long)user);
    int64_t wait =
        limiter_take(use->server->limiter, key, config->rates.login, 1, clock_monotonic_ms());
    if (wait == 0)
        return 0;
    err_client(&use->err, 429, "M_LIMIT_EXCEEDED", "Too many requests");
    use->err.retry_after_ms = wait;
    return -1;
}

int accounts_refresh(struct use *use, struct str refresh_token, struct session_tokens *ret_tokens)
{
    struct refresh *refresh = ARENA_NEW(use->arena, struct refresh);
    struct session_tokens tokens = {0};
    unsigned char digest[SHA256_BYTES];
    struct account account;
    token_digest(refresh_token, digest);
    int found = token_find(&use->read, digest, &refresh->old, &use->err);
    if (found < 0)
        return -1;
    const struct token *old = &refresh->old;
    if (!found || old->kind != TOKEN_KIND_REFRESH)
        return refuse_refresh(use);
    if (limit_refreshes(use, old->user) < 0)
        return -1;
    if (old->state == TOKEN_STATE_SPENT)
        return kill_family(use, old);
    if (old->expires_ms && old->expires_ms <= clock_wall_ms())
        return refuse_refresh(use);
    if (check_may_sign_in(use, old->user, &account) < 0)
        return -1;
    refresh->draft.device = (struct device){.id = old->device, .user = old->user};
    session_draw_tokens(use, old->generation, true, &refresh->draft, &tokens);
    *ret_tokens = tokens;
    return use_commit(use, write_refresh, NULL, refresh);
}

/* ---- signing out ---- */

struct sign_out {
    int64_t user;
    bool all; /* the devices there are when the job runs: one that signs in meanwhile goes too */
    VEC(int64_t) devices;
    struct str uia_session;
};

static int write_sign_out(struct write *w, void *arg, struct err *err)
{
    const struct sign_out *out = arg;
    if (out->uia_session.p && uia_consume(w, out->uia_session, err) < 0)
        return -1;
    if (out->all && identity_token_delete_user(w, out->user, err) < 0)
        return -1;
    if (out->all)
        return device_delete_all(w, out->user, 0, err);
    for (size_t i = 0; i < out->devices.n; i++)
        if (device_delete(w, out->user, out->devices.p[i], err) < 0)
            return -1;
    return 0;
}

int accounts_sign_out(struct use *use)
{
    struct sign_out *out = ARENA_NEW(use->arena, struct sign_out);
    out->user = use->caller.user;
    ARENA_VEC_ADD(use->arena, &out->devices, use->caller.device);
    return use_commit(use, write_sign_out, NULL, out);
}

int accounts_sign_out_all(struct use *use)
{
    struct sign_out *out = ARENA_NEW(use->arena, struct sign_out);
    out->user = use->caller.user;
    out->all = true;
    return use_commit(use, write_sign_out, NULL, out);
}

int accounts_delete_devices(struct use *use, const struct str *device_ids, size_t n,
                            struct str uia_session)
{
    struct sign_out *out = ARENA_NEW(use->arena, struct sign_out);
    struct device device;
    out->user = use->caller.user;
    out->uia_session = uia_session;
    for (size_t i = 0; i < n; i++) {
        int found =
            device_find(&use->read, out->user, device_ids[i], use->arena, &device, &use->err);
        if (found < 0)
            return -1;
        if (found)
            ARENA_VEC_ADD(use->arena, &out->devices, device.id);
    }
    return use_commit(use, write_sign_out, NULL, out);
}

/* ---- devices ---- */

struct rename {
    int64_t user, device;
    struct str name;
};

static int write_rename(struct write *w, void *arg, struct err *err)
{
    const struct rename *rename = arg;
    if (device_set_display_name(w, rename->device, rename->name, err) < 0)
        return -1;
    return device_list_changed(w, rename->user, rename->device, err);
}

static int write_device(struct write *w, void *arg, struct err *err)
{
    const struct device *device = arg;
    if (device_insert(w, device, err) < 0)
        return -1;
    return device_list_changed(w, device->user, device->id, err);
}

/* Application service API: a device of one of its users, without a session. */
static int make_device(struct use *use, struct str device_id, struct str display_name)
{
    struct device *device = ARENA_NEW(use->arena, struct device);
    if (check_device_id(use, device_id) < 0)
        return -1;
    *device = (struct device){
        .id = store_new_id(use->server->store),
        .user = use->caller.user,
        .device_id = device_id,
        .display_name = display_name,
        .created_ms = clock_wall_ms(),
    };
    return use_commit(use, write_device, NULL, device);
}

int accounts_rename_device(struct use *use, struct str device_id, struct str display_name,
                           bool *ret_made)
{
    struct rename *rename = ARENA_NEW(use->arena, struct rename);
    struct device device;
    int found =
        device_find(&use->read, use->caller.user, device_id, use->arena, &device, &use->err);
    if (found < 0)
        return -1;
    *ret_made = !found && use->caller.ghost;
    if (*ret_made)
        return make_device(use, device_id, display_name);
    if (!found)
        return err_client(&use->err, 404, "M_NOT_FOUND", "No such device");
    *rename = (struct rename){use->caller.user, device.id, display_name};
    return use_commit(use, write_rename, NULL, rename);
}
