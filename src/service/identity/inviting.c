/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/identity/inviting.h"

#include "base/clock.h"
#include "base/limits.h"
#include "crypto/base64.h"
#include "crypto/token.h"
#include "net/limiter.h"
#include "service/config.h"
#include "service/federation/signer.h"
#include "service/identity/identity.h"
#include "service/mail/mailer.h"
#include "service/rooms/access.h"
#include "service/rooms/view.h"
#include "store/account.h"
#include "store/email.h"
#include "store/membership.h"
#include "json/write.h"

#define TOKEN_CHARS 40
#define LIFE_MS     (30 * 86400 * INT64_C(1000))
/* Mails of invitations that one person causes, and that one address gets. */
#define INVITES_HOUR   50
#define MAILS_HOUR     5
#define HOUR_MS        (3600 * 1000)
#define MAIL_LIFE_MS   (48 * 3600 * INT64_C(1000))
#define INVITE_PER_SEC ((double)INVITES_HOUR / 3600)

struct str identity_public_key(struct server *server, struct arena *arena)
{
    const struct server_key *key = signer_take(server->signer);
    struct str text = base64_encode_arena(
        arena, str_make(key->key.public_key, ED25519_PUBLIC_BYTES), BASE64_STANDARD);
    signer_give(server->signer, key);
    return text;
}

bool identity_key_is_ours(struct server *server, struct arena *arena, struct str key)
{
    struct str bytes;
    if (base64_decode(arena, key, BASE64_STANDARD, &bytes) < 0 &&
        base64_decode(arena, key, BASE64_URL, &bytes) < 0)
        return false;
    const struct server_key *ours = signer_take(server->signer);
    bool same = str_eq(bytes, str_make(ours->key.public_key, ED25519_PUBLIC_BYTES));
    signer_give(server->signer, ours);
    return same;
}

/* ---- who may invite whom ---- */

static int check_caller(struct use *use, struct str room_id, int64_t *ret_room)
{
    struct power power;
    struct view view;
    if (use->caller.external) {
        (void)err_client(&use->err, 403, "M_FORBIDDEN", "An external may not invite");
        return err_reason(&use->err, "external_invite");
    }
    int found = store_find_name(use->server->store, room_id, ret_room, &use->err);
    if (found == 1)
        found = view_open(use, *ret_room, &view);
    if (found < 0)
        return -1;
    if (!found || view.membership != MEMBERSHIP_JOIN)
        return err_client(&use->err, 403, "M_FORBIDDEN", "You are not in that room");
    if (view_power(&view, view.row.state, &power) < 0)
        return -1;
    return power_can(&power, use->caller.user_id, POWER_INVITE)
               ? 0
               : err_client(&use->err, 403, "M_FORBIDDEN", "You may not invite into that room");
}

/* known: that it has an account is no obstacle. */
static int check_address(struct use *use, const struct email *email, bool known)
{
    int64_t user;
    struct placement placement = identity_place(use->server, email, use->arena);
    if (!placement.here) {
        (void)err_client(&use->err, 403, "M_THREEPID_DENIED",
                         "This address belongs to another server");
        return err_reason(&use->err, "other_server");
    }
    int found = known ? 0 : email_find_user(&use->read, email, &user, &use->err);
    if (found < 0)
        return -1;
    return found ? err_client(&use->err, 400, "M_THREEPID_IN_USE", "This address has an account")
                 : 0;
}

/* The room's rules hold on this road too: what it stores lets an external sign up. */
static int check_room(struct use *use, int64_t room, const struct email *email)
{
    struct access_kind kind;
    if (!access_is_on(use->server) || !identity_place(use->server, email, use->arena).external)
        return 0;
    if (access_load_kind(use, room, &kind) < 0)
        return -1;
    if (kind.rule == ACCESS_UNRESTRICTED || kind.rule == ACCESS_DIRECT)
        return 0;
    (void)err_client(&use->err, 403, "M_FORBIDDEN", "This room is not open to externals");
    return err_reason(&use->err,
                      access_is_forum(&kind) ? "external_forum" : "external_restricted_room");
}

static int limit_inviter(struct use *use)
{
    struct limiter_rule rule = {INVITE_PER_SEC, INVITES_HOUR};
    if (!use->server->config->rate_limits)
        return 0;
    struct str key = arena_printf(use->arena, "mail invite %lld", (long long)use->caller.user);
    int64_t wait = limiter_take(use->server->limiter, key, rule, 1, clock_monotonic_ms());
    if (!wait)
        return 0;
    (void)err_client(&use->err, 429, "M_LIMIT_EXCEEDED", "Too many invitations by e-mail");
    use->err.retry_after_ms = wait;
    return -1;
}

/* ---- draft ---- */

struct invitation_draft {
    struct server *server;
    struct invitation invitation;
    struct mail mail;
    bool limited, known;
};

int invitation_write(struct write *w, void *arg, struct err *err)
{
    const struct invitation_draft *draft = arg;
    int64_t sent = 0;
    if (!draft->known && email_expect_free(w, 0, &draft->invitation.email, err) < 0)
        return -1;
    if (draft->limited &&
        mail_count_to(w, &draft->mail.to, write_time_ms(w) - HOUR_MS, &sent, err) < 0)
        return -1;
    if (sent >= MAILS_HOUR) {
        (void)err_client(err, 429, "M_LIMIT_EXCEEDED", "Too many mails to this address");
        err->retry_after_ms = HOUR_MS / MAILS_HOUR;
        return -1;
    }
    if (mail_insert(w, &draft->mail, err) < 0)
        return -1;
    return invitation_insert(w, &draft->invitation, err);
}

void invitation_after(void *arg)
{
    const struct invitation_draft *draft = arg;
    mailer_wake(draft->server->mailer);
}

static void after_job(void *arg, enum job_result result)
{
    if (result == JOB_COMMITTED)
        invitation_after(arg);
}

/* "j...@i...": identity service API, "display_name". */
static struct str redacted(struct arena *arena, const struct email *email)
{
    return arena_printf(arena, "%c...@%c...", email->local.p[0], email->domain.p[0]);
}

static int fill(struct use *use, int64_t room, const struct email *email, struct str link,
                struct invitation_draft *draft)
{
    struct account inviter = {0};
    int64_t now = clock_wall_ms();
    if (account_load(&use->read, use->caller.user, use->arena, &inviter, &use->err) < 0)
        return -1;
    draft->server = use->server;
    draft->limited = use->server->config->rate_limits;
    draft->invitation = (struct invitation){
        .id = store_new_id(use->server->store),
        .email = *email,
        .room = room,
        .inviter = use->caller.user,
        .token = token_new(use->arena, TOKEN_CHARS),
        .created_ms = now,
        .expires_ms = now + LIFE_MS,
    };
    draft->mail =
        mailer_draft(use->server, email, LETTER_INVITATION,
                     letter_invitation_args(use->arena, inviter.display_name, link), MAIL_LIFE_MS);
    if (draft->known) { /* counted, as for anybody */
        draft->mail.state = MAIL_DONE;
        draft->mail.args = STR("{}");
    }
    return 0;
}

/* The web client's page of sign-up, with the address filled in; the grammar of addresses has
 * nothing in it that a fragment would not take. Without that client, whatever stands at the root.
 */
static struct str sign_up_link(struct use *use, const struct email *email)
{
    const struct config *config = use->server->config;
    struct str base = server_web_url(use->server, use->arena);
    if (!config->web_client && !config->web_host.p)
        return arena_printf(use->arena, "%.*s/", STR_ARG(base));
    return arena_printf(use->arena, "%.*s/#/inscription/%.*s", STR_ARG(base), STR_ARG(email->full));
}

int invitation_draft(struct use *use, const struct email *email, int64_t room, bool known,
                     struct invitation_draft **ret_draft, struct stored_invitation *ret_stored)
{
    struct invitation_draft *draft = ARENA_NEW(use->arena, struct invitation_draft);
    draft->known = known;
    if (check_address(use, email, known) < 0 || limit_inviter(use) < 0 ||
        fill(use, room, email, sign_up_link(use, email), draft) < 0)
        return -1;
    *ret_stored = (struct stored_invitation){
        .token = draft->invitation.token,
        .public_key = identity_public_key(use->server, use->arena),
        .display_name = redacted(use->arena, email),
    };
    *ret_draft = draft;
    return 0;
}

int invitation_store(struct use *use, struct str address, struct str room_id,
                     struct stored_invitation *ret_stored)
{
    struct invitation_draft *draft;
    struct email email;
    int64_t room;
    if (check_caller(use, room_id, &room) < 0 ||
        email_parse(use->arena, address, &email, &use->err) < 0 ||
        check_room(use, room, &email) < 0 ||
        invitation_draft(use, &email, room, false, &draft, ret_stored) < 0)
        return -1;
    return use_commit(use, invitation_write, after_job, draft);
}

/* ---- signing ---- */

int invitation_sign(struct use *use, const struct invitation *invitation, struct str mxid,
                    struct str *ret_json)
{
    CLEANUP(buf_done) struct buf text;
    struct json_writer w;
    struct str sender;
    const struct json *object;
    if (store_name(use->server->store, invitation->inviter, use->arena, &sender, &use->err) < 0)
        return -1;
    buf_init(&text, KIB(4));
    json_writer_init(&w, &text);
    json_write_object(&w);
    json_write_member_str(&w, STR("mxid"), mxid);
    json_write_member_str(&w, STR("sender"), sender);
    json_write_member_str(&w, STR("token"), invitation->token);
    json_write_end(&w);
    if (json_parse(use->arena, arena_str(use->arena, buf_str(&text)), &object, &use->err) < 0)
        return -1;
    return signer_sign(use->server->signer, use->arena, object, use->server->name, ret_json,
                       &use->err);
}
