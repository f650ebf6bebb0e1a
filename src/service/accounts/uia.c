/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/accounts/uia.h"

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "service/accounts/private.h"
#include "service/identity/validation.h"
#include "store/registration_token.h"
#include "json/write.h"

#define SESSION_CHARS 24

static const struct str stage_names[] = {
    [UIA_STAGE_REGISTRATION_TOKEN] = STR_INIT("m.login.registration_token"),
    [UIA_STAGE_PASSWORD] = STR_INIT("m.login.password"),
    [UIA_STAGE_DUMMY] = STR_INIT("m.login.dummy"),
    [UIA_STAGE_TERMS] = STR_INIT("m.login.terms"),
    [UIA_STAGE_EMAIL] = STR_INIT("m.login.email.identity"),
};

struct str uia_stage_name(enum uia_stage stage)
{
    return stage_names[stage];
}

int uia_stage_find(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(stage_names); i++)
        if (str_eq(stage_names[i], name))
            return (int)i;
    return -1;
}

/* ---- stages ---- */

struct stage_outcome {
    bool passed;
    const char *errcode, *error;
};

static struct stage_outcome stage_failed(const char *errcode, const char *error)
{
    return (struct stage_outcome){false, errcode, error};
}

/* The user named in the auth dict must be the one who asks. */
static int names_user(struct use *use, const struct json *auth, int64_t user)
{
    const struct json *identifier = json_find(auth, STR("identifier"));
    struct str name = json_find_str(identifier, STR("user"));
    int64_t named;
    if (!name.p)
        name = json_find_str(auth, STR("user"));
    if (!name.p)
        return 1; /* the session's own */
    int found = accounts_find_user(use, name, &named);
    return found < 0 ? -1 : found && named == user;
}

static int stage_password(struct use *use, const struct uia_need *need, const struct json *auth,
                          struct stage_outcome *ret)
{
    struct str password = json_find_str(auth, STR("password"));
    bool fits = false;
    if (!password.p)
        return err_client(&use->err, 400, "M_MISSING_PARAM", "auth.password is missing");
    int named = names_user(use, auth, need->user);
    if (named < 0)
        return -1;
    int status =
        accounts_verify_password(use, named ? need->user : 0, use->caller.user_id, password, &fits);
    if (status == USE_DONE)
        *ret = fits ? (struct stage_outcome){.passed = true}
                    : stage_failed("M_FORBIDDEN", "Wrong password");
    return status;
}

static int stage_token(struct use *use, const struct json *auth, struct stage_outcome *ret,
                       struct str *ret_token)
{
    struct str token = json_find_str(auth, STR("token"));
    if (!token.p)
        return err_client(&use->err, 400, "M_MISSING_PARAM", "auth.token is missing");
    int good = registration_token_check(&use->read, token, clock_wall_ms(), &use->err);
    if (good < 0)
        return -1;
    if (good)
        *ret_token = token;
    *ret = good ? (struct stage_outcome){.passed = true}
                : stage_failed("M_UNAUTHORIZED", "Unknown registration token");
    return USE_DONE;
}

/* The older spelling is still in use. */
static int stage_email(struct use *use, const struct uia_need *need, const struct json *auth,
                       struct stage_outcome *ret, struct str *ret_validation)
{
    const struct json *proof = json_find(auth, STR("threepid_creds"));
    struct email email;
    bool known;
    if (!proof)
        proof = json_find(auth, STR("threepidCreds"));
    struct str sid = json_find_str(proof, STR("sid"));
    struct str secret = json_find_str(proof, STR("client_secret"));
    if (!sid.p || !secret.p)
        return err_client(&use->err, 400, "M_MISSING_PARAM",
                          "auth.threepid_creds with sid and client_secret is missing");
    int good = validation_check(use, need->purpose, sid, secret, &email, &known);
    if (good < 0)
        return -1;
    if (good)
        *ret_validation = sid;
    *ret = good ? (struct stage_outcome){.passed = true}
                : stage_failed("M_UNAUTHORIZED",
                               known ? "The address is not proved yet" : "No such proof");
    return USE_DONE;
}

static int run_stage(struct use *use, const struct uia_need *need, enum uia_stage stage,
                     const struct json *auth, struct stage_outcome *ret, struct uia_result *result)
{
    switch (stage) {
    case UIA_STAGE_PASSWORD:
        return stage_password(use, need, auth, ret);
    case UIA_STAGE_REGISTRATION_TOKEN:
        return stage_token(use, auth, ret, &result->registration_token);
    case UIA_STAGE_EMAIL:
        return stage_email(use, need, auth, ret, &result->validation);
    case UIA_STAGE_TERMS:
    case UIA_STAGE_DUMMY:
    case UIA_STAGE_COUNT:
        break;
    }
    ret->passed = true;
    return USE_DONE;
}

/* ---- sessions ---- */

static int write_new(struct write *w, void *arg, struct err *err)
{
    return uia_insert(w, arg, err);
}

static int write_completed(struct write *w, void *arg, struct err *err)
{
    return uia_complete(w, arg, err);
}

static int body_digest(struct use *use, const struct json *body,
                       unsigned char ret_digest[SHA256_BYTES]);

static int begin_session(struct use *use, const struct uia_need *need,
                         struct uia_result *ret_result)
{
    struct uia_session *session = ARENA_NEW(use->arena, struct uia_session);
    *session = (struct uia_session){
        .id = token_new(use->arena, SESSION_CHARS),
        .user = need->user,
        .action = need->action,
        .created_ms = clock_wall_ms(),
    };
    /* What was passed without a session is kept in this one. */
    session->completed = ret_result->completed;
    session->token = ret_result->registration_token;
    session->validation = ret_result->validation;
    /* A client that registers may look at the flows first, and say whom later. */
    session->bound = need->user != 0 || session->completed;
    if (session->bound && body_digest(use, need->body, session->body) < 0)
        return -1;
    if (use_commit(use, write_new, NULL, session) < 0)
        return -1;
    ret_result->session = session->id;
    return UIA_CHALLENGE;
}

static int load_session(struct use *use, const struct uia_need *need, struct str id,
                        struct uia_session *ret_session)
{
    int found = uia_load(&use->read, id, use->arena, ret_session, &use->err);
    if (found < 0)
        return -1;
    if (!found || clock_wall_ms() - ret_session->created_ms > LIMIT_UIA_MS)
        return err_client(&use->err, 403, "M_FORBIDDEN", "Unknown authentication session");
    if (ret_session->user != need->user || !str_eq(ret_session->action, need->action))
        return err_client(&use->err, 403, "M_FORBIDDEN",
                          "This authentication session is for something else");
    return 0;
}

static int body_digest(struct use *use, const struct json *body,
                       unsigned char ret_digest[SHA256_BYTES])
{
    static const struct str left_out[] = {STR_INIT("auth")};
    struct buf text;
    struct err ignored = ERR_INIT;
    (void)use;
    buf_init(&text, LIMIT_HTTP_BODY_JSON);
    if (json_canonical_without(body, left_out, 1, &text, &ignored) < 0)
        buf_add(&text, body->raw); /* numbers that canonical JSON does not know */
    sha256(buf_str(&text), ret_digest);
    buf_done(&text);
    return 0;
}

static bool flow_is_done(const struct uia_need *need, unsigned completed)
{
    for (size_t i = 0; i < need->n_flows; i++)
        if ((need->flows[i] & completed) == need->flows[i])
            return true;
    return false;
}

static bool stage_is_offered(const struct uia_need *need, enum uia_stage stage)
{
    for (size_t i = 0; i < need->n_flows; i++)
        if (need->flows[i] & UIA_FLOW(stage))
            return true;
    return false;
}

/* A stage was passed and others are to come: the session remembers, and the body is fixed. */
static int keep(struct use *use, struct uia_session *session, unsigned completed)
{
    struct uia_session *kept = ARENA_NEW(use->arena, struct uia_session);
    *kept = *session;
    kept->completed = completed;
    kept->bound = true;
    return use_commit(use, write_completed, NULL, kept) < 0 ? -1 : UIA_CHALLENGE;
}

static int go_on(struct use *use, const struct uia_need *need, const struct json *auth,
                 struct uia_session *session, struct uia_result *result)
{
    unsigned char digest[SHA256_BYTES];
    struct stage_outcome outcome = {0};
    int stage = uia_stage_find(json_find_str(auth, STR("type")));
    if (body_digest(use, need->body, digest) < 0)
        return -1;
    if (session->bound && memcmp(digest, session->body, sizeof digest) != 0)
        return err_client(&use->err, 403, "M_FORBIDDEN",
                          "The request has changed since its authentication began");
    if (json_find(auth, STR("type")) &&
        (stage < 0 || !stage_is_offered(need, (enum uia_stage)stage)))
        return err_client(&use->err, 400, "M_UNRECOGNIZED", "This stage is not offered");
    *result = (struct uia_result){.session = session->id,
                                  .completed = (unsigned)session->completed,
                                  .registration_token = session->token,
                                  .validation = session->validation};
    /* Completed elsewhere (a fallback page): the client comes back with the session alone. */
    if (stage < 0 && flow_is_done(need, result->completed))
        return USE_DONE;
    if (stage >= 0) {
        int status = run_stage(use, need, (enum uia_stage)stage, auth, &outcome, result);
        if (status != USE_DONE)
            return status;
    }
    if (!outcome.passed) {
        result->errcode = outcome.errcode;
        result->error = outcome.error;
        return UIA_CHALLENGE;
    }
    result->completed |= UIA_FLOW(stage);
    if (flow_is_done(need, result->completed))
        return USE_DONE;
    if (!session->id.p)
        return UIA_CHALLENGE; /* a session begins with it */
    memcpy(session->body, digest, sizeof digest);
    session->token = result->registration_token;
    session->validation = result->validation;
    return keep(use, session, result->completed);
}

/* The job of the action looks again whether it is proved and unused. */
static int load_email(struct use *use, struct uia_result *result)
{
    struct validation proof;
    if (!result->validation.p)
        return USE_DONE;
    int found = validation_load(&use->read, result->validation, use->arena, &proof, &use->err);
    if (found < 0)
        return -1;
    if (!found)
        return err_client(&use->err, 403, "M_FORBIDDEN", "This proof of an address is used up");
    result->email = proof.email;
    return USE_DONE;
}

int uia_check(struct use *use, const struct uia_need *need, struct uia_result *ret_result)
{
    const struct json *auth = json_find(need->body, STR("auth"));
    struct uia_session session = {0};
    struct uia_result result = {0};
    int status;
    if (json_is(auth, JSON_NULL))
        auth = NULL;
    if (auth && auth->kind != JSON_OBJECT)
        return err_client(&use->err, 400, "M_BAD_JSON", "auth must be an object");
    struct str id = json_find_str(auth, STR("session"));
    if (!auth || (!id.p && uia_stage_find(json_find_str(auth, STR("type"))) < 0)) {
        status = begin_session(use, need, &result);
    } else {
        if (id.p && load_session(use, need, id, &session) < 0)
            return -1;
        status = go_on(use, need, auth, &session, &result);
        if (status == UIA_CHALLENGE && !session.id.p)
            status = begin_session(use, need, &result);
    }
    *ret_result = result;
    return status == USE_DONE ? load_email(use, ret_result) : status;
}

/* ---- fallback pages ---- */

/* What a mailbox is proved for, by the request that asks for it: 1; 0: it asks for none. */
static int purpose_of(struct str action, enum validation_purpose *ret_purpose)
{
    static const struct {
        struct str end;
        enum validation_purpose purpose;
    } actions[] = {
        {STR_INIT("/register"), VALIDATION_SIGN_UP},
        {STR_INIT("/account/password"), VALIDATION_PASSWORD},
        {STR_INIT("/account/3pid/add"), VALIDATION_ADDRESS},
    };
    for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
        if (!str_ends(action, actions[i].end))
            continue;
        *ret_purpose = actions[i].purpose;
        return 1;
    }
    return 0;
}

/* 1, 0 unknown or too old, -1. The password is for who has an account, a mailbox for what asks for
 * one, the other stages for who signs up. */
static int load_fresh(struct use *use, enum uia_stage stage, struct str id,
                      struct uia_session *ret_session)
{
    enum validation_purpose purpose;
    int found = uia_load(&use->read, id, use->arena, ret_session, &use->err);
    if (found == 1 && clock_wall_ms() - ret_session->created_ms > LIMIT_UIA_MS)
        return 0;
    if (found == 1 && stage == UIA_STAGE_EMAIL)
        return purpose_of(ret_session->action, &purpose);
    return found == 1 ? (stage == UIA_STAGE_PASSWORD) == (ret_session->user != 0) : found;
}

int uia_fallback_load(struct use *use, enum uia_stage stage, struct str session_id,
                      struct uia_owner *ret_owner, bool *ret_known)
{
    struct uia_session session;
    struct uia_owner owner = {0};
    int found = load_fresh(use, stage, session_id, &session);
    if (found == 1 && session.user &&
        store_name(use->server->store, session.user, use->arena, &owner.user_id, &use->err) < 0)
        return -1;
    if (found < 0)
        return -1;
    if (found) {
        owner.user = session.user;
        (void)purpose_of(session.action, &owner.purpose);
    }
    *ret_owner = owner;
    *ret_known = found;
    return 0;
}

/* Nobody has signed in to the page: who it is stands in the session. */
static int verify_own_password(struct use *use, int64_t user, struct str password, bool *ret_fits)
{
    struct str user_id;
    if (store_name(use->server->store, user, use->arena, &user_id, &use->err) < 0)
        return -1;
    return accounts_verify_password(use, user, user_id, password, ret_fits);
}

static int check_mailbox(struct use *use, struct uia_session *session,
                         const struct uia_given *given, bool *ret_passed)
{
    enum validation_purpose purpose;
    struct email email;
    bool known;
    if (!purpose_of(session->action, &purpose))
        return USE_DONE;
    int good = validation_check(use, purpose, given->text, given->client_secret, &email, &known);
    session->validation = given->text;
    *ret_passed = good == 1;
    return good < 0 ? -1 : USE_DONE;
}

/* What a person gave on the page: USE_DONE with *ret_passed, USE_WAIT, -1. */
static int check_given(struct use *use, enum uia_stage stage, struct uia_session *session,
                       const struct uia_given *given, bool *ret_passed)
{
    if (stage == UIA_STAGE_PASSWORD)
        return verify_own_password(use, session->user, given->text, ret_passed);
    if (stage == UIA_STAGE_EMAIL)
        return check_mailbox(use, session, given, ret_passed);
    *ret_passed = stage == UIA_STAGE_DUMMY || stage == UIA_STAGE_TERMS; /* a press is enough */
    if (stage != UIA_STAGE_REGISTRATION_TOKEN)
        return USE_DONE;
    int good = registration_token_check(&use->read, given->text, clock_wall_ms(), &use->err);
    session->token = given->text;
    *ret_passed = good == 1;
    return good < 0 ? -1 : USE_DONE;
}

int uia_fallback_complete(struct use *use, enum uia_stage stage, struct str session_id,
                          const struct uia_given *given, bool *ret_passed)
{
    struct uia_session *session = ARENA_NEW(use->arena, struct uia_session);
    bool passed = false;
    int found = load_fresh(use, stage, session_id, session);
    if (found < 0)
        return -1;
    int status = found ? check_given(use, stage, session, given, &passed) : USE_DONE;
    if (status != USE_DONE)
        return status;
    *ret_passed = passed;
    session->completed |= UIA_FLOW(stage);
    return passed ? use_commit(use, write_completed, NULL, session) : 0;
}
