/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/accounts/sessions.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"
#include "crypto/token.h"
#include "service/accounts/accounts.h"
#include "service/accounts/private.h"
#include "service/accounts/validity.h"

/* Past this the cache starts anew: it is a cache. */
#define SESSIONS_MAX 200000
/* A device's "last seen" is written at most so often. */
#define SEEN_EVERY_MS (10 * 60 * 1000)

struct session {
    struct token token;
    int64_t flags;      /* of the account */
    int64_t expires_ms; /* of the account */
    int64_t seen_ms;
    struct str user_id, device_id; /* owned */
    struct session *next_of_user;
};

struct sessions {
    pthread_mutex_t lock;
    struct str_map by_digest;
    struct int_map by_user; /* user → first struct session */
    int64_t revocations;    /* atomic: counts sessions_forget_user */
};

struct sessions *sessions_new(void)
{
    struct sessions *sessions = MEM_NEW(struct sessions);
    pthread_mutex_init(&sessions->lock, NULL);
    return sessions;
}

static struct str digest_of(const struct session *session)
{
    return str_make(session->token.digest, SHA256_BYTES);
}

static void session_free(struct session *session)
{
    mem_free((void *)(uintptr_t)session->user_id.p);
    mem_free((void *)(uintptr_t)session->device_id.p);
    mem_free(session);
}

static void forget(struct sessions *sessions, int64_t user)
{
    struct session *session = int_map_remove(&sessions->by_user, user);
    while (session) {
        struct session *next = session->next_of_user;
        str_map_remove(&sessions->by_digest, digest_of(session));
        session_free(session);
        session = next;
    }
}

static void forget_all(struct sessions *sessions)
{
    size_t at = 0;
    struct str digest;
    void *session;
    while (str_map_next(&sessions->by_digest, &at, &digest, &session))
        session_free(session);
    str_map_done(&sessions->by_digest);
    int_map_done(&sessions->by_user);
}

void sessions_free(struct sessions *sessions)
{
    if (!sessions)
        return;
    forget_all(sessions);
    pthread_mutex_destroy(&sessions->lock);
    mem_free(sessions);
}

void sessions_forget_user(struct sessions *sessions, int64_t user)
{
    pthread_mutex_lock(&sessions->lock);
    __atomic_add_fetch(&sessions->revocations, 1, __ATOMIC_SEQ_CST);
    forget(sessions, user);
    pthread_mutex_unlock(&sessions->lock);
}

/* ---- what is written on the way ---- */

struct seen {
    struct token token;
    int64_t ms;
    char ip[64];
};

static int write_seen(struct write *w, void *arg, struct err *err)
{
    const struct seen *seen = arg;
    return device_set_last_seen(w, seen->token.device, seen->ms, str_from(seen->ip), err);
}

static bool is_first_use(const struct token *token)
{
    return token->state == TOKEN_STATE_FRESH && token->parent;
}

/* Revoked or used by another request since it was read: the request looks again. */
static int write_active(struct write *w, void *arg, struct err *err)
{
    const struct token *token = arg;
    return token_expect(w, token, err) < 0 ? -1 : token_activate(w, token, err);
}

/* The first use of a token kills those it replaces. The request goes on when they are dead, so that
 * its own job is the only one it has then. */
static int activate(struct use *use, const struct token *token)
{
    struct token *used = ARENA_NEW(http_arena(use->x), struct token);
    *used = *token;
    return use_commit_first(use, write_active, NULL, used);
}

static void write_later(struct use *use, const struct token *token,
                        int (*run)(struct write *w, void *arg, struct err *err))
{
    struct seen *seen = MEM_NEW(struct seen);
    struct str ip = use->x ? str_first(http_peer(use->x), sizeof seen->ip - 1) : STR("");
    seen->token = *token;
    seen->ms = clock_wall_ms();
    memcpy(seen->ip, ip.p, ip.n);
    commit_later(use->server, run, seen);
}

/* ---- authenticating ---- */

static int unknown(struct use *use, bool soft_logout)
{
    err_client(&use->err, 401, "M_UNKNOWN_TOKEN",
               soft_logout ? "The access token has expired" : "Unknown access token");
    use->err.soft_logout = soft_logout;
    return -1;
}

/* 1 a copy is in *ret, whose texts are in the arena; 0. */
static int find_cached(struct use *use, struct str digest, struct session *ret, bool *ret_seen_due)
{
    struct sessions *sessions = use->server->accounts->sessions;
    int64_t now_ms = clock_monotonic_ms();
    pthread_mutex_lock(&sessions->lock);
    struct session *session = str_map_find(&sessions->by_digest, digest);
    if (session) {
        *ret_seen_due = now_ms - session->seen_ms >= SEEN_EVERY_MS;
        if (*ret_seen_due)
            session->seen_ms = now_ms;
        *ret = *session;
        ret->user_id = arena_str(use->arena, session->user_id);
        ret->device_id = arena_str(use->arena, session->device_id);
    }
    pthread_mutex_unlock(&sessions->lock);
    return session != NULL;
}

static void cache(struct use *use, const struct session *found, int64_t revocations)
{
    struct sessions *sessions = use->server->accounts->sessions;
    pthread_mutex_lock(&sessions->lock);
    if (sessions->by_digest.n >= SESSIONS_MAX)
        forget_all(sessions);
    /* Revoked since it was read, or another thread was first: not kept. */
    if (__atomic_load_n(&sessions->revocations, __ATOMIC_SEQ_CST) == revocations &&
        !str_map_find(&sessions->by_digest, digest_of(found))) {
        struct session *session = MEM_NEW(struct session);
        *session = *found;
        session->user_id = str_make(mem_copy(found->user_id.p, found->user_id.n), found->user_id.n);
        session->device_id =
            str_make(mem_copy(found->device_id.p, found->device_id.n), found->device_id.n);
        session->seen_ms = clock_monotonic_ms();
        str_map_put(&sessions->by_digest, digest_of(session), session);
        session->next_of_user = int_map_put(&sessions->by_user, session->token.user, session);
    }
    pthread_mutex_unlock(&sessions->lock);
}

static int load(struct use *use, const unsigned char digest[SHA256_BYTES], struct session *ret)
{
    struct account account;
    struct session found = {0};
    int status = token_find(&use->read, digest, &found.token, &use->err);
    if (status != 1)
        return status < 0 ? -1 : unknown(use, false);
    if (found.token.kind != TOKEN_KIND_ACCESS || found.token.state == TOKEN_STATE_SPENT)
        return unknown(use, found.token.kind == TOKEN_KIND_ACCESS);
    status = account_load(&use->read, found.token.user, use->arena, &account, &use->err);
    if (status != 1)
        return status < 0 ? -1 : unknown(use, false);
    found.flags = account.flags;
    found.expires_ms = account.expires_ms;
    if (store_name(use->server->store, found.token.user, use->arena, &found.user_id, &use->err) < 0)
        return -1;
    if (found.token.device &&
        device_id_of(&use->read, found.token.device, use->arena, &found.device_id, &use->err) < 0)
        return -1;
    *ret = found;
    return 0;
}

static int check(struct use *use, const struct session *session, unsigned flags)
{
    if (session->flags & ACCOUNT_DEACTIVATED)
        return unknown(use, false);
    if (session->token.expires_ms && session->token.expires_ms <= clock_wall_ms())
        return unknown(use, true);
    if ((session->flags & ACCOUNT_BARRED) && !(flags & SESSION_LOCKED_TOO))
        return accounts_refuse_barred(use, session->flags);
    if (!(flags & SESSION_EXPIRED_TOO) &&
        validity_is_over(use->server->config, session->expires_ms))
        return validity_refuse(use);
    if ((session->flags & ACCOUNT_SUSPENDED) && !(flags & SESSION_SUSPENDED_TOO))
        return err_client(&use->err, 403, "M_USER_SUSPENDED", "This account is suspended");
    return 0;
}

int sessions_authenticate(struct use *use, struct str token, unsigned flags,
                          struct caller *ret_caller)
{
    struct sessions *sessions = use->server->accounts->sessions;
    unsigned char digest[SHA256_BYTES];
    struct session session;
    bool seen_due = false;
    token_digest(token, digest);
    int64_t revocations = __atomic_load_n(&sessions->revocations, __ATOMIC_SEQ_CST);
    if (!find_cached(use, str_make(digest, SHA256_BYTES), &session, &seen_due)) {
        if (load(use, digest, &session) < 0 || check(use, &session, flags) < 0)
            return -1;
        if (is_first_use(&session.token))
            return activate(use, &session.token);
        cache(use, &session, revocations);
        seen_due = session.token.device != 0;
    } else if (check(use, &session, flags) < 0) {
        return -1;
    }
    if (seen_due && session.token.device)
        write_later(use, &session.token, write_seen);
    *ret_caller = (struct caller){
        .user = session.token.user,
        .user_id = session.user_id,
        .device = session.token.device,
        .device_id = session.device_id,
        .token = session.token.id,
        .admin = session.flags & ACCOUNT_ADMIN,
        .suspended = session.flags & ACCOUNT_SUSPENDED,
        .external = session.flags & ACCOUNT_EXTERNAL,
    };
    return USE_DONE;
}

/* ---- later ---- */

int64_t sessions_count_revocations(const struct server *server)
{
    return __atomic_load_n(&server->accounts->sessions->revocations, __ATOMIC_SEQ_CST);
}

int sessions_expect(struct use *use)
{
    const struct caller *caller = &use->caller;
    struct session session = {0};
    struct account account;
    struct str device_id;
    int found = account_load(&use->read, caller->user, use->arena, &account, &use->err);
    if (found < 0 || (caller->device && device_id_of(&use->read, caller->device, use->arena,
                                                     &device_id, &use->err) < 0))
        return -1;
    if (found == 0 || (caller->device && !device_id.n))
        return unknown(use, false);
    session.flags = account.flags;
    session.expires_ms = account.expires_ms;
    return check(use, &session, SESSION_SUSPENDED_TOO);
}
