/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/edit.h"

#include <string.h>

static struct json *make(struct arena *arena, enum json_kind kind)
{
    struct json *value = ARENA_NEW(arena, struct json);
    value->kind = kind;
    return value;
}

const struct json *edit_object(struct arena *arena)
{
    return make(arena, JSON_OBJECT);
}

const struct json *edit_string(struct arena *arena, struct str string)
{
    struct json *value = make(arena, JSON_STRING);
    value->string = string;
    return value;
}

const struct json *edit_integer(struct arena *arena, int64_t integer)
{
    struct json *value = make(arena, JSON_INT);
    value->integer = integer;
    return value;
}

const struct json *edit_strings(struct arena *arena, const struct str *strings, size_t n)
{
    struct json *value = make(arena, JSON_ARRAY);
    value->array.items = ARENA_NEW_N(arena, n ? n : 1, struct json);
    value->array.n = n;
    for (size_t i = 0; i < n; i++) {
        value->array.items[i].kind = JSON_STRING;
        value->array.items[i].string = strings[i];
    }
    return value;
}

const struct json *edit_put(struct arena *arena, const struct json *object, struct str key,
                            const struct json *value)
{
    size_t n = object->object.n, at = 0;
    const struct json_member *old = object->object.members;
    while (at < n && str_cmp(old[at].key, key) < 0)
        at++;
    size_t after = at < n && str_eq(old[at].key, key) ? at + 1 : at;

    struct json *ret = make(arena, JSON_OBJECT);
    struct json_member *members = ARENA_NEW_N(arena, n + 1, struct json_member);
    if (at > 0)
        memcpy(members, old, at * sizeof *members);
    members[at] = (struct json_member){.key = key, .value = *value};
    if (n > after)
        memcpy(members + at + 1, old + after, (n - after) * sizeof *members);
    ret->object.members = members;
    ret->object.n = at + 1 + (n - after);
    return ret;
}

static bool is_one_of(struct str key, const struct str *keys, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(key, keys[i]))
            return true;
    return false;
}

static const struct json *filter(struct arena *arena, const struct json *object,
                                 const struct str *keys, size_t n, bool keep)
{
    struct json *ret = make(arena, JSON_OBJECT);
    size_t room = object->object.n ? object->object.n : 1;
    ret->object.members = ARENA_NEW_N(arena, room, struct json_member);
    for (size_t i = 0; i < object->object.n; i++)
        if (is_one_of(object->object.members[i].key, keys, n) == keep)
            ret->object.members[ret->object.n++] = object->object.members[i];
    return ret;
}

const struct json *edit_keep(struct arena *arena, const struct json *object, const struct str *keys,
                             size_t n)
{
    return filter(arena, object, keys, n, true);
}

const struct json *edit_drop(struct arena *arena, const struct json *object, const struct str *keys,
                             size_t n)
{
    return filter(arena, object, keys, n, false);
}
