/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_JSON_WRITE_H
#define CHAPPE_JSON_WRITE_H

/* Writes JSON straight into a buffer, without a tree, in the order it is called. Commas are put
 * where they belong. Strings are escaped as canonical JSON wants them. Raw bytes already known to
 * be JSON are spliced as they are. Like buf, it is silent when full: ask buf_is_full at the end.
 *
 *     json_write_object(&w);
 *     json_write_key(&w, STR("event_id"));
 *     json_write_str(&w, id);
 *     json_write_end(&w); */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "json/doc.h"

struct json_writer {
    struct buf *out;
    unsigned depth;
    bool comma;                                       /* a comma comes before the next item */
    unsigned char closers[LIMIT_JSON_DEPTH + 28 + 1]; /* '}' or ']' a level */
};

void json_writer_init(struct json_writer *w, struct buf *out);

void json_write_object(struct json_writer *w);
void json_write_array(struct json_writer *w);
void json_write_end(struct json_writer *w); /* closes the innermost object or array */

void json_write_key(struct json_writer *w, struct str key);
void json_write_str(struct json_writer *w, struct str s); /* s is well-formed UTF-8 */
void json_write_int(struct json_writer *w, int64_t value);
void json_write_bool(struct json_writer *w, bool value);
void json_write_null(struct json_writer *w);
void json_write_raw(struct json_writer *w, struct str json); /* one whole value */

/* A key and its value. */
void json_write_member_str(struct json_writer *w, struct str key, struct str value);
void json_write_member_int(struct json_writer *w, struct str key, int64_t value);
void json_write_member_bool(struct json_writer *w, struct str key, bool value);
void json_write_member_raw(struct json_writer *w, struct str key, struct str json);
/* The members of an object's text, into the open object. */
void json_write_members_raw(struct json_writer *w, struct str object);

/* One string in quotes, escaped. */
void json_escape(struct buf *out, struct str s);

/* Canonical JSON (specification, appendices, "Canonical JSON"). -1 when the value holds a
 * JSON_NUMBER: err is M_BAD_JSON. */
int json_canonical(const struct json *value, struct buf *out, struct err *err) MUST_USE;

/* The same for an object, leaving out the named top-level members ("signatures", "unsigned"). */
int json_canonical_without(const struct json *object, const struct str *keys, size_t n_keys,
                           struct buf *out, struct err *err) MUST_USE;

#endif
