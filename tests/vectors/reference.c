/* SPDX-License-Identifier: EUPL-1.2 */
#include "vectors/reference.h"

#include "base/limits.h"
#include "vectors/jansson_reader.h"
#include "json/write.h"

static bool has_nul_key(const struct json *value)
{
    for (size_t i = 0; value->kind == JSON_ARRAY && i < value->array.n; i++)
        if (has_nul_key(&value->array.items[i]))
            return true;
    for (size_t i = 0; value->kind == JSON_OBJECT && i < value->object.n; i++)
        if (str_find(value->object.members[i].key, '\0') >= 0 ||
            has_nul_key(&value->object.members[i].value))
            return true;
    return false;
}

/* theirs.p is NULL when the reference refuses the text. */
static const char *compare_accepted(const struct json *ours, struct str theirs)
{
    CLEANUP(buf_done) struct buf canonical;
    struct err err = ERR_INIT;
    buf_init(&canonical, MIB(64));
    if (json_canonical(ours, &canonical, &err) < 0)
        return NULL; /* a number without canonical form */
    if (!theirs.p)
        return has_nul_key(ours) ? NULL : "accepted by us only";
    return str_eq(theirs, buf_str(&canonical)) ? NULL : "another canonical text";
}

const char *reference_difference(struct str text)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(512));
    CLEANUP(buf_done) struct buf theirs;
    const struct json *ours = NULL;
    struct err err = ERR_INIT;
    size_t depth = 0;
    buf_init(&theirs, MIB(64));
    bool accepted = jansson_read(text, &theirs, &depth);
    if (json_parse(arena, text, &ours, &err) == 0)
        return compare_accepted(ours, accepted ? buf_str(&theirs) : STR_NONE);
    return accepted && depth <= LIMIT_JSON_DEPTH ? "accepted by the reference only" : NULL;
}
