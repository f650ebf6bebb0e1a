/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_FUZZ_IMAGE_HARNESS_H
#define CHAPPE_FUZZ_IMAGE_HARNESS_H

/* One image of a format through the decoder, in this process. */

#include "base/check.h"
#include "base/limits.h"
#include "cage/thumbnail.h"
#include "fuzz/harness.h"

/* Little, so that large pictures are refused and the next input comes soon. */
#define IMAGE_FUZZ_MEMORY MIB(8)

/* What is wanted comes from the last byte, which no format looks at. */
static inline struct thumbnail_wish image_fuzz_wish(unsigned char last)
{
    static const unsigned sides[] = {1, 8, 96, 320};
    return (struct thumbnail_wish){
        .width = sides[last & 3],
        .height = sides[(last >> 2) & 3],
        .method = last & 16 ? THUMBNAIL_CROP : THUMBNAIL_SCALE,
        .animated = last & 32,
    };
}

/* A thumbnail is what decode_answer_parse would believe, and can be read again. */
static inline void image_fuzz(enum image_format format, const uint8_t *data, size_t size)
{
    struct str bytes = str_make(data, size);
    struct thumbnail thumbnail = {0}, again = {0};
    if (image_identify(bytes) != format)
        return;
    struct thumbnail_wish wish = image_fuzz_wish(data[size - 1]);
    if (thumbnail_make(bytes, &wish, IMAGE_FUZZ_MEMORY, &thumbnail) != DECODE_DONE)
        return;
    CHECK(thumbnail.width >= 1 && thumbnail.width <= wish.width);
    CHECK(thumbnail.height >= 1 && thumbnail.height <= wish.height);
    CHECK(thumbnail.frames >= 1 && thumbnail.frames <= LIMIT_ANIMATION_FRAMES);
    CHECK(wish.animated || thumbnail.frames == 1);
    CHECK((thumbnail.format == IMAGE_FORMAT_WEBP) == (thumbnail.frames > 1));
    CHECK(image_identify(buf_str(&thumbnail.bytes)) == thumbnail.format);
    CHECK(thumbnail_make(buf_str(&thumbnail.bytes), &wish, MIB(64), &again) == DECODE_DONE);
    CHECK(again.width == thumbnail.width && again.height == thumbnail.height);
    thumbnail_done(&thumbnail);
    thumbnail_done(&again);
}

#endif
