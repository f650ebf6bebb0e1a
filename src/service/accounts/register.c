/* SPDX-License-Identifier: EUPL-1.2 */

/* New accounts. */

#include "base/clock.h"
#include "service/accounts/passwords.h"
#include "service/accounts/private.h"
#include "service/accounts/validity.h"
#include "service/audit.h"
#include "service/background.h"
#include "service/identity/lookup.h"
#include "store/email.h"
#include "store/invitation.h"
#include "store/registration_token.h"
#include "store/renewal.h"
#include "store/validation.h"

struct registering {
    struct server *server;
    struct account account;
    struct session_draft session;
    struct str uia_session, token;
    const struct email *email;        /* NULL: none */
    unsigned char hash[SHA256_BYTES]; /* of the address */
    struct str validation;
    bool external;
    int64_t mail_ms; /* when its owner is first asked to renew it */
};

/* What a proved address allows, once. The name was free when it was chosen: taken since, another
 * is chosen. */
static int check_address(struct write *w, const struct registering *registering, struct err *err)
{
    if (email_expect_free(w, registering->account.user, registering->email, err) < 0)
        return -1;
    int there = account_expect_none(w, registering->account.user, err);
    if (there < 0)
        return -1;
    if (!registering->validation.p)
        return 0;
    int proved = validation_use(w, registering->validation, err);
    if (proved < 0)
        return -1;
    return proved ? 0 : err_client(err, 403, "M_FORBIDDEN", "This proof of an address is used up");
}

static int write_address(struct write *w, const struct registering *registering, struct err *err)
{
    int64_t user = registering->account.user;
    int invited = invitation_take(w, registering->email, user, err);
    if (invited < 0)
        return -1;
    if (!invited && registering->external && registering->validation.p) {
        (void)err_client(err, 403, "M_THREEPID_DENIED", "An invitation is needed");
        return err_reason(err, "invitation_missing");
    }
    return email_insert(w, user, registering->email, registering->hash, err);
}

static int write_registration(struct write *w, void *arg, struct err *err)
{
    const struct registering *registering = arg;
    if (registering->email && check_address(w, registering, err) < 0)
        return -1;
    if (registering->uia_session.p && uia_consume(w, registering->uia_session, err) < 0)
        return -1;
    if (registering->token.p && registration_token_use(w, registering->token, err) < 0)
        return -1;
    if (account_insert(w, &registering->account, err) < 0)
        return -1;
    if (registering->email && write_address(w, registering, err) < 0)
        return -1;
    if (registering->account.expires_ms &&
        renewal_set_mail(w, registering->account.user, registering->mail_ms, err) < 0)
        return -1;
    return session_draft_write(w, &registering->session, err);
}

/* Invitations that waited for the address are made real: service/rooms/arrival.h. */
static void after_registration(void *arg, enum job_result result)
{
    const struct registering *registering = arg;
    if (result == JOB_COMMITTED && registering->email)
        background_wake(registering->server->background);
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
    registering->server = use->server;
    registering->uia_session = registration->uia_session;
    registering->token = registration->token;
    registering->email = registration->email;
    if (registration->email)
        lookup_hash(use->server, use->arena, registration->email, registering->hash);
    registering->validation = registration->validation;
    registering->external = registration->external;
    account->organisation = registration->organisation;
    if (registration->email)
        account->expires_ms = validity_first_end(use->server->config, account->created_ms);
    registering->mail_ms =
        validity_next_mail(use->server->config, account->created_ms, account->expires_ms);
    account->flags |= registration->external ? ACCOUNT_EXTERNAL : 0;
    account->flags |= registration->of_server ? ACCOUNT_HIDDEN : 0;
    if (session_draft_make(use, account->user, session, &registering->session, ret_tokens) < 0)
        return -1;
    if ((!registration->own && !registration->of_server) || registration->admin)
        use_audit(use, STR("user.add"), registration->user_id,
                  registration->admin ? STR("{\"admin\":true}") : STR("{\"admin\":false}"));
    return use_commit(use, write_registration, after_registration, registering);
}
