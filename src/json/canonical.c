/* SPDX-License-Identifier: EUPL-1.2 */
#include "json/write.h"

static int write_value(const struct json *value, struct buf *out);

static int write_items(const struct json *array, struct buf *out)
{
    buf_add_byte(out, '[');
    for (size_t i = 0; i < array->array.n; i++) {
        if (i)
            buf_add_byte(out, ',');
        if (write_value(&array->array.items[i], out) < 0)
            return -1;
    }
    buf_add_byte(out, ']');
    return 0;
}

static bool is_one_of(struct str key, const struct str *keys, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(key, keys[i]))
            return true;
    return false;
}

/* The reader has sorted the members already. */
static int write_members(const struct json *object, const struct str *without, size_t n_without,
                         struct buf *out)
{
    bool comma = false;
    buf_add_byte(out, '{');
    for (size_t i = 0; i < object->object.n; i++) {
        const struct json_member *member = &object->object.members[i];
        if (is_one_of(member->key, without, n_without))
            continue;
        if (comma)
            buf_add_byte(out, ',');
        comma = true;
        json_escape(out, member->key);
        buf_add_byte(out, ':');
        if (write_value(&member->value, out) < 0)
            return -1;
    }
    buf_add_byte(out, '}');
    return 0;
}

static int write_value(const struct json *value, struct buf *out)
{
    switch (value->kind) {
    case JSON_NULL:
        buf_add(out, STR("null"));
        return 0;
    case JSON_BOOL:
        buf_add(out, value->boolean ? STR("true") : STR("false"));
        return 0;
    case JSON_INT:
        buf_add_int(out, value->integer);
        return 0;
    case JSON_STRING:
        json_escape(out, value->string);
        return 0;
    case JSON_ARRAY:
        return write_items(value, out);
    case JSON_OBJECT:
        return write_members(value, NULL, 0, out);
    case JSON_NUMBER:
        break;
    }
    return -1;
}

static int refuse_number(struct err *err)
{
    return err_client(err, 400, "M_BAD_JSON",
                      "Numbers must be integers between -(2^53)+1 and 2^53-1, written as such");
}

int json_canonical(const struct json *value, struct buf *out, struct err *err)
{
    return write_value(value, out) < 0 ? refuse_number(err) : 0;
}

int json_canonical_without(const struct json *object, const struct str *keys, size_t n_keys,
                           struct buf *out, struct err *err)
{
    if (!json_is(object, JSON_OBJECT))
        return err_client(err, 400, "M_BAD_JSON", "Not a JSON object");
    return write_members(object, keys, n_keys, out) < 0 ? refuse_number(err) : 0;
}
