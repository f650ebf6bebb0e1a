/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/accounts/accounts.h"

#include "base/limits.h"
#include "base/mem.h"
#include "crypto/token.h"
#include "matrix/id.h"
#include "service/accounts/private.h"
#include "service/appservice/registration.h"
#include "service/audit.h"
#include "service/config.h"
#include "store/email.h"

int accounts_new(struct server *server, struct accounts **ret_accounts, struct err *err)
{
    struct accounts *accounts = MEM_NEW(struct accounts);
    (void)err;
    accounts->server = server;
    accounts->sessions = sessions_new();
    nonces_init(&accounts->nonces);
    *ret_accounts = accounts;
    return 0;
}

void accounts_free(struct accounts *accounts)
{
    if (!accounts)
        return;
    sessions_free(accounts->sessions);
    nonces_done(&accounts->nonces);
    mem_free(accounts);
}

void accounts_forget_sessions(struct accounts *accounts, int64_t user)
{
    sessions_forget_user(accounts->sessions, user);
}

/* ---- names ---- */

static bool only_digits(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return true;
}

struct str accounts_draw_localpart(struct use *use)
{
    struct str drawn = token_new_letters(use->arena, 10);
    char *letters = ARENA_NEW_N(use->arena, drawn.n, char);
    for (size_t i = 0; i < drawn.n; i++)
        letters[i] = (char)(drawn.p[i] | 0x20);
    return (struct str){letters, drawn.n};
}

int accounts_new_user_id(struct use *use, struct str localpart, struct str *ret_user_id)
{
    if (str_eq(localpart, use->server->config->notices_localpart))
        return err_client(&use->err, 400, "M_EXCLUSIVE", "This user name is the server's own");
    return accounts_server_user_id(use, localpart, ret_user_id);
}

int accounts_server_user_id(struct use *use, struct str localpart, struct str *ret_user_id)
{
    struct user_id id;
    if (localpart.n && (only_digits(localpart) || localpart.p[0] == '_'))
        return err_client(&use->err, 400, "M_INVALID_USERNAME",
                          "A user name is not only digits and does not begin with _");
    if (user_id_make(use->arena, localpart, use->server->name, &id, &use->err) < 0)
        return -1;
    if (appservice_keeps_user(use->server->config, NULL, id.full))
        return err_client(&use->err, 400, "M_EXCLUSIVE",
                          "This user name is kept for an application service");
    *ret_user_id = id.full;
    return 0;
}

int accounts_check_free(struct use *use, struct str user_id)
{
    int64_t user;
    int found = store_find_name(use->server->store, user_id, &user, &use->err);
    if (found == 1)
        found = account_exists(&use->read, user, &use->err);
    if (found < 0)
        return -1;
    return found ? err_client(&use->err, 400, "M_USER_IN_USE", "This user name is taken") : 0;
}

struct str accounts_user_id_of(struct use *use, struct str id_or_localpart)
{
    struct str id = str_first(id_or_localpart, ID_MAX + 1);
    if (str_starts(id, STR("@")))
        return id;
    return arena_printf(use->arena, "@%.*s:%.*s", STR_ARG(id), STR_ARG(use->server->name));
}

int accounts_find_user(struct use *use, struct str id_or_localpart, int64_t *ret_user)
{
    struct str id = accounts_user_id_of(use, id_or_localpart);
    int found = store_find_name(use->server->store, id, ret_user, &use->err);
    return found == 1 ? account_exists(&use->read, *ret_user, &use->err) : found;
}

int accounts_find_address(struct use *use, struct str address, int64_t *ret_user,
                          struct str *ret_claimed)
{
    struct email email;
    struct err none = ERR_INIT;
    if (email_parse(use->arena, address, &email, &none) < 0)
        return 0;
    *ret_claimed = accounts_user_id_of(use, email_localpart(use->arena, &email, 0));
    return email_find_user(&use->read, &email, ret_user, &use->err);
}

/* ---- administering ---- */

int accounts_refuse_barred(struct use *use, int64_t flags)
{
    (void)err_client(&use->err, 401, "M_USER_LOCKED", "This account is locked");
    use->err.soft_logout = true;
    return flags & ACCOUNT_LOCKED ? -1 : err_reason(&use->err, "address_displaced");
}

struct flags_change {
    int64_t user, set, clear;
};

static int write_flags(struct write *w, void *arg, struct err *err)
{
    const struct flags_change *change = arg;
    int64_t pos;
    if (account_set_flags(w, change->user, change->set, change->clear, err) < 0)
        return -1;
    /* Cached sessions carry the flags. */
    return write_position(w, LOG_KIND_DEVICE, 0, change->user, 0, &pos, err);
}

/* The name of the act in the audit table. */
static struct str flags_action(int64_t set, int64_t clear)
{
    if ((set | clear) & ACCOUNT_LOCKED)
        return set & ACCOUNT_LOCKED ? STR("user.lock") : STR("user.unlock");
    if ((set | clear) & ACCOUNT_SUSPENDED)
        return set & ACCOUNT_SUSPENDED ? STR("user.suspend") : STR("user.unsuspend");
    return STR("user.flags");
}

int accounts_set_flags(struct use *use, int64_t user, int64_t set, int64_t clear)
{
    struct flags_change *change = ARENA_NEW(use->arena, struct flags_change);
    *change = (struct flags_change){user, set, clear};
    if (use_audit_user(use, flags_action(set, clear), user, STR_NONE) < 0)
        return -1;
    return use_commit(use, write_flags, NULL, change);
}
