/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/identity/association.h"

#include "base/clock.h"
#include "base/limits.h"
#include "service/federation/signer.h"
#include "store/email.h"
#include "json/write.h"

/* A hundred years: it holds as long as the account. */
#define VALID_MS (INT64_C(100) * 365 * 86400 * 1000)

static int check_own(struct use *use, const struct email *email)
{
    struct email own;
    int found = email_load(&use->read, use->caller.user, use->arena, &own, &use->err);
    if (found < 0)
        return -1;
    return found && str_eq(own.full, email->full)
               ? 0
               : err_client(&use->err, 403, "M_FORBIDDEN", "This is not your account's address");
}

int association_request(struct use *use, const struct validation_request *request,
                        struct str *ret_sid)
{
    struct email email;
    if (email_parse(use->arena, request->address, &email, &use->err) < 0 ||
        check_own(use, &email) < 0)
        return -1;
    return validation_request(use, request, ret_sid);
}

int association_proof(struct use *use, struct str sid, struct str client_secret,
                      struct validation *ret_proof)
{
    struct email email;
    bool known;
    int good = validation_check(use, VALIDATION_BIND, sid, client_secret, &email, &known);
    if (good < 0)
        return -1;
    if (!good && known)
        return err_client(&use->err, 400, "M_SESSION_NOT_VALIDATED",
                          "This session has not been validated");
    if (!good)
        return err_client(&use->err, 404, "M_NO_VALID_SESSION", "No such session");
    int found = validation_load(&use->read, sid, use->arena, ret_proof, &use->err);
    return found == 1  ? 0
           : found < 0 ? -1
                       : err_client(&use->err, 404, "M_NO_VALID_SESSION", "No such session");
}

static int sign(struct use *use, const struct validation *proof, struct str *ret_json)
{
    CLEANUP(buf_done) struct buf text;
    struct json_writer w;
    const struct json *object;
    int64_t now = clock_wall_ms();
    buf_init(&text, KIB(4));
    json_writer_init(&w, &text);
    json_write_object(&w);
    json_write_member_str(&w, STR("address"), proof->email.full);
    json_write_member_str(&w, STR("medium"), STR("email"));
    json_write_member_str(&w, STR("mxid"), use->caller.user_id);
    json_write_member_int(&w, STR("not_before"), now);
    json_write_member_int(&w, STR("not_after"), now + VALID_MS);
    json_write_member_int(&w, STR("ts"), now);
    json_write_end(&w);
    if (json_parse(use->arena, arena_str(use->arena, buf_str(&text)), &object, &use->err) < 0)
        return -1;
    return signer_sign(use->server->signer, use->arena, object, use->server->name, ret_json,
                       &use->err);
}

int association_bind(struct use *use, struct str sid, struct str client_secret, struct str mxid,
                     struct str *ret_json)
{
    struct validation proof;
    if (!str_eq(mxid, use->caller.user_id))
        return err_client(&use->err, 403, "M_FORBIDDEN", "This is another user");
    if (association_proof(use, sid, client_secret, &proof) < 0 || check_own(use, &proof.email) < 0)
        return -1;
    return sign(use, &proof, ret_json);
}
#include "service/federation/signer.h"
