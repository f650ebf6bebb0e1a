/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Client Config" (account data) and "Room Tagging". */

#include "api/client/tables.h"
#include "base/limits.h"
#include "service/accounts/client_config.h"

static int check_user(struct request *rq)
{
    if (str_eq(api_param(rq, 0), rq->use.caller.user_id))
        return 0;
    return err_client(&rq->use.err, 403, "M_FORBIDDEN", "This is another user's");
}

static int put(struct request *rq, struct str room_id, struct str type)
{
    if (check_user(rq) < 0)
        return API_FAILED;
    return config_put(&rq->use, room_id, type, rq->json);
}

static int get(struct request *rq, struct str room_id, struct str type)
{
    struct str content;
    if (check_user(rq) < 0 || config_get(&rq->use, room_id, type, &content) < 0)
        return API_FAILED;
    json_write_raw(&rq->out, content);
    return API_DONE;
}

static int put_global(struct request *rq)
{
    return put(rq, STR_NONE, api_param(rq, 1));
}

static int get_global(struct request *rq)
{
    return get(rq, STR_NONE, api_param(rq, 1));
}

static int put_room(struct request *rq)
{
    return put(rq, api_param(rq, 1), api_param(rq, 2));
}

static int get_room(struct request *rq)
{
    return get(rq, api_param(rq, 1), api_param(rq, 2));
}

/* ---- tags ---- */

static int get_tags(struct request *rq)
{
    struct str content;
    if (check_user(rq) < 0 || config_get_tags(&rq->use, api_param(rq, 1), &content) < 0)
        return API_FAILED;
    json_write_raw(&rq->out, content);
    return API_DONE;
}

static int put_tag(struct request *rq)
{
    if (check_user(rq) < 0)
        return API_FAILED;
    return config_set_tag(&rq->use, api_param(rq, 1), api_param(rq, 2), rq->json);
}

static int delete_tag(struct request *rq)
{
    if (check_user(rq) < 0)
        return API_FAILED;
    return config_set_tag(&rq->use, api_param(rq, 1), api_param(rq, 2), NULL);
}

#define USER "/_matrix/client/v3/user/{userId}"
#define READ API_ACCESS_USER_SUSPENDED, API_RATE_READ
#define SET  API_ACCESS_USER_SUSPENDED, API_RATE_WRITE

static const struct api_route routes[] = {
    {HTTP_PUT, USER "/account_data/{type}", SET, put_global, .flags = API_BODY_RAW},
    {HTTP_GET, USER "/account_data/{type}", READ, get_global},
    {HTTP_PUT, USER "/rooms/{roomId}/account_data/{type}", SET, put_room, .flags = API_BODY_RAW},
    {HTTP_GET, USER "/rooms/{roomId}/account_data/{type}", READ, get_room},
    {HTTP_GET, USER "/rooms/{roomId}/tags", READ, get_tags},
    {HTTP_PUT, USER "/rooms/{roomId}/tags/{tag}", SET, put_tag,
     .flags = API_BODY_RAW | API_BODY_OPTIONAL},
    {HTTP_DELETE, USER "/rooms/{roomId}/tags/{tag}", SET, delete_tag},
};
const struct api_table api_client_account_data = {routes, ARRAY_LEN(routes)};
