/* SPDX-License-Identifier: EUPL-1.2 */
#include "json/doc.h"

const struct json *json_find(const struct json *object, struct str key)
{
    if (!json_is(object, JSON_OBJECT))
        return NULL;
    size_t low = 0, high = object->object.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct json_member *member = &object->object.members[middle];
        int order = str_cmp(key, member->key);
        if (order == 0)
            return &member->value;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

bool json_is(const struct json *value, enum json_kind kind)
{
    return value && value->kind == kind;
}

struct str json_as_str(const struct json *value)
{
    return json_is(value, JSON_STRING) ? value->string : STR_NONE;
}

bool json_as_int(const struct json *value, int64_t *ret_integer)
{
    if (!json_is(value, JSON_INT))
        return false;
    *ret_integer = value->integer;
    return true;
}

bool json_as_bool(const struct json *value, bool otherwise)
{
    return json_is(value, JSON_BOOL) ? value->boolean : otherwise;
}

struct str json_find_str(const struct json *object, struct str key)
{
    return json_as_str(json_find(object, key));
}

static bool items_eq(const struct json *a, const struct json *b)
{
    if (a->array.n != b->array.n)
        return false;
    for (size_t i = 0; i < a->array.n; i++)
        if (!json_eq(&a->array.items[i], &b->array.items[i]))
            return false;
    return true;
}

static bool members_eq(const struct json *a, const struct json *b)
{
    if (a->object.n != b->object.n)
        return false;
    for (size_t i = 0; i < a->object.n; i++) {
        const struct json_member *x = &a->object.members[i], *y = &b->object.members[i];
        if (!str_eq(x->key, y->key) || !json_eq(&x->value, &y->value))
            return false;
    }
    return true;
}

bool json_eq(const struct json *a, const struct json *b)
{
    if (!a || !b || a->kind != b->kind)
        return a == b;
    switch (a->kind) {
    case JSON_NULL:
        return true;
    case JSON_BOOL:
        return a->boolean == b->boolean;
    case JSON_INT:
        return a->integer == b->integer;
    case JSON_NUMBER:
        return str_eq(a->raw, b->raw);
    case JSON_STRING:
        return str_eq(a->string, b->string);
    case JSON_ARRAY:
        return items_eq(a, b);
    case JSON_OBJECT:
        return members_eq(a, b);
    }
    return false;
}
