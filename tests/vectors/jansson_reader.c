/* SPDX-License-Identifier: EUPL-1.2 */
#include "vectors/jansson_reader.h"

#include <jansson.h>
#include <stdlib.h>

static size_t depth_of(json_t *value)
{
    size_t deepest = 0, index, depth;
    const char *key;
    json_t *inner;
    if (!json_is_array(value) && !json_is_object(value))
        return 0;
    json_array_foreach(value, index, inner) if ((depth = depth_of(inner)) > deepest) deepest =
        depth;
    json_object_foreach(value, key, inner) if ((depth = depth_of(inner)) > deepest) deepest = depth;
    return deepest + 1;
}

/* jansson writes \u001F; canonical JSON \u001f. An escaped backslash is passed over whole. */
static void lower_escapes(char *text)
{
    for (char *p = text; *p; p++) {
        if (*p != '\\')
            continue;
        p++;
        for (int i = 1; *p == 'u' && i <= 4; i++)
            if (p[i] >= 'A' && p[i] <= 'F')
                p[i] = (char)(p[i] + ('a' - 'A'));
    }
}

bool jansson_read(struct str text, struct buf *out, size_t *ret_depth)
{
    if (str_find(text, '\0') >= 0)
        return false; /* no JSON text holds one; jansson takes it for the end */
    json_t *value = json_loadb(text.p ? text.p : "", text.n,
                               JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    if (!value)
        return false;
    *ret_depth = depth_of(value);
    char *written = json_dumps(value, JSON_SORT_KEYS | JSON_COMPACT | JSON_ENCODE_ANY);
    if (written) {
        lower_escapes(written);
        buf_add(out, str_from(written));
    }
    free(written); /* jansson's, from its own malloc */
    json_decref(value);
    return true;
}
