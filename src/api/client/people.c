/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "User Directory". */

#include "service/directory/people.h"
#include "api/client/tables.h"

#define LIMIT_DEFAULT 10
#define LIMIT_MOST    50

struct search_body {
    struct str search_term;
    int64_t limit;
};

static const struct json_field search_fields[] = {
    JSON_FIELD(struct search_body, search_term, JSON_WANT_STR, JSON_REQUIRED, 255),
    JSON_FIELD(struct search_body, limit, JSON_WANT_INT, JSON_NULL_OK, 0),
};

static int post_search(struct request *rq)
{
    const struct search_body *body = rq->body;
    int64_t limit = body->limit > 0 ? body->limit : LIMIT_DEFAULT;
    return people_search(&rq->use, body->search_term, limit < LIMIT_MOST ? limit : LIMIT_MOST,
                         &rq->out);
}

static const struct api_route routes[] = {
    {HTTP_POST, "/_matrix/client/v3/user_directory/search", API_ACCESS_USER, API_RATE_READ,
     post_search, API_BODY(struct search_body, search_fields)},
};
const struct api_table api_client_people = {routes, ARRAY_LEN(routes)};
