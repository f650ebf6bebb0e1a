/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Profiles". */

#include "service/accounts/profile.h"
#include "api/client/tables.h"
#include "service/accounts/profile_fields.h"
#include "service/appservice/asking.h"
#include "service/directory/people.h"

#define SHOW_DISPLAY_NAME 1
#define SHOW_AVATAR_URL   2
#define SHOW_ORGANISATION 4
#define SHOW_FIELDS       8

/* Those of the key, or all of them: the number written, or -1. */
static int write_fields(struct request *rq, const struct account *account, struct str key)
{
    struct profile_field_row *rows;
    size_t n;
    int written = 0;
    if (profile_fields_load(&rq->use, account->user, &rows, &n) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (key.p && !str_eq(key, rows[i].key))
            continue;
        json_write_member_raw(&rq->out, rows[i].key, rows[i].value);
        written++;
    }
    return written;
}

static int show(struct request *rq, unsigned parts)
{
    struct json_writer *out = &rq->out;
    struct account account;
    int status = appservice_query_user(&rq->use, api_param(rq, 0));
    if (status != USE_DONE)
        return status;
    if (profile_load(&rq->use, api_param(rq, 0), &account) < 0)
        return API_FAILED;
    json_write_object(out);
    if ((parts & SHOW_AVATAR_URL) && account.avatar_url.p)
        json_write_member_str(out, STR("avatar_url"), account.avatar_url);
    if ((parts & SHOW_DISPLAY_NAME) && account.display_name.p)
        json_write_member_str(out, STR("displayname"), account.display_name);
    if (parts & SHOW_ORGANISATION)
        people_write_organisation(out, &account);
    if ((parts & SHOW_FIELDS) && write_fields(rq, &account, STR_NONE) < 0)
        return API_FAILED;
    json_write_end(out);
    return API_DONE;
}

static int get_profile(struct request *rq)
{
    return show(rq, SHOW_DISPLAY_NAME | SHOW_AVATAR_URL | SHOW_ORGANISATION | SHOW_FIELDS);
}

static int get_display_name(struct request *rq)
{
    return show(rq, SHOW_DISPLAY_NAME);
}

static int get_avatar_url(struct request *rq)
{
    return show(rq, SHOW_AVATAR_URL);
}

static int check_own(struct request *rq)
{
    if (str_eq(api_param(rq, 0), rq->use.caller.user_id))
        return 0;
    return err_client(&rq->use.err, 403, "M_FORBIDDEN", "This is another user's profile");
}

static int set(struct request *rq, enum profile_field field, struct str value)
{
    return check_own(rq) < 0 ? API_FAILED : profile_set(&rq->use, field, value);
}

struct name_body {
    struct str displayname;
};

static const struct json_field name_fields[] = {
    JSON_FIELD(struct name_body, displayname, JSON_WANT_STR, JSON_NULL_OK, 0),
};

static int put_display_name(struct request *rq)
{
    const struct name_body *body = rq->body;
    return set(rq, PROFILE_DISPLAY_NAME, body->displayname);
}

struct avatar_body {
    struct str avatar_url;
};

static const struct json_field avatar_fields[] = {
    JSON_FIELD(struct avatar_body, avatar_url, JSON_WANT_STR, JSON_NULL_OK, 0),
};

static int put_avatar_url(struct request *rq)
{
    const struct avatar_body *body = rq->body;
    return set(rq, PROFILE_AVATAR_URL, body->avatar_url);
}

static int delete_display_name(struct request *rq)
{
    return set(rq, PROFILE_DISPLAY_NAME, STR_NONE);
}

static int delete_avatar_url(struct request *rq)
{
    return set(rq, PROFILE_AVATAR_URL, STR_NONE);
}

/* ---- other fields ---- */

static int get_field(struct request *rq)
{
    struct account account;
    if (profile_load(&rq->use, api_param(rq, 0), &account) < 0)
        return API_FAILED;
    json_write_object(&rq->out);
    int written = write_fields(rq, &account, api_param(rq, 1));
    if (written <= 0)
        return written < 0 ? API_FAILED
                           : err_client(&rq->use.err, 404, "M_NOT_FOUND", "No such field");
    json_write_end(&rq->out);
    return API_DONE;
}

static int put_field(struct request *rq)
{
    const struct json *value = json_find(rq->json, api_param(rq, 1));
    if (check_own(rq) < 0)
        return API_FAILED;
    if (!value)
        return err_client(&rq->use.err, 400, "M_MISSING_PARAM", "The body lacks the field");
    return profile_fields_set(&rq->use, api_param(rq, 1), value->raw);
}

static int delete_field(struct request *rq)
{
    return check_own(rq) < 0 ? API_FAILED : profile_fields_unset(&rq->use, api_param(rq, 1));
}

/* Profiles are seen by the accounts of this server alone. */
#define PROFILE "/_matrix/client/v3/profile/{userId}"
#define READ    API_ACCESS_USER_SUSPENDED, API_RATE_READ
#define SET     API_ACCESS_USER, API_RATE_WRITE

static const struct api_route routes[] = {
    {HTTP_GET, PROFILE, READ, get_profile},
    {HTTP_GET, PROFILE "/displayname", READ, get_display_name},
    {HTTP_GET, PROFILE "/avatar_url", READ, get_avatar_url},
    {HTTP_PUT, PROFILE "/displayname", SET, put_display_name,
     API_BODY(struct name_body, name_fields)},
    {HTTP_PUT, PROFILE "/avatar_url", SET, put_avatar_url,
     API_BODY(struct avatar_body, avatar_fields)},
    {HTTP_DELETE, PROFILE "/displayname", SET, delete_display_name},
    {HTTP_DELETE, PROFILE "/avatar_url", SET, delete_avatar_url},
    {HTTP_GET, PROFILE "/{keyName}", READ, get_field},
    {HTTP_PUT, PROFILE "/{keyName}", SET, put_field, .flags = API_BODY_RAW},
    {HTTP_DELETE, PROFILE "/{keyName}", SET, delete_field},
};
const struct api_table api_client_profile = {routes, ARRAY_LEN(routes)};
