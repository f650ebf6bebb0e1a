/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_CAGE_FILM_H
#define CHAPPE_CAGE_FILM_H

/* The pictures of a thumbnail as they are made, and their printing: one is a JPEG or a PNG, several
 * are an animated WebP. */

#include "cage/reduce.h"
#include "cage/thumbnail.h"

struct film;

/* Pictures are turned by orientation (image_orientation) as they come. */
struct film *film_new(unsigned orientation) MUST_USE;
void film_free(struct film *film); /* NULL is allowed */

/* Takes the picture, all of one size. 0, or -1: it cannot be encoded. */
int film_add(struct film *film, struct picture *picture, unsigned milliseconds) MUST_USE;

/* 0, or -1: it cannot be encoded, or is over LIMIT_THUMBNAIL_BYTES; ret_thumbnail is as it was. */
int film_print(struct film *film, struct thumbnail *ret_thumbnail) MUST_USE;
/* The first picture alone. */
int film_print_still(struct film *film, struct thumbnail *ret_thumbnail) MUST_USE;

/* Whole files, appended. 0 or -1. */
int jpeg_encode(const struct picture *picture, struct buf *out) MUST_USE;
int png_encode(const struct picture *picture, struct buf *out) MUST_USE;

#endif
