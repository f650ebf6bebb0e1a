/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/identity/validation.h"

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/random.h"
#include "crypto/token.h"
#include "matrix/membership.h"
#include "service/config.h"
#include "service/mail/mailer.h"
#include "store/account.h"
#include "store/email.h"
#include "store/invitation.h"
#include "store/membership.h"

#define SID_CHARS   32 /* 190 bits */
#define LINK_CHARS  32
#define CODE_DIGITS 8
#define TRIES_MAX   5
#define LIFE_MS     (10 * 60 * 1000)
#define RESEND_MS   30000
#define HOUR_MS     (3600 * 1000)
#define MAILS_HOUR  5

#define CONFIRM_PATH "/_matrix/client/unstable/org.chappe/email/confirm"

/* ---- who may come ---- */

static int deny(struct use *use, const char *text, const char *reason)
{
    (void)err_client(&use->err, 403, "M_THREEPID_DENIED", "%s", text);
    return err_reason(&use->err, reason);
}

/* An invitation holds while its inviter is there to answer for it. */
static int inviter_is_there(struct use *use, const struct invitation *invitation)
{
    struct account account;
    struct membership_row row;
    int found = account_load(&use->read, invitation->inviter, use->arena, &account, &use->err);
    if (found != 1 || (account.flags & (ACCOUNT_DEACTIVATED | ACCOUNT_BARRED)))
        return found < 0 ? -1 : 0;
    found = membership_load(&use->read, invitation->inviter, invitation->room, &row, &use->err);
    return found == 1 ? row.kind == MEMBERSHIP_JOIN : found;
}

static int is_invited(struct use *use, const struct email *email)
{
    struct invitation *invitations;
    size_t n;
    if (invitation_list_address(&use->read, email, clock_wall_ms(), use->arena, &invitations, &n,
                                &use->err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        int there = inviter_is_there(use, &invitations[i]);
        if (there)
            return there;
    }
    return 0;
}

int identity_is_invited(struct use *use, const struct email *email, bool *ret_invited)
{
    int invited = is_invited(use, email);
    *ret_invited = invited == 1;
    return invited < 0 ? -1 : 0;
}

int identity_check_address(struct use *use, const struct email *email, bool externals_too,
                           struct placement *ret_placement)
{
    *ret_placement = identity_place(use->server, email, use->arena);
    if (!ret_placement->here)
        return deny(use, "This address belongs to another server", "other_server");
    if (!ret_placement->external)
        return 0;
    if (!externals_too)
        return deny(use, "This address is of an external", "external_address");
    int invited = is_invited(use, email);
    if (invited < 0)
        return -1;
    return invited ? 0 : deny(use, "An invitation is needed", "invitation_missing");
}

/* ---- hashes ---- */

static void digest_with_sid(struct arena *arena, struct str sid, struct str secret,
                            unsigned char ret_digest[SHA256_BYTES])
{
    sha256(arena_printf(arena, "%.*s %.*s", STR_ARG(sid), STR_ARG(secret)), ret_digest);
}

static bool same_digest(const unsigned char a[SHA256_BYTES], const unsigned char b[SHA256_BYTES])
{
    return str_eq_secret(str_make(a, SHA256_BYTES), str_make(b, SHA256_BYTES));
}

static struct str draw_code(struct arena *arena)
{
    char *digits = ARENA_NEW_N(arena, CODE_DIGITS, char);
    for (size_t i = 0; i < CODE_DIGITS; i++)
        digits[i] = (char)('0' + random_below(10));
    return str_make(digits, CODE_DIGITS);
}

/* ---- asking for a mail ---- */

struct asking {
    struct server *server;
    struct arena *arena;
    struct validation validation;
    struct str known_sid; /* of the session the snapshot had; STR_NONE: none */
    bool limited, unchanged;
    struct mail mail;
};

static int wait_for(struct err *err, int64_t ms)
{
    (void)err_client(err, 429, "M_LIMIT_EXCEEDED", "Too many mails to this address");
    err->retry_after_ms = ms;
    return -1;
}

static int check_limits(struct write *w, const struct asking *asking, const struct validation *last,
                        struct err *err)
{
    int64_t now = write_time_ms(w), sent;
    if (!asking->limited)
        return 0;
    int64_t age = last ? now - last->sent_ms : RESEND_MS;
    if (age < RESEND_MS && age >= -LIMIT_CLOCK_MS) /* else the clock was ahead */
        return wait_for(err, RESEND_MS - age);
    if (mail_count_to(w, &asking->mail.to, now - HOUR_MS, &sent, err) < 0)
        return -1;
    return sent < MAILS_HOUR ? 0 : wait_for(err, HOUR_MS / MAILS_HOUR);
}

static int write_asking(struct write *w, void *arg, struct err *err)
{
    struct asking *asking = arg;
    const struct validation *wanted = &asking->validation;
    struct validation last;
    int found = validation_find_again(w, wanted->purpose, &wanted->email, wanted->secret,
                                      asking->arena, &last, err);
    if (found < 0)
        return -1;
    if (found != (asking->known_sid.p != NULL) || (found && !str_eq(last.sid, asking->known_sid)))
        return err_moved(err, "the session was made or used up meanwhile");
    asking->unchanged = found && wanted->attempt <= last.attempt;
    if (asking->unchanged)
        return 0;
    if (check_limits(w, asking, found ? &last : NULL, err) < 0)
        return -1;
    if (mail_insert(w, &asking->mail, err) < 0)
        return -1;
    return validation_put(w, wanted, err);
}

static void after_asking(void *arg, enum job_result result)
{
    const struct asking *asking = arg;
    if (result == JOB_COMMITTED)
        mailer_wake(asking->server->mailer);
}

/* Who resets the password of nobody gets no mail; the same is written as for somebody. */
static int has_account(struct use *use, const struct email *email)
{
    int64_t user;
    return email_find_user(&use->read, email, &user, &use->err);
}

static int draft_mail(struct use *use, const struct validation_request *request,
                      struct validation *validation, struct mail *ret_mail)
{
    struct letter_code letter = {
        .purpose = (enum letter_purpose)request->purpose,
        .language = request->language,
        .code = draw_code(use->arena),
    };
    struct str token = token_new(use->arena, LINK_CHARS);
    letter.link = arena_printf(use->arena, "%.*s%s?sid=%.*s&token=%.*s", STR_ARG(request->base_url),
                               CONFIRM_PATH, STR_ARG(validation->sid), STR_ARG(token));
    digest_with_sid(use->arena, validation->sid, letter.code, validation->code);
    digest_with_sid(use->arena, validation->sid, token, validation->link);
    int known = has_account(use, &validation->email);
    if (known < 0)
        return -1;
    *ret_mail = mailer_draft(use->server, &validation->email, LETTER_CODE,
                             letter_code_args(use->arena, &letter), LIFE_MS);
    if (!known && request->purpose == VALIDATION_PASSWORD) {
        ret_mail->state = MAIL_DONE;
        ret_mail->args = STR("{}");
    }
    return 0;
}

struct str validation_new_secret(struct arena *arena)
{
    return token_new(arena, SID_CHARS);
}

/* 1 to 255 of [0-9a-zA-Z.=_-]: client-server API, "client_secret". */
static int check_secret(struct use *use, struct str secret)
{
    bool good = secret.n > 0 && secret.n <= 255;
    for (size_t i = 0; good && i < secret.n; i++) {
        char c = secret.p[i];
        good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '=' || c == '_' || c == '-';
    }
    return good ? 0
                : err_client(&use->err, 400, "M_INVALID_PARAM",
                             "client_secret is 1 to 255 of 0-9a-zA-Z.=_-");
}

/* The present address of the caller may always be proved; another must have its place here. */
static int check_address(struct use *use, enum validation_purpose purpose,
                         const struct email *email)
{
    struct placement placement;
    int64_t user = 0;
    if (purpose == VALIDATION_PASSWORD || purpose == VALIDATION_BIND)
        return 0;
    if (purpose == VALIDATION_ADDRESS && use->caller.user) {
        if (email_find_user(&use->read, email, &user, &use->err) < 0)
            return -1;
        if (user == use->caller.user)
            return 0;
    }
    return identity_check_address(use, email, purpose == VALIDATION_SIGN_UP, &placement);
}

static int begin(struct use *use, const struct validation_request *request, struct asking *asking)
{
    struct validation *validation = &asking->validation, last;
    if (email_parse(use->arena, request->address, &validation->email, &use->err) < 0 ||
        check_secret(use, request->client_secret) < 0 ||
        check_address(use, request->purpose, &validation->email) < 0)
        return -1;
    validation->purpose = request->purpose;
    validation->attempt = request->send_attempt;
    validation->sent_ms = clock_wall_ms();
    validation->expires_ms = validation->sent_ms + LIFE_MS;
    sha256(request->client_secret, validation->secret);
    int found = validation_find(&use->read, request->purpose, &validation->email,
                                validation->secret, use->arena, &last, &use->err);
    if (found < 0)
        return -1;
    if (found)
        asking->known_sid = last.sid;
    validation->sid = found ? last.sid : token_new(use->arena, SID_CHARS);
    return 0;
}

int validation_request(struct use *use, const struct validation_request *request,
                       struct str *ret_sid)
{
    struct asking *asking = ARENA_NEW(use->arena, struct asking);
    asking->server = use->server;
    asking->arena = use->arena;
    asking->limited = use->server->config->rate_limits;
    if (begin(use, request, asking) < 0 ||
        draft_mail(use, request, &asking->validation, &asking->mail) < 0)
        return -1;
    *ret_sid = asking->validation.sid;
    return use_commit(use, write_asking, after_asking, asking);
}

/* ---- the code and the link ---- */

struct trying {
    struct arena *arena;
    struct str sid, proof;              /* the code or the link's token */
    unsigned char secret[SHA256_BYTES]; /* of a code */
    bool by_link;
    enum validation_answer answer;
};

static enum validation_answer judge(const struct trying *trying, const struct validation *session,
                                    int64_t now_ms)
{
    unsigned char digest[SHA256_BYTES];
    if (!trying->by_link && !same_digest(trying->secret, session->secret))
        return VALIDATION_UNKNOWN;
    bool is_early =
        session->expires_ms > now_ms + LIFE_MS + LIMIT_CLOCK_MS; /* the clock was ahead */
    if (session->expires_ms <= now_ms || is_early || session->tries >= TRIES_MAX)
        return VALIDATION_VOID;
    digest_with_sid(trying->arena, session->sid, trying->proof, digest);
    return same_digest(digest, trying->by_link ? session->link : session->code) ? VALIDATION_GOOD
                                                                                : VALIDATION_WRONG;
}

/* A wrong try is committed too. */
static int write_trying(struct write *w, void *arg, struct err *err)
{
    struct trying *trying = arg;
    struct validation session;
    int found = validation_load_again(w, trying->sid, trying->arena, &session, err);
    if (found < 0)
        return -1;
    trying->answer = found ? judge(trying, &session, write_time_ms(w)) : VALIDATION_UNKNOWN;
    if (trying->answer == VALIDATION_WRONG)
        return validation_count_try(w, trying->sid, err);
    if (trying->answer != VALIDATION_GOOD || session.validated_ms)
        return 0;
    return validation_set_validated(w, trying->sid, write_time_ms(w), err);
}

static int submit(struct use *use, const struct trying *wanted, enum validation_answer *ret_answer)
{
    struct trying *done = use_commit_result(use);
    if (done) {
        *ret_answer = done->answer;
        return USE_DONE;
    }
    struct arena *arena = http_arena(use->x);
    struct trying *trying = ARENA_NEW(arena, struct trying);
    *trying = *wanted;
    trying->arena = arena;
    trying->sid = arena_str(arena, wanted->sid);
    trying->proof = arena_str(arena, wanted->proof);
    return use_commit_wait(use, write_trying, trying);
}

/* "1234 5678", "1234-5678": as people type it. */
static struct str without_blanks(struct arena *arena, struct str code)
{
    char *out = ARENA_NEW_N(arena, code.n + 1, char);
    size_t n = 0;
    for (size_t i = 0; i < code.n; i++)
        if (code.p[i] != ' ' && code.p[i] != '-')
            out[n++] = code.p[i];
    return str_make(out, n);
}

static int check_lengths(struct use *use, struct str sid, struct str token)
{
    if (sid.n <= 255 && token.n <= 255)
        return 0;
    return err_client(&use->err, 400, "M_INVALID_PARAM", "sid and token have at most 255 bytes");
}

int validation_submit(struct use *use, struct str sid, struct str client_secret, struct str code,
                      enum validation_answer *ret_answer)
{
    struct trying trying = {.sid = sid};
    if (check_lengths(use, sid, code) < 0 || check_secret(use, client_secret) < 0)
        return -1;
    trying.proof = without_blanks(use->arena, code);
    sha256(client_secret, trying.secret);
    return submit(use, &trying, ret_answer);
}

int validation_confirm(struct use *use, struct str sid, struct str token,
                       enum validation_answer *ret_answer)
{
    struct trying trying = {.sid = sid, .proof = token, .by_link = true};
    if (check_lengths(use, sid, token) < 0)
        return -1;
    return submit(use, &trying, ret_answer);
}

int validation_look(struct use *use, struct str sid, struct str token,
                    enum validation_answer *ret_answer, enum validation_purpose *ret_purpose)
{
    struct trying trying = {.arena = use->arena, .sid = sid, .proof = token, .by_link = true};
    struct validation session;
    if (check_lengths(use, sid, token) < 0)
        return -1;
    int found = validation_load(&use->read, sid, use->arena, &session, &use->err);
    if (found < 0)
        return -1;
    *ret_answer = found ? judge(&trying, &session, clock_wall_ms()) : VALIDATION_UNKNOWN;
    if (found)
        *ret_purpose = session.purpose;
    return 0;
}

/* ---- what it proves ---- */

int validation_check(struct use *use, enum validation_purpose purpose, struct str sid,
                     struct str client_secret, struct email *ret_email, bool *ret_known)
{
    unsigned char secret[SHA256_BYTES];
    struct validation session;
    *ret_known = false;
    if (sid.n > 255 || client_secret.n > 255)
        return 0;
    int found = validation_load(&use->read, sid, use->arena, &session, &use->err);
    if (found != 1)
        return found;
    sha256(client_secret, secret);
    if (session.purpose != purpose || !same_digest(secret, session.secret))
        return 0;
    *ret_known = true;
    int64_t age = clock_wall_ms() - session.validated_ms;
    if (!session.validated_ms || age >= LIMIT_UIA_MS || age < -LIMIT_CLOCK_MS)
        return 0;
    *ret_email = session.email;
    return 1;
}
