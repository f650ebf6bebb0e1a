/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_CAGE_DECODER_H
#define CHAPPE_CAGE_DECODER_H

/* One function a format. Each reads the size first and refuses what is too large before it takes
 * memory for it; then makes the picture small as its rows come. Colour profiles and all that is no
 * picture is passed over unread. */

#include "cage/film.h"

struct decoding {
    struct str bytes;
    struct thumbnail_wish wish; /* in the axes of the stored image, before it is turned */
    size_t memory;              /* for pixels */
};

/* Adds one picture to the film, or those of an animation that is wanted. */
enum decode_status jpeg_decode(const struct decoding *decoding, struct film *film);
enum decode_status png_decode(const struct decoding *decoding, struct film *film);
enum decode_status gif_decode(const struct decoding *decoding, struct film *film);
enum decode_status webp_decode(const struct decoding *decoding, struct film *film);

/* Within LIMIT_IMAGE_SIDE and LIMIT_IMAGE_PIXELS, and neither side 0. */
bool decoding_admits_size(uint64_t width, uint64_t height);
/* Whether `planes` bytes a pixel fit into the memory. */
bool decoding_admits_bytes(const struct decoding *decoding, uint64_t width, uint64_t height,
                           unsigned planes);
/* Whether so many pictures of that size are shown moving; if not, the first is shown. */
bool decoding_animates(const struct decoding *decoding, uint64_t width, uint64_t height,
                       uint64_t frames);

#endif
