/* SPDX-License-Identifier: EUPL-1.2 */

/* Identity service API, "Key management". The long-term key is the server's signing key; there are
 * no ephemeral ones. */

#include "api/identity/tables.h"
#include "service/federation/signer.h"
#include "service/identity/inviting.h"

static int get_key(struct request *rq)
{
    const struct server_key *key = signer_take(rq->use.server->signer);
    bool known = str_eq(api_param(rq, 0), key->id);
    signer_give(rq->use.server->signer, key);
    if (!known)
        return err_client(&rq->use.err, 404, "M_NOT_FOUND", "No such key");
    json_write_object(&rq->out);
    json_write_member_str(&rq->out, STR("public_key"),
                          identity_public_key(rq->use.server, rq->use.arena));
    json_write_end(&rq->out);
    return API_DONE;
}

static void write_valid(struct request *rq, bool valid)
{
    json_write_object(&rq->out);
    json_write_member_bool(&rq->out, STR("valid"), valid);
    json_write_end(&rq->out);
}

static int check_given(struct request *rq, struct str *ret_key)
{
    *ret_key = api_query(rq, STR("public_key"));
    return ret_key->p ? 0
                      : err_client(&rq->use.err, 400, "M_MISSING_PARAM", "public_key is missing");
}

static int get_is_valid(struct request *rq)
{
    struct str key;
    if (check_given(rq, &key) < 0)
        return API_FAILED;
    write_valid(rq, identity_key_is_ours(rq->use.server, rq->use.arena, key));
    return API_DONE;
}

static int get_ephemeral_is_valid(struct request *rq)
{
    struct str key;
    if (check_given(rq, &key) < 0)
        return API_FAILED;
    write_valid(rq, false);
    return API_DONE;
}

#define PUBKEY "/_matrix/identity/v2/pubkey"

static const struct api_route routes[] = {
    {HTTP_GET, PUBKEY "/{keyId}", API_ACCESS_NOBODY, API_RATE_NONE, get_key},
    {HTTP_GET, PUBKEY "/isvalid", API_ACCESS_NOBODY, API_RATE_NONE, get_is_valid},
    {HTTP_GET, PUBKEY "/ephemeral/isvalid", API_ACCESS_NOBODY, API_RATE_NONE,
     get_ephemeral_is_valid},
};
const struct api_table api_identity_keys = {routes, ARRAY_LEN(routes)};
