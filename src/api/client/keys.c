/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "End-to-End Encryption": keys of devices, cross-signing. */

#include "service/keys/keys.h"

#include "api/client/tables.h"
#include "api/client/uia.h"
#include "base/limits.h"

/* ---- devices ---- */

static const struct json_field upload_fields[] = {
    JSON_FIELD(struct keys_upload, device_keys, JSON_WANT_OBJECT, 0, 100),
    JSON_FIELD(struct keys_upload, one_time_keys, JSON_WANT_OBJECT, 0, LIMIT_ONE_TIME_KEYS_UPLOAD),
    JSON_FIELD(struct keys_upload, fallback_keys, JSON_WANT_OBJECT, 0, LIMIT_KEY_ALGORITHMS),
};

static int post_upload(struct request *rq)
{
    struct one_time_key_count *counts;
    size_t n;
    if (keys_upload(&rq->use, rq->body, &counts, &n) < 0)
        return API_FAILED;
    json_write_object(&rq->out);
    json_write_key(&rq->out, STR("one_time_key_counts"));
    json_write_object(&rq->out);
    for (size_t i = 0; i < n; i++)
        json_write_member_int(&rq->out, counts[i].algorithm, counts[i].n);
    json_write_end(&rq->out);
    json_write_end(&rq->out);
    return API_DONE;
}

struct query_body {
    const struct json *device_keys;
};

static const struct json_field query_fields[] = {
    JSON_FIELD(struct query_body, device_keys, JSON_WANT_OBJECT, JSON_REQUIRED,
               LIMIT_KEYS_QUERY_USERS),
};

static int post_query(struct request *rq)
{
    const struct query_body *body = rq->body;
    return keys_query(&rq->use, body->device_keys, &rq->out);
}

struct claim_body {
    const struct json *one_time_keys;
};

static const struct json_field claim_fields[] = {
    JSON_FIELD(struct claim_body, one_time_keys, JSON_WANT_OBJECT, JSON_REQUIRED, LIMIT_KEYS_CLAIM),
};

static int post_claim(struct request *rq)
{
    const struct claim_body *body = rq->body;
    return keys_claim(&rq->use, body->one_time_keys, &rq->out);
}

static int write_users(struct request *rq, struct str key, const int64_t *users, size_t n)
{
    json_write_key(&rq->out, key);
    json_write_array(&rq->out);
    for (size_t i = 0; i < n; i++) {
        struct str user_id;
        if (store_name(rq->use.server->store, users[i], rq->use.arena, &user_id, &rq->use.err) < 0)
            return -1;
        json_write_str(&rq->out, user_id);
    }
    json_write_end(&rq->out);
    return 0;
}

static int get_changes(struct request *rq)
{
    struct device_list_changes changes;
    struct str from = api_query(rq, STR("from"));
    if (!from.p)
        return err_client(&rq->use.err, 400, "M_MISSING_PARAM", "from is missing");
    if (keys_changes(&rq->use, from, api_query(rq, STR("to")), &changes) < 0)
        return API_FAILED;
    json_write_object(&rq->out);
    if (write_users(rq, STR("changed"), changes.changed, changes.n_changed) < 0 ||
        write_users(rq, STR("left"), changes.left, changes.n_left) < 0)
        return API_FAILED;
    json_write_end(&rq->out);
    return API_DONE;
}

/* ---- cross-signing ---- */

static const struct json_field signing_fields[] = {
    JSON_FIELD(struct cross_signing_upload, master_key, JSON_WANT_OBJECT, 0, 100),
    JSON_FIELD(struct cross_signing_upload, self_signing_key, JSON_WANT_OBJECT, 0, 100),
    JSON_FIELD(struct cross_signing_upload, user_signing_key, JSON_WANT_OBJECT, 0, 100),
};

static int post_device_signing(struct request *rq)
{
    struct cross_signing_draft *draft;
    struct uia_result uia = {0};
    bool needs_auth, passed = true;
    if (cross_signing_check(&rq->use, rq->body, &draft, &needs_auth) < 0)
        return API_FAILED;
    int status = needs_auth ? api_uia_password(rq, &passed, &uia) : API_DONE;
    if (status != API_DONE || !passed)
        return status;
    return cross_signing_commit(&rq->use, draft, uia.session);
}

static int post_signatures(struct request *rq)
{
    return signatures_upload(&rq->use, rq->json, &rq->out);
}

static const struct api_route routes[] = {
    {HTTP_POST, "/_matrix/client/v3/keys/upload", API_ACCESS_USER, API_RATE_KEYS, post_upload,
     API_BODY(struct keys_upload, upload_fields), .body_max = MIB(1)},
    {HTTP_POST, "/_matrix/client/v3/keys/query", API_ACCESS_USER, API_RATE_KEYS, post_query,
     API_BODY(struct query_body, query_fields)},
    {HTTP_POST, "/_matrix/client/v3/keys/claim", API_ACCESS_USER, API_RATE_KEYS, post_claim,
     API_BODY(struct claim_body, claim_fields)},
    {HTTP_GET, "/_matrix/client/v3/keys/changes", API_ACCESS_USER, API_RATE_READ, get_changes},
    {HTTP_POST, "/_matrix/client/v3/keys/device_signing/upload", API_ACCESS_USER, API_RATE_KEYS,
     post_device_signing, API_BODY(struct cross_signing_upload, signing_fields)},
    {HTTP_POST, "/_matrix/client/v3/keys/signatures/upload", API_ACCESS_USER, API_RATE_KEYS,
     post_signatures, .flags = API_BODY_RAW},
};
const struct api_table api_client_keys = {routes, ARRAY_LEN(routes)};
