/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_MEDIA_THUMBNAIL_H
#define CHAPPE_STORE_MEDIA_THUMBNAIL_H

/* Small pictures of contents (store/media.h), each a content of its own: one row a content and a
 * wish, so that it is made once whatever files name it. A row without a content says that none can
 * be made, and why. Rows go with the last file that names what they are of. */

#include "crypto/hash.h"
#include "store/store.h"

struct media_thumbnail {
    int64_t id;
    struct str source; /* SHA-256 of the content that it is of */
    int64_t width, height;
    bool crop, animated;
    struct str hash; /* SHA256_BYTES; STR_NONE: none can be made */
    struct str type; /* "image/jpeg"… */
    int64_t size;
    int64_t failure; /* the HTTP status to answer, 400 or 413; 0: there is one */
    int64_t made_ms;
};

/* source, width, height, crop and animated are looked for: 1, 0, -1. */
int media_thumbnail_find(struct read *r, const struct media_thumbnail *wish, struct arena *arena,
                         struct media_thumbnail *ret_thumbnail, struct err *err) MUST_USE;
/* Takes the place of what was there. 404 when no file names the source any more. */
int media_thumbnail_insert(struct write *w, const struct media_thumbnail *thumbnail,
                           struct err *err) MUST_USE;
/* Whether a row has the content: 1, 0, -1. */
int media_thumbnail_names(struct read *r, struct str hash, struct err *err) MUST_USE;
/* Those of a content that have one of their own. */
int media_thumbnail_list_source(struct read *r, struct str source, struct arena *arena,
                                struct media_thumbnail **ret_rows, size_t *ret_n,
                                struct err *err) MUST_USE;
/* All of a content, unless a file names it. */
int media_thumbnail_delete_source(struct write *w, struct str source, struct err *err) MUST_USE;
/* Those that have a content, by id after `after`: for chappe check. */
int media_thumbnail_list(struct read *r, int64_t after, size_t limit, struct arena *arena,
                         struct media_thumbnail **ret_rows, size_t *ret_n,
                         struct err *err) MUST_USE;

#endif
