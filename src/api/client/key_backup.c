/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Server-side key backups". */

#include "api/client/tables.h"
#include "base/limits.h"
#include "service/keys/backup.h"

/* An upload is parsed, and held against what is stored. */
#define ARENA_MAX (6 * LIMIT_BACKUP_BODY)

/* ---- versions ---- */

struct version_body {
    struct str algorithm, version;
    const struct json *auth_data;
};

static const struct json_field version_fields[] = {
    JSON_FIELD(struct version_body, algorithm, JSON_WANT_STR, JSON_REQUIRED, 255),
    JSON_FIELD(struct version_body, auth_data, JSON_WANT_OBJECT, JSON_REQUIRED, 100),
    JSON_FIELD(struct version_body, version, JSON_WANT_STR, JSON_NULL_OK, 32),
};

static struct str number(struct request *rq, int64_t value)
{
    return arena_printf(rq->use.arena, "%lld", (long long)value);
}

static int post_version(struct request *rq)
{
    const struct version_body *body = rq->body;
    int64_t version;
    if (backup_version_create(&rq->use, body->algorithm, body->auth_data, &version) < 0)
        return API_FAILED;
    json_write_object(&rq->out);
    json_write_member_str(&rq->out, STR("version"), number(rq, version));
    json_write_end(&rq->out);
    return API_DONE;
}

static int write_version(struct request *rq, struct str wanted)
{
    struct backup_version version;
    if (backup_version_get(&rq->use, wanted, &version) < 0)
        return API_FAILED;
    json_write_object(&rq->out);
    json_write_member_str(&rq->out, STR("algorithm"), version.algorithm);
    json_write_member_raw(&rq->out, STR("auth_data"), version.auth_data);
    json_write_member_int(&rq->out, STR("count"), version.count);
    json_write_member_str(&rq->out, STR("etag"), number(rq, version.etag));
    json_write_member_str(&rq->out, STR("version"), number(rq, version.version));
    json_write_end(&rq->out);
    return API_DONE;
}

static int get_newest(struct request *rq)
{
    return write_version(rq, STR_NONE);
}

static int get_version(struct request *rq)
{
    return write_version(rq, api_param(rq, 0));
}

static int put_version(struct request *rq)
{
    const struct version_body *body = rq->body;
    return backup_version_change(&rq->use, api_param(rq, 0), body->algorithm, body->auth_data,
                                 body->version);
}

static int delete_version(struct request *rq)
{
    return backup_version_remove(&rq->use, api_param(rq, 0));
}

/* ---- keys: of all rooms, of a room, of a session ---- */

static struct backup_scope scope_of(struct request *rq, int n_params)
{
    return (struct backup_scope){
        .version = api_query(rq, STR("version")),
        .room = n_params > 0 ? api_param(rq, 0) : STR_NONE,
        .session = n_params > 1 ? api_param(rq, 1) : STR_NONE,
    };
}

static int write_counts(struct request *rq, const struct backup_version *version)
{
    json_write_object(&rq->out);
    json_write_member_int(&rq->out, STR("count"), version->count);
    json_write_member_str(&rq->out, STR("etag"), number(rq, version->etag));
    json_write_end(&rq->out);
    return API_DONE;
}

static int put_keys(struct request *rq, int n_params)
{
    struct backup_scope scope = scope_of(rq, n_params);
    struct backup_version version;
    if (backup_keys_put(&rq->use, &scope, rq->json, &version) < 0)
        return API_FAILED;
    return write_counts(rq, &version);
}

static int get_keys(struct request *rq, int n_params)
{
    struct backup_scope scope = scope_of(rq, n_params);
    return backup_keys_get(&rq->use, &scope, &rq->out);
}

static int delete_keys(struct request *rq, int n_params)
{
    struct backup_scope scope = scope_of(rq, n_params);
    struct backup_version version;
    if (backup_keys_delete(&rq->use, &scope, &version) < 0)
        return API_FAILED;
    return write_counts(rq, &version);
}

static int put_all(struct request *rq)
{
    return put_keys(rq, 0);
}

static int put_room(struct request *rq)
{
    return put_keys(rq, 1);
}

static int put_session(struct request *rq)
{
    return put_keys(rq, 2);
}

static int get_all(struct request *rq)
{
    return get_keys(rq, 0);
}

static int get_room(struct request *rq)
{
    return get_keys(rq, 1);
}

static int get_session(struct request *rq)
{
    return get_keys(rq, 2);
}

static int delete_all(struct request *rq)
{
    return delete_keys(rq, 0);
}

static int delete_room(struct request *rq)
{
    return delete_keys(rq, 1);
}

static int delete_session(struct request *rq)
{
    return delete_keys(rq, 2);
}

#define VERSION "/_matrix/client/v3/room_keys/version"
#define KEYS    "/_matrix/client/v3/room_keys/keys"
#define READ    API_ACCESS_USER, API_RATE_READ
#define WRITE   API_ACCESS_USER, API_RATE_WRITE

static const struct api_route routes[] = {
    {HTTP_POST, VERSION, WRITE, post_version, API_BODY(struct version_body, version_fields)},
    {HTTP_GET, VERSION, READ, get_newest},
    {HTTP_GET, VERSION "/{version}", READ, get_version},
    {HTTP_PUT, VERSION "/{version}", WRITE, put_version,
     API_BODY(struct version_body, version_fields)},
    {HTTP_DELETE, VERSION "/{version}", WRITE, delete_version},
    {HTTP_PUT, KEYS, WRITE, put_all, .flags = API_BODY_RAW, .body_max = LIMIT_BACKUP_BODY,
     .arena_max = ARENA_MAX},
    {HTTP_GET, KEYS, READ, get_all},
    {HTTP_DELETE, KEYS, WRITE, delete_all},
    {HTTP_PUT, KEYS "/{roomId}", WRITE, put_room, .flags = API_BODY_RAW,
     .body_max = LIMIT_BACKUP_BODY, .arena_max = ARENA_MAX},
    {HTTP_GET, KEYS "/{roomId}", READ, get_room},
    {HTTP_DELETE, KEYS "/{roomId}", WRITE, delete_room},
    {HTTP_PUT, KEYS "/{roomId}/{sessionId}", WRITE, put_session, .flags = API_BODY_RAW},
    {HTTP_GET, KEYS "/{roomId}/{sessionId}", READ, get_session},
    {HTTP_DELETE, KEYS "/{roomId}/{sessionId}", WRITE, delete_session},
};
const struct api_table api_client_key_backup = {routes, ARRAY_LEN(routes)};
