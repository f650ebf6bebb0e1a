/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Syncing" and "Filtering". */

#include "api/client/tables.h"
#include "base/limits.h"
#include "service/sync/sliding.h"
#include "store/account_data.h"

static int query_state_after(struct request *rq, int *ret)
{
    bool stable, unstable;
    if (api_query_bool(rq, STR("use_state_after"), false, &stable) < 0 ||
        api_query_bool(rq, STR("org.matrix.msc4222.use_state_after"), false, &unstable) < 0)
        return -1;
    *ret = stable ? 1 : unstable ? 2 : 0;
    return 0;
}

static int get_sync(struct request *rq)
{
    struct sync_request request = {
        .since = api_query(rq, STR("since")),
        .filter = api_query(rq, STR("filter")),
    };
    if (api_query_int(rq, STR("timeout"), 0, LIMIT_SYNC_TIMEOUT_MS, &request.timeout_ms) < 0 ||
        api_query_bool(rq, STR("full_state"), false, &request.full_state) < 0 ||
        query_state_after(rq, &request.use_state_after) < 0 ||
        sync_note_presence(&rq->use, api_query(rq, STR("set_presence"))) < 0)
        return API_FAILED;
    if (request.since.p && request.since.n == 0)
        request.since = STR_NONE;
    return sync_run(&rq->use, &request, &rq->out);
}

/* ---- sliding sync ---- */

static int post_sliding_sync(struct request *rq)
{
    struct sliding_request request;
    struct str pos = api_query(rq, STR("pos"));
    if (sliding_request_parse(rq->use.arena, rq->json, SLIDING_DEPLOYED, &request, &rq->use.err) <
            0 ||
        api_query_int(rq, STR("timeout"), 0, LIMIT_SYNC_TIMEOUT_MS, &request.timeout_ms) < 0 ||
        sync_note_presence(&rq->use, api_query(rq, STR("set_presence"))) < 0)
        return API_FAILED;
    request.pos = pos.n ? pos : STR_NONE;
    return sliding_run(&rq->use, &request, &rq->out);
}

static int post_sync(struct request *rq)
{
    struct sliding_request request;
    if (sliding_request_parse(rq->use.arena, rq->json, SLIDING_MERGED, &request, &rq->use.err) <
            0 ||
        sync_note_presence(&rq->use, request.set_presence) < 0)
        return API_FAILED;
    return sliding_run(&rq->use, &request, &rq->out);
}

/* ---- filters ---- */

static int check_user(struct request *rq)
{
    if (str_eq(api_param(rq, 0), rq->use.caller.user_id))
        return 0;
    return err_client(&rq->use.err, 403, "M_FORBIDDEN", "This is another user's");
}

static int post_filter(struct request *rq)
{
    struct str id;
    if (check_user(rq) < 0 || filter_store(&rq->use, rq->json, &id) < 0)
        return API_FAILED;
    json_write_object(&rq->out);
    json_write_member_str(&rq->out, STR("filter_id"), id);
    json_write_end(&rq->out);
    return API_DONE;
}

static int get_filter(struct request *rq)
{
    struct str text;
    int64_t id;
    if (check_user(rq) < 0)
        return API_FAILED;
    int found = str_parse_uint(api_param(rq, 1), &id) < 0
                    ? 0
                    : filter_load(&rq->use.read, rq->use.caller.user, id, rq->use.arena, &text,
                                  &rq->use.err);
    if (found < 0)
        return API_FAILED;
    if (!found)
        return err_client(&rq->use.err, 404, "M_NOT_FOUND", "No such filter");
    json_write_raw(&rq->out, text);
    return API_DONE;
}

static const struct api_route routes[] = {
    {HTTP_GET, "/_matrix/client/v3/sync", API_ACCESS_USER_SUSPENDED, API_RATE_SYNC, get_sync,
     .flags = HTTP_ROUTE_POLL, .arena_max = MIB(256)},
    {HTTP_POST, "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync",
     API_ACCESS_USER_SUSPENDED, API_RATE_SYNC, post_sliding_sync,
     .flags = API_BODY_RAW | HTTP_ROUTE_POLL, .body_max = LIMIT_SLIDING_BODY,
     .arena_max = MIB(256)},
    {HTTP_POST, "/_matrix/client/v4/sync", API_ACCESS_USER_SUSPENDED, API_RATE_SYNC, post_sync,
     .flags = API_BODY_RAW | HTTP_ROUTE_POLL, .body_max = LIMIT_SLIDING_BODY,
     .arena_max = MIB(256)},
    {HTTP_POST, "/_matrix/client/v3/user/{userId}/filter", API_ACCESS_USER_SUSPENDED,
     API_RATE_WRITE, post_filter, .flags = API_BODY_RAW, .body_max = LIMIT_FILTER_BYTES},
    {HTTP_GET, "/_matrix/client/v3/user/{userId}/filter/{filterId}", API_ACCESS_USER_SUSPENDED,
     API_RATE_READ, get_filter},
};
const struct api_table api_client_sync = {routes, ARRAY_LEN(routes)};
