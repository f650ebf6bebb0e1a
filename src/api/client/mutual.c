/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Mutual rooms": those where the caller and another user have both joined. */

#include "api/client/tables.h"
#include "base/limits.h"
#include "matrix/id.h"
#include "store/membership.h"

/* "m" and the room's integer, after which the next page begins. */
static int query_from(struct request *rq, int64_t *ret_after)
{
    struct str from = api_query(rq, STR("from"));
    *ret_after = 0;
    if (!from.p)
        return 0;
    if (str_starts(from, STR("m")) && str_parse_uint(str_skip(from, 1), ret_after) == 0)
        return 0;
    return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "Not a token of this list");
}

static int query_user(struct request *rq, struct str *ret_user_id)
{
    struct err ignored = ERR_INIT;
    struct user_id id;
    *ret_user_id = api_query(rq, STR("user_id"));
    bool valid = ret_user_id->p && user_id_parse(*ret_user_id, &id, &ignored) == 0;
    if (valid && !str_eq(*ret_user_id, rq->use.caller.user_id))
        return 0;
    return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "user_id must name another user");
}

/* By the integer of the room: *ret_rooms ascends. */
static int list_shared(struct request *rq, struct str user_id, int64_t **ret_rooms, size_t *ret_n)
{
    struct use *use = &rq->use;
    int64_t other;
    *ret_n = 0;
    int found = store_find_name(use->server->store, user_id, &other, &use->err);
    if (found != 1)
        return found;
    return membership_list_shared(&use->read, use->caller.user, other, use->arena, ret_rooms, ret_n,
                                  &use->err);
}

static int write_rooms(struct request *rq, const int64_t *rooms, size_t n, int64_t after)
{
    struct str room_id, next = STR_NONE;
    size_t written = 0;
    json_write_key(&rq->out, STR("joined"));
    json_write_array(&rq->out);
    for (size_t i = 0; i < n && !next.p; i++) {
        if (rooms[i] <= after)
            continue;
        if (store_name(rq->use.server->store, rooms[i], rq->use.arena, &room_id, &rq->use.err) < 0)
            return -1;
        json_write_str(&rq->out, room_id);
        if (++written == LIMIT_MUTUAL_ROOMS && i + 1 < n)
            next = arena_printf(rq->use.arena, "m%lld", (long long)rooms[i]);
    }
    json_write_end(&rq->out);
    if (next.p)
        json_write_member_str(&rq->out, STR("next_batch"), next);
    return 0;
}

static int get_mutual(struct request *rq)
{
    struct str user_id;
    int64_t after, *rooms = NULL;
    size_t n;
    if (query_user(rq, &user_id) < 0 || query_from(rq, &after) < 0 ||
        list_shared(rq, user_id, &rooms, &n) < 0)
        return API_FAILED;
    json_write_object(&rq->out);
    json_write_member_int(&rq->out, STR("count"), (int64_t)n);
    if (write_rooms(rq, rooms, n, after) < 0)
        return API_FAILED;
    json_write_end(&rq->out);
    return API_DONE;
}

static const struct api_route routes[] = {
    {HTTP_GET, "/_matrix/client/v1/mutual_rooms", API_ACCESS_USER, API_RATE_READ, get_mutual},
};
const struct api_table api_client_mutual = {routes, ARRAY_LEN(routes)};
