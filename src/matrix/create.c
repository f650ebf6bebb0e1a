/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/create.h"

const struct room_version *create_version(const struct json *content)
{
    const struct json *name = json_find(content, STR("room_version"));
    return room_version_find(name ? json_as_str(name) : STR("1"));
}

struct str create_creator(const struct pdu *create)
{
    if (!create)
        return STR_NONE;
    return create->version->creator_is_sender ? create->sender
                                              : json_find_str(create->content, STR("creator"));
}

/* content.additional_creators; an empty list when it is none. */
static const struct json *additional(const struct pdu *create)
{
    static const struct json none = {.kind = JSON_ARRAY};
    const struct json *list = json_find(create->content, STR("additional_creators"));
    return json_is(list, JSON_ARRAY) ? list : &none;
}

bool create_is_privileged(const struct pdu *create, struct str user_id)
{
    if (!create || !create->version->privileged_creators)
        return false;
    if (str_eq(create->sender, user_id))
        return true;
    const struct json *others = additional(create);
    for (size_t i = 0; i < others->array.n; i++)
        if (json_is(&others->array.items[i], JSON_STRING) &&
            str_eq(others->array.items[i].string, user_id))
            return true;
    return false;
}

bool create_has_privileged_key(const struct pdu *create, const struct json *object)
{
    if (!create || !create->version->privileged_creators)
        return false;
    if (json_find(object, create->sender))
        return true;
    const struct json *others = additional(create);
    for (size_t i = 0; i < others->array.n; i++)
        if (json_is(&others->array.items[i], JSON_STRING) &&
            json_find(object, others->array.items[i].string))
            return true;
    return false;
}

bool create_federates(const struct pdu *create)
{
    return !create || json_as_bool(json_find(create->content, STR("m.federate")), true);
}
