/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_CAGE_FIT_H
#define CHAPPE_CAGE_FIT_H

/* How large a thumbnail becomes, and of which part of the image. Pure. */

#include "cage/image.h"

/* The part's sides are at least the thumbnail's: nothing is made larger. */
struct fit {
    unsigned width, height;                         /* of the thumbnail */
    double part_x, part_y, part_width, part_height; /* of the image, in its pixels */
};

/* Scale: the whole image, inside the wish, its shape kept, at least one pixel. Crop: the middle,
 * in the shape of the wish; an image that is smaller in a direction is kept whole in it. */
struct fit fit_image(unsigned width, unsigned height, const struct thumbnail_wish *wish);

/* The same for the image as it is decoded: width × height instead of what fit_image was given. */
struct fit fit_decoded(const struct fit *fit, unsigned width, unsigned height,
                       unsigned decoded_width, unsigned decoded_height);

#endif
