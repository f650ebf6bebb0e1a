/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/search.h"

#include "store/private.h"

/* What an event says to a search. */

unsigned search_key_of(const struct store *store, int64_t type)
{
    const struct search_types *types = &store->search_types;
    if (type == types->message)
        return SEARCH_BODY;
    if (type == types->name)
        return SEARCH_NAME;
    return type == types->topic ? SEARCH_TOPIC : 0;
}

static bool is_edit(const struct json *content)
{
    const struct json *relation = json_find(content, STR("m.relates_to"));
    return str_eq(json_find_str(relation, STR("rel_type")), STR("m.replace"));
}

static struct str body_of(const struct json *content)
{
    const struct json *new_content = json_find(content, STR("m.new_content"));
    return json_find_str(is_edit(content) ? new_content : content, STR("body"));
}

/* The representation in plain text; its type may be left out. */
static struct str plain_topic(const struct json *content)
{
    const struct json *texts = json_find(json_find(content, STR("m.topic")), STR("m.text"));
    for (size_t i = 0; json_is(texts, JSON_ARRAY) && i < texts->array.n; i++) {
        struct str type = json_find_str(&texts->array.items[i], STR("mimetype"));
        if (!type.p || str_eq(type, STR("text/plain")))
            return json_find_str(&texts->array.items[i], STR("body"));
    }
    return STR_NONE;
}

static struct str topic_of(struct arena *arena, const struct json *content)
{
    struct str topic = json_find_str(content, STR("topic")), plain = plain_topic(content);
    if (!plain.n || str_eq(topic, plain))
        return topic;
    return arena_printf(arena, "%.*s\n%.*s", STR_ARG(topic), STR_ARG(plain));
}

struct str search_text(struct arena *arena, unsigned key, const struct json *content)
{
    switch (key) {
    case SEARCH_BODY:
        return body_of(content);
    case SEARCH_NAME:
        return json_find_str(content, STR("name"));
    case SEARCH_TOPIC:
        return topic_of(arena, content);
    default:
        return STR_NONE;
    }
}
