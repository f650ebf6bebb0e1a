/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_MATRIX_EDIT_H
#define CHAPPE_MATRIX_EDIT_H

/* Changed copies of read-only JSON objects: shallow, in an arena, for events that are built,
 * redacted and signed. Made to be written by json_canonical; `raw` of a changed object is empty.
 * For src/matrix only. */

#include "base/arena.h"
#include "base/str.h"
#include "json/doc.h"

const struct json *edit_object(struct arena *arena); /* {} */
const struct json *edit_string(struct arena *arena, struct str value);
const struct json *edit_integer(struct arena *arena, int64_t value);
const struct json *edit_strings(struct arena *arena, const struct str *values, size_t n);

/* With the member replaced, or put at its place in the order. */
const struct json *edit_put(struct arena *arena, const struct json *object, struct str key,
                            const struct json *value);
/* With the named members only, and without them. */
const struct json *edit_keep(struct arena *arena, const struct json *object, const struct str *keys,
                             size_t n);
const struct json *edit_drop(struct arena *arena, const struct json *object, const struct str *keys,
                             size_t n);

#endif
