/* SPDX-License-Identifier: EUPL-1.2 */

/* Identity service API, "Invitation storage". What the request says of the room and of the inviter
 * is not looked at: nothing a user wrote goes into a mail. */

#include "api/identity/tables.h"
#include "service/identity/inviting.h"

struct invite_body {
    struct str medium, address, room_id, sender;
};

static const struct json_field invite_fields[] = {
    JSON_FIELD(struct invite_body, medium, JSON_WANT_STR, JSON_REQUIRED, 64),
    JSON_FIELD(struct invite_body, address, JSON_WANT_STR, JSON_REQUIRED, 0),
    JSON_FIELD(struct invite_body, room_id, JSON_WANT_STR, JSON_REQUIRED, 255),
    JSON_FIELD(struct invite_body, sender, JSON_WANT_STR, JSON_REQUIRED, 255),
};

static void write_key(struct request *rq, struct str key)
{
    struct json_writer *out = &rq->out;
    json_write_object(out);
    json_write_member_str(out, STR("public_key"), key);
    json_write_member_str(out, STR("key_validity_url"),
                          arena_printf(rq->use.arena, "%.*s/_matrix/identity/v2/pubkey/isvalid",
                                       STR_ARG(api_own_url(rq))));
    json_write_end(out);
}

static int post_store(struct request *rq)
{
    const struct invite_body *body = rq->body;
    struct json_writer *out = &rq->out;
    struct stored_invitation stored;
    if (!str_eq(body->medium, STR("email")))
        return err_client(&rq->use.err, 400, "M_UNRECOGNIZED", "Only the medium email is known");
    if (!str_eq(body->sender, rq->use.caller.user_id))
        return err_client(&rq->use.err, 403, "M_FORBIDDEN", "The sender is another user");
    if (invitation_store(&rq->use, body->address, body->room_id, &stored) < 0)
        return API_FAILED;
    json_write_object(out);
    json_write_member_str(out, STR("token"), stored.token);
    json_write_key(out, STR("public_keys"));
    json_write_array(out);
    write_key(rq, stored.public_key);
    json_write_end(out);
    json_write_member_str(out, STR("display_name"), stored.display_name);
    json_write_end(out);
    return API_DONE;
}

static const struct api_route routes[] = {
    {HTTP_POST, "/_matrix/identity/v2/store-invite", API_ACCESS_IDENTITY, API_RATE_ROOM, post_store,
     API_BODY(struct invite_body, invite_fields)},
};
const struct api_table api_identity_invite = {routes, ARRAY_LEN(routes)};
