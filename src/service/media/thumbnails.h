/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_MEDIA_THUMBNAILS_H
#define CHAPPE_SERVICE_MEDIA_THUMBNAILS_H

/* Small pictures of files (client-server API, "Thumbnails"). They are made in the cage, in the
 * sizes of the specification and no others, once a content, and kept as contents of their own; also
 * that none can be made is kept, for a day. Requests for one that is being made wait for it. */

#include "service/media/media.h"

struct thumbnail_question {
    int64_t width, height; /* 1 to LIMIT_THUMBNAIL_ASKED */
    bool crop;             /* else scale */
    bool animated;         /* moving, where it can */
};

/* The listed size that answers a wish: the smallest that is not smaller, or the largest. */
void thumbnail_choose(struct thumbnail_question *question);

/* Of a file that media_look has given. USE_DONE: *ret_thumbnail is what media_open and a reader
 * need (type, name, hash, size). USE_WAIT, USE_PARK. USE_FAILED: 400 M_UNKNOWN (not one of the four
 * formats, or broken), 413 M_TOO_LARGE (more than is opened), 429, 504. */
int thumbnail_look(struct use *use, const struct media *media,
                   const struct thumbnail_question *question, struct media *ret_thumbnail) MUST_USE;

#endif
