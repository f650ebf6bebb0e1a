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
    struct membership_row row;
    if (use->caller.external) {
        (void)err_client(&use->err, 403, "M_FORBIDDEN", "An external may not invite");
        return err_reason(&use->err, "external_invite");
    }
    int found = store_find_name(use->server->store, room_id, ret_room, &use->err);
    if (found == 1)
        found = membership_load(&use->read, use->caller.user, *ret_room, &row, &use->err);
    if (found < 0)
        return -1;
    return found && row.kind == MEMBERSHIP_JOIN
               ? 0
               : err_client(&use->err, 403, "M_FORBIDDEN", "You are not in that room");
}

static int check_address(struct use *use, const struct email *email)
{
    int64_t user;
    struct placement placement = identity_place(use->server, email, use->arena);
    if (!placement.here) {
        (void)err_client(&use->err, 403, "M_THREEPID_DENIED",
                         "This address belongs to another server");
        return err_reason(&use->err, "other_server");
    }
    int found = email_find_user(&use->read, email, &user, &use->err);
    if (found < 0)
        return -1;
    return found ? err_client(&use->err, 400, "M_THREEPID_IN_USE", "This address has an account")
                 : 0;
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

/* ---- storing ---- */

struct storing {
    struct server *server;
    struct invitation invitation;
    struct mail mail;
    bool limited;
};

static int write_invitation(struct write *w, void *arg, struct err *err)
{
    const struct storing *storing = arg;
    int64_t sent = 0;
    if (email_expect_free(w, 0, &storing->invitation.email, err) < 0)
        return -1;
    if (storing->limited &&
        mail_count_to(w, &storing->mail.to, write_time_ms(w) - HOUR_MS, &sent, err) < 0)
        return -1;
    if (sent >= MAILS_HOUR) {
        (void)err_client(err, 429, "M_LIMIT_EXCEEDED", "Too many mails to this address");
        err->retry_after_ms = HOUR_MS / MAILS_HOUR;
        return -1;
    }
    if (mail_insert(w, &storing->mail, err) < 0)
        return -1;
    return invitation_insert(w, &storing->invitation, err);
}

static void after_invitation(void *arg, enum job_result result)
{
    const struct storing *storing = arg;
    if (result == JOB_COMMITTED)
        mailer_wake(storing->server->mailer);
}

/* "j...@i...": identity service API, "display_name". */
static struct str redacted(struct arena *arena, const struct email *email)
{
    return arena_printf(arena, "%c...@%c...", email->local.p[0], email->domain.p[0]);
}

static int draft(struct use *use, int64_t room, const struct email *email, struct str link,
                 struct storing *storing)
{
    struct account inviter = {0};
    int64_t now = clock_wall_ms();
    if (account_load(&use->read, use->caller.user, use->arena, &inviter, &use->err) < 0)
        return -1;
    storing->server = use->server;
    storing->limited = use->server->config->rate_limits;
    storing->invitation = (struct invitation){
        .id = store_new_id(use->server->store),
        .email = *email,
        .room = room,
        .inviter = use->caller.user,
        .token = token_new(use->arena, TOKEN_CHARS),
        .created_ms = now,
        .expires_ms = now + LIFE_MS,
    };
    storing->mail =
        mailer_draft(use->server, email, LETTER_INVITATION,
                     letter_invitation_args(use->arena, inviter.display_name, link), MAIL_LIFE_MS);
    return 0;
}

int invitation_store(struct use *use, struct str address, struct str room_id, struct str base_url,
                     struct stored_invitation *ret_stored)
{
    struct storing *storing = ARENA_NEW(use->arena, struct storing);
    struct email email;
    int64_t room;
    if (check_caller(use, room_id, &room) < 0 ||
        email_parse(use->arena, address, &email, &use->err) < 0 || check_address(use, &email) < 0 ||
        limit_inviter(use) < 0)
        return -1;
    struct str link = arena_printf(use->arena, "%.*s/", STR_ARG(base_url));
    if (draft(use, room, &email, link, storing) < 0)
        return -1;
    *ret_stored = (struct stored_invitation){
        .token = storing->invitation.token,
        .public_key = identity_public_key(use->server, use->arena),
        .display_name = redacted(use->arena, &email),
    };
    return use_commit(use, write_invitation, after_invitation, storing);
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
