/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/harness.h"

#include "base/check.h"
#include "base/limits.h"
#include "json/write.h"

static bool is_within(struct str part, struct str whole)
{
    return part.p >= whole.p && part.p + part.n <= whole.p + whole.n;
}

/* What doc.h promises of every value. */
static void check_value(const struct json *value, struct str text)
{
    CHECK(value->raw.n > 0 && is_within(value->raw, text));
    if (value->kind == JSON_INT)
        CHECK(value->integer >= -LIMIT_SAFE_INTEGER && value->integer <= LIMIT_SAFE_INTEGER);
    if (value->kind == JSON_STRING)
        CHECK(str_is_utf8(value->string));
    for (size_t i = 0; value->kind == JSON_ARRAY && i < value->array.n; i++)
        check_value(&value->array.items[i], value->raw);
    for (size_t i = 0; value->kind == JSON_OBJECT && i < value->object.n; i++) {
        const struct json_member *member = &value->object.members[i];
        CHECK(str_is_utf8(member->key));
        CHECK(i == 0 || str_cmp(member[-1].key, member->key) < 0);
        CHECK(json_find(value, member->key) == &member->value);
        check_value(&member->value, value->raw);
    }
}

/* The raw bytes are the value again, and so is the canonical form. */
static void check_again(struct arena *arena, const struct json *value)
{
    CLEANUP(buf_done) struct buf canonical, second;
    const struct json *again;
    struct err err = ERR_INIT;
    buf_init(&canonical, MIB(16));
    buf_init(&second, MIB(16));
    CHECK(json_parse(arena, value->raw, &again, &err) == 0);
    CHECK(json_eq(value, again));
    if (json_canonical(value, &canonical, &err) < 0)
        return;
    CHECK(!buf_is_full(&canonical));
    CHECK(json_parse(arena, buf_str(&canonical), &again, &err) == 0);
    CHECK(json_eq(value, again));
    CHECK(json_canonical(again, &second, &err) == 0);
    CHECK(str_eq(buf_str(&canonical), buf_str(&second)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(512));
    struct str text = str_make(data, size);
    const struct json *doc = NULL;
    struct err err = ERR_INIT;
    if (json_parse(arena, text, &doc, &err) < 0) {
        CHECK(err.kind == ERR_KIND_CLIENT && err.status == 400 && !doc);
        return 0;
    }
    check_value(doc, text);
    check_again(arena, doc);
    return 0;
}
