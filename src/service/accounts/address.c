/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/accounts/address.h"

#include "base/clock.h"
#include "matrix/id.h"
#include "service/accounts/private.h"
#include "service/audit.h"
#include "service/background.h"
#include "service/identity/lookup.h"
#include "service/identity/validation.h"
#include "service/mail/mailer.h"
#include "store/email.h"
#include "store/profile_pending.h"

/* Names tried before giving up: as many homonyms. */
#define CANDIDATES_MAX 1000
#define NOTICE_LIFE_MS (48 * 3600 * INT64_C(1000))

/* ---- at sign-up ---- */

static int check_unused(struct use *use, const struct email *email)
{
    int64_t user;
    int found = email_find_user(&use->read, email, &user, &use->err);
    if (found < 0)
        return -1;
    return found ? err_client(&use->err, 400, "M_THREEPID_IN_USE", "This address has an account")
                 : 0;
}

/* 1: it is free; 0; -1. A closed account keeps its name for ever. */
static int is_free(struct use *use, struct str localpart, struct str *ret_user_id)
{
    struct user_id id;
    int64_t user;
    if (user_id_make(use->arena, localpart, use->server->name, &id, &use->err) < 0)
        return -1;
    int found = store_find_name(use->server->store, id.full, &user, &use->err);
    if (found == 1)
        found = account_exists(&use->read, user, &use->err);
    if (found == 0)
        *ret_user_id = id.full;
    return found < 0 ? -1 : !found;
}

static int choose_user_id(struct use *use, const struct email *email, struct str *ret_user_id)
{
    for (size_t nth = 0; nth < CANDIDATES_MAX; nth++) {
        int free = is_free(use, email_localpart(use->arena, email, nth), ret_user_id);
        if (free)
            return free < 0 ? -1 : 0;
    }
    return err_client(&use->err, 400, "M_USER_IN_USE", "Too many accounts have this name");
}

/* The job outlives its caller's variables. */
static void fill(struct use *use, const struct email *email, const struct placement *placement,
                 struct registration *registration)
{
    struct email *kept = ARENA_NEW(use->arena, struct email);
    *kept = *email;
    registration->email = kept;
    registration->display_name = email_display_name(use->arena, email);
    registration->organisation = placement->organisation;
    registration->external = placement->external;
}

int address_register(struct use *use, const struct email *email, struct registration *registration)
{
    struct placement placement;
    if (check_unused(use, email) < 0 || identity_check_address(use, email, true, &placement) < 0 ||
        choose_user_id(use, email, &registration->user_id) < 0)
        return -1;
    fill(use, email, &placement, registration);
    return 0;
}

int address_add(struct use *use, struct str address, struct registration *registration)
{
    struct email email;
    if (email_parse(use->arena, address, &email, &use->err) < 0 || check_unused(use, &email) < 0)
        return -1;
    struct placement placement = identity_place(use->server, &email, use->arena);
    if (!placement.here) {
        (void)err_client(&use->err, 403, "M_THREEPID_DENIED",
                         "This address belongs to another server");
        return err_reason(&use->err, "other_server");
    }
    fill(use, &email, &placement, registration);
    return 0;
}

/* ---- changing ---- */

struct changing {
    struct server *server;
    int64_t user, profile_version;
    struct email email, present;      /* present: when there is one */
    unsigned char hash[SHA256_BYTES]; /* of the address */
    struct str name, organisation;
    struct str uia_session, proof, proof_of_present; /* STR_NONE: none is needed */
    struct mail notice;                              /* to the old address; id 0: there is none */
};

static int use_proof(struct write *w, struct str sid, struct err *err)
{
    int good = sid.p ? validation_use(w, sid, err) : 1;
    if (good < 0)
        return -1;
    return good ? 0 : err_client(err, 400, "M_THREEPID_AUTH_FAILED", "This address is not proved");
}

static int write_change(struct write *w, void *arg, struct err *err)
{
    const struct changing *changing = arg;
    if (email_expect_free(w, changing->user, &changing->email, err) < 0)
        return -1;
    if (changing->present.full.p &&
        email_expect_owner(w, changing->user, &changing->present, err) < 0)
        return -1;
    if (changing->uia_session.p && uia_consume(w, changing->uia_session, err) < 0)
        return -1;
    if (use_proof(w, changing->proof, err) < 0 || use_proof(w, changing->proof_of_present, err) < 0)
        return -1;
    if (email_replace(w, changing->user, &changing->email, changing->hash, err) < 0 ||
        account_set_organisation(w, changing->user, changing->organisation, false, err) < 0 ||
        account_set_display_name(w, changing->user, changing->name, err) < 0 ||
        profile_pending_put(w, changing->user, changing->profile_version, err) < 0)
        return -1;
    return changing->notice.id ? mail_insert(w, &changing->notice, err) : 0;
}

static void after_change(void *arg, enum job_result result)
{
    const struct changing *changing = arg;
    if (result != JOB_COMMITTED)
        return;
    mailer_wake(changing->server->mailer);
    background_wake(changing->server->background);
}

static int begin_change(struct use *use, int64_t user, const struct email *email,
                        const struct placement *placement, const struct email *old,
                        struct changing *changing)
{
    changing->server = use->server;
    changing->user = user;
    changing->profile_version = store_new_id(use->server->store);
    changing->email = *email;
    lookup_hash(use->server, use->arena, email, changing->hash);
    changing->name = email_display_name(use->arena, email);
    changing->organisation = placement->organisation;
    if (old)
        changing->present = *old;
    if (old)
        changing->notice = mailer_draft(use->server, old, LETTER_ADDRESS,
                                        letter_address_args(use->arena), NOTICE_LIFE_MS);
    return use_audit_user(use, STR("user.email"), user, STR_NONE);
}

static int refuse_proof(struct use *use)
{
    return err_client(&use->err, 400, "M_THREEPID_AUTH_FAILED", "This address is not proved");
}

int address_change_prepare(struct use *use, struct address_change *change)
{
    bool known;
    int good = validation_check(use, VALIDATION_ADDRESS, change->sid, change->client_secret,
                                &change->email, &known);
    if (good < 0)
        return -1;
    if (!good)
        return refuse_proof(use);
    if (identity_check_address(use, &change->email, false, &change->placement) < 0)
        return -1;
    int found = email_load(&use->read, use->caller.user, use->arena, &change->present, &use->err);
    change->has_address = found == 1;
    return found < 0 ? -1 : 0;
}

int address_change(struct use *use, const struct address_change *change)
{
    struct changing *changing = ARENA_NEW(use->arena, struct changing);
    const struct email *old = change->has_address ? &change->present : NULL;
    if (old && !str_eq(change->proved_present.full, old->full))
        return refuse_proof(use);
    if (begin_change(use, use->caller.user, &change->email, &change->placement, old, changing) < 0)
        return -1;
    changing->uia_session = change->uia_session;
    changing->proof = change->sid;
    changing->proof_of_present = old ? change->proof_of_present : STR_NONE;
    return use_commit(use, write_change, after_change, changing);
}

int address_set(struct use *use, int64_t user, struct str address)
{
    struct changing *changing = ARENA_NEW(use->arena, struct changing);
    struct account account = {0};
    struct placement placement;
    struct email email, old;
    if (email_parse(use->arena, address, &email, &use->err) < 0 ||
        identity_check_address(use, &email, false, &placement) < 0 ||
        account_load(&use->read, user, use->arena, &account, &use->err) < 0)
        return -1;
    if (account.flags & ACCOUNT_DEACTIVATED)
        return err_client(&use->err, 403, "M_USER_DEACTIVATED", "This account has been closed");
    int found = email_load(&use->read, user, use->arena, &old, &use->err);
    if (found < 0)
        return -1;
    if (begin_change(use, user, &email, &placement, found ? &old : NULL, changing) < 0)
        return -1;
    return use_commit(use, write_change, after_change, changing);
}
