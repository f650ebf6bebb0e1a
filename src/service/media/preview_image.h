/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_MEDIA_PREVIEW_IMAGE_H
#define CHAPPE_SERVICE_MEDIA_PREVIEW_IMAGE_H

/* The image that a page names for its preview: fetched as the page was, made small in the cage, and
 * kept as a file of nobody, which goes the way of every file (the antivirus, the gate) and ends
 * after LIMIT_PREVIEW_IMAGE_MS. Not a byte of the site's is kept. For threads that may wait. */

#include "net/fetch.h"
#include "service/server.h"

struct preview_image {
    char uri[320];    /* "mxc://…"; "" where there is none */
    const char *type; /* "image/jpeg" */
    unsigned width, height;
    int64_t size; /* bytes */
};

/* like: how the page was fetched; its time is what is left for the image. reference: as the page at
 * `page` wrote it. 0, also when there is none to show (it is not a picture, not allowed, too large,
 * away): ret->uri is "" then. -1: our own failure. */
int preview_image_take(struct server *server, const struct fetch *like, struct str page,
                       struct str reference, struct arena *arena, struct preview_image *ret,
                       struct err *err) MUST_USE;

#endif
