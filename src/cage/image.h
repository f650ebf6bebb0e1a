/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_CAGE_IMAGE_H
#define CHAPPE_CAGE_IMAGE_H

/* What an image is by its content, and what may be wanted of it. Plain values, and functions that
 * only look at bytes: they are safe outside the cage too. */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"

enum image_format {
    IMAGE_FORMAT_NONE,
    IMAGE_FORMAT_JPEG,
    IMAGE_FORMAT_PNG,
    IMAGE_FORMAT_GIF,
    IMAGE_FORMAT_WEBP,
    IMAGE_FORMAT_COUNT,
};

/* By its first bytes, whatever follows and whatever it is called. NONE: it is not one of the four.
 * 16 bytes suffice. */
enum image_format image_identify(struct str bytes);

/* "image/jpeg"…; STR_NONE for NONE. */
struct str image_type(enum image_format format);

/* How the picture is to be turned, 1 (as it is) to 8, as Exif 2.3, 4.6.4 A numbers them; 1 when
 * the file does not say so well. Reads JPEG's APP1, PNG's eXIf, WebP's EXIF. */
unsigned image_orientation(enum image_format format, struct str bytes);

/* Client-server API, "Thumbnails". */
enum thumbnail_method { THUMBNAIL_SCALE, THUMBNAIL_CROP };

/* Both sides are 1 to LIMIT_THUMBNAIL_SIDE. A picture is never made larger than it is. */
struct thumbnail_wish {
    unsigned width, height;
    enum thumbnail_method method;
    bool animated; /* moving, if the image moves and not for too long */
};

bool thumbnail_wish_is_valid(const struct thumbnail_wish *wish);

#endif
