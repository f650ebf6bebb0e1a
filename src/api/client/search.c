/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Server Side Search". */

#include "service/rooms/search.h"
#include "api/client/tables.h"
#include "store/search.h"

#define CONTEXT_DEFAULT 5

struct search_body {
    const struct json *search_categories;
};
static const struct json_field search_fields[] = {
    JSON_FIELD(struct search_body, search_categories, JSON_WANT_OBJECT, JSON_REQUIRED, 0),
};

struct room_events {
    struct str search_term, order_by;
    const struct json *keys, *filter, *event_context, *groupings;
    bool include_state;
};
static const struct json_field room_events_fields[] = {
    JSON_FIELD(struct room_events, search_term, JSON_WANT_STR, JSON_REQUIRED, LIMIT_SEARCH_TERM),
    JSON_FIELD(struct room_events, order_by, JSON_WANT_STR, JSON_NULL_OK, 0),
    JSON_FIELD(struct room_events, keys, JSON_WANT_ARRAY, JSON_NULL_OK, 16),
    JSON_FIELD(struct room_events, filter, JSON_WANT_OBJECT, JSON_NULL_OK, 0),
    JSON_FIELD(struct room_events, event_context, JSON_WANT_OBJECT, JSON_NULL_OK, 0),
    JSON_FIELD(struct room_events, groupings, JSON_WANT_OBJECT, JSON_NULL_OK, 0),
    JSON_FIELD(struct room_events, include_state, JSON_WANT_BOOL, JSON_NULL_OK, 0),
};

struct context {
    int64_t before_limit, after_limit;
    bool include_profile;
};
static const struct json_field context_fields[] = {
    JSON_FIELD(struct context, before_limit, JSON_WANT_INT, JSON_NULL_OK, 0),
    JSON_FIELD(struct context, after_limit, JSON_WANT_INT, JSON_NULL_OK, 0),
    JSON_FIELD(struct context, include_profile, JSON_WANT_BOOL, JSON_NULL_OK, 0),
};

struct groupings {
    const struct json *group_by;
};
static const struct json_field groupings_fields[] = {
    JSON_FIELD(struct groupings, group_by, JSON_WANT_ARRAY, JSON_NULL_OK, 16),
};

struct word {
    struct str text;
    unsigned bit;
};
static const struct word key_words[] = {
    {STR_INIT("content.body"), SEARCH_BODY},
    {STR_INIT("content.name"), SEARCH_NAME},
    {STR_INIT("content.topic"), SEARCH_TOPIC},
};
static const struct word group_words[] = {
    {STR_INIT("room_id"), SEARCH_BY_ROOM},
    {STR_INIT("sender"), SEARCH_BY_SENDER},
};

/* Adds the bit of a word; one that is not known is refused. */
static int take_word(struct request *rq, const struct word *words, size_t n,
                     const struct json *value, unsigned *set)
{
    struct str text = json_as_str(value);
    for (size_t i = 0; i < n; i++) {
        if (!str_eq(text, words[i].text))
            continue;
        *set |= words[i].bit;
        return 0;
    }
    return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "No such key of a search");
}

static int take_keys(struct request *rq, const struct json *keys, unsigned *ret_keys)
{
    unsigned set = keys ? 0 : SEARCH_ALL;
    for (size_t i = 0; keys && i < keys->array.n; i++)
        if (take_word(rq, key_words, ARRAY_LEN(key_words), &keys->array.items[i], &set) < 0)
            return -1;
    *ret_keys = set ? set : SEARCH_ALL;
    return 0;
}

static int take_groups(struct request *rq, const struct json *given, unsigned *ret_groups)
{
    struct groupings groupings = {0};
    if (given && json_decode(given, groupings_fields, ARRAY_LEN(groupings_fields), &groupings,
                             &rq->use.err) < 0)
        return -1;
    for (size_t i = 0; groupings.group_by && i < groupings.group_by->array.n; i++)
        if (take_word(rq, group_words, ARRAY_LEN(group_words),
                      json_find(&groupings.group_by->array.items[i], STR("key")), ret_groups) < 0)
            return -1;
    return 0;
}

static size_t limit_of(int64_t asked)
{
    if (asked < 0)
        return 0;
    return asked < LIMIT_SEARCH_CONTEXT ? (size_t)asked : LIMIT_SEARCH_CONTEXT;
}

static int take_context(struct request *rq, const struct json *given, struct search_request *search)
{
    struct context context = {.before_limit = CONTEXT_DEFAULT, .after_limit = CONTEXT_DEFAULT};
    search->with_context = given != NULL;
    if (!given)
        return 0;
    if (json_decode(given, context_fields, ARRAY_LEN(context_fields), &context, &rq->use.err) < 0)
        return -1;
    search->before_limit = limit_of(context.before_limit);
    search->after_limit = limit_of(context.after_limit);
    search->with_profiles = context.include_profile;
    return 0;
}

/* "rank" is the default. */
static int take_order(struct request *rq, struct str order, bool *ret_by_rank)
{
    *ret_by_rank = !str_eq(order, STR("recent"));
    if (!order.p || !*ret_by_rank || str_eq(order, STR("rank")))
        return 0;
    return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "order_by must be rank or recent");
}

static int take(struct request *rq, const struct room_events *given, struct search_request *search)
{
    search->term = given->search_term;
    search->with_state = given->include_state;
    search->next_batch = api_query(rq, STR("next_batch"));
    if (take_keys(rq, given->keys, &search->keys) < 0 ||
        take_groups(rq, given->groupings, &search->groups) < 0 ||
        take_order(rq, given->order_by, &search->by_rank) < 0 ||
        take_context(rq, given->event_context, search) < 0 ||
        event_filter_parse(rq->use.arena, given->filter, &search->filter, &rq->use.err) < 0)
        return -1;
    if (search->filter.limit > LIMIT_SEARCH_PAGE)
        search->filter.limit = LIMIT_SEARCH_PAGE;
    return 0;
}

static int post_search(struct request *rq)
{
    const struct search_body *body = rq->body;
    const struct json *category = json_find(body->search_categories, STR("room_events"));
    struct room_events given = {0};
    struct search_request search = {0};
    if (category && (json_decode(category, room_events_fields, ARRAY_LEN(room_events_fields),
                                 &given, &rq->use.err) < 0 ||
                     take(rq, &given, &search) < 0))
        return API_FAILED;
    json_write_object(&rq->out);
    json_write_key(&rq->out, STR("search_categories"));
    json_write_object(&rq->out);
    if (category)
        json_write_key(&rq->out, STR("room_events"));
    int status = category ? rooms_search(&rq->use, &search, &rq->out) : API_DONE;
    json_write_end(&rq->out);
    json_write_end(&rq->out);
    return status;
}

static const struct api_route routes[] = {
    {HTTP_POST, "/_matrix/client/v3/search", API_ACCESS_USER_SUSPENDED, API_RATE_READ, post_search,
     API_BODY(struct search_body, search_fields), .arena_max = MIB(32)},
};
const struct api_table api_client_search = {routes, ARRAY_LEN(routes)};
