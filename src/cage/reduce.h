/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_CAGE_REDUCE_H
#define CHAPPE_CAGE_REDUCE_H

/* Makes a picture smaller, row by row, so that the large one is never held. Each pixel of the small
 * one is the mean of the area it covers, of light (sRGB is decoded, weighted by alpha, encoded
 * again) and not of numbers: a chequered black and white becomes the grey it looks like. A picture
 * that is only cut keeps its pixels to the bit. */

#include "cage/fit.h"

/* Rows of RGBA, 8 bits each, alpha not multiplied in. */
struct picture {
    unsigned width, height;
    unsigned char *rgba; /* mem_free */
};

void picture_done(struct picture *picture);
/* Whether no pixel lets anything through. */
bool picture_is_opaque(const struct picture *picture);
/* Turns it as image_orientation says. */
void picture_turn(struct picture *picture, unsigned orientation);

struct reduce;

/* Of an image whose rows have `width` pixels, at most LIMIT_IMAGE_SIDE; the part of fit lies in it.
 * opaque: nobody looks at alpha. */
struct reduce *reduce_new(unsigned width, bool opaque, const struct fit *fit) MUST_USE;
void reduce_free(struct reduce *reduce); /* NULL is allowed */
/* Ready for another image of the same size. */
void reduce_restart(struct reduce *reduce);

/* The next row, from the top; rows below the last are dropped. */
void reduce_row(struct reduce *reduce, const unsigned char *rgba);
/* Whether all rows that count have been given. */
bool reduce_is_complete(const struct reduce *reduce);
/* The picture becomes the caller's; complete, or the rest of it is empty. */
void reduce_take(struct reduce *reduce, struct picture *ret_picture);

#endif
