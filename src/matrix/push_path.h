/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_MATRIX_PUSH_PATH_H
#define CHAPPE_MATRIX_PUSH_PATH_H

/* Dot-separated property paths (appendices, "Dot-separated property paths"): `\.` is a dot within a
 * name, `\\` a backslash; before anything else a backslash is itself. */

#include "base/arena.h"
#include "base/str.h"
#include "json/doc.h"

struct push_path {
    struct str text; /* as written: equal texts are equal paths */
    struct str *names;
    size_t n;
};

void push_path_parse(struct arena *arena, struct str text, struct push_path *ret_path);

/* NULL when there is nothing. */
const struct json *push_path_find(const struct push_path *path, const struct json *object);

#endif
