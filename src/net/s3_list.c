/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/s3_list.h"

#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "base/vec.h"

static int malformed(struct err *err, const char *what)
{
    return err_internal(err, "the storage lists what is no list: %s", what);
}

/* The position of part in s, or -1. */
static ptrdiff_t find(struct str s, struct str part)
{
    const char *at = s.n ? memmem(s.p, s.n, part.p, part.n) : NULL;
    return at ? at - s.p : -1;
}

/* The text between <name> and </name>; *ret_rest, when not NULL, is what follows. False: there is
 * none. */
static bool element(struct str xml, struct str open, struct str close, struct str *ret_text,
                    struct str *ret_rest)
{
    ptrdiff_t from = find(xml, open);
    if (from < 0)
        return false;
    struct str inner = str_skip(xml, (size_t)from + open.n);
    ptrdiff_t to = find(inner, close);
    if (to < 0)
        return false;
    *ret_text = str_first(inner, (size_t)to);
    if (ret_rest)
        *ret_rest = str_skip(inner, (size_t)to + close.n);
    return true;
}

#define ELEMENT(xml, name, ret_text, ret_rest)                                                     \
    element(xml, STR("<" name ">"), STR("</" name ">"), ret_text, ret_rest)

/* ---- texts ---- */

static const struct {
    struct str entity;
    char c;
} entities[] = {
    {STR_INIT("&amp;"), '&'},  {STR_INIT("&lt;"), '<'},    {STR_INIT("&gt;"), '>'},
    {STR_INIT("&quot;"), '"'}, {STR_INIT("&apos;"), '\''},
};

/* The five that XML has; one by number is in no name that we gave. */
static int unescape(struct arena *arena, struct str text, struct str *ret_plain, struct err *err)
{
    char *to = arena_alloc(arena, text.n + 1, 1);
    size_t n = 0;
    while (text.n) {
        size_t i = 0;
        if ((unsigned char)text.p[0] < ' ')
            return malformed(err, "a name");
        if (text.p[0] != '&') {
            to[n++] = text.p[0];
            text = str_skip(text, 1);
            continue;
        }
        while (i < ARRAY_LEN(entities) && !str_starts(text, entities[i].entity))
            i++;
        if (i == ARRAY_LEN(entities))
            return malformed(err, "a name");
        to[n++] = entities[i].c;
        text = str_skip(text, entities[i].entity.n);
    }
    *ret_plain = str_make(to, n);
    return 0;
}

/* A number of exactly so many digits, and what follows it. */
static bool digits(struct str *text, size_t n, int *ret_value)
{
    int64_t value = 0;
    if (text->n < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (text->p[i] < '0' || text->p[i] > '9')
            return false;
        value = value * 10 + (text->p[i] - '0');
    }
    *ret_value = (int)value;
    *text = str_skip(*text, n);
    return true;
}

static bool mark(struct str *text, char c)
{
    bool is = text->n > 0 && text->p[0] == c;
    *text = str_skip(*text, is);
    return is;
}

/* "2009-10-12T17:50:30.000Z", with or without the fraction. */
static bool time_parse(struct str text, int64_t *ret_ms)
{
    struct tm utc = {0};
    if (!digits(&text, 4, &utc.tm_year) || !mark(&text, '-') || !digits(&text, 2, &utc.tm_mon) ||
        !mark(&text, '-') || !digits(&text, 2, &utc.tm_mday) || !mark(&text, 'T') ||
        !digits(&text, 2, &utc.tm_hour) || !mark(&text, ':') || !digits(&text, 2, &utc.tm_min) ||
        !mark(&text, ':') || !digits(&text, 2, &utc.tm_sec))
        return false;
    if (!str_ends(text, STR("Z")) || (text.n > 1 && text.p[0] != '.') || utc.tm_mon < 1 ||
        utc.tm_mon > 12 || utc.tm_mday > 31 || utc.tm_hour > 23 || utc.tm_min > 59)
        return false;
    utc.tm_year -= 1900;
    utc.tm_mon--;
    *ret_ms = (int64_t)timegm(&utc) * 1000;
    return true;
}

/* ---- the page ---- */

static int object_parse(struct arena *arena, struct str xml, struct s3_object *ret_object,
                        struct err *err)
{
    struct str name, changed, size;
    if (!ELEMENT(xml, "Key", &name, NULL) || !ELEMENT(xml, "LastModified", &changed, NULL) ||
        !ELEMENT(xml, "Size", &size, NULL))
        return malformed(err, "an object");
    if (!time_parse(changed, &ret_object->changed_ms) ||
        str_parse_uint(size, &ret_object->size) < 0)
        return malformed(err, "a time or a size");
    if (unescape(arena, name, &ret_object->name, err) < 0)
        return -1;
    if (!ret_object->name.n || ret_object->name.n > LIMIT_S3_KEY)
        return malformed(err, "the length of a name");
    return 0;
}

int s3_page_parse(struct arena *arena, struct str text, struct s3_page *ret_page, struct err *err)
{
    VEC(struct s3_object) objects = {0};
    struct str all, more, one;
    ptrdiff_t from = find(text, STR("<ListBucketResult"));
    if (from < 0 ||
        !element(str_skip(text, (size_t)from), STR(">"), STR("</ListBucketResult>"), &all, NULL))
        return malformed(err, "its beginning or its end");
    if (!ELEMENT(all, "IsTruncated", &more, NULL) ||
        (!str_eq(more, STR("true")) && !str_eq(more, STR("false"))))
        return malformed(err, "whether there is more");
    while (ELEMENT(all, "Contents", &one, &all)) {
        struct s3_object object = {0};
        if (objects.n >= LIMIT_S3_PAGE)
            return malformed(err, "more than was asked for");
        if (object_parse(arena, one, &object, err) < 0)
            return -1;
        ARENA_VEC_ADD(arena, &objects, object);
    }
    *ret_page = (struct s3_page){objects.p, objects.n, str_eq(more, STR("true"))};
    return 0;
}
