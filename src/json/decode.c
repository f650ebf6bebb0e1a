/* SPDX-License-Identifier: EUPL-1.2 */
#include "json/decode.h"

#include <string.h>

static const char *want_name(enum json_want want)
{
    switch (want) {
    case JSON_WANT_STR:
        return "a string";
    case JSON_WANT_INT:
        return "an integer between -(2^53)+1 and 2^53-1";
    case JSON_WANT_BOOL:
        return "a boolean";
    case JSON_WANT_OBJECT:
        return "an object";
    case JSON_WANT_ARRAY:
        return "an array";
    case JSON_WANT_ANY:
        break;
    }
    return "a value";
}

static bool is_wanted(const struct json *value, enum json_want want)
{
    switch (want) {
    case JSON_WANT_STR:
        return value->kind == JSON_STRING;
    case JSON_WANT_INT:
        return value->kind == JSON_INT;
    case JSON_WANT_BOOL:
        return value->kind == JSON_BOOL;
    case JSON_WANT_OBJECT:
        return value->kind == JSON_OBJECT;
    case JSON_WANT_ARRAY:
        return value->kind == JSON_ARRAY;
    case JSON_WANT_ANY:
        return true;
    }
    return false;
}

/* What the field's maximum counts, and how much of it there is. */
static const char *size_unit(const struct json *value, size_t *ret_n)
{
    switch (value->kind) {
    case JSON_STRING:
        *ret_n = value->string.n;
        return "bytes";
    case JSON_ARRAY:
        *ret_n = value->array.n;
        return "items";
    case JSON_OBJECT:
        *ret_n = value->object.n;
        return "members";
    default:
        *ret_n = 0;
        return "";
    }
}

static const struct json *find_field(const struct json *body, const struct json_field *field)
{
    const struct json *value = json_find(body, str_from(field->name));
    if ((field->flags & JSON_NULL_OK) && json_is(value, JSON_NULL))
        return NULL;
    return value;
}

static int check_field(const struct json *value, const struct json_field *field, struct err *err)
{
    size_t n;
    if (!value && (field->flags & JSON_REQUIRED))
        return err_client(err, 400, "M_MISSING_PARAM", "'%s' is required", field->name);
    if (!value)
        return 0;
    if (!is_wanted(value, field->want))
        return err_client(err, 400, "M_BAD_JSON", "'%s' must be %s", field->name,
                          want_name(field->want));
    const char *unit = size_unit(value, &n);
    if (field->max && n > field->max)
        return err_client(err, 400, "M_INVALID_PARAM", "'%s' has more than %zu %s", field->name,
                          field->max, unit);
    return 0;
}

static void store_field(const struct json *value, const struct json_field *field, void *to)
{
    switch (field->want) {
    case JSON_WANT_STR:
        memcpy(to, &value->string, sizeof value->string);
        return;
    case JSON_WANT_INT:
        memcpy(to, &value->integer, sizeof value->integer);
        return;
    case JSON_WANT_BOOL:
        memcpy(to, &value->boolean, sizeof value->boolean);
        return;
    case JSON_WANT_OBJECT:
    case JSON_WANT_ARRAY:
    case JSON_WANT_ANY:
        memcpy(to, &value, sizeof value);
        return;
    }
}

int json_decode(const struct json *body, const struct json_field *fields, size_t n,
                void *ret_struct, struct err *err)
{
    if (!json_is(body, JSON_OBJECT))
        return err_client(err, 400, "M_BAD_JSON", "The body must be a JSON object");
    for (size_t i = 0; i < n; i++)
        if (check_field(find_field(body, &fields[i]), &fields[i], err) < 0)
            return -1;
    for (size_t i = 0; i < n; i++) {
        const struct json *value = find_field(body, &fields[i]);
        if (value)
            store_field(value, &fields[i], (char *)ret_struct + fields[i].offset);
    }
    return 0;
}
