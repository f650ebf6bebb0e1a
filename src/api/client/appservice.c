/* SPDX-License-Identifier: EUPL-1.2 */

/* Application service API, "Client-Server API Extensions": ping; and client-server API,
 * "Third-party Networks", which application services answer. */

#include "api/client/tables.h"
#include "base/limits.h"
#include "service/appservice/asking.h"
#include "service/config.h"
#include "service/rooms/aliases.h"

/* ---- ping ---- */

struct ping {
    struct str transaction_id;
};

static const struct json_field ping_fields[] = {
    JSON_FIELD(struct ping, transaction_id, JSON_WANT_STR, JSON_NULL_OK, 255),
};

static struct str ping_body(struct request *rq, struct str transaction_id)
{
    struct buf text;
    struct json_writer out;
    buf_init(&text, KIB(4));
    json_writer_init(&out, &text);
    json_write_object(&out);
    if (transaction_id.p)
        json_write_member_str(&out, STR("transaction_id"), transaction_id);
    json_write_end(&out);
    struct str body = arena_str(rq->use.arena, buf_str(&text));
    buf_done(&text);
    return body;
}

static int refuse_ping(struct request *rq, const struct asked *asked)
{
    struct err *err = &rq->use.err;
    if (asked->outcome == CALL_TIMED_OUT)
        return err_client(err, 504, "M_CONNECTION_TIMEOUT",
                          "The application service did not answer in time");
    if (asked->outcome == CALL_UNREACHABLE)
        return err_client(err, 502, "M_CONNECTION_FAILED",
                          "The application service cannot be reached");
    (void)err_client(err, 502, "M_BAD_STATUS", "The application service answered %d",
                     asked->status);
    return err_number(err, "status", asked->status);
}

static int post_ping(struct request *rq)
{
    const struct ping *body = rq->body;
    const struct appservice *as = rq->use.caller.appservice;
    struct asked asked;
    if (!as || !str_eq(as->id, api_param(rq, 0)))
        return err_client(&rq->use.err, 403, "M_FORBIDDEN",
                          "This is not the token of that application service");
    if (!as->url.p)
        return err_client(&rq->use.err, 400, "M_URL_NOT_SET",
                          "This application service has no URL");
    int status = appservice_ask(&rq->use, as, "POST", STR("/_matrix/app/v1/ping"), STR_NONE,
                                ping_body(rq, body->transaction_id), &asked);
    if (status != USE_DONE)
        return status;
    if (asked.outcome != CALL_ANSWERED || asked.status < 200 || asked.status >= 300)
        return refuse_ping(rq, &asked);
    json_write_object(&rq->out);
    json_write_member_int(&rq->out, STR("duration_ms"), asked.duration_ms);
    json_write_end(&rq->out);
    return API_DONE;
}

/* ---- third-party networks ---- */

/* What one answered, when it is a value of that kind; NULL. */
static const struct json *read_answer(struct request *rq, const struct asked *asked,
                                      enum json_kind kind)
{
    const struct json *doc;
    struct err ignored = ERR_INIT;
    if (asked->outcome != CALL_ANSWERED || asked->status != 200 ||
        json_parse(rq->use.arena, asked->body, &doc, &ignored) < 0 || !json_is(doc, kind))
        return NULL;
    return doc;
}

static int ask_protocol(struct request *rq, const struct appservice *as, struct str protocol,
                        const struct json **ret_doc)
{
    struct asked asked;
    struct str escaped = call_escape(rq->use.arena, protocol);
    int status = appservice_ask(
        &rq->use, as, "GET",
        arena_printf(rq->use.arena, "/_matrix/app/v1/thirdparty/protocol/%.*s", STR_ARG(escaped)),
        arena_printf(rq->use.arena, "/_matrix/app/unstable/thirdparty/protocol/%.*s",
                     STR_ARG(escaped)),
        STR_NONE, &asked);
    if (status == USE_DONE)
        *ret_doc = read_answer(rq, &asked, JSON_OBJECT);
    return status;
}

/* Each of its networks is given the name by which its list of rooms is asked for. */
static void write_instances(struct request *rq, const struct appservice *as,
                            const struct json *instances)
{
    json_write_array(&rq->out);
    for (size_t i = 0; json_is(instances, JSON_ARRAY) && i < instances->array.n; i++) {
        const struct json *one = &instances->array.items[i];
        struct str network = json_find_str(one, STR("network_id"));
        if (!json_is(one, JSON_OBJECT))
            continue;
        json_write_object(&rq->out);
        for (size_t k = 0; k < one->object.n; k++)
            if (!str_eq(one->object.members[k].key, STR("instance_id")))
                json_write_member_raw(&rq->out, one->object.members[k].key,
                                      one->object.members[k].value.raw);
        if (network.p)
            json_write_member_str(&rq->out, STR("instance_id"),
                                  directory_instance(rq->use.arena, as, network));
        json_write_end(&rq->out);
    }
    json_write_end(&rq->out);
}

static void write_protocol(struct request *rq, const struct appservice *as, const struct json *doc)
{
    json_write_object(&rq->out);
    for (size_t i = 0; i < doc->object.n; i++) {
        const struct json_member *member = &doc->object.members[i];
        json_write_key(&rq->out, member->key);
        if (str_eq(member->key, STR("instances")))
            write_instances(rq, as, &member->value);
        else
            json_write_raw(&rq->out, member->value.raw);
    }
    json_write_end(&rq->out);
}

static int get_protocols(struct request *rq)
{
    const struct config *config = rq->use.server->config;
    const struct json *doc;
    json_write_object(&rq->out);
    for (size_t i = 0; i < config->n_appservices; i++) {
        const struct appservice *as = &config->appservices[i];
        for (size_t k = 0; as->url.p && k < as->n_protocols; k++) {
            if (appservice_find_protocol(config, as->protocols[k]) != as)
                continue; /* another has said what it is */
            int status = ask_protocol(rq, as, as->protocols[k], &doc);
            if (status != USE_DONE)
                return status;
            if (!doc)
                continue;
            json_write_key(&rq->out, as->protocols[k]);
            write_protocol(rq, as, doc);
        }
    }
    json_write_end(&rq->out);
    return API_DONE;
}

static int get_protocol(struct request *rq)
{
    const struct appservice *as =
        appservice_find_protocol(rq->use.server->config, api_param(rq, 0));
    const struct json *doc = NULL;
    int status = as && as->url.p ? ask_protocol(rq, as, api_param(rq, 0), &doc) : USE_DONE;
    if (status != USE_DONE)
        return status;
    if (!doc)
        return err_client(&rq->use.err, 404, "M_NOT_FOUND", "No such protocol here");
    write_protocol(rq, as, doc);
    return API_DONE;
}

/* "?a=b&c=d" of the request as it came, without who asks. */
static struct str fields_of(struct request *rq)
{
    struct str rest = http_query_text(rq->use.x), pair, key, value;
    struct buf text;
    bool more = rest.n > 0;
    buf_init(&text, KIB(16));
    while (more) {
        more = str_cut(rest, '&', &pair, &rest);
        str_cut(pair, '=', &key, &value);
        if (str_eq(key, STR("access_token")) || !pair.n)
            continue;
        buf_add_byte(&text, text.n ? '&' : '?');
        buf_add(&text, pair);
    }
    struct str fields = buf_is_full(&text) ? STR_NONE : arena_str(rq->use.arena, buf_str(&text));
    buf_done(&text);
    return fields;
}

/* Answers of one service, into the open array. */
static int ask_list(struct request *rq, const struct appservice *as, struct str path)
{
    struct asked asked;
    int status = appservice_ask(
        &rq->use, as, "GET",
        arena_printf(rq->use.arena, "/_matrix/app/v1/thirdparty/%.*s", STR_ARG(path)),
        arena_printf(rq->use.arena, "/_matrix/app/unstable/thirdparty/%.*s", STR_ARG(path)),
        STR_NONE, &asked);
    if (status != USE_DONE)
        return status;
    const struct json *doc = read_answer(rq, &asked, JSON_ARRAY);
    for (size_t i = 0; doc && i < doc->array.n; i++)
        json_write_raw(&rq->out, doc->array.items[i].raw);
    return USE_DONE;
}

/* kind is "location" or "user"; protocol STR_NONE: all services are asked. */
static int get_list(struct request *rq, const char *kind, struct str protocol)
{
    const struct config *config = rq->use.server->config;
    struct str fields = fields_of(rq);
    struct str path =
        protocol.p ? arena_printf(rq->use.arena, "%s/%.*s%.*s", kind,
                                  STR_ARG(call_escape(rq->use.arena, protocol)), STR_ARG(fields))
                   : arena_printf(rq->use.arena, "%s%.*s", kind, STR_ARG(fields));
    const struct appservice *only = protocol.p ? appservice_find_protocol(config, protocol) : NULL;
    if (protocol.p && !only)
        return err_client(&rq->use.err, 404, "M_NOT_FOUND", "No such protocol here");
    json_write_array(&rq->out);
    for (size_t i = 0; i < config->n_appservices; i++) {
        const struct appservice *as = &config->appservices[i];
        if (!as->url.p || !as->n_protocols || (only && as != only))
            continue;
        int status = ask_list(rq, as, path);
        if (status != USE_DONE)
            return status;
    }
    json_write_end(&rq->out);
    return API_DONE;
}

static int get_locations(struct request *rq)
{
    return get_list(rq, "location", api_param(rq, 0));
}

static int get_users(struct request *rq)
{
    return get_list(rq, "user", api_param(rq, 0));
}

static int get_locations_of_alias(struct request *rq)
{
    if (!api_query(rq, STR("alias")).p)
        return err_client(&rq->use.err, 400, "M_MISSING_PARAM", "alias is missing");
    return get_list(rq, "location", STR_NONE);
}

static int get_users_of_id(struct request *rq)
{
    if (!api_query(rq, STR("userid")).p)
        return err_client(&rq->use.err, 400, "M_MISSING_PARAM", "userid is missing");
    return get_list(rq, "user", STR_NONE);
}

/* ---- the lists of their rooms ---- */

struct listing_body {
    struct str visibility;
};

static const struct json_field listing_fields[] = {
    JSON_FIELD(struct listing_body, visibility, JSON_WANT_STR, JSON_REQUIRED, 16),
};

static int put_listing(struct request *rq)
{
    const struct listing_body *body = rq->body;
    bool listed = str_eq(body->visibility, STR("public"));
    if (!listed && !str_eq(body->visibility, STR("private")))
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM",
                          "visibility must be public or private");
    return directory_put_network(&rq->use, api_param(rq, 0), api_param(rq, 1), listed);
}

#define NETWORKS "/_matrix/client/v3/thirdparty"
#define READ     API_ACCESS_USER, API_RATE_READ

static const struct api_route routes[] = {
    {HTTP_POST, "/_matrix/client/v1/appservice/{appserviceId}/ping", API_ACCESS_USER,
     API_RATE_WRITE, post_ping, API_BODY(struct ping, ping_fields), .flags = API_BODY_OPTIONAL},
    {HTTP_PUT, "/_matrix/client/v3/directory/list/appservice/{networkId}/{roomId}", API_ACCESS_USER,
     API_RATE_WRITE, put_listing, API_BODY(struct listing_body, listing_fields)},
    {HTTP_GET, NETWORKS "/protocols", READ, get_protocols},
    {HTTP_GET, NETWORKS "/protocol/{protocol}", READ, get_protocol},
    {HTTP_GET, NETWORKS "/location/{protocol}", READ, get_locations},
    {HTTP_GET, NETWORKS "/user/{protocol}", READ, get_users},
    {HTTP_GET, NETWORKS "/location", READ, get_locations_of_alias},
    {HTTP_GET, NETWORKS "/user", READ, get_users_of_id},
};
const struct api_table api_client_appservice = {routes, ARRAY_LEN(routes)};
