/* SPDX-License-Identifier: EUPL-1.2 */

/* Passwords: rules for new ones, verifying with limits, changing. Hashing runs on the password
 * pool, so each of these may answer USE_WAIT once. */

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "crypto/nfc.h"
#include "crypto/password.h"
#include "net/limiter.h"
#include "service/accounts/passwords.h"
#include "service/accounts/private.h"
#include "service/accounts/strength.h"
#include "service/appservice/registration.h"
#include "service/audit.h"
#include "service/config.h"
#include "store/email.h"
#include "store/identity_token.h"
#include "store/validation.h"

/* Bytes that do not go on a character; what is no UTF-8 is refused when it is normalised. */
static size_t count_characters(struct str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        n += ((unsigned char)text.p[i] & 0xc0) != 0x80;
    return n;
}

int accounts_check_new_password(struct use *use, struct str password)
{
    if (password.n > LIMIT_PASSWORD_BYTES)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "A password has at most %d bytes",
                          LIMIT_PASSWORD_BYTES);
    if (count_characters(password) < LIMIT_PASSWORD_MIN) {
        (void)err_client(&use->err, 400, "M_WEAK_PASSWORD", "A password has at least %d characters",
                         LIMIT_PASSWORD_MIN);
        return err_reason(&use->err, "password_short");
    }
    if (password_is_common(password)) {
        (void)err_client(&use->err, 400, "M_WEAK_PASSWORD",
                         "This password is easy to guess: use several words that do not go "
                         "together, and no name, date or row of keys");
        return err_reason(&use->err, "password_common");
    }
    return 0;
}

static struct password_task *find_task(struct use *use, enum password_work work)
{
    struct password_task *task = *use_wait_slot(use);
    while (task && task->work != work)
        task = task->older;
    return task;
}

/* Every password passes here on its way to a hash: é typed as one character or as two is one
 * password. */
static int normalise(struct use *use, struct arena *arena, struct str password,
                     struct str *ret_password)
{
    if (nfc(arena, password, ret_password) < 0)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "The password is not UTF-8");
    return 0;
}

/* Tasks of a request stay in its slot, one a kind of work: a rerun finds what was done before. */
int passwords_run(struct use *use, enum password_work work, struct str password, struct str hash,
                  struct password_task **ret_task)
{
    void **slot = use_wait_slot(use);
    struct password_task *task = find_task(use, work);
    if (!task) {
        /* The memory of this run is gone while the task waits. */
        struct arena *arena = http_arena(use->x);
        task = ARENA_NEW(arena, struct password_task);
        task->work = work;
        if (normalise(use, arena, password, &task->password) < 0)
            return -1;
        task->hash = arena_str(arena, hash);
        if (password_task_submit(use->server->passwords, use->x, task, &use->err) < 0)
            return -1;
        task->older = *slot;
        *slot = task;
        return USE_WAIT;
    }
    if (!task_is_done(&task->task))
        return USE_WAIT;
    if (task->err.kind != ERR_KIND_NONE) {
        use->err = task->err;
        return -1;
    }
    *ret_task = task;
    return USE_DONE;
}

/* Without an exchange nobody else waits: at once. */
static int hash_now(struct use *use, struct str password, struct str *ret_hash)
{
    struct str normal;
    if (normalise(use, use->arena, password, &normal) < 0)
        return -1;
    return password_hash(use->arena, normal, ret_hash, &use->err);
}

int accounts_hash_password(struct use *use, struct str password, struct str *ret_hash)
{
    struct password_task *task;
    if (!use->x)
        return hash_now(use, password, ret_hash);
    int status = passwords_run(use, PASSWORD_WORK_HASH, password, STR_NONE, &task);
    if (status == USE_DONE)
        *ret_hash = task->new_hash;
    return status;
}

/* ---- verifying ---- */

/* Failures are counted by account and by address, in buckets that only failures fill. A right
 * password is refused too while the account's bucket is full: guesses must not learn from the
 * answer. A name that nobody has is counted as well: else who guesses from many addresses would
 * learn from the refusals which accounts there are. */
static int check_limits(struct use *use, struct str user_id, double cost)
{
    const struct config *config = use->server->config;
    int64_t now = clock_monotonic_ms(), wait = 0;
    if (!config->rate_limits || !use->x)
        return 0;
    struct str account = arena_printf(use->arena, "login account %.*s", STR_ARG(user_id));
    struct str address =
        arena_printf(use->arena, "login failed %.*s", STR_ARG(http_peer_network(use->x)));
    struct limiter *limiter = use->server->limiter;
    if (cost > 0) {
        limiter_take(limiter, account, config->rates.login_account, cost, now);
        limiter_take(limiter, address, config->rates.login, cost, now);
        return 0;
    }
    wait = limiter_peek(limiter, account, config->rates.login_account, 1, now);
    if (!wait)
        wait = limiter_peek(limiter, address, config->rates.login, 1, now);
    if (!wait)
        return 0;
    err_client(&use->err, 429, "M_LIMIT_EXCEEDED", "Too many failed sign-ins, try again later");
    use->err.retry_after_ms = wait;
    return -1;
}

struct rehash {
    int64_t user;
    size_t n, n_old;
    char old[PASSWORD_HASH_BYTES];
    char hash[PASSWORD_HASH_BYTES];
};

static int write_rehash(struct write *w, void *arg, struct err *err)
{
    const struct rehash *rehash = arg;
    return account_rehash(w, rehash->user, str_make(rehash->old, rehash->n_old),
                          str_make(rehash->hash, rehash->n), err);
}

static void rehash_later(struct use *use, int64_t user, const struct password_task *task)
{
    struct rehash *rehash = MEM_NEW(struct rehash);
    struct str old = str_first(task->hash, sizeof rehash->old);
    rehash->n_old = old.n;
    memcpy(rehash->old, old.p, old.n);
    rehash->user = user;
    rehash->n = task->new_hash.n;
    memcpy(rehash->hash, task->new_hash.p, task->new_hash.n);
    commit_later(use->server, write_rehash, rehash);
}

/* Wrong tries at an administrator's account; the login limits bound how many there can be. */
static int audit_failure(struct use *use, int64_t user)
{
    struct str user_id;
    if (store_name(use->server->store, user, use->arena, &user_id, &use->err) < 0)
        return -1;
    use_audit_later(use, STR("admin.wrong_password"), user_id, use_audit_address(use));
    return 0;
}

/* A rerun may find another password than the one that was verified. */
static bool is_hash_of(const struct password_task *task, struct str hash)
{
    return str_eq(task->hash, hash) || (task->new_hash.n && str_eq(task->new_hash, hash));
}

int accounts_verify_password(struct use *use, int64_t user, struct str user_id, struct str password,
                             bool *ret_fits)
{
    struct account account = {0};
    struct password_task *task;
    bool first = !find_task(use, PASSWORD_WORK_VERIFY) && !find_task(use, PASSWORD_WORK_NOTHING);
    if (password.n > LIMIT_PASSWORD_BYTES)
        return err_client(&use->err, 400, "M_INVALID_PARAM", "A password has at most %d bytes",
                          LIMIT_PASSWORD_BYTES);
    if (first && check_limits(use, user_id, 0) < 0)
        return -1;
    if (user && account_load(&use->read, user, use->arena, &account, &use->err) < 0)
        return -1;
    bool can = account.password_hash.n && !(account.flags & ACCOUNT_DEACTIVATED);
    int status = passwords_run(use, can ? PASSWORD_WORK_VERIFY : PASSWORD_WORK_NOTHING, password,
                               account.password_hash, &task);
    if (status != USE_DONE)
        return status;
    /* Guesses sent at once were all let in; what the first of them did to the limits holds for the
     * others. */
    if (!task->counted && check_limits(use, user_id, 0) < 0)
        return -1;
    if (!task->fits && !task->counted && check_limits(use, user_id, 1) < 0)
        return -1;
    if (!task->fits && !task->counted && (account.flags & ACCOUNT_ADMIN) &&
        audit_failure(use, user) < 0)
        return -1;
    if (task->fits && task->new_hash.n && !task->counted)
        rehash_later(use, user, task);
    task->counted = true;
    *ret_fits = task->fits && is_hash_of(task, account.password_hash);
    return USE_DONE;
}

/* ---- changing ---- */

struct password_change {
    int64_t user, keep_device;
    struct str hash, uia_session;
    struct email email;    /* whose account it is, when the mailbox is what proves it */
    struct str validation; /* the proof of it to use up; STR_NONE: none */
    bool sign_out_others;
};

static int write_password(struct write *w, void *arg, struct err *err)
{
    const struct password_change *change = arg;
    if (change->validation.p && email_expect_owner(w, change->user, &change->email, err) < 0)
        return -1;
    if (change->uia_session.p && uia_consume(w, change->uia_session, err) < 0)
        return -1;
    if (change->validation.p) {
        int proved = validation_use(w, change->validation, err);
        if (proved != 1)
            return proved < 0
                       ? -1
                       : err_client(err, 403, "M_FORBIDDEN", "This proof of an address is used up");
    }
    /* A token that was given for the old password begins no session after it, whatever stays. */
    if (account_set_password(w, change->user, change->hash, err) < 0 ||
        identity_token_delete_user(w, change->user, err) < 0)
        return -1;
    if (!change->sign_out_others)
        return 0;
    return device_delete_all(w, change->user, change->keep_device, err);
}

static int change_password(struct use *use, struct password_change *change, struct str password)
{
    if (accounts_check_new_password(use, password) < 0)
        return -1;
    int status = accounts_hash_password(use, password, &change->hash);
    if (status != USE_DONE)
        return status;
    return use_commit(use, write_password, NULL, change);
}

/* With a password the account would be a person's, whose name no application service may bear: at
 * the next start the server would refuse it (appservice_make_sender). */
static int check_no_sender(struct use *use, int64_t user)
{
    struct str user_id;
    if (store_name(use->server->store, user, use->arena, &user_id, &use->err) < 0)
        return -1;
    return appservice_find_sender(use->server->config, user_id)
               ? err_client(&use->err, 403, "M_FORBIDDEN",
                            "An application service signs in with its token: its account has no "
                            "password")
               : 0;
}

int accounts_set_password(struct use *use, int64_t user, struct str password, bool sign_out_others,
                          struct str uia_session)
{
    struct password_change *change = ARENA_NEW(use->arena, struct password_change);
    if (check_no_sender(use, user) < 0)
        return -1;
    change->user = user;
    change->keep_device = use->caller.user == user ? use->caller.device : 0;
    change->uia_session = uia_session;
    change->sign_out_others = sign_out_others;
    if (use->caller.user != user && use_audit_user(use, STR("user.password"), user, STR_NONE) < 0)
        return -1;
    return change_password(use, change, password);
}

/* A closed account has no address, so that nothing opens it again. */
int accounts_reset_password(struct use *use, const struct email *email, struct str password,
                            bool sign_out, struct str uia_session, struct str validation)
{
    struct password_change *change = ARENA_NEW(use->arena, struct password_change);
    int found = email_find_user(&use->read, email, &change->user, &use->err);
    if (found != 1)
        return found < 0 ? -1
                         : err_client(&use->err, 400, "M_THREEPID_NOT_FOUND",
                                      "No account has this address");
    change->email = *email;
    change->uia_session = uia_session;
    change->validation = validation;
    change->sign_out_others = sign_out;
    return change_password(use, change, password);
}
