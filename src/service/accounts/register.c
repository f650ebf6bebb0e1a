/* SPDX-License-Identifier: EUPL-1.2 */

/* New accounts. */

#include "base/clock.h"
#include "service/accounts/passwords.h"
#include "service/accounts/private.h"
#include "service/audit.h"
#include "store/registration_token.h"

struct registering {
    struct account account;
    struct session_draft session;
    struct str uia_session, token;
};

static int write_registration(struct write *w, void *arg, struct err *err)
{
    const struct registering *registering = arg;
    if (registering->uia_session.p && uia_consume(w, registering->uia_session, err) < 0)
        return -1;
    if (registering->token.p && registration_token_use(w, registering->token, err) < 0)
        return -1;
    if (account_insert(w, &registering->account, err) < 0)
        return -1;
    return session_draft_write(w, &registering->session, err);
}

int accounts_register(struct use *use, const struct registration *registration,
                      const struct new_session *session, struct session_tokens *ret_tokens)
{
    struct registering *registering = ARENA_NEW(use->arena, struct registering);
    struct account *account = &registering->account;
    if (accounts_check_free(use, registration->user_id) < 0)
        return -1;
    if (registration->password.p) {
        if (accounts_check_new_password(use, registration->password) < 0)
            return -1;
        int status = accounts_hash_password(use, registration->password, &account->password_hash);
        if (status != USE_DONE)
            return status;
    }
    if (store_intern(use->server->store, registration->user_id, &account->user, &use->err) < 0)
        return -1;
    account->created_ms = clock_wall_ms();
    account->flags = registration->admin ? ACCOUNT_ADMIN : 0;
    account->display_name = registration->display_name;
    registering->uia_session = registration->uia_session;
    registering->token = registration->token;
    if (session_draft_make(use, account->user, session, &registering->session, ret_tokens) < 0)
        return -1;
    /* Without interactive authentication it is an administrator's act. */
    if (!registration->uia_session.p || registration->admin)
        use_audit(use, STR("user.add"), registration->user_id,
                  registration->admin ? STR("{\"admin\":true}") : STR("{\"admin\":false}"));
    return use_commit(use, write_registration, NULL, registering);
}
