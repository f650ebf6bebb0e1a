/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_CAGE_THUMBNAIL_H
#define CHAPPE_CAGE_THUMBNAIL_H

/* Bytes of an image → a small picture of it, in the process that calls: inside the cage, in fuzz
 * harnesses and in tests, and nowhere else. */

#include "base/buf.h"
#include "cage/image.h"

enum decode_status {
    DECODE_DONE,
    DECODE_UNKNOWN,   /* none of the four formats */
    DECODE_BROKEN,    /* not what its format asks for, or cut short */
    DECODE_TOO_LARGE, /* more pixels, memory, scans than is opened; nothing was allocated for it */
    DECODE_STATUS_COUNT,
};

struct thumbnail {
    enum image_format format; /* JPEG; PNG when something shows through; WebP when it moves */
    unsigned width, height;
    unsigned frames;
    struct buf bytes; /* at most LIMIT_THUMBNAIL_BYTES; nothing of the original's metadata */
};

/* For what begins as {0}. */
void thumbnail_done(struct thumbnail *thumbnail);

/* The first picture, or all of them where they are wanted and few enough (LIMIT_ANIMATION_…),
 * turned upright. memory: bytes that may be taken for pixels. The wish is valid. */
enum decode_status thumbnail_make(struct str bytes, const struct thumbnail_wish *wish,
                                  size_t memory, struct thumbnail *ret_thumbnail);

#endif
