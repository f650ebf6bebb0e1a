/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_MEDIA_SERVED_H
#define CHAPPE_SERVICE_MEDIA_SERVED_H

/* What is said of a file when it is served: its type and its Content-Disposition (client-server
 * API, "Serving inline content"). The declared type and the name are bytes from outside; nothing of
 * them is looked at before. Pure. */

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/* Bytes of a content's beginning that tell what it is. */
#define SERVED_HEAD_BYTES 64

/* What a content is by its first bytes ("image/png"): a format that is known by its magic, or
 * STR_NONE. A literal. */
struct str served_sniff(struct str head);

struct served {
    struct str type;        /* of Content-Type: well formed, never without */
    struct str disposition; /* of Content-Disposition */
    bool is_inline;
};

/* Inline is what stands in the specification's list of inert types, by a declared type that is well
 * formed and, of pictures, by their content too. A type that its content belies becomes
 * application/octet-stream, one picture's name for another picture the right one. name STR_NONE:
 * none is given. In the name that is given each control character, each one that changes the
 * direction of text and each separator of paths is an underscore, so that it can be shown, and
 * saved under. */
struct served served_as(struct arena *arena, struct str declared, struct str name, struct str head);

/* The ETag of a content: the same bytes, the same tag. */
struct str served_etag(struct arena *arena, struct str hash);

#endif
