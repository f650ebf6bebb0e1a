/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_JSON_DOC_H
#define CHAPPE_JSON_DOC_H

/* A JSON document, read-only, in an arena. The reader never repairs: RFC 8259 to the letter, UTF-8
 * well-formed, no lone surrogate (raw or escaped), no duplicate key at any level, no BOM, depth at
 * most LIMIT_JSON_DEPTH. NUL bytes in strings (\u0000) are data.
 *
 * The members of an object are sorted by key, bytewise, which is the order of canonical JSON;
 * `raw` is the value's own bytes in the source text, so that a value can be passed on unchanged.
 * Strings without escapes are views of the source text: it must outlive the document. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"

enum json_kind {
    JSON_NULL,
    JSON_BOOL,
    JSON_INT, /* an integer in -(2^53)+1 .. 2^53-1 written without fraction or exponent; not -0 */
    JSON_NUMBER, /* any other number: kept as text in raw, never valid in an event */
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

struct json {
    enum json_kind kind;
    struct str raw;
    union {
        bool boolean;
        int64_t integer;
        struct str string; /* unescaped */
        struct {
            struct json *items;
            size_t n;
        } array;
        struct {
            struct json_member *members; /* sorted by key */
            size_t n;
        } object;
    };
};

struct json_member {
    struct str key; /* unescaped */
    struct json value;
};

/* Parses one document. -1: err is M_NOT_JSON, 400, and says what and at which byte; or M_TOO_LARGE,
 * 413, when the document passes the arena's budget. Neither the document nor anything in it is
 * NULL on success, but the items and members of an empty array or object. */
int json_parse(struct arena *arena, struct str text, const struct json **ret_doc,
               struct err *err) MUST_USE;

/* The member of that name; NULL when it is absent or `object` is NULL or no object. */
const struct json *json_find(const struct json *object, struct str key);

/* Forgiving accessors for values that may be absent or of another kind: a NULL value is allowed. */
struct str json_as_str(const struct json *value); /* STR_NONE unless a string */
bool json_as_int(const struct json *value, int64_t *ret_integer);
bool json_as_bool(const struct json *value, bool otherwise);
bool json_is(const struct json *value, enum json_kind kind);

/* json_as_str(json_find(object, key)) */
struct str json_find_str(const struct json *object, struct str key);

/* Same value, whatever the spelling. (1.0 and 1 differ.) */
bool json_eq(const struct json *a, const struct json *b);

#endif
