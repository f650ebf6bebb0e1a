/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_JSON_DECODE_H
#define CHAPPE_JSON_DECODE_H

/* Request bodies, decoded by a table into a struct:
 *
 *     struct login {
 *         struct str type;
 *         bool refresh;
 *     };
 *     static const struct json_field login_fields[] = {
 *         JSON_FIELD(struct login, type, JSON_WANT_STR, JSON_REQUIRED, 64),
 *         JSON_FIELD(struct login, refresh, JSON_WANT_BOOL, 0, 0),
 *     };
 *     json_decode(body, login_fields, ARRAY_LEN(login_fields), &login, err)
 *
 * Unknown members are ignored, as the specification asks. An absent optional member leaves its
 * place in the struct untouched, so that defaults are set before. */

#include "json/doc.h"

enum json_want {
    JSON_WANT_STR,    /* struct str; max: bytes */
    JSON_WANT_INT,    /* int64_t */
    JSON_WANT_BOOL,   /* bool */
    JSON_WANT_OBJECT, /* const struct json *; max: members */
    JSON_WANT_ARRAY,  /* const struct json *; max: items */
    JSON_WANT_ANY,    /* const struct json * */
};

#define JSON_REQUIRED 1u
#define JSON_NULL_OK  2u /* null counts as absent */

struct json_field {
    const char *name;
    enum json_want want;
    unsigned flags;
    size_t max; /* 0: no limit but the body's */
    size_t offset;
};

#define JSON_FIELD(type, member, want, flags, max)                                                 \
    {                                                                                              \
#member, (want), (flags), (max), offsetof(type, member)                                    \
    }
#define JSON_FIELD_NAMED(name, type, member, want, flags, max)                                     \
    {                                                                                              \
        (name), (want), (flags), (max), offsetof(type, member)                                     \
    }

/* -1: 400 with M_BAD_JSON (not an object, wrong type), M_MISSING_PARAM (required and absent) or
 * M_INVALID_PARAM (over its maximum), naming the member. The struct is untouched then. */
int json_decode(const struct json *body, const struct json_field *fields, size_t n,
                void *ret_struct, struct err *err) MUST_USE;

#endif
