/* SPDX-License-Identifier: EUPL-1.2 */

/* Identity service API, "Association lookup". */

#include "service/identity/lookup.h"
#include "api/identity/tables.h"

static int check_caller(struct request *rq)
{
    if (!rq->use.caller.external)
        return 0;
    (void)err_client(&rq->use.err, 403, "M_FORBIDDEN", "An external may not look people up");
    return err_reason(&rq->use.err, "external_directory");
}

static int get_hash_details(struct request *rq)
{
    json_write_object(&rq->out);
    json_write_member_str(&rq->out, STR("lookup_pepper"),
                          lookup_pepper(rq->use.server, rq->use.arena));
    json_write_member_raw(&rq->out, STR("algorithms"), STR("[\"sha256\"]"));
    json_write_end(&rq->out);
    return API_DONE;
}

struct lookup_body {
    struct str algorithm, pepper;
    const struct json *addresses;
};

static const struct json_field lookup_fields[] = {
    JSON_FIELD(struct lookup_body, algorithm, JSON_WANT_STR, JSON_REQUIRED, 64),
    JSON_FIELD(struct lookup_body, pepper, JSON_WANT_STR, JSON_REQUIRED, 255),
    JSON_FIELD(struct lookup_body, addresses, JSON_WANT_ARRAY, JSON_REQUIRED, LIMIT_LOOKUP),
};

static int check_body(struct request *rq, const struct lookup_body *body)
{
    if (!str_eq(body->algorithm, STR("sha256")))
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "The algorithm is sha256");
    if (!str_eq(body->pepper, lookup_pepper(rq->use.server, rq->use.arena)))
        return err_client(&rq->use.err, 400, "M_INVALID_PEPPER", "Unknown pepper");
    for (size_t i = 0; i < body->addresses->array.n; i++)
        if (!json_is(&body->addresses->array.items[i], JSON_STRING))
            return err_client(&rq->use.err, 400, "M_BAD_JSON", "addresses are strings");
    return 0;
}

/* The nth was asked for before: at most LIMIT_LOOKUP of them are compared. */
static bool is_repeated(const struct json *addresses, size_t nth)
{
    struct str hash = json_as_str(&addresses->array.items[nth]);
    for (size_t i = 0; i < nth; i++)
        if (str_eq(json_as_str(&addresses->array.items[i]), hash))
            return true;
    return false;
}

static int post_lookup(struct request *rq)
{
    const struct lookup_body *body = rq->body;
    struct json_writer *out = &rq->out;
    struct str user_id;
    if (check_caller(rq) < 0 || check_body(rq, body) < 0)
        return API_FAILED;
    json_write_object(out);
    json_write_key(out, STR("mappings"));
    json_write_object(out);
    for (size_t i = 0; i < body->addresses->array.n; i++) {
        struct str hash = json_as_str(&body->addresses->array.items[i]);
        int found = lookup_find(&rq->use, hash, &user_id);
        if (found < 0)
            return API_FAILED;
        if (found && !is_repeated(body->addresses, i))
            json_write_member_str(out, hash, user_id);
    }
    json_write_end(out);
    json_write_end(out);
    return API_DONE;
}

static const struct api_route routes[] = {
    {HTTP_GET, "/_matrix/identity/v2/hash_details", API_ACCESS_IDENTITY, API_RATE_READ,
     get_hash_details},
    {HTTP_POST, "/_matrix/identity/v2/lookup", API_ACCESS_IDENTITY, API_RATE_WRITE, post_lookup,
     API_BODY(struct lookup_body, lookup_fields)},
};
const struct api_table api_identity_lookup = {routes, ARRAY_LEN(routes)};
