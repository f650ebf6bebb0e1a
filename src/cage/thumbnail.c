/* SPDX-License-Identifier: EUPL-1.2 */
#include "cage/thumbnail.h"

#include "base/limits.h"
#include "cage/decoder.h"

void thumbnail_done(struct thumbnail *thumbnail)
{
    buf_done(&thumbnail->bytes);
}

bool decoding_admits_size(uint64_t width, uint64_t height)
{
    return width >= 1 && height >= 1 && width <= LIMIT_IMAGE_SIDE && height <= LIMIT_IMAGE_SIDE &&
           width * height <= LIMIT_IMAGE_PIXELS;
}

bool decoding_admits_bytes(const struct decoding *decoding, uint64_t width, uint64_t height,
                           unsigned planes)
{
    return width * height * planes <= decoding->memory;
}

bool decoding_animates(const struct decoding *decoding, uint64_t width, uint64_t height,
                       uint64_t frames)
{
    uint64_t small = (uint64_t)decoding->wish.width * decoding->wish.height;
    return decoding->wish.animated && frames > 1 && frames <= LIMIT_ANIMATION_FRAMES &&
           width * height * frames <= LIMIT_ANIMATION_PIXELS &&
           small * frames <= LIMIT_ANIMATION_PRINTED;
}

static enum decode_status decode(enum image_format format, const struct decoding *decoding,
                                 struct film *film)
{
    switch (format) {
    case IMAGE_FORMAT_JPEG:
        return jpeg_decode(decoding, film);
    case IMAGE_FORMAT_PNG:
        return png_decode(decoding, film);
    case IMAGE_FORMAT_GIF:
        return gif_decode(decoding, film);
    case IMAGE_FORMAT_WEBP:
        return webp_decode(decoding, film);
    case IMAGE_FORMAT_NONE:
    case IMAGE_FORMAT_COUNT:
        break;
    }
    return DECODE_UNKNOWN;
}

/* A moving thumbnail that became too large is shown still. */
static enum decode_status print(struct film *film, struct thumbnail *ret)
{
    if (film_print(film, ret) < 0 && film_print_still(film, ret) < 0)
        return DECODE_TOO_LARGE;
    return DECODE_DONE;
}

enum decode_status thumbnail_make(struct str bytes, const struct thumbnail_wish *wish,
                                  size_t memory, struct thumbnail *ret_thumbnail)
{
    enum image_format format = image_identify(bytes);
    unsigned orientation = image_orientation(format, bytes);
    struct decoding decoding = {.bytes = bytes, .wish = *wish, .memory = memory};
    if (orientation >= 5) {
        decoding.wish.width = wish->height;
        decoding.wish.height = wish->width;
    }
    struct film *film = film_new(orientation);
    enum decode_status status = decode(format, &decoding, film);
    if (status == DECODE_DONE)
        status = print(film, ret_thumbnail);
    film_free(film);
    return status;
}
